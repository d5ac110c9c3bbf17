"""What every command shares: options, progress, the tree of commands."""

import functools
import importlib
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from dcgan_viz.errors import InputError
from dcgan_viz.exit_codes import COMMAND_LINE, ExitCodes, printable
from dcgan_viz.model_options import ModelOptions, model_options
from dcgan_viz.output import dump_json, output_directory

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan
    from dcgan_viz.provenance import ResultProvenance

T = TypeVar("T")

_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True)
class CommonOptions:
    """The options that every command takes, as `common_options` hands them over.

    Attributes
    ----------
    model : ModelOptions
        Which networks.
    seed : int
        Seed of every random draw, 0 to 2**32 - 1.
    device : str
        "auto", "cpu", "mps", "cuda" or "cuda:N"; `resolved_device` turns it into one that is there.
    out : Path
        Directory that receives ``<analysis>/``.
    force : bool
        Replace an earlier result.
    json : bool
        One JSON object on stdout, everything else on stderr.
    quiet : bool
        No progress and no summary.
    command_line : str
        The command as it was typed.
    started_s : float
        ``time.perf_counter()`` when the options were read.
    stdout : TextIO
        Where `emit` writes.
    others : tuple of ModelOptions
        The further networks, where a command takes several checkpoints.
    """

    model: ModelOptions = field(default_factory=ModelOptions)
    seed: int = 0
    device: str = "auto"
    out: Path = Path("out")
    force: bool = False
    json: bool = False
    quiet: bool = False
    command_line: str = ""
    started_s: float = field(default_factory=time.perf_counter)
    stdout: TextIO = field(default_factory=lambda: sys.stdout, repr=False, compare=False)
    others: tuple[ModelOptions, ...] = ()

    def load(self, generator_for: str = "", model: ModelOptions | None = None) -> "Gan":
        """The ``Gan`` that the options name, on the device that ``--device`` names.

        What its importer took for granted is said on stderr.

        Parameters
        ----------
        generator_for : str
            What needs a generator, in words; a Gan without one is then refused.
        model : ModelOptions, optional
            One of `others`, instead of `model`.
        """
        gan = (model or self.model).load(
            resolved_device(self.device), lambda batches: self.progress(batches, "calibrating BatchNorm")
        )
        if generator_for:
            gan.require_generator(generator_for)
        if not self.quiet:
            for clause in gan.provenance.assumptions:
                click.echo(f"Assumed: {printable(clause)}", err=True)
        return gan

    def output(self, analysis: str) -> AbstractContextManager[Path]:
        """`dcgan_viz.output.output_directory` for these options; enter it before any long work."""
        return output_directory(self.out, analysis, force=self.force)

    def provenance(self, gan: "Gan") -> "ResultProvenance":
        """The provenance of a result of this command, timed from the moment the options were read."""
        from dcgan_viz.provenance import ResultProvenance

        duration_s = time.perf_counter() - self.started_s
        return ResultProvenance.of(gan, command=self.command_line, seed=self.seed, duration_s=duration_s)

    def progress(self, items: Iterable[T], description: str, total: int | None = None) -> Iterable[T]:
        """The items, with a bar on stderr once they take more than two seconds; silent with ``--quiet``.

        Parameters
        ----------
        items : iterable
            What is iterated over.
        description : str
            Words before the bar.
        total : int, optional
            How many there are, where ``items`` has no length.

        Returns
        -------
        iterable
            The same items.
        """
        from tqdm import tqdm

        return tqdm(items, desc=description, total=total, file=sys.stderr, disable=self.quiet, delay=2)

    def emit(self, record: Mapping[str, object], lines: Iterable[str] = ()) -> None:
        """Say what was found: the record on stdout with ``--json``, else the lines, unless ``--quiet``.

        Parameters
        ----------
        record : Mapping
            What `dcgan_viz.output.write_result` returned.
        lines : iterable of str
            A summary for a person; with ``--json`` it goes to stderr.
        """
        if not self.quiet:
            for line in lines:
                click.echo(printable(line), file=sys.stderr if self.json else self.stdout)
        if self.json:
            click.echo(dump_json(record), file=self.stdout)


def exact(value: float) -> str:
    """A number as links and command lines say it: short, and read back as the very same.

    Examples
    --------
    >>> exact(10.0), exact(0.7), exact(0.1 + 0.2)
    ('10', '0.7', '0.30000000000000004')
    """
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def common_options(
    function: Callable[..., T], *, writes: bool = True, several: bool = False
) -> Callable[..., T]:
    """Give a command the options that name networks, and ``--seed --device --out --force --json --quiet``.

    The decorated function receives them as its first argument, a `CommonOptions`; its own options follow
    by name. Where ``writes`` is false there is neither ``--out`` nor ``--force``. Where ``several`` is true,
    ``--checkpoint`` may be given more than once; the further ones are in `CommonOptions.others`.

    Examples
    --------
    >>> @click.command(cls=Command)
    ... @click.option("--samples", type=click.IntRange(min=1), default=100)
    ... @common_options
    ... def main(common: CommonOptions, samples: int) -> None:
    ...     click.echo(f"{samples} from {common.model.checkpoint}")
    >>> main.main(["--samples", "3"], standalone_mode=False)
    3 from rooms
    """

    @functools.wraps(function)
    def command(
        *,
        seed: int,
        device: str,
        json: bool,
        quiet: bool,
        out: Path = CommonOptions.out,
        force: bool = False,
        **own: Any,
    ) -> T:
        line = click.get_current_context().meta.get(COMMAND_LINE, "")
        named = {name.name: own.pop(name.name) for name in fields(ModelOptions)}
        checkpoints = named.pop("checkpoint") if several else (named.pop("checkpoint"),)
        model, *others = (ModelOptions(checkpoint=checkpoint, **named) for checkpoint in checkpoints)
        common = CommonOptions(model, seed, device, out, force, json, quiet, line, others=tuple(others))
        # A person's own network may print while it runs; stdout is for the result.
        with redirect_stdout(sys.stderr) if model.has_classes else nullcontext():
            return function(common, **own)

    files = _file_options() if writes else []
    for option in reversed([*model_options(several), *_run_options(), *files, *_speech_options()]):
        command = option(command)
    return command


def _run_options() -> list[Callable[[Callable[..., T]], Callable[..., T]]]:
    return [
        click.option(
            "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True,
            help="Seed of every random draw.",
        ),
        click.option(
            "--device", default="auto", show_default=True, metavar="auto|cpu|cuda[:N]|mps",
            callback=_check_device, help="Where the networks run; auto takes a GPU where there is one.",
        ),
    ]  # fmt: skip


def _file_options() -> list[Callable[[Callable[..., T]], Callable[..., T]]]:
    return [
        click.option(
            "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("out"), show_default=True,
            help="Directory that receives the result in a directory named after the analysis.",
        ),
        click.option("--force", is_flag=True, help="Replace an earlier result of this command."),
    ]  # fmt: skip


def _speech_options() -> list[Callable[[Callable[..., T]], Callable[..., T]]]:
    return [
        click.option("--json", is_flag=True, help="One JSON object on stdout, everything else on stderr."),
        click.option("--quiet", is_flag=True, help="No progress and no summary."),
    ]  # fmt: skip


def _check_device(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not _DEVICE.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not auto, cpu, cuda, cuda:N or mps.")
    return value


def resolved_device(name: str) -> str:
    """The device that a name stands for on this machine.

    Parameters
    ----------
    name : str
        "auto" (CUDA where there is one, else the CPU), "cpu", "mps", "cuda" or "cuda:N".

    Returns
    -------
    str
        A name for ``torch.device``.

    Raises
    ------
    InputError
        The device is not there.

    Examples
    --------
    >>> resolved_device("cpu")
    'cpu'
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, index = name.partition(":")
    found = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }.get(kind, 0)
    if int(index or 0) >= found:
        raise InputError(f"--device {name}: there is no such device on this machine; use --device cpu")
    return name


class Command(ExitCodes):
    """A click command with this project's exit codes, whose flags take ``_`` for ``-``.

    Its help lists options that have a ``section`` under that heading, after the others.
    """

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                sections.setdefault(getattr(parameter, "section", "Options"), []).append(record)
        for title in sorted(sections, key=lambda title: title != "Options"):
            with formatter.section(title):
                formatter.write_dl(sections[title])


class LazyGroup(ExitCodes, click.Group):
    """A group that imports a subcommand when it is called, so that its own help is quick.

    Parameters
    ----------
    lazy_commands : dict
        Name of the subcommand to (``"module:attribute"``, one line of help).
    """

    def __init__(self, *args: Any, lazy_commands: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy_commands = dict(lazy_commands)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the subcommands, in the order they were given."""
        return list(self.lazy_commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the subcommand, or None where there is none of that name."""
        if cmd_name not in self.lazy_commands:
            return None
        module, _, attribute = self.lazy_commands[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.lazy_commands.items()])

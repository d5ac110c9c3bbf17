"""What every command shares: options, exit codes, one-line errors, progress, the tree of commands."""

import errno
import functools
import importlib
import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from dcgan_viz.errors import InputError
from dcgan_viz.model_options import ModelOptions, model_options
from dcgan_viz.output import dump_json, output_directory

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan
    from dcgan_viz.provenance import ResultProvenance

T = TypeVar("T")

_COMMAND_LINE = "dcgan_viz.command_line"
_MAX_LINE = 2000  # characters; a path may have more
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")
_WAYS_OUT = {
    errno.ENOSPC: "free some space, or give a directory on another disk",
    errno.EDQUOT: "free some space, or give a directory on another disk",
    errno.EACCES: "give a path that you may use",
    errno.EPERM: "give a path that you may use",
    errno.EROFS: "give a path that you may use",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.EISDIR: "give a file",
}


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

    def load(self, generator_for: str = "") -> "Gan":
        """The ``Gan`` that the options name, on the device that ``--device`` names.

        What its importer took for granted is said on stderr.

        Parameters
        ----------
        generator_for : str
            What needs a generator, in words; a Gan without one is then refused.
        """
        gan = self.model.load(resolved_device(self.device))
        if generator_for:
            gan.require_generator(generator_for)
        if not self.quiet:
            for clause in gan.provenance.assumptions:
                click.echo(f"Assumed: {_printable(clause)}", err=True)
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
                click.echo(_printable(line), file=sys.stderr if self.json else self.stdout)
        if self.json:
            click.echo(dump_json(record), file=self.stdout)


def common_options(function: Callable[..., T], *, writes: bool = True) -> Callable[..., T]:
    """Give a command the options that name networks, and ``--seed --device --out --force --json --quiet``.

    The decorated function receives them as its first argument, a `CommonOptions`; its own options follow
    by name. Where ``writes`` is false there is neither ``--out`` nor ``--force``.

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
        line = click.get_current_context().meta.get(_COMMAND_LINE, "")
        model = ModelOptions(**{name.name: own.pop(name.name) for name in fields(ModelOptions)})
        common = CommonOptions(model, seed, device, out, force, json, quiet, line)
        # A person's own network may print while it runs; stdout is for the result.
        with redirect_stdout(sys.stderr) if model.has_classes else nullcontext():
            return function(common, **own)

    files = _file_options() if writes else []
    for option in reversed([*model_options(), *_run_options(), *files, *_speech_options()]):
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


class _ExitCodes(click.Command):
    """Ends every run with exit code 0, 1, 2 or 130, and at most one line of error on stderr.

    ``DCGAN_VIZ_TRACEBACK=1`` in the environment shows the traceback instead, for developers.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings.setdefault("token_normalize_func", lambda token: token.replace("_", "-"))
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and remember the command line for the provenance."""
        ctx.meta[_COMMAND_LINE] = f"{ctx.command_path} {shlex.join(args)}".rstrip()
        return super().parse_args(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command and exit; with ``standalone_mode=False`` return or raise, as click does."""
        run: Callable[..., Any] = functools.partial(super().main, args, prog_name, complete_var, **extra)
        if not standalone_mode or os.environ.get("DCGAN_VIZ_TRACEBACK") == "1":
            return run(standalone_mode=standalone_mode)
        with suppress(ValueError):  # only a process's main thread may set it
            signal.signal(signal.SIGTERM, _terminated)
        try:
            code: object = run(standalone_mode=False)
        except (Exception, KeyboardInterrupt) as error:
            code = _report(error)
        sys.exit(code if isinstance(code, int) else 0)


class Command(_ExitCodes):
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


class LazyGroup(_ExitCodes, click.Group):
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


def _terminated(number: int, frame: object) -> None:
    """End as an exception does, so that nothing half-written stays behind."""
    raise SystemExit(128 + number)


def _report(error: BaseException) -> int:
    """Say in one line what went wrong, and choose the exit code; what is a defect is raised again."""
    if isinstance(error, click.Abort) and error.__cause__ is not None:
        error = error.__cause__  # click makes Abort of KeyboardInterrupt, and of EOFError too
    if isinstance(error, KeyboardInterrupt):
        click.echo("Interrupted", err=True)
        return 130
    if isinstance(error, click.UsageError):
        hint = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        click.echo(f"Error: {_one_line(error.format_message()).removesuffix('.')}{hint}", err=True)
    elif isinstance(error, click.ClickException):
        click.echo(f"Error: {_one_line(error.format_message())}", err=True)
    elif isinstance(error, InputError):
        click.echo(f"Error: {_one_line(str(error))}", err=True)
    elif isinstance(error, OSError):
        click.echo(f"Error: {_describe(error)}", err=True)
    else:
        raise error
    return error.exit_code if isinstance(error, click.ClickException) else 1


def _describe(error: OSError) -> str:
    what = _one_line(error.strerror or str(error) or type(error).__name__)
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    way_out = _WAYS_OUT.get(error.errno or 0, "")
    return ": ".join(filter(None, [name, what])) + (f"; {way_out}" if way_out else "")


def _one_line(text: str) -> str:
    line = _printable(" ".join(text.split()))
    half = _MAX_LINE // 2
    return line if len(line) <= _MAX_LINE else f"{line[:half]} ... {line[-half:]}"


def _printable(line: str) -> str:
    """A line that neither steers a terminal nor fails to be encoded, as a path that is not UTF-8 would."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)

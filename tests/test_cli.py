import errno
import json
from functools import partial
from pathlib import Path

import click
import pytest
import torch
from click.testing import CliRunner
from tqdm import tqdm

from dcgan_viz.cli import Command, CommonOptions, LazyGroup, common_options, resolved_device
from dcgan_viz.errors import InputError
from dcgan_viz.model_options import ModelOptions


def failing(error: BaseException) -> click.Command:
    """A command that does nothing but raise."""

    @click.command(cls=Command)
    @common_options
    def main(common: CommonOptions) -> None:
        raise error

    return main


@click.command(cls=Command)
@click.option("--channels-noise", type=click.IntRange(min=1), default=100)
@click.option("--rule", type=click.Choice(["second-highest", "penultimate"]), default="penultimate")
@common_options
def echoing(common: CommonOptions, channels_noise: int, rule: str) -> None:
    click.echo(
        f"{channels_noise} {rule} {common.model.checkpoint} {common.seed} {common.out} {common.command_line}"
    )


def test_defaults_are_those_of_every_command() -> None:
    result = CliRunner().invoke(echoing, [], prog_name="look")
    assert result.stdout == "100 penultimate rooms 0 out look\n"


@pytest.mark.parametrize("flag", ["--channels-noise", "--channels_noise"])
def test_flags_take_underscores_for_dashes(flag: str) -> None:
    result = CliRunner().invoke(
        echoing, [flag, "7", "--rule=second_highest", "--out", "a_b"], prog_name="look"
    )
    assert result.stdout == f"7 second-highest rooms 0 a_b look {flag} 7 --rule=second_highest --out a_b\n"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            InputError("x.safetensors: torn;\nwrite it again"),
            1,
            "Error: x.safetensors: torn; write it again\n",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device", "runs/a"),
            1,
            "Error: runs/a: No space left on device; free some space, or give a directory on another disk\n",
        ),
        (click.BadParameter("too few."), 2, "Error: Invalid value: too few (see 'main --help')\n"),
        (click.ClickException("no"), 1, "Error: no\n"),
    ],
)
def test_a_failure_is_one_line_and_a_code(error: Exception, code: int, line: str) -> None:
    result = CliRunner().invoke(failing(error), [])
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", line)


def test_an_interrupt_exits_with_130() -> None:
    result = CliRunner().invoke(failing(KeyboardInterrupt()), [])
    assert result.exit_code == 130
    assert result.stderr.split() == ["Interrupted"]


@pytest.mark.parametrize("defect", [ZeroDivisionError("a bug"), EOFError("a torn archive")])
def test_a_defect_keeps_its_traceback(defect: Exception) -> None:
    result = CliRunner().invoke(failing(defect), [])
    assert result.exception is defect


def test_developers_can_ask_for_the_traceback() -> None:
    result = CliRunner().invoke(failing(InputError("torn")), [], env={"DCGAN_VIZ_TRACEBACK": "1"})
    assert isinstance(result.exception, InputError)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--channels-noise", "0"], ["--channels-noise", "0", "x>=1"]),
        (["--chanels-noise", "3"], ["--chanels-noise", "--channels-noise"]),
        (["--device", "gpu"], ["--device", "'gpu'", "cuda:N"]),
        (["--seed", "-1"], ["--seed", "-1", "0<=x"]),
        (["--rule", "third"], ["--rule", "'third'", "penultimate"]),
        (["--out", __file__], ["--out", __file__, "is a file"]),
        (["window"], ["window", "--help"]),
    ],
)
def test_a_usage_error_is_one_line_that_names_the_value(arguments: list[str], words: list[str]) -> None:
    result = CliRunner().invoke(echoing, arguments)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert [word for word in words if word not in result.stderr] == []


def test_the_group_imports_only_the_command_that_is_called() -> None:
    commands = {"echo": (f"{__name__}:echoing", "Echoes."), "gone": ("no_such_module:main", "Is not there.")}
    group = LazyGroup(name="tree", lazy_commands=commands)
    listing = CliRunner().invoke(group, ["--help"])
    assert listing.exit_code == 0
    assert "Echoes." in listing.stdout
    assert "Is not there." in listing.stdout
    called = CliRunner().invoke(group, ["echo", "--channels_noise", "3"], prog_name="tree")
    assert called.stdout == "3 penultimate rooms 0 out tree echo --channels_noise 3\n"
    unknown = CliRunner().invoke(group, ["ehco"], prog_name="tree")
    assert unknown.exit_code == 2
    assert unknown.stderr.count("\n") == 1
    assert "'ehco'" in unknown.stderr


def test_emit_keeps_stdout_for_the_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    CommonOptions(json=True).emit({"ratio": float("nan")}, ["a summary"])
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"ratio": None}
    assert captured.err == "a summary\n"
    CommonOptions().emit({"ratio": 1.0}, ["a summary"])
    assert capsys.readouterr().out == "a summary\n"
    CommonOptions(quiet=True).emit({"ratio": 1.0}, ["a summary"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("quiet", [False, True])
def test_progress_goes_to_stderr_unless_quiet(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    bar = CommonOptions(quiet=quiet).progress(iter(range(3)), "drawing", total=3)
    assert isinstance(bar, tqdm)
    bar.delay = 0  # the two seconds before it shows
    assert list(bar) == [0, 1, 2]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("drawing" in captured.err) == (not quiet)


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolved_device("auto") == resolved_device("cpu") == "cpu"
    with pytest.raises(InputError, match=r"--device cuda: .* use --device cpu"):
        resolved_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert resolved_device("auto") == "cuda"
    assert resolved_device("cuda:1") == "cuda:1"
    with pytest.raises(InputError, match="cuda:2"):
        resolved_device("cuda:2")


def test_options_load_and_record_where_from(tiny_checkpoint: Path) -> None:
    common = CommonOptions(
        model=ModelOptions(checkpoint=str(tiny_checkpoint)),
        device="cpu",
        seed=5,
        command_line="look --seed 5",
    )
    record = common.provenance(common.load()).to_json()
    assert record["command"] == "look --seed 5"
    assert record["seed"] == 5
    assert isinstance(record["duration_s"], float)
    assert record["duration_s"] >= 0


def test_several_checkpoints_share_the_other_options() -> None:
    seen: list[CommonOptions] = []

    @click.command(cls=Command)
    @partial(common_options, several=True)
    def main(common: CommonOptions) -> None:
        seen.append(common)

    assert CliRunner().invoke(main, []).exit_code == 0
    assert (
        CliRunner().invoke(main, ["--checkpoint", "a", "--checkpoint", "b", "--prior", "normal"]).exit_code
        == 0
    )
    assert (seen[0].model, seen[0].others) == (ModelOptions(), ())
    assert seen[1].model == ModelOptions("a", prior="normal")
    assert seen[1].others == (ModelOptions("b", prior="normal"),)

"""The command: what it writes, that a recipe replays, and the one line that it says when it cannot."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan_viz.vector_arithmetic import analysis
from dcgan_viz.vector_arithmetic.command import main
from tests.vector_arithmetic.planted import NZ, planted_looks

DOCS = Path(__file__).parents[2] / "docs" / "vector-arithmetic.md"
ROOMS = ["--generator", "tests.vector_arithmetic.planted:Rooms", "--prior", f"uniform:{NZ}"]
FORMS = {"png", "svg", "pdf", "html"}


def painter(size=28, channels=1):
    arguments = json.dumps({"size": size, "channels": channels})
    return [
        "--generator", "tests.vector_arithmetic.planted:Painter", "--generator-args", arguments,
        "--prior", "uniform:6",
    ]  # fmt: skip


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main.main([str(argument) for argument in arguments])
    return stop.value.code


def filled(sheet: Path, path: Path, **changes) -> Path:
    """A recipe of the sheet with exemplars, and perhaps other changes."""
    content = json.loads((sheet / "recipe.json").read_text())
    content["concepts"] = {name: [k, k + 6, k + 11] for k, name in enumerate(content["concepts"])}
    path.write_text(json.dumps({**content, **changes}))
    return path


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    out = tmp_path_factory.mktemp("sheet")
    assert run(*painter(), "--sheet", "--sheet-size", 20, "--seed", 7, "--out", out, "--quiet") == 0
    return out / "vector_arithmetic_sheet"


def test_the_sheet_is_numbered_and_comes_with_a_recipe_to_fill_in(sheet):
    names = {path.name for path in sheet.iterdir()}
    assert names == {"recipe.json", "result.json", *(f"figure.{form}" for form in FORMS)}
    blank = json.loads((sheet / "recipe.json").read_text())
    assert (blank["seed"], blank["sheet_size"], blank["z_size"]) == (7, 20, 6)
    html = (sheet / "figure.html").read_text()
    assert [f"<small>{k}</small>" in html for k in (0, 19, 20)] == [True, True, False]


@pytest.mark.parametrize(("size", "channels"), [(28, 1), (32, 3)])
def test_a_recipe_drives_any_gan_and_replays_byte_for_byte(size, channels, tmp_path):
    gan = painter(size, channels)
    assert run(*gan, "--sheet", "--sheet-size", 20, "--out", tmp_path, "--quiet") == 0
    recipe = filled(tmp_path / "vector_arithmetic_sheet", tmp_path / "recipe.json")
    first = tmp_path / "first" / "vector_arithmetic"
    assert run(*gan, "--recipe", recipe, "--out", first.parent, "--quiet") == 0
    forms = {f"{name}.{form}" for name in ("figure", "turn", "sheet") for form in FORMS}
    assert {path.name for path in first.iterdir()} == {"arrays.npz", "recipe.json", "result.json", *forms}
    html = (first / "sheet.html").read_text()
    assert [f"<small>{k}</small>" in html for k in (0, 19, 20)] == [True, True, False]
    again = tmp_path / "again" / "vector_arithmetic"
    written = first / "recipe.json"
    assert run(*gan, "--recipe", written, "--seed", 5, "--out", again.parent, "--quiet") == 0
    for name in ("arrays.npz", "recipe.json", "figure.png", "turn.png", "turn.svg", "sheet.pdf"):
        assert (again / name).read_bytes() == (first / name).read_bytes(), name
    arrays = np.load(first / "arrays.npz")
    assert arrays["neighbours"].shape == (8, channels, size, size)
    assert arrays["strips"].shape == (5, 9, channels, size, size)
    record = json.loads((first / "result.json").read_text())
    assert record["provenance"]["seed"] == record["recipe"]["seed"]
    assert record["judge"]["reason"]
    assert record["norms"]["result"] > 0


def test_the_annotators_recipe_replays_with_the_same_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(analysis, "looks_at", lambda gan, judge: planted_looks())
    common = [*ROOMS, "--cases", 5, "--quiet"]
    first, again = (tmp_path / name / "vector_arithmetic" for name in ("first", "again"))
    assert run(*common, "--seed", 3, "--out", first.parent) == 0
    assert run(*common, "--recipe", first / "recipe.json", "--out", again.parent) == 0
    records = [json.loads((path / "result.json").read_text()) for path in (first, again)]
    assert records[0]["exemplars_by"] == "annotator"
    for record in records:
        del record["provenance"]
    assert records[0] == records[1]
    for name in ("arrays.npz", "recipe.json", "figure.png", "turn.png", "sheet.png"):
        assert (again / name).read_bytes() == (first / name).read_bytes()
    assert records[0]["n_cases"] == 5
    assert records[0]["turn"]["n_cases"] + records[0]["turn"]["n_unseen"] == 5


def test_the_docs_recipe_replays_as_the_docs_say(tmp_path):
    text = DOCS.read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    (tmp_path / "lamp.json").write_text(block)
    out = tmp_path / "out"
    assert run("--recipe", tmp_path / "lamp.json", "--judge", "none", "--out", out, "--json") == 0
    record = json.loads((out / "vector_arithmetic" / "result.json").read_text())
    assert record["recipe"] == json.loads(block)
    (norm,) = re.findall(r"norm of ([\d.]+)", text)
    assert f"{record['norms']['result']:.2f}" == norm


def case(name, *arguments, code=1, says):
    return pytest.param(arguments, code, says, id=name)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        case("no such recipe", "--recipe", "{missing}", says=["missing.json", "--sheet"]),
        case("blank recipe", "--recipe", "{blank}", says=["recipe.json", "'with'", "no exemplars"]),
        case("off the sheet", "--recipe", "{off}", says=["off.json", "'with'", "20", "0 to 19"]),
        case("another z", "--recipe", "{z}", says=["z of 100 numbers", "takes 6"]),
        case("another checkpoint", "--recipe", "{sha}", says=["abcabcabcabc", "other pictures", "--sheet"]),
        case("another prior", "--recipe", "{normal}", says=["normal", "--prior normal"]),
        case("turn that is not there", "--recipe", "{still}", "--turn", says=["still.json", "no turn"]),
        case("seed in both", "--recipe", "{good}", "--noise", "0.1", code=2, says=["--noise", "--recipe"]),
        case("sheet and recipe", "--recipe", "{good}", "--sheet", code=2, says=["--sheet", "--recipe"]),
        case("rescale in both", "--recipe", "{good}", "--no-rescale", code=2, says=["--rescale"]),
        case("noise below 0", "--noise", "-1", code=2, says=["-1"]),
        case("vast noise", "--noise", "1e300", code=2, says=["1e+300", "100"]),
        case("noise that is no number", "--noise", "nan", says=["noise nan"]),
        case("no noise", "--judge", "rooms", "--noise", "nan", says=["1x28x28"]),
        case("unknown target", "--target", "sofa", says=["sofa", "window"]),
        case("rooms of another size", "--judge", "rooms", says=["1x28x28", "--judge none"]),
        case("no judge", "--judge", "me", code=2, says=["me", "auto"]),
        case("empty sheet", "--sheet", "--sheet-size", "0", code=2, says=["0"]),
        case("filled out", "--recipe", "{good}", "--out", "{filled}", says=["filled", "--force"]),
    ],
)
def test_bad_input_is_one_line(arguments, code, says, sheet, tmp_path, capsys):
    (tmp_path / "filled").mkdir()
    (tmp_path / "filled" / "diary.txt").write_text("keep me")
    places = {
        "missing": tmp_path / "missing.json",
        "blank": sheet / "recipe.json",
        "filled": tmp_path / "filled",
    }
    recipes: dict[str, dict] = {
        "good": {}, "z": {"z_size": 100}, "sha": {"checkpoint_sha256": "abc" * 21 + "a"},
        "normal": {"prior": "normal"},
        "off": {"concepts": {"with": [20], "without": [1], "other": [2]}, "turn": None},
        "still": {"concepts": {"with": [3], "without": [1], "other": [2]}, "turn": None},
    }  # fmt: skip
    for name, changes in recipes.items():
        places[name] = filled(sheet, tmp_path / f"{name}.json", **changes)
    given = [argument.format(**places) for argument in arguments]
    if "--out" not in given:
        given += ["--out", str(tmp_path / "out")]
    before = sorted(tmp_path.rglob("*"))
    assert run(*painter(), *given) == code
    captured = capsys.readouterr()
    error = [line for line in captured.err.splitlines() if line.startswith(("Error", "Traceback"))]
    assert len(error) == 1, captured.err
    assert [word for word in says if word not in error[0]] == [], error[0]
    assert captured.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_nobody_has_chosen_and_the_command_says_so(tmp_path, capsys):
    assert run(*painter(), "--out", tmp_path / "first") == 0
    said = capsys.readouterr().out
    assert "nobody has looked at" in said
    assert "not measured: the GAN was not trained on rooms" in said
    first, again = (tmp_path / name / "vector_arithmetic" for name in ("first", "again"))
    record = json.loads((first / "result.json").read_text())
    assert (record["success_rate"], record["n_cases"], record["turn"]["spearman_mean"]) == (None, 0, None)
    assert run(*painter(), "--recipe", first / "recipe.json", "--out", again.parent, "--quiet") == 0
    assert (again / "arrays.npz").read_bytes() == (first / "arrays.npz").read_bytes()


def test_a_checkpoint_without_a_generator_is_refused(tmp_path, capsys):
    arguments = json.dumps({"size": 28, "channels": 1})
    discriminator = ["--discriminator", "tests.remove_objects.planted:Sorter"]
    discriminator += ["--discriminator-args", arguments]
    for more in (["--sheet"], []):
        assert run(*discriminator, *more, "--out", tmp_path / "out") == 1
        assert "no generator" in capsys.readouterr().err


def test_the_summary_names_the_files(sheet, tmp_path, capsys):
    recipe = filled(sheet, tmp_path / "mine.json")
    assert run(*painter(), "--recipe", recipe, "--no-turn", "--out", tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "with - without + other" in said
    assert "not measured" in said
    for line in said.splitlines():
        if line.startswith(("figure: ", "recipe: ")):
            assert Path(line.split(": ", 1)[1]).is_file()
    assert not (tmp_path / "out" / "vector_arithmetic" / "turn.png").exists()
    assert Image.open(tmp_path / "out" / "vector_arithmetic" / "figure.png").width > 1500

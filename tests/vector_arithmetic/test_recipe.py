"""Recipes: what they refuse, and that a file gives back what was written."""

import json
from dataclasses import replace

import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.prior import Prior
from dcgan_viz.vector_arithmetic.recipe import Recipe, TurnRecipe, target_expression
from dcgan_viz.vector_arithmetic.recipe_file import blank_recipe, read_recipe, write_recipe
from tests.vector_arithmetic.planted import planted_gan, recipe_for


@pytest.fixture
def gan():
    return planted_gan()


def test_a_file_gives_back_what_was_written(gan, tmp_path):
    bed = TurnRecipe("b", "c", 1.25, 5, False, "bed")
    window = target_expression("window")
    recipes = [
        recipe_for(gan),
        recipe_for(gan, turn=None, noise=0.0, n_neighbours=3, rescale=True),
        recipe_for(gan, concepts={"b": (1,), "c": (2,)}, expression={}, turn=bed),
        recipe_for(
            gan, concepts={name: (k,) for k, name in enumerate(window)}, expression=window, target="window",
            turn=None,
        ),
        recipe_for(gan, concepts={"\N{SNOWMAN} <b>": (0,)}, expression={"\N{SNOWMAN} <b>": "-"}, turn=None),
    ]  # fmt: skip
    for recipe in recipes:
        write_recipe(tmp_path / "recipe.json", recipe)
        assert read_recipe(tmp_path / "recipe.json") == recipe


def test_the_order_of_concepts_is_kept(gan, tmp_path):
    recipe = recipe_for(gan, expression={"c": "+", "a": "-", "b": "+"})
    write_recipe(tmp_path / "recipe.json", recipe)
    assert list(read_recipe(tmp_path / "recipe.json").expression) == ["c", "a", "b"]


def changed(content, path, value):
    """The content with one entry replaced, or taken out where the value is ``...``."""
    content = json.loads(json.dumps(content))
    *parents, last = path
    place = content
    for key in parents:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return content


BAD = [
    ("unknown key", ["mood"], "gloomy", ["mood", "noise"]),
    ("missing key", ["seed"], ..., ["seed", "missing"]),
    ("no format", ["format"], ..., ["format", "dcgan_viz.recipe"]),
    ("other format", ["format"], "dcgan_viz.boxes", ["format"]),
    ("unknown key of the turn", ["turn", "speed"], 3, ["turn", "speed", "reach"]),
    ("turn without an end", ["turn", "end"], ..., ["turn", "end"]),
    ("turn to itself", ["turn", "end"], "b", ["'b'"]),
    ("turn to nowhere", ["turn", "end"], "z", ["'z'", "a, b, c"]),
    ("turn of one step", ["turn", "n_steps"], 1, ["1 steps"]),
    ("turn of no reach", ["turn", "reach"], 0, ["reach 0"]),
    ("turn of endless reach", ["turn", "reach"], 1e999, ["Infinity"]),
    ("turn of another class", ["turn", "target"], "sofa", ["sofa", "bed"]),
    ("off the sheet", ["concepts", "a"], [0, 20], ["'a'", "20", "0 to 19"]),
    ("below the sheet", ["concepts", "a"], [-1], ["'a'", "-1", "0 to 19"]),
    ("twice", ["concepts", "a"], [4, 5, 4], ["'a'", "twice"]),
    ("no exemplar", ["concepts", "a"], [], ["'a'", "no exemplars"]),
    ("exemplars as text", ["concepts", "a"], "012", ["'a'", "list"]),
    ("an exemplar as text", ["concepts", "a"], ["0"], ["'a'", "whole number"]),
    ("an exemplar with a point", ["concepts", "a"], [1.5], ["'a'", "1.5"]),
    ("true as a number", ["concepts", "a"], [True], ["'a'", "True"]),
    ("concepts as a list", ["concepts"], [[1]], ["concepts", "list"]),
    ("unused", ["concepts", "d"], [1], ["'d'", "nowhere"]),
    ("unknown name", ["expression", "d"], "+", ["'d'", "a, b, c"]),
    ("sign", ["expression", "b"], "minus", ["minus", "'b'"]),
    ("sign as a number", ["expression", "b"], -1, ["'b'", "-1"]),
    ("negative noise", ["noise"], -0.1, ["noise", "-0.1"]),
    ("vast noise", ["noise"], 10**400, ["noise"]),
    ("noise beyond any z", ["noise"], 1e308, ["noise 1e+308", "0 to 100"]),
    ("reach beyond any z", ["turn", "reach"], 1e308, ["reach 1e+308", "100"]),
    ("vast index", ["concepts", "a"], [10**400], ["'a'", "off the sheet"]),
    ("vast steps", ["turn", "n_steps"], 10**400, ["steps", "3 to 99"]),
    ("z of nothing", ["z_size"], 0, ["z_size 0"]),
    ("unknown prior", ["prior"], "cauchy", ["cauchy", "uniform or normal"]),
    ("long sign", ["expression", "b"], "+" * 500, ["'b'", "+++"]),
    ("name with a line break", ["concepts", "a\nb"], [1], ["a\\nb", "1 to 60"]),
    ("long name", ["concepts", "a" * 61], [1], ["aaa", "1 to 60"]),
    ("name of blanks", ["concepts", "  "], [1], ["1 to 60"]),
    ("many concepts", ["concepts"], {f"c{k}": [1] for k in range(25)}, ["25 concepts", "24"]),
    ("no neighbours", ["n_neighbours"], 0, ["n_neighbours 0"]),
    ("rescale as text", ["rescale"], "yes", ["rescale", "true or false"]),
    ("seed below 0", ["seed"], -1, ["seed -1"]),
    ("vast seed", ["seed"], 2**70, ["seed"]),
    ("empty sheet", ["sheet_size"], 0, ["sheet_size 0"]),
    ("vast sheet", ["sheet_size"], 10**9, ["sheet_size"]),
    ("unknown target", ["target"], "sofa", ["sofa", "window"]),
    ("target of another sum", ["target"], "window", ["window - no window + other rooms", "a - b + c"]),
]


@pytest.mark.parametrize(("path", "value", "says"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_no_recipe_is_refused_in_one_line(path, value, says, gan, tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(changed(recipe_for(gan).to_json(), path, value)))
    with pytest.raises(InputError) as error:
        read_recipe(file)
    text = str(error.value)
    assert text.startswith(f"{file}: ")
    assert "\n" not in text
    assert len(text) < len(str(file)) + 250
    assert [word for word in says if word not in text] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1]", "list"),
        ("null", "NoneType"),
        ('{"seed": 1, "seed": 2}', "'seed' is there twice"),
        ('{"seed": NaN}', "NaN"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_other_files_are_refused(text, says, tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(text)
    with pytest.raises(InputError, match=says):
        read_recipe(file)
    with pytest.raises(InputError, match="no such recipe"):
        read_recipe(tmp_path / "none.json")
    with pytest.raises(InputError, match="no such recipe"):
        read_recipe(tmp_path)


def test_bytes_and_vast_files_are_refused(tmp_path):
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(InputError, match="not JSON"):
        read_recipe(tmp_path / "bytes.json")
    (tmp_path / "vast.json").write_text(" " * 1_000_001)
    with pytest.raises(InputError, match="too many"):
        read_recipe(tmp_path / "vast.json")


def test_a_blank_recipe_asks_for_exemplars_and_is_one_once_filled_in(gan, tmp_path):
    blank = blank_recipe(gan, seed=4, sheet_size=30)
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps(blank))
    with pytest.raises(InputError, match="write numbers of samples on the sheet"):
        read_recipe(file)
    filled = blank | {"concepts": {name: [k, 29 - k] for k, name in enumerate(blank["concepts"])}}
    file.write_text(json.dumps(filled))
    recipe = read_recipe(file)
    recipe.check(gan)
    assert (recipe.seed, recipe.sheet_size) == (4, 30)
    assert recipe.concepts["without"] == (1, 28)


def test_a_recipe_belongs_to_its_checkpoint(gan):
    recipe_for(gan).check(gan)
    for changes, says in (
        ({"z_size": 100}, "z of 100 numbers"),
        ({"prior": "normal"}, "normal"),
        ({"checkpoint_sha256": "0" * 64}, "000000000000"),
    ):
        with pytest.raises(InputError, match=says):
            recipe_for(gan, **changes).check(gan)
    retrained = planted_gan()
    with_others = replace(recipe_for(gan))
    assert retrained.generator is not None
    retrained.generator.load_state_dict({"one": torch.full((1,), 1.001)})
    with pytest.raises(InputError, match="draws other pictures"):
        with_others.check(Gan(retrained.generator, prior=Prior("uniform", 8)))


def test_the_turn_can_be_left_out(gan):
    recipe = recipe_for(gan, concepts={"a": (0,), "b": (1,), "c": (2,)}, expression={"a": "+", "b": "-"})
    assert dict(recipe.without_turn().concepts) == {"a": (0,), "b": (1,)}
    only_turn = recipe_for(gan, concepts={"b": (1,), "c": (2,)}, expression={})
    with pytest.raises(InputError, match="leave out --no-turn"):
        only_turn.without_turn()


def test_positions_run_from_end_to_end():
    assert TurnRecipe("a", "b", 2.0, 5).positions.tolist() == [-2.0, -1.0, 0.0, 1.0, 2.0]
    with pytest.raises(InputError):
        Recipe(0, 5, 8, "", "uniform", {}, {})

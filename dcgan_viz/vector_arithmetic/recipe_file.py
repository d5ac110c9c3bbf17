"""Recipes in files: JSON, read to the letter."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.output import dump_json
from dcgan_viz.vector_arithmetic.recipe import FORMAT, Recipe, TurnRecipe, short

T = TypeVar("T", int, float, str, bool)

_REQUIRED: dict[str, type] = {
    "seed": int, "sheet_size": int, "z_size": int, "checkpoint_sha256": str, "prior": str,
}  # fmt: skip
_OPTIONAL: dict[str, type] = {
    "noise": float, "n_neighbours": int, "rescale": bool, "target": str,
}  # fmt: skip
_TURN: dict[str, type] = {
    "start": str,
    "end": str,
    "reach": float,
    "n_steps": int,
    "rescale": bool,
    "target": str,
}
_KINDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
_MOST_BYTES = 1_000_000


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a file.

    Parameters
    ----------
    path : Path
        JSON, as `write_recipe` writes it.

    Returns
    -------
    Recipe

    Raises
    ------
    InputError
        If the file is no JSON or no recipe, with what is wrong with it. Unknown, missing and repeated keys
        are errors.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such recipe; write a sheet with --sheet, and fill its recipe.json in")
    check_size(path.stat().st_size, str(path))
    return parse_recipe(path.read_bytes(), str(path))


def parse_recipe(content: bytes, name: str) -> Recipe:
    """Read the bytes of a recipe file, as `read_recipe` does.

    Parameters
    ----------
    content : bytes
    name : str
        What messages call it.

    Returns
    -------
    Recipe

    Raises
    ------
    InputError
        As in `read_recipe`.
    """
    check_size(len(content), name)
    try:
        entries = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unrepeated, parse_constant=_no_number
        )
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: not JSON ({error}); give a recipe (docs/vector-arithmetic.md)") from error
    try:
        return recipe_from_json(entries)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def check_size(n_bytes: int, name: str) -> None:
    """Check that a file is not too large for a recipe.

    Raises
    ------
    InputError
        If it is.
    """
    if n_bytes > _MOST_BYTES:
        raise InputError(f"{name}: {n_bytes:,} bytes are too many for a recipe; give another file")


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe into a file, from which `read_recipe` makes an equal one."""
    path.write_bytes(recipe_bytes(recipe))


def recipe_bytes(recipe: Recipe) -> bytes:
    """The content of that file."""
    return (dump_json(recipe.to_json(), indent=2) + "\n").encode()


def recipe_from_json(content: object) -> Recipe:
    """Read the content of a recipe file.

    Parameters
    ----------
    content : object
        As `Recipe.to_json` returns it.

    Returns
    -------
    Recipe

    Raises
    ------
    InputError
        If it is none; unknown and missing keys are errors.

    Examples
    --------
    >>> recipe = Recipe(0, 48, 100, "", "uniform", {"a": (0, 1), "b": (2,)}, {"a": "+", "b": "-"})
    >>> recipe_from_json(recipe.to_json()) == recipe
    True
    """
    entries = _mapping(content, "recipe")
    if entries.pop("format", None) != FORMAT:
        raise InputError(f'recipe: its "format" is not "{FORMAT}"; give a recipe (docs/vector-arithmetic.md)')
    parts = ("concepts", "expression", "turn")
    _check_keys(entries, {*_REQUIRED, *_OPTIONAL, *parts}, {*_REQUIRED, "concepts"}, "recipe")
    turn = entries.get("turn")
    return Recipe(
        **_plain(entries, _REQUIRED | _OPTIONAL, "recipe"),
        concepts={
            name: _indices(name, value) for name, value in _mapping(entries["concepts"], "concepts").items()
        },
        expression=_signs(_mapping(entries.get("expression", {}), "expression")),
        turn=None if turn is None else _turn(_mapping(turn, "turn")),
    )


def blank_recipe(gan: Gan, seed: int, sheet_size: int) -> dict[str, Any]:
    """Content of a recipe file for the numbered sheet, in which the exemplars are still to be filled in.

    Parameters
    ----------
    gan : Gan
    seed : int
    sheet_size : int

    Returns
    -------
    dict
        Of three concepts and a turn; refused by `recipe_from_json` as long as no exemplars are named.
    """
    assert gan.prior is not None
    filled = Recipe(
        seed=seed,
        sheet_size=sheet_size,
        z_size=gan.prior.size,
        checkpoint_sha256=gan.provenance.sha256,
        prior=gan.prior.kind,
        concepts=dict.fromkeys(("with", "without", "other", "left", "right"), (0,)),
        expression={"with": "+", "without": "-", "other": "+"},
        turn=TurnRecipe("left", "right"),
    )
    content = filled.to_json()
    return {**content, "concepts": {name: [] for name in content["concepts"]}}


def _turn(entries: dict[str, Any]) -> TurnRecipe:
    _check_keys(entries, set(_TURN), {"start", "end"}, "turn")
    return TurnRecipe(**_plain(entries, _TURN, "turn"))


def _signs(entries: dict[str, Any]) -> dict[str, str]:
    return {name: _typed(value, str, f"sign of concept {name!r}") for name, value in entries.items()}


def _indices(concept: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise InputError(f"recipe: concept {concept!r} is not a list; give numbers of samples on the sheet")
    return tuple(_typed(index, int, f"exemplar of concept {concept!r}") for index in value)


def _plain(entries: Mapping[str, Any], kinds: Mapping[str, type], where: str) -> dict[str, Any]:
    return {
        name: _typed(entries[name], kind, f"{where}: {name}")
        for name, kind in kinds.items()
        if name in entries
    }


def _typed(value: object, kind: type[T], what: str) -> T:
    """The value, where it is of the kind; true is no number, but a whole number is one with a point, too."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return kind(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InputError(f"{what} is {short(value)!r}; give {_KINDS[kind]}")
    return value


def _mapping(content: object, what: str) -> dict[str, Any]:
    if not isinstance(content, Mapping):
        raise InputError(f"{what}: {type(content).__name__} where an object {{...}} belongs")
    return dict(content)


def _check_keys(entries: Iterable[str], known: set[str], needed: set[str], where: str) -> None:
    for name in entries:
        if name not in known:
            raise InputError(f"{where}: unknown key {short(name)!r}; known are {', '.join(sorted(known))}")
    for name in sorted(needed - set(entries)):
        raise InputError(f"{where}: {name} is missing; add it (docs/vector-arithmetic.md)")


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"recipe: {short(twice)!r} is there twice; leave one out")
    return entries


def _no_number(name: str) -> float:
    raise InputError(f"recipe: {name} is no number; give a finite one")

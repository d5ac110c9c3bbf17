"""A recipe: all that is needed to make the pictures of an arithmetic again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import torch
from torch import Tensor

from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan

FORMAT = "dcgan_viz.recipe"
SIGNS = {"+": 1, "-": -1}
LARGEST_SHEET = 1000
LARGEST_SEED = 2**48 - 1  # of `derived_seed`: the sheets of cases have such seeds
LARGEST_Z = 1_000_000
MOST_NEIGHBOURS = 99
MOST_CONCEPTS = 24
LONGEST_NAME = 60
LARGEST_NOISE = LARGEST_REACH = 100.0
PRIORS = ("uniform", "normal")


@dataclass(frozen=True)
class TurnRecipe:
    """An axis through z from the mean of one concept to that of another, and where along it one looks.

    Attributes
    ----------
    start, end : str
        Names of the concepts.
    reach : float
        Positions run from -reach to reach; 1 is the way from the one mean to the other.
    n_steps : int
        How many there are.
    rescale : bool
        Bring each step to the norm of the z that it starts from.
    target : str
        The class of rooms whose centre moves, for the judge; "" for none.
    """

    start: str
    end: str
    reach: float = 2.0
    n_steps: int = 9
    rescale: bool = True
    target: str = ""

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise InputError(
                f"recipe: the turn runs from {self.start!r} to the same concept; name two different ones"
            )
        if not 0 < self.reach <= LARGEST_REACH:
            raise InputError(
                f"recipe: reach {self.reach:g} of the turn; give a number above 0, {LARGEST_REACH:g} at most"
            )
        if not 3 <= self.n_steps <= 99:
            raise InputError(f"recipe: {short(self.n_steps)} steps of the turn; give 3 to 99")
        check_class(self.target)

    @property
    def positions(self) -> Tensor:
        """Where along the axis one looks, (T,), float32."""
        return torch.linspace(-self.reach, self.reach, self.n_steps)


@dataclass(frozen=True)
class Recipe:
    """Which samples of which sheet make the concepts, and what is computed of them.

    Attributes
    ----------
    seed : int
        Of the sheet's samples, and of every other random draw.
    sheet_size : int
        Samples on the sheet, numbered from 0.
    z_size, prior
        Size of z, and "uniform" or "normal".
    checkpoint_sha256 : str
        Of the weights file: with others the numbers would mean other pictures.
    concepts : mapping of str to tuple of int
        By name the numbers of the exemplars, whose z are averaged.
    expression : mapping of str to {"+", "-"}
        The sum: concepts by name, with their signs; empty for none.
    noise : float
        Half the width of the uniform noise that makes neighbours.
    n_neighbours : int
    rescale : bool
        Bring the result to the typical norm of the prior.
    target : str
        The class of rooms that the sum is to put into the picture, for the judge; "" for none.
    turn : TurnRecipe or None

    Raises
    ------
    InputError
        If the parts do not go together, or a number is off the sheet.

    Examples
    --------
    >>> recipe = Recipe(0, 48, 100, "", "uniform", {"a": (0, 1), "b": (2,)}, {"a": "+", "b": "-"})
    >>> recipe.to_json()["concepts"]
    {'a': [0, 1], 'b': [2]}
    """

    seed: int
    sheet_size: int
    z_size: int
    checkpoint_sha256: str
    prior: str
    concepts: Mapping[str, tuple[int, ...]] = field(hash=False)
    expression: Mapping[str, str] = field(hash=False, default_factory=dict)
    noise: float = 0.25
    n_neighbours: int = 8
    rescale: bool = False
    target: str = ""
    turn: TurnRecipe | None = None

    def __post_init__(self) -> None:
        for name, low, high in (
            ("seed", 0, LARGEST_SEED),
            ("sheet_size", 1, LARGEST_SHEET),
            ("z_size", 1, LARGEST_Z),
            ("n_neighbours", 1, MOST_NEIGHBOURS),
        ):
            if not low <= getattr(self, name) <= high:
                raise InputError(f"recipe: {name} {short(getattr(self, name))}; give {low} to {high}")
        if not 0 <= self.noise <= LARGEST_NOISE:
            raise InputError(f"recipe: noise {self.noise:g}; give 0 to {LARGEST_NOISE:g}")
        if self.prior not in PRIORS:
            raise InputError(f"recipe: prior {short(self.prior)!r}; give {' or '.join(PRIORS)}")
        if len(self.concepts) > MOST_CONCEPTS:
            raise InputError(f"recipe: {len(self.concepts)} concepts; give {MOST_CONCEPTS} at most")
        if not self.expression and self.turn is None:
            raise InputError("recipe: neither an expression nor a turn; give at least one of them")
        for concept, indices in self.concepts.items():
            self._check_exemplars(concept, indices)
        self._check_names()
        check_class(self.target)
        if self.target and tuple(self.expression.items()) != tuple(target_expression(self.target).items()):
            raise InputError(
                f"recipe: target {self.target!r} goes with the expression "
                f"{written(target_expression(self.target))}, not with {written(self.expression) or 'none'}; "
                'name the concepts so, or set target to ""'
            )

    def _check_exemplars(self, concept: str, indices: tuple[int, ...]) -> None:
        if not (concept.strip() and concept.isprintable() and len(concept) <= LONGEST_NAME):
            raise InputError(
                f"recipe: concept {short(concept)!r}; give it a name of 1 to {LONGEST_NAME} letters"
            )
        if not indices:
            raise InputError(
                f"recipe: concept {concept!r} has no exemplars; write numbers of samples on the sheet"
            )
        for index in indices:
            if not 0 <= index < self.sheet_size:
                raise InputError(
                    f"recipe: concept {concept!r} names sample {short(index)}, which is off the sheet; "
                    f"choose from 0 to {self.sheet_size - 1}"
                )
        if len(set(indices)) < len(indices):
            raise InputError(f"recipe: concept {concept!r} names a sample twice; name each once")

    def _check_names(self) -> None:
        turn = () if self.turn is None else (self.turn.start, self.turn.end)
        used = {*self.expression, *turn}
        for name in used - set(self.concepts):
            raise InputError(
                f"recipe: concept {short(name)!r} is used, but has no exemplars; "
                f"choose from {', '.join(self.concepts) or 'none'}"
            )
        for name in set(self.concepts) - used:
            raise InputError(f"recipe: concept {name!r} is used nowhere; leave it out")
        for name, sign in self.expression.items():
            if sign not in SIGNS:
                raise InputError(f'recipe: sign {short(sign)!r} of concept {name!r}; give "+" or "-"')

    def check(self, gan: Gan) -> None:
        """Check that the numbers mean the same samples in a GAN.

        Raises
        ------
        InputError
            If its weights, its prior or its size of z are others.
        """
        gan.require_generator("vector_arithmetic")
        assert gan.prior is not None
        path = gan.provenance.path
        if self.z_size != gan.prior.size:
            raise InputError(
                f"recipe: made for z of {self.z_size} numbers, but {path} takes {gan.prior.size}; "
                "give its own checkpoint, or choose exemplars anew (--sheet)"
            )
        if self.prior != gan.prior.kind:
            raise InputError(
                f"recipe: made with the {self.prior} prior, but {path} has the {gan.prior.kind} one; "
                f"give --prior {self.prior}, or choose exemplars anew (--sheet)"
            )
        if self.checkpoint_sha256 != gan.provenance.sha256:
            raise InputError(
                f"recipe: made with the checkpoint of sha256 {self.checkpoint_sha256[:12]!r}, but "
                f"{path} has {gan.provenance.sha256[:12]!r}, and draws other pictures under the same "
                "numbers; give its own checkpoint, or choose exemplars anew (--sheet)"
            )

    def without_turn(self) -> "Recipe":
        """The same without the turn, and without the concepts that it alone uses.

        Raises
        ------
        InputError
            If nothing is left.
        """
        if not self.expression:
            raise InputError("recipe: it holds a turn and no expression; leave out --no-turn, or add one")
        concepts = {name: indices for name, indices in self.concepts.items() if name in self.expression}
        return replace(self, concepts=concepts, turn=None)

    def to_json(self) -> dict[str, Any]:
        """Content of a recipe file."""
        content = {"format": FORMAT, **{one.name: getattr(self, one.name) for one in fields(self)}}
        content["concepts"] = {name: list(indices) for name, indices in self.concepts.items()}
        content["expression"] = dict(self.expression)
        content["turn"] = None if self.turn is None else dict(vars(self.turn))
        return content


def short(value: object) -> str:
    """The beginning of a value, for a message.

    Examples
    --------
    >>> short(7), short("a" * 100) == "a" * 39 + "\N{HORIZONTAL ELLIPSIS}"
    ('7', True)
    """
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}\N{HORIZONTAL ELLIPSIS}"


def check_class(target: str) -> None:
    """Check that the judge knows a target; "" stands for none.

    Raises
    ------
    InputError
        If it is no class of the rooms.
    """
    if target and target not in CLASSES:
        raise InputError(
            f"recipe: target {short(target)!r} is no class of rooms; choose from {', '.join(CLASSES)}"
        )


def target_expression(target: str) -> dict[str, str]:
    """The sum that puts a class of the rooms into rooms that have none: names of the concepts and signs.

    Examples
    --------
    >>> target_expression("window")
    {'window': '+', 'no window': '-', 'other rooms': '+'}
    """
    return {target: "+", f"no {target}": "-", "other rooms": "+"}


def written(expression: Mapping[str, str]) -> str:
    """A sum as one writes it.

    Examples
    --------
    >>> written({"window": "+", "no window": "-", "other rooms": "+"})
    'window - no window + other rooms'
    """
    return " ".join(f"{sign} {name}" for name, sign in expression.items()).removeprefix("+ ")

"""A recipe in the making: concepts with slots that are still to be filled, as a link holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from dcgan_viz.errors import InputError
from dcgan_viz.vector_arithmetic.recipe import (
    LARGEST_SHEET,
    LONGEST_NAME,
    MOST_CONCEPTS,
    Recipe,
    TurnRecipe,
    check_class,
    target_expression,
)

SUM_SLOTS, TURN_SLOTS = 3, 4  # as many as the paper took
MOST_SLOTS = 24
_TEXT = re.compile(r"(?P<concepts>[^|]*)\|(?P<signs>([-+]\d{1,2})*)\|(?P<ends>(\d{1,2}\.\d{1,2})?)\|"
                   r"(?P<target>[a-z]*)\|(?P<turn_target>[a-z]*)")  # fmt: skip


@dataclass(frozen=True)
class Concept:
    """A name, and the numbers of its exemplars on the sheet."""

    name: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Parts:
    """What a `Recipe` says of concepts, under the same names."""

    concepts: Mapping[str, tuple[int, ...]]
    expression: Mapping[str, str]
    target: str
    turn: TurnRecipe | None


@dataclass(frozen=True)
class Draft:
    """What a recipe says of concepts; each concept is known by its place.

    Attributes
    ----------
    concepts : tuple of Concept
        Of different names.
    signs : tuple of (int, str)
        The sum: places and "+" or "-".
    ends : (int, int) or None
        Places of the turn's start and end.
    target, turn_target : str
        As in `Recipe`; the first counts only as long as the sum is called after it.
    """

    concepts: tuple[Concept, ...]
    signs: tuple[tuple[int, str], ...]
    ends: tuple[int, int] | None
    target: str = ""
    turn_target: str = ""

    @property
    def sum_places(self) -> tuple[int, ...]:
        """The concepts of the sum."""
        return tuple(place for place, _ in self.signs)

    @property
    def highest(self) -> int:
        """The highest number in a slot, -1 where there is none."""
        return max((number for one in self.concepts for number in one.numbers), default=-1)

    def slots(self, place: int) -> int:
        """How many exemplars clicks put into a concept; of a recipe it may have more."""
        return TURN_SLOTS if place in (self.ends or ()) else SUM_SLOTS

    def room(self, place: int) -> int:
        """How many exemplars clicks can still put into a concept."""
        return max(0, self.slots(place) - len(self.concepts[place].numbers))

    def letter(self, place: int) -> str:
        """What a concept's exemplars are marked with on the sheet."""
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]

    def with_numbers(self, place: int, numbers: Sequence[int]) -> Draft:
        """The same with other exemplars of one concept."""
        return self._with(place, replace(self.concepts[place], numbers=tuple(numbers)[:MOST_SLOTS]))

    def emptied(self) -> Draft:
        """The same without exemplars."""
        return replace(self, concepts=tuple(Concept(one.name) for one in self.concepts))

    def renamed(self, place: int, name: str) -> Draft:
        """The same with another name of one concept.

        Raises
        ------
        InputError
            If another concept is called so, or it is no name.
        """
        check_name(name)
        if any(one.name == name for k, one in enumerate(self.concepts) if k != place):
            raise InputError(f"concept {name!r}: another one is called so; give another name")
        moves = self.ends is not None and place in self.ends
        draft = self._with(place, replace(self.concepts[place], name=name))
        return replace(draft, turn_target="") if moves else draft

    def flipped(self, place: int) -> Draft:
        """The same with the other sign of one concept."""
        other = {"+": "-", "-": "+"}
        return replace(self, signs=tuple((k, other[sign] if k == place else sign) for k, sign in self.signs))

    def next_place(self, place: int, among: Sequence[int]) -> int:
        """Where to go on when a concept is full: the next one with empty slots, or the same."""
        at = among.index(place)
        for k in (*among[at:], *among[:at]):
            if self.room(k):
                return k
        return place

    def clicked(self, place: int, number: int, is_in: bool) -> Draft:
        """The same with a sample in or out of a concept; a full one takes none."""
        numbers = self.concepts[place].numbers
        if (number in numbers) == is_in or (is_in and not self.room(place)):
            return self
        return self.with_numbers(place, [one for one in (*numbers, number) if is_in or one != number])

    def parts(self) -> Parts | None:
        """What a recipe says of it: concepts with exemplars alone; None as long as there are none."""
        filled = [bool(one.numbers) for one in self.concepts]
        expression = {self.concepts[k].name: sign for k, sign in self.signs if filled[k]}
        used = {k for k in self.sum_places if filled[k]}
        turn = None
        if self.ends is not None and all(filled[k] for k in self.ends):
            start, end = (self.concepts[k].name for k in self.ends)
            turn = TurnRecipe(start, end, target=self.turn_target)
            used |= set(self.ends)
        if not used:
            return None
        is_targets = tuple(expression.items()) == tuple(target_expression(self.target).items())
        concepts = {one.name: one.numbers for k, one in enumerate(self.concepts) if k in used}
        return Parts(concepts, expression, self.target if self.target and is_targets else "", turn)

    def _with(self, place: int, concept: Concept) -> Draft:
        return replace(
            self, concepts=tuple(concept if k == place else one for k, one in enumerate(self.concepts))
        )

    @classmethod
    def of(cls, recipe: Recipe) -> Draft:
        """What a recipe says of concepts."""
        names = list(recipe.concepts)
        turn = recipe.turn
        return cls(
            tuple(Concept(name, tuple(numbers)) for name, numbers in recipe.concepts.items()),
            tuple((names.index(name), sign) for name, sign in recipe.expression.items()),
            None if turn is None else (names.index(turn.start), names.index(turn.end)),
            recipe.target,
            "" if turn is None else turn.target,
        )

    def __str__(self) -> str:
        concepts = ";".join(
            f"{quote(one.name, safe=' ,()')}:{'.'.join(map(str, one.numbers))}" for one in self.concepts
        )
        signs = "".join(f"{sign}{place}" for place, sign in self.signs)
        ends = "" if self.ends is None else f"{self.ends[0]}.{self.ends[1]}"
        return f"{concepts}|{signs}|{ends}|{self.target}|{self.turn_target}"


def blank(target: str = "", turn_target: str = "") -> Draft:
    """Three concepts and the two ends of a turn, none with exemplars.

    Examples
    --------
    >>> str(blank())
    'with:;without:;other:;left:;right:|+0-1+2|3.4||'
    >>> str(blank("window", "bed"))
    'window:;no window:;other rooms:;bed left:;bed right:|+0-1+2|3.4|window|bed'
    """
    names = tuple(target_expression(target)) if target else ("with", "without", "other")
    ends = (f"{turn_target} left", f"{turn_target} right") if turn_target else ("left", "right")
    signs = ((0, "+"), (1, "-"), (2, "+"))
    return Draft(tuple(map(Concept, (*names, *ends))), signs, (3, 4), target, turn_target)


def check_name(name: str) -> None:
    """Check that a concept can be called so in a recipe.

    Raises
    ------
    InputError
        If it cannot.
    """
    if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        raise InputError(f"a concept's name has 1 to {LONGEST_NAME} letters")


def parse(text: str) -> Draft | None:
    """Read what ``str`` of a draft wrote; "" is none.

    Raises
    ------
    InputError
        If it is not written so.

    Examples
    --------
    >>> draft = blank("window").with_numbers(1, (3, 14))
    >>> parse(str(draft)) == draft
    True
    """
    if not text:
        return None
    found = _TEXT.fullmatch(text)
    if found is None:
        raise InputError("it is not written as concepts are")
    concepts = tuple(_concept(part) for part in found["concepts"].split(";"))
    signs = tuple((int(place), sign) for sign, place in re.findall(r"([-+])(\d+)", found["signs"]))
    start, _, end = found["ends"].partition(".")
    ends = (int(start), int(end)) if found["ends"] else None
    places = [*(place for place, _ in signs), *(ends or ())]
    is_known = all(place < len(concepts) for place in places) and len(dict(signs)) == len(signs)
    if not (is_known and places and len(concepts) <= MOST_CONCEPTS) or (ends and ends[0] == ends[1]):
        raise InputError("its sum or turn names concepts that are not there")
    if len({one.name for one in concepts}) < len(concepts):
        raise InputError("two concepts have one name")
    check_class(found["target"])
    check_class(found["turn_target"])
    return Draft(concepts, signs, ends, found["target"], found["turn_target"])


def _concept(text: str) -> Concept:
    name, _, listed = text.partition(":")
    name = unquote(name)
    check_name(name)
    if not re.fullmatch(r"(\d{1,3}(\.\d{1,3})*)?", listed):
        raise InputError("exemplars are numbers with points between them")
    numbers = tuple(int(part) for part in listed.split(".") if part)
    if len(set(numbers)) < len(numbers) or max(numbers, default=0) >= LARGEST_SHEET:
        raise InputError(f"exemplars are different numbers below {LARGEST_SHEET}")
    return Concept(name, numbers)

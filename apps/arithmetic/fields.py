"""What makes the view of the page Arithmetic, as a link holds it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from apps.arithmetic.draft import Draft, blank, parse
from apps.shell import fields as shared
from apps.shell.bench import Bench
from apps.shell.field import Field, choice, flag, number, whole
from dcgan_viz.data.room_gans import segmenters_know
from dcgan_viz.data.rooms import OBJECTS
from dcgan_viz.errors import InputError
from dcgan_viz.vector_arithmetic.analysis import TURNED
from dcgan_viz.vector_arithmetic.recipe import (
    LARGEST_NOISE,
    LARGEST_REACH,
    LARGEST_SHEET,
    MOST_CONCEPTS,
    MOST_NEIGHBOURS,
    Recipe,
)
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings

SIZES = (24, 48, 96, 192)
N_CASES = ("16", "64")
_DEFAULT = ArithmeticSettings()
_BLANK = "arithmetic.blank"


VIEW = choice("arith_view", "sum", ("sum", "turn"))
DRAFT: Field[Draft | None] = Field("arith", None, parse, lambda one: "" if one is None else str(one))
SLOTS_SEED = whole("arith_seed", 0, 0, 2**32 - 1)
ACTIVE = whole("arith_slot", 0, 0, MOST_CONCEPTS - 1)
SIZE = whole("arith_sheet", _DEFAULT.sheet_size, 1, LARGEST_SHEET)
NOISE = number("arith_noise", _DEFAULT.noise, 0.0, LARGEST_NOISE)
NEIGHBOURS = whole("arith_neighbours", _DEFAULT.n_neighbours, 1, MOST_NEIGHBOURS)
RESCALE = flag("arith_rescale", _DEFAULT.rescale)
TURN_RESCALE = flag("arith_turn_rescale", _DEFAULT.turn_rescale)
REACH = number("arith_reach", _DEFAULT.reach, 1e-6, LARGEST_REACH)
STEPS = whole("arith_steps", _DEFAULT.n_steps, 3, 99)
CASES = choice("arith_cases", str(_DEFAULT.n_cases), N_CASES)
TARGET = choice("arith_target", _DEFAULT.target, OBJECTS)


def begin(bench: Bench) -> Draft:
    """The concepts as the page is drawn; on rooms they are called after what the judge can look for."""
    named = blank(_DEFAULT.target, TURNED) if segmenters_know(bench.gan) else blank()
    st.session_state[_BLANK] = named
    return current()


def current() -> Draft:
    """The concepts; what was chosen on the sheet of another seed is no sample of this one."""
    found = DRAFT.get() or st.session_state.get(_BLANK) or blank()
    return found if is_of_this_sheet() else found.emptied()


def is_of_this_sheet() -> bool:
    """Whether the slots hold samples of the sheet that is shown."""
    return SLOTS_SEED.get() == shared.SEED.get()


def keep(one: Draft) -> None:
    """Make these the concepts, of samples of the sheet that is shown."""
    DRAFT.set(one)
    SLOTS_SEED.set(shared.SEED.get())


def places(one: Draft) -> tuple[int, ...]:
    """The concepts of the view."""
    return (one.ends or ()) if VIEW.get() == "turn" else one.sum_places


def active(one: Draft) -> int:
    """The concept that a click on the sheet fills, among those of the view; -1 where there are none."""
    shown = places(one)
    if not shown:
        return -1
    return ACTIVE.get() if ACTIVE.get() in shown else one.next_place(shown[0], shown)


def sheet_size(one: Draft) -> int:
    """Samples on the sheet: as chosen, but all that lie in slots are on it."""
    return max(SIZE.get(), one.highest + 1)


def recipe(bench: Bench, one: Draft) -> Recipe | None:
    """What is to be drawn; None as long as no slot is filled.

    Raises
    ------
    InputError
        If the parts do not go together.
    """
    parts = one.parts()
    if parts is None:
        return None
    assert bench.gan.prior is not None
    turn = parts.turn and replace(
        parts.turn, reach=REACH.get(), n_steps=STEPS.get(), rescale=TURN_RESCALE.get()
    )
    return Recipe(
        seed=bench.seed,
        sheet_size=sheet_size(one),
        z_size=bench.gan.prior.size,
        checkpoint_sha256=bench.gan.provenance.sha256,
        prior=bench.gan.prior.kind,
        concepts=parts.concepts,
        expression=parts.expression,
        noise=NOISE.get(),
        n_neighbours=NEIGHBOURS.get(),
        rescale=RESCALE.get(),
        target=parts.target,
        turn=turn,
    )


def take(found: Recipe, view: str = "") -> None:
    """Show a recipe: afterwards `recipe` returns the same.

    Parameters
    ----------
    found : Recipe
    view : str
        What of it to look at; by default the sum, where there is one.

    Raises
    ------
    InputError
        If its seed is beyond those of the dashboard.
    """
    if found.seed >= 2**32:
        raise InputError(f"recipe: seed {found.seed} is beyond those of the dashboard; use the command line")
    if not (1.0 if found.turn is None else found.turn.reach) >= 1e-6:
        raise InputError("recipe: the turn's reach is too small for the dashboard; use the command line")
    shared.SEED.set(found.seed)
    SIZE.set(found.sheet_size)
    NOISE.set(found.noise)
    NEIGHBOURS.set(found.n_neighbours)
    RESCALE.set(found.rescale)
    if found.turn is not None:
        REACH.set(found.turn.reach)
        STEPS.set(found.turn.n_steps)
        TURN_RESCALE.set(found.turn.rescale)
    keep(Draft.of(found))
    VIEW.set(view or ("sum" if found.expression else "turn"))

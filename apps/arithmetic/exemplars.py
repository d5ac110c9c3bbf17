"""How slots are filled: clicks on the numbered sheet, the picked samples, the annotator, a recipe's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from apps.arithmetic import drawn, fields
from apps.arithmetic.draft import Draft
from apps.shell import budget, controls, page, work
from apps.shell.bench import Bench
from apps.shell.field import asked
from apps.shell.pictures import sample_pngs
from apps.shell.sheet import Click, Slot, Tile, sheet
from apps.shell.uploads import json_content, json_file, printable_name
from dcgan_viz.data.room_gans import segmenters_know
from dcgan_viz.data.rooms import OBJECTS
from dcgan_viz.errors import InputError
from dcgan_viz.vector_arithmetic.recipe import Recipe
from dcgan_viz.vector_arithmetic.recipe_file import parse_recipe
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings

SHEET = "arithmetic.sheet"
_SEEN, _REFUSED, _WANTED = (f"arithmetic.{word}" for word in ("recipe_seen", "refused", "annotator_wanted"))


def sheet_pngs(bench: Bench, draft: Draft) -> list[bytes]:
    """Pictures of the sheet, which knows no truncation: recipes do not."""
    return sample_pngs(replace(bench, truncation=1.0), fields.sheet_size(draft))


def numbered_sheet(bench: Bench, draft: Draft, tiles: Sequence[bytes]) -> None:
    """The sheet; a click puts a sample into the active concept, or takes it out."""
    sheet(
        SHEET,
        [
            Tile(str(number), png, f"Sample {number} of seed {bench.seed}", (str(number),))
            for number, png in enumerate(tiles)
        ],
        f"Sheet of seed {bench.seed}",
        on_fill=fill,
        least_px=68,
        slots=[
            Slot(
                str(place), [str(one) for one in draft.concepts[place].numbers], draft.slots(place),
                draft.letter(place),
            )
            for place in fields.places(draft)
        ],
        active=str(fields.active(draft)),
    )  # fmt: skip


def fill(clicked: Sequence[Click]) -> None:
    """Put clicked samples into the concepts that they were meant for; go on when the active one is full."""
    draft = fields.current()
    shown = fields.places(draft)
    active = fields.active(draft)
    places = {str(place): place for place in range(len(draft.concepts))}
    numbers = {str(number): number for number in range(fields.sheet_size(draft))}
    for one in clicked:
        if one.slot not in places or one.id not in numbers:
            continue
        place = places[one.slot]
        before, draft = draft, draft.clicked(place, numbers[one.id], one.is_in)
        if place == active and before.room(place) and not draft.room(place):
            active = draft.next_place(place, shown)
    if draft != fields.current():
        fields.keep(draft)
        fields.ACTIVE.set(max(0, active))


def tools(bench: Bench, draft: Draft) -> None:
    """The row above the board: what is looked at, and other ways to fill slots than clicks."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        names = {"sum": "Sum", "turn": "Turn"}
        controls.pills(fields.VIEW, "Look at", tuple(names), names.__getitem__)
        most = budget.most(bench.gan)
        sizes = sorted(
            {*(min(n, most) for n in fields.SIZES), fields.sheet_size(draft), fields.SIZE.get()} - {0}
        )
        controls.select(fields.SIZE, "Sheet", sizes, lambda n: f"{n} samples", width=130)
        below = st.empty()
        _recipe_file(bench)
        if any(one.numbers for one in draft.concepts):
            st.button("Empty all", icon=":material/backspace:", on_click=_empty, type="tertiary")
    with below.container(horizontal=True, gap="small", vertical_alignment="bottom", width="content"):
        _take_picked(bench, draft)
        if segmenters_know(bench.gan):
            _annotator_menu()
    _annotator(bench)
    if refused := st.session_state.get(_REFUSED):
        page.fault(refused)
    if not fields.is_of_this_sheet() and fields.DRAFT.get() is not None:
        _other_seed()


def _empty() -> None:
    fields.keep(fields.current().emptied())
    shown = fields.places(fields.current())
    fields.ACTIVE.set(shown[0] if shown else 0)


def _other_seed() -> None:
    """Say that the slots were filled on another sheet, and offer the way back."""
    from apps.shell.fields import SEED

    other = fields.SLOTS_SEED.get()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"The slots were filled on the sheet of seed {other}; a click here begins anew.", width="content"
        )
        st.button(f"Back to seed {other}", on_click=SEED.set, args=(other,), type="tertiary")


def _take_picked(bench: Bench, draft: Draft) -> None:
    """Put the picked samples of this sheet into the active concept."""
    place = fields.active(draft)
    size = fields.sheet_size(draft)
    picked = [one.number for one in bench.picks if one.seed == bench.seed and one.number < size]
    if not picked or place < 0:
        return
    there = draft.concepts[place].numbers
    wanted = [number for number in picked if number not in there][: draft.room(place)]

    def take() -> None:
        fill([Click(str(number), True, str(place)) for number in wanted])

    n = f"{len(wanted)} of the {len(picked)}" if 0 < len(wanted) < len(picked) else f"the {len(picked)}"
    st.button(
        f"Put {n} picked into {draft.letter(place)}", on_click=take, icon=":material/push_pin:",
        disabled=not wanted,
    )  # fmt: skip


def _annotator_menu() -> None:
    """A target, and a button that lets the annotator choose."""
    with st.popover("Annotator", icon=":material/auto_awesome:"):
        st.caption("A small segmenter looks at the samples and chooses exemplars of the sum and of the turn.")
        controls.select(fields.TARGET, "What the sum is to put into rooms", OBJECTS)
        st.button("Let the annotator choose", type="primary", key="arithmetic.choose", on_click=_want)


def _want() -> None:
    st.session_state[_WANTED] = True
    st.session_state.pop(_REFUSED, None)


def _annotator(bench: Bench) -> None:
    """Its work, and its choice put into the slots."""
    if not segmenters_know(bench.gan):
        return
    settings = ArithmeticSettings(
        target=fields.TARGET.get(),
        sheet_size=fields.SIZE.get(),
        noise=fields.NOISE.get(),
        n_neighbours=fields.NEIGHBOURS.get(),
        rescale=fields.RESCALE.get(),
        turn_rescale=fields.TURN_RESCALE.get(),
        reach=fields.REACH.get(),
        n_steps=fields.STEPS.get(),
    )
    key = (bench.key, bench.seed, settings)
    wanted = asked("arith_choose", key)
    if st.session_state.pop(_WANTED, False):
        wanted.set(True)
    if not wanted.get():
        return
    found = work.result(
        "arithmetic.annotator", key, "The annotator chooses exemplars",
        lambda job: drawn.chosen(job, bench.gan, settings, bench.seed),
        started=wanted, button="Let the annotator choose",
    )  # fmt: skip
    if found is None:
        return
    if isinstance(found, InputError):
        st.session_state[_REFUSED] = str(found)
    else:
        st.session_state.pop(_REFUSED, None)
        fields.take(found, view=fields.VIEW.get())
    wanted.set(False)
    st.rerun()


def _recipe_file(bench: Bench) -> None:
    """Take a recipe that somebody wrote; checked as the command checks it."""
    with st.popover("Recipe", icon=":material/upload_file:"):
        st.caption("A recipe.json of an earlier run: its exemplars are put into the slots.")
        file = json_file("Recipe", "arithmetic.recipe", label_visibility="collapsed")
    if file is None:
        st.session_state.pop(_SEEN, None)
        st.session_state.pop(_REFUSED, None)
        return
    if st.session_state.get(_SEEN) == file.file_id:  # once: afterwards the slots decide
        return
    st.session_state[_SEEN] = file.file_id
    try:
        fields.take(_checked(json_content(file), printable_name(file.name), bench))
    except InputError as error:
        st.session_state[_REFUSED] = str(error)
    else:
        st.session_state.pop(_REFUSED, None)
        st.rerun()


def _checked(content: bytes, name: str, bench: Bench) -> Recipe:
    recipe = parse_recipe(content, name)
    recipe.check(bench.gan)
    return recipe

"""Runs: how training goes, and what a run draws at each of its snapshots."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from apps.runs.snapshots import Drawn, command, curves_folder, drawn, series_of
from apps.runs.story import Glance, Story, glance_of, in_words, story_of
from apps.shell import controls, page
from apps.shell import fields as shared
from apps.shell.charts import line_chart
from apps.shell.checkpoints import RUN as REFERENCE
from apps.shell.checkpoints import roots
from apps.shell.downloads import downloads
from apps.shell.field import choice, whole, words
from apps.shell.markdown import escaped
from apps.shell.roots import Run
from apps.shell.sheet import Tile, sheet
from apps.shell.state import complain
from apps.views import PAGES
from dcgan_viz.figures.spec import LinePanel
from dcgan_viz.figures.training import SCORE_LABEL, score_name, training_figure
from dcgan_viz.figures.wording import significant

POLL_S = 2.0
RUN = words("run", "", r"[^\x00-\x1f]{0,300}")
STEP = whole("run_step", 0, 0, 10**12 - 1)  # 0 is the newest, also when newer ones come
COUNTS = ("12", "24", "60")
COUNT = choice("run_samples", "24", COUNTS)

_SEEN, _LOOKED = "runs.seen", "runs.looked"
_MOST_FAULTS = 3


def show() -> None:
    """Draw the page."""
    page.title("Runs", "Training runs of this server: how they go, and what each snapshot draws.")
    runs, faults = roots().look()
    if not runs:
        _none(faults)
        return
    glances = {run.name: glance_of(run) for run in runs}
    _choose(glances)
    story = story_of(glances[RUN.get()].run)
    st.session_state[_SEEN] = _seen(glances, story.run)
    st.session_state[_LOOKED] = True
    with page.sentences():  # whatever is wrong with this one, the others' faults are told
        _numbers(story)
        _curves(story)
        _snapshots(story)
        _downloads(story)
    others = [one for one in glances.values() if one.run != story.run]
    broken = [f"{one.fault}." for one in others if one.fault]
    of_runs = [fault for one in (story, *others) for fault in one.run.faults()]
    told = dict.fromkeys([*of_runs, *faults, *broken])
    _tell([fault for fault in told if fault != f"{story.fault}."])  # that one stands where its curves would


def _none(faults: list[str]) -> None:
    where = ", ".join(directory.name or "/" for directory in roots().directories)
    st.info(escaped(f"There is no training run in {where} yet. This begins one:"))
    first = next(iter(roots().directories), Path("runs"))
    place = first if not first.is_absolute() else Path(first.name)
    st.code(shlex.join(["python", "-m", "train", "--out", str(place / "mine")]), language="sh")
    st.caption("Other directories are given to the dashboard with --runs DIR when it is started.")
    _tell(faults)


def _choose(glances: dict[str, Glance]) -> None:
    if not RUN.get():
        RUN.set(_first(glances))

    def name(run: str) -> str:
        found = glances[run]
        if found.fault:
            return f"{run}, diary broken"
        far = f", step {found.step:,}" if found.step is not None else ", no line yet"
        return f"{run}{far}{', training' if found.is_live() else ''}"

    controls.select(RUN, "Run", tuple(glances), name)


def _first(glances: dict[str, Glance]) -> str:
    """The run that the other pages look at, or one that goes on, or one that can be read."""
    opened = shared.CHECKPOINT.get().removeprefix(REFERENCE).rpartition("@")[0]
    if opened in glances:
        return opened
    ranked = sorted(glances.values(), key=lambda one: (bool(one.fault), not one.is_live(), one.step is None))
    return ranked[0].run.name


def _seen(names: Iterable[str], run: Run) -> tuple[object, ...]:
    return tuple(names), run.name, tuple(run.steps())


@st.cache_data(ttl=POLL_S, show_spinner=False)
def _names(directories: tuple[Path, ...]) -> list[str]:
    """The runs that there are now; all sessions together look once in a while."""
    return [run.name for run in roots().look()[0]]


def _numbers(story: Story) -> None:
    """How far the run is."""
    with st.container(horizontal=True, gap="medium", key="runs.numbers"):
        with st.container(width="content"):
            _watch(story)
        curves = story.curves
        if curves is None:
            return
        _number("Step", f"{curves.step:,}", f"{curves.images_seen:,} images")
        if curves.epochs is not None:
            _number("Epochs", f"{curves.epochs:.2f}")
        if story.images_per_second is not None:
            _number("Images a second", f"{story.images_per_second:.1f}", "at the last line")
        for name in list(curves.scores)[:1]:
            best = curves.best(name)
            _number(score_name(name), significant(best.value), f"best, step {best.step:,}")


@page.fragment(run_every=POLL_S)
def _watch(story: Story) -> None:
    """Say when the run was last heard of; when there is more to it, the page is drawn anew."""
    if not st.session_state.pop(_LOOKED, False):  # the page itself has just looked
        seen = _seen(_names(roots().directories), story.run)
        if story_of(story.run) != story or st.session_state.get(_SEEN) != seen:
            st.rerun()
    if story.fault or story.curves is None:
        return
    _number("Status", "training" if story.is_live() else "at rest", f"heard of {in_words(story.age_s())} ago")


def _number(label: str, value: str, note: str = "") -> None:
    with st.container(width="content", gap=None):
        st.metric(escaped(label), escaped(value), width="content")
        st.caption(escaped(note) or "\N{NO-BREAK SPACE}")


def _curves(story: Story) -> None:
    """Losses and logits."""
    if story.fault:
        page.fault(f"{story.fault}.")
    elif story.curves is None:
        st.info("Training has not written its first line yet; the curves appear here as soon as it does.")
    else:
        _charts([panel for panel in _panels(story) if panel.y_label != SCORE_LABEL])
        st.caption(escaped(training_figure(story.curves.to_json()).caption))


def _panels(story: Story) -> list[LinePanel]:
    """Those of the figure."""
    if story.curves is None:
        return []
    figure = training_figure(story.curves.to_json())
    return [placed.panel for placed in figure.panels if isinstance(placed.panel, LinePanel)]


def _charts(panels: list[LinePanel]) -> None:
    for place, panel in zip(st.columns(len(panels), gap="medium"), panels, strict=True) if panels else ():
        with place:
            line_chart(f"runs.{panel.title}", panel)


@page.fragment()
def _snapshots(story: Story) -> None:
    """The same z at the step that the slider stands on, beside the scores of all."""
    run, steps = story.run, story.run.steps()
    st.subheader("The same z at every snapshot", anchor=False)
    if not steps:
        st.info("There is no snapshot yet.")
        return
    scores = [panel for panel in _panels(story) if panel.y_label == SCORE_LABEL]
    left, right = st.columns([5, 8], gap="medium") if scores else (None, st.container())
    if left is not None:
        with left:
            for panel in scores:
                line_chart(f"runs.{panel.title}", panel)
    with right:
        _scrub(run, steps)


def _scrub(run: Run, steps: list[int]) -> None:
    marks = {run.named_step(name): name for name in ("latest", "best")}

    def name(step: int) -> str:
        return f"{step:,}" + (f" ({marks[step]})" if step in marks else "")

    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        step = _step(steps, name) if len(steps) > 1 else steps[0]
        controls.select(COUNT, "Samples", COUNTS, width=90)
    seed, n = shared.SEED.get(), int(COUNT.get())
    with page.sentences():
        found = drawn(run, step, n, seed, shared.TRUNCATION.get(), shared.DEVICE.get())
        _legend(step, seed, found)
        sheet("runs.sheet", _tiles(found, seed, step), f"Samples of seed {seed} at step {step}", least_px=64)
    _open(run, step)


def _step(steps: list[int], name: object) -> int:
    """The slider; while nobody has moved it, it stands on the newest snapshot."""
    if STEP.get() not in (0, *steps):
        complain(f"Step {STEP.get():,}: there is no such snapshot. The newest is shown instead.")
        STEP.set(0)
    follows = STEP.get() == 0
    if follows:
        STEP.set(steps[-1])
    found = controls.stops(STEP, "Step", steps, name)  # type: ignore[arg-type]
    if follows and found == steps[-1]:
        STEP.set(0)
    return found


def _legend(step: int, seed: int, found: Drawn) -> None:
    scores = "".join(f", {score_name(name)} {significant(value)}" for name, value in found.scores)
    st.caption(escaped(f"Step {step:,}, {found.images_seen:,} images seen{scores}. z of seed {seed}."))


def _tiles(found: Drawn, seed: int, step: int) -> list[Tile]:
    return [
        Tile(
            str(number),
            png,
            f"Sample {number} of seed {seed} at step {step}",
            (str(number), *([f"{found.logits[number]:+.1f}"] if found.logits else [])),
        )
        for number, png in enumerate(found.pngs)
    ]


def _open(run: Run, step: int) -> None:
    """Give a snapshot to the other pages."""
    reference = f"{REFERENCE}{run.name}@{step}"
    if shared.CHECKPOINT.get() != reference:
        if st.button(f"Open step {step:,} in the other pages", key="runs.open", type="primary"):
            shared.choose_checkpoint(reference)
            st.rerun()
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("**Open in the other pages:**")
        for entry in PAGES:
            if entry.name != "runs":
                st.page_link(f"views/{entry.name}.py", label=entry.title, icon=entry.icon)


def _downloads(story: Story) -> None:
    run, seed, device = story.run, shared.SEED.get(), shared.DEVICE.get()
    curves = curves_folder(story, seed, device)
    if curves is None:
        return
    step, stem = run.steps()[-1], run.name.rpartition("/")[2]
    files = [
        curves.download("Curves", f"{stem}_training.{kind}", f"training/{name}")
        for kind, name in (("png", "figure.png"), ("pdf", "figure.pdf"), ("json", "result.json"))
    ]
    series = series_of(run, step, seed, device)
    if series is not None:
        files += [
            series.download("The same z", f"{stem}_snapshots.{kind}", f"snapshots/figure.{kind}")
            for kind in ("png", "pdf")
        ]
    downloads("runs", files, command(run, step, seed))


def _tell(faults: list[str]) -> None:
    """Name what is broken; many faults fold away."""
    for fault in faults[:_MOST_FAULTS]:
        st.warning(escaped(fault), icon=":material/folder_off:")
    if len(faults) > _MOST_FAULTS:
        with st.expander(f"{len(faults) - _MOST_FAULTS} more that cannot be read"):
            for fault in faults[_MOST_FAULTS:]:
                st.markdown(escaped(fault))


if __name__ == "__main__":
    show()

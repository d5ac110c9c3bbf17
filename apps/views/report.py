"""Report: the figures of a checkpoint, bound together and taken home."""

from __future__ import annotations

import io
from base64 import b64encode
from html import escape
from pathlib import Path

import streamlit as st
from PIL import Image

from apps.report.reports import Report, figure_bench, reports
from apps.shell import controls, page
from apps.shell.bench import Bench, current
from apps.shell.checkpoints import RUN, roots
from apps.shell.downloads import Download, downloads
from apps.shell.field import Field, asked, words
from apps.shell.markdown import escaped
from apps.shell.widgets import showing
from apps.shell.work import result
from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.entry import Status
from dcgan_viz.figure_set.parts import PARTS, chosen
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.image_options import ImageOptions

MOST_SEEDS = 8
_SHOWN_PX = 1600  # width of a figure on the page; the files have all of it
_LOOKS = """<style>
.st-key-report_parts [data-testid="stCaptionContainer"] { padding-left: 1.6rem; }
.report-figure { width: 100%; display: block; border: 1px solid rgba(128, 128, 128, 0.35);
  border-radius: 4px; }
</style>"""
_ALL = tuple(part.name for part in PARTS)
_TITLES = {part.name: part.title for part in PARTS} | {"seeds": "Seeds"}
_ABOUT = {part.name: part.about for part in PARTS} | {"seeds": "Would other seeds have given other numbers?"}


def _parts(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    return tuple(part.name for part in chosen(names)) if names else ()


CHOSEN: Field[tuple[str, ...]] = Field("report_parts", _ALL, _parts, ",".join)
SEEDS = words("report_seeds", "", r"[0-9, ]{0,120}")
FIGURE = words("report_figure", "", r"[a-z_]{0,40}")


def show() -> None:
    """Draw the page."""
    page.title(
        "Report", "Every figure of this checkpoint, each beside its control, as one report to take home."
    )
    FIGURE.get()  # also while there is none to be seen it belongs into the link
    bench = current()
    lacks = _lacks(bench)
    names = _choose(lacks)
    with st.container(width=320):
        controls.text(
            SEEDS, "Seeds", placeholder=str(bench.seed),
            help="The figures are of the first. With several, a table has the numbers of all of them; that "
            "takes as many times as long.",
        )  # fmt: skip
    seeds = _seeds(bench)
    if not names:
        st.info("Choose at least one figure.")
        return
    only = () if set(names) == set(_ALL) - set(lacks) else names
    settings = FigureSetSettings(only, seeds, ImageOptions(bench.images))
    _check(bench)
    command = _command(bench, settings)
    name = (bench.key, settings.to_json())
    mine = reports()
    report = result(
        "report", mine.key(name), "Drawing the figures",
        lambda job: mine.build(job, bench, settings, command, name),
        started=asked("report_started", name), button="Build the report", is_long=True,
    )  # fmt: skip
    if report is not None:
        _report(report, bench, command)


def _lacks(bench: Bench) -> dict[str, str]:
    """What keeps parts from being drawn of this checkpoint, by name."""
    own = figure_bench(bench, bench.gan, FigureSetSettings(real=ImageOptions(bench.images)))
    return {part.name: lack for part in PARTS if (lack := own.lack(part.needs))}


def _choose(lacks: dict[str, str]) -> tuple[str, ...]:
    """Boxes to tick; the names of what is to be drawn, in the order of the report."""
    now = [name for name in CHOSEN.get() if name not in lacks]

    def ticked(name: str) -> None:
        is_wanted = st.session_state[f"control.report.{name}"]
        kept = {*CHOSEN.get(), name} if is_wanted else {*CHOSEN.get()} - {name}
        CHOSEN.set(tuple(one for one in _ALL if one in kept))

    there = [part for part in PARTS if part.name not in lacks]
    half = -(-len(there) // 2)
    with st.container(key="report_parts", gap="small"):
        st.html(_LOOKS)
        for place, parts in zip(st.columns(2, gap="medium"), (there[:half], there[half:]), strict=True):
            for part in parts:
                key = f"control.report.{part.name}"
                told = showing(key, part.name in now, {"value": part.name in now})
                with place.container(gap=None):
                    st.checkbox(part.title, key=key, on_change=ticked, args=(part.name,), **told)
                    st.caption(part.about)
        with st.container(horizontal=True, gap="small"):
            st.button("All", key="report.all", on_click=CHOSEN.set, args=(_ALL,))
            st.button("None", key="report.none", on_click=CHOSEN.set, args=((),))
    if lacks:
        more = "1 more figure needs" if len(lacks) == 1 else f"{len(lacks)} more figures need"
        with st.expander(f"{more} what this checkpoint has not"):
            for name, lack in lacks.items():
                st.markdown(f"**{_TITLES[name]}** {escaped(lack)}")
    return tuple(now)


def _seeds(bench: Bench) -> tuple[int, ...]:
    parts = [part.strip() for part in SEEDS.get().split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) <= 10 for part in parts):
        raise InputError(f"Seeds {SEEDS.get()!r}: write whole numbers with commas between them, as in 0,1,2")
    if len(parts) > MOST_SEEDS:
        raise InputError(f"{len(parts)} seeds: give at most {MOST_SEEDS}")
    return tuple(map(int, parts)) or (bench.seed,)


def _check(bench: Bench) -> None:
    """See to it that the snapshots of a run, which are opened with it, lie below the roots."""
    if bench.checkpoint.reference.startswith(RUN):
        name = bench.checkpoint.reference.removeprefix(RUN).rpartition("@")[0]
        roots().run(name).check_inside()


def _command(bench: Bench, settings: FigureSetSettings) -> str:
    only = ["--only", ",".join(settings.only)] if settings.only else []
    only += ["--images", bench.images] if bench.images else []
    if len(settings.seeds) > 1:
        return bench.command("figure-set", *only, "--seeds", ",".join(map(str, settings.seeds)), seed=False)
    return bench.command("figure-set", *only, "--seed", str(settings.seeds[0]), seed=False)


def _report(report: Report, bench: Bench, command: str) -> None:
    """Show what was built."""
    names = report.drawn()
    took = sum(part["duration_s"] for part in report.manifest.parts)
    st.subheader(f"{len(names)} {'figure' if len(names) == 1 else 'figures'} in {took:.0f} s", anchor=False)
    for name, reason in report.missing(Status.FAILED):
        st.error(f"{_TITLES[name]} failed: {escaped(reason)}", icon=":material/error:")
    for name, reason in report.missing(Status.LACKING):
        st.caption(f"{_TITLES[name]} left out: {escaped(reason)}.")
    stem = f"report_{bench.checkpoint.label.split()[0].rpartition('/')[2]}"
    downloads(
        "report",
        [
            Download("Whole report", f"{stem}.zip", report.archive),
            Download("On paper", f"{stem}.pdf", lambda: report.file("report.pdf")),
            Download("Manifest", f"{stem}.json", lambda: report.file("manifest.json")),
        ],
        command,
    )
    st.caption(
        "The archive holds what the command writes: index.html, interactive and offline, report.pdf, each "
        "figure as PNG, SVG and PDF with its numbers, and a manifest for dcgan-viz figure-set --verify."
    )
    if FIGURE.get() not in names:
        FIGURE.set(names[0])
    name = controls.pills(FIGURE, "Figure", names, _TITLES.__getitem__)
    _picture(report.picture(name), f"{_TITLES[name]}. {_ABOUT[name]}")


def _picture(path: Path, alt: str) -> None:
    st.html(f'<img src="{_shown(path, path.stat().st_mtime_ns)}" alt="{escape(alt)}" class="report-figure">')


@st.cache_data(max_entries=24, show_spinner=False)
def _shown(path: Path, changed_ns: int) -> str:
    with Image.open(path) as picture:
        picture.thumbnail((_SHOWN_PX, 8 * _SHOWN_PX))
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, "WEBP", quality=90)
    return f"data:image/webp;base64,{b64encode(buffer.getvalue()).decode()}"


if __name__ == "__main__":
    show()

"""index.html: the whole report on one page that needs no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from dcgan_viz.figure_set.entry import Entry, Status
from dcgan_viz.figure_set.facts import Fact
from dcgan_viz.figure_set.tables import numbers_card
from dcgan_viz.figures import style
from dcgan_viz.figures.screen import dark
from dcgan_viz.figures.screen import document as screen
from dcgan_viz.figures.screen.stylesheet import STYLESHEET
from dcgan_viz.figures.spec import Figure, Placed

INDEX_NAME = "index.html"
SCRIPT_NAME = "plotly.min.js"
BOOK_NAME = "report.pdf"

_FIRST = ("figure.png", "figure.svg", "figure.pdf", "result.json")


@dataclass(frozen=True)
class Link:
    """A file of a part: what it is called and where it lies."""

    name: str
    href: str


@dataclass(frozen=True)
class Section:
    """A part on the page: once a checkpoint."""

    part: str
    title: str
    about: str
    entries: tuple[Entry, ...]


def write_site(root: Path, title: str, facts: Sequence[Sequence[Fact]], entries: Sequence[Entry]) -> None:
    """Write index.html and the script that it shares among its charts.

    Parameters
    ----------
    root : Path
        Of the report; the parts' files are there already.
    title : str
    facts : sequence of sequences of Fact
        What the report was made from, a list for each checkpoint.
    entries : sequence of Entry
    """
    environment = Environment(
        loader=PackageLoader("dcgan_viz.figure_set"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    drawn = {id(entry): index for index, entry in enumerate(entries)}

    def panels(entry: Entry) -> Markup:
        assert entry.figure is not None
        return Markup(screen.panels(entry.figure, f"chart-{drawn[id(entry)]}"))

    def links(entry: Entry) -> list[Link]:
        return [Link(name, f"{entry.directory}/{name}") for name in _files(root / entry.directory)]

    card = numbers_card(entries)
    overview = "" if card is None else screen.panels(Figure("", (Placed(card, 0),)))
    context: dict[str, Any] = {
        "title": title, "facts": facts, "sections": list(_sections(entries)), "script": SCRIPT_NAME,
        "stylesheet": Markup(STYLESHEET + dark.DARK), "light": style, "dark": dark,
        "overview": Markup(overview), "panels": panels, "links": links,
        "fit": Markup(screen.FIT),
        "missing": [entry for entry in entries if entry.status != Status.DRAWN], "book": BOOK_NAME,
    }  # fmt: skip
    page = environment.get_template("index.html").render(context)
    (root / INDEX_NAME).write_text(page, encoding="utf-8")
    (root / SCRIPT_NAME).write_text(get_plotlyjs(), encoding="utf-8")


def _sections(entries: Sequence[Entry]) -> Iterator[Section]:
    for name in dict.fromkeys(entry.part for entry in entries):
        own = tuple(entry for entry in entries if entry.part == name)
        yield Section(name, own[0].title, own[0].about, own)


def _files(directory: Path) -> list[str]:
    names = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    return [name for name in _FIRST if name in names] + sorted(names - set(_FIRST))

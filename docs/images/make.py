"""Draw the pictures of README.md anew: `python docs/images/make.py`, a few minutes on two cores.

That of the dashboard is cut from a screenshot that the browser tests leave (`make test`, with Chromium).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Part, json_fields
from dcgan_viz.figure_set.parts.arithmetic import Arithmetic
from dcgan_viz.figure_set.parts.filters import Filters
from dcgan_viz.figure_set.parts.removal import Removal
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.figures.print.document import draw
from dcgan_viz.figures.spec import Figure, ImageGrid, NumberCard, Placed
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.provenance import ResultProvenance

SEED = 0
WIDTH_PX = 1000
MOST_BYTES = 66_000  # three of them come to less than 200 kB
SCREENSHOT = Path(__file__).parents[2] / "out" / "screenshots" / "remove_objects_1280_light.png"
SHOWN_PX = (1280, 1614)  # of the screenshot, down to the last row of pictures
ROWS_A_FILTER = 3


def pictures_and_card(figure: Figure) -> Figure:
    """The widest rows of pictures, with the large numbers below them."""
    grids = [placed.panel for placed in figure.panels if isinstance(placed.panel, ImageGrid)]
    cards = [placed.panel for placed in figure.panels if isinstance(placed.panel, NumberCard)]
    return _stacked(figure, max(grids, key=lambda grid: grid.columns), replace(cards[0], table=None))


def two_filters(figure: Figure) -> Figure:
    """The last filter of each column, side by side, trained and random."""
    grids = [placed.panel for placed in figure.panels if isinstance(placed.panel, ImageGrid)]
    last = [replace(grid, rows=grid.rows[-ROWS_A_FILTER:]) for grid in grids]
    return replace(
        figure, panels=tuple(Placed(grid, 0, 6 * k, 1, 6) for k, grid in enumerate(last)), caption="",
    )  # fmt: skip


def _stacked(figure: Figure, grid: ImageGrid, card: NumberCard) -> Figure:
    return replace(figure, panels=(Placed(grid, 0), Placed(card, 1)), caption="", least_width_in=6.0)


CHOSEN: tuple[tuple[str, Part[Any], Callable[[Figure], Figure]], ...] = (
    ("removal", Removal(), pictures_and_card),
    ("arithmetic", Arithmetic(), pictures_and_card),
    ("filters", Filters(), two_filters),
)


def figure_of(part: Part[Any], bench: Bench) -> Figure:
    """The figure of a part as the report shows it."""
    result = part.run(bench, SEED)
    provenance = ResultProvenance.of(bench.gan, command="", seed=SEED, duration_s=0.0).to_json()
    return part.figure(result, json_fields({**part.record(result), "provenance": provenance}))


def shrunk(figure: Figure) -> bytes:
    """A WebP of `WIDTH_PX`, of the best quality that `MOST_BYTES` allows."""
    drawn, buffer = draw(figure), io.BytesIO()
    drawn.savefig(buffer, dpi=2 * WIDTH_PX / drawn.get_size_inches()[0])
    return packed(Image.open(buffer), MOST_BYTES)


def packed(large: Image.Image, most_bytes: int) -> bytes:
    """A WebP of `WIDTH_PX`, of the best quality that is small enough."""
    large = large.convert("RGB")
    picture = large.resize((WIDTH_PX, round(large.height * WIDTH_PX / large.width)), Image.Resampling.LANCZOS)
    for quality in range(90, 10, -5):
        buffer = io.BytesIO()
        picture.save(buffer, format="WEBP", quality=quality, method=6)
        if buffer.tell() <= most_bytes:
            return buffer.getvalue()
    raise ValueError(f"more than {most_bytes} bytes in every quality")


def dashboard() -> bytes:
    """The upper part of the page Remove objects."""
    if not SCREENSHOT.exists():
        raise FileNotFoundError(f"{SCREENSHOT}: not there; make test draws it, where there is Chromium")
    with Image.open(SCREENSHOT) as page:
        return packed(page.crop((0, 0, *SHOWN_PX)), 2 * MOST_BYTES)


def main() -> None:
    """Write the pictures beside this file."""
    model, directory = ModelOptions(), Path(__file__).parent
    (directory / "dashboard.webp").write_bytes(dashboard())
    bench = Bench(model.load("cpu"), model, FigureSetSettings())
    for name, part, chosen in CHOSEN:
        (directory / f"{name}.webp").write_bytes(shrunk(chosen(figure_of(part, bench))))


if __name__ == "__main__":
    main()

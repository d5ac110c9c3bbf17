"""Contact sheets: numbers and frames belong to their pictures."""

import numpy as np
import pytest

from dcgan_viz.figures.images import to_pixels
from dcgan_viz.figures.print.document import draw
from dcgan_viz.figures.screen.document import page
from dcgan_viz.figures.sheet import sheet_figure
from dcgan_viz.figures.spec import ImageGrid, ImageRow
from tests.figures.drawn import faults, texts


def pictures(*shape):
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def test_captions_stand_under_their_pictures_on_paper_and_on_the_screen():
    figure = sheet_figure(to_pixels(pictures(7, 3, 16, 16)), "s", columns=3, numbered=True)
    grid = figure.panels[0].panel
    assert isinstance(grid, ImageGrid)
    assert [row.captions for row in grid.rows] == [("0", "1", "2"), ("3", "4", "5"), ("6",)]
    drawn = draw(figure)
    assert faults(drawn) == []
    written = {text.get_text(): text for text in texts(drawn)}
    places = [axes.get_window_extent() for axes in drawn.axes for _ in axes.images[:1]]
    left, right = min(place.x0 for place in places), max(place.x1 for place in places)
    columns = [written[name].get_window_extent() for name in "012"]
    middles = [(box.x0 + box.x1) / 2 for box in columns]
    width = (right - left) / 3
    assert middles == pytest.approx([left + width * (k + 0.5) for k in range(3)], abs=0.04 * width)
    html = page(figure, "directory")
    assert [html.index(f"<small>{k}</small>") for k in range(7)] == sorted(
        html.index(f"<small>{k}</small>") for k in range(7)
    )
    with pytest.raises(ValueError, match="captions"):
        ImageRow(to_pixels(pictures(2, 3, 8, 8)), captions=("one",))


def test_frames_stand_around_the_pictures_that_are_named():
    figure = sheet_figure(to_pixels(pictures(7, 3, 16, 24)), "s", columns=3, framed={1, 3, 6})
    grid = figure.panels[0].panel
    assert isinstance(grid, ImageGrid)
    boxes = [box for row in grid.rows for box in row.boxes]
    assert [k for k, some in enumerate(boxes) if some] == [1, 3, 6]
    assert boxes[3] == ((0.0, 0.0, 24.0, 16.0),)

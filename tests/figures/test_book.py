"""Several figures in one PDF."""

import re

import numpy as np

from dcgan_viz.figures.print.document import draw, page_width, save_book
from dcgan_viz.figures.sheet import sheet_figure
from dcgan_viz.figures.spec import Figure, NumberCard, Placed, Table
from tests.figures.drawn import texts
from tests.figures.fakes import cases


def test_a_page_a_figure_each_as_wide_as_its_figure(tmp_path):
    figures = [sheet_figure(np.zeros((4, 64, 64, 3), np.uint8), "Sheet"), *list(cases().values())[:2]]
    save_book(figures, tmp_path / "book.pdf", "A book")
    content = (tmp_path / "book.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", content)) == 3
    widths = [float(width) for width in re.findall(rb"/MediaBox \[ 0 0 ([\d.]+)", content)]
    np.testing.assert_allclose(widths, [72 * page_width(figure) for figure in figures], atol=0.5)
    assert b"A book" in content


def test_the_same_figures_give_the_same_book(tmp_path):
    for name in ("one", "two"):
        save_book([sheet_figure(np.zeros((4, 8, 8, 3), np.uint8), "Sheet")], tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_table_of_one_row_without_a_header(tmp_path):
    card = NumberCard("", table=Table(("",), (("checkpoint", ("rooms",)),)))
    page = draw(Figure("t", (Placed(card, 0),)))
    assert {"checkpoint", "rooms"} <= {text.get_text() for text in texts(page)}

import numpy as np
import pytest

from dcgan_viz.figures.sheet import sheet_figure
from dcgan_viz.figures.spec import (
    BarPanel,
    Curve,
    DotPanel,
    DotSeries,
    Facet,
    Figure,
    ImageGrid,
    ImageRow,
    Placed,
    Role,
    Table,
)

BLACK = np.zeros((2, 8, 8, 3), np.uint8)


@pytest.mark.parametrize("images", [BLACK.astype(np.float32), BLACK[0], BLACK[..., :1]])
def test_images_of_another_type_or_shape_are_refused(images):
    with pytest.raises(ValueError, match=r"uint8 \(N, H, W, 3\) is needed"):
        ImageRow(images)


def test_parts_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="boxes"):
        ImageRow(BLACK, boxes=(((0, 0, 1, 1),),))
    with pytest.raises(ValueError, match="different sizes"):
        ImageGrid((ImageRow(BLACK), ImageRow(BLACK[:, :4])))
    with pytest.raises(ValueError, match="curve 'a'"):
        Curve("a", Role.OURS, (1.0, 2.0), (1.0,))
    with pytest.raises(ValueError, match="series 'a'"):
        DotSeries("a", Role.OURS, (1.0,), (None, None))
    with pytest.raises(ValueError, match="series 'a'"):
        DotPanel("t", ("x", "y"), (Facet("v", (DotSeries("a", Role.OURS, (1.0,)),)),))
    with pytest.raises(ValueError, match="row 'n'"):
        Table(("a", "b"), (("n", ("1",)),))


def test_panels_may_not_share_a_cell_nor_leave_the_grid():
    panel = BarPanel("t", "v", ())
    with pytest.raises(ValueError, match="taken"):
        Figure("t", (Placed(panel, 0, 0, 2, 8), Placed(panel, 1, 7, 1, 5)))
    with pytest.raises(ValueError, match="taken"):
        Figure("t", (Placed(panel, 0, 8, 1, 5),))
    assert len(Figure("t", (Placed(panel, 0, 0, 2, 8), Placed(panel, 1, 8, 1, 4))).panels) == 2


def test_a_sheet_keeps_every_image_in_order():
    images = np.arange(7, dtype=np.uint8)[:, None, None, None] * np.ones((7, 4, 4, 3), np.uint8)
    grid = sheet_figure(images, "s", columns=3).panels[0].panel
    assert isinstance(grid, ImageGrid)
    assert [row.images[:, 0, 0, 0].tolist() for row in grid.rows] == [[0, 1, 2], [3, 4, 5], [6]]

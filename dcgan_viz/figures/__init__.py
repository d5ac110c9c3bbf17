"""Floor 4: how a result looks.

A picture is described once (`spec`), and drawn twice: by matplotlib for print (`print`) and by plotly for
the screen (`screen`). `save_figure` writes both. Nothing here computes a number; a number in a figure
is a number of its `result.json`. Matplotlib and plotly are imported by the first use of `save_figure`.
"""

from typing import TYPE_CHECKING

from dcgan_viz.figures.arithmetic import ArithmeticImages, arithmetic_figure
from dcgan_viz.figures.arithmetic_view import ArithmeticView
from dcgan_viz.figures.images import difference_pixels, to_pixels
from dcgan_viz.figures.removal import RemovalImages, removal_figure
from dcgan_viz.figures.removal_view import RemovalView
from dcgan_viz.figures.sheet import sheet_figure
from dcgan_viz.figures.spec import Figure
from dcgan_viz.figures.turn import turn_figure

if TYPE_CHECKING:
    from dcgan_viz.figures.save import save_figure

__all__ = [
    "ArithmeticImages",
    "ArithmeticView",
    "Figure",
    "RemovalImages",
    "RemovalView",
    "arithmetic_figure",
    "difference_pixels",
    "removal_figure",
    "save_figure",
    "sheet_figure",
    "to_pixels",
    "turn_figure",
]


def __getattr__(name: str) -> object:
    if name == "save_figure":
        from dcgan_viz.figures.save import save_figure

        return save_figure
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

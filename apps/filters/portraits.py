"""The chosen filters in full: images, guided maps of both networks, and what they answer to."""

from __future__ import annotations

from apps.components import component
from dcgan_viz.figures.guided import filter_grid
from dcgan_viz.figures.guided_panels import selectivity_panel, similarity_panel
from dcgan_viz.figures.guided_view import FilterView, GuidedView
from dcgan_viz.figures.screen.blocks import image_grid, legend
from dcgan_viz.figures.screen.dot_drawing import dot_drawing
from dcgan_viz.figures.screen.palette import properties, rules
from dcgan_viz.figures.spec import DotPanel
from dcgan_viz.guided_backprop.command import pictures
from dcgan_viz.guided_backprop.result import GuidedResult
from dcgan_viz.output import strict_json

_PORTRAITS = component("portraits")


def portraits(key: str, result: GuidedResult, *, crop: bool) -> None:
    """Draw them.

    Parameters
    ----------
    key : str
        Of the element.
    result : GuidedResult
    crop : bool
        Cut the pictures to what the position sees.
    """
    fields = strict_json(result.to_json())
    assert isinstance(fields, dict)
    view = GuidedView.from_json(fields)
    shown = pictures(result, crop=crop)
    cards = [_card(view, one, image_grid(filter_grid(view, one, shown[one.index]))) for one in view.filters]
    below = [_panel(similarity_panel(view))] if view.similarity else []
    _PORTRAITS(key=key, data={"palette": properties(), "rules": rules(), "cards": cards, "below": below})


def _card(view: GuidedView, one: FilterView, pictures_html: str) -> dict[str, object]:
    if one.dead:
        return {
            "title": f"Filter {one.index}",
            "dead": f"Dead: it answers to none of {view.n_images:,} images.",
        }
    panel = selectivity_panel(one) if one.selectivity else None
    return {
        "title": panel.title if panel else f"Filter {one.index}",
        "pictures": pictures_html,
        "panel": _panel(panel) if panel else None,
    }


def _panel(panel: DotPanel) -> dict[str, object]:
    return {"title": panel.title, "legend": legend(panel), "svg": dot_drawing(panel)}

"""The panels of the walk figure that are drawn from numbers."""

from __future__ import annotations

from dcgan_viz.figures.spec import (
    Curve,
    LinePanel,
    NumberCard,
    Reference,
    Role,
    Table,
    Tile,
    Value,
)
from dcgan_viz.figures.walk_view import BandView, StepsView, WalkView
from dcgan_viz.figures.wording import number, significant

SPACES = {"pixels": "pixels", "features": "D's features"}
_X = "waypoint"


def step_panel(view: WalkView, steps: StepsView) -> LinePanel:
    """Distance of each step, the largest marked, beside the replay of the nearest training images."""
    middles = tuple((index + 0.5) / view.n_steps for index in range(len(steps.steps)))
    largest = steps.pair * view.n_steps + steps.step
    curves = []
    if steps.replay:
        replay = "nearest training images, replayed"
        curves.append(Curve(replay, Role.CONTROL, middles, steps.replay, control=True, marks="dots"))
    curves += [
        Curve("walk", Role.OURS, middles, steps.steps, marks="line"),
        Curve("largest step", Role.TARGET, (middles[largest],), (steps.steps[largest],), marks="dots"),
    ]
    mean = steps.waypoints_mean
    references = (Reference(float(significant(mean)), "waypoint to waypoint"),) if mean is not None else ()
    return LinePanel(
        f"Step by step, in {SPACES[steps.name]}", _X, "distance of a step", tuple(curves), references
    )


def _band_curves(view: WalkView, band: BandView, label: str, other: str) -> tuple[Curve, ...]:
    """The frames, and what they are compared with: its middle, dashed, in a band."""
    curves = [Curve(label, Role.OURS, view.positions, band.frames, marks="line")]
    if band.median is not None:
        ends = (view.positions[0], view.positions[-1])
        low, high = (band.low, band.low), (band.high, band.high)
        middle = (band.median, band.median)
        curves.insert(0, Curve(other, Role.CONTROL, ends, middle, low, high, control=True, marks="line"))
    return tuple(curves)


def nearest_panel(view: WalkView, band: BandView) -> LinePanel:
    """Distance of each frame to its nearest training image, beside held-out images."""
    return LinePanel(
        "Nearest training image, in D's features",
        _X,
        "distance; 0 is a copy",
        _band_curves(view, band, "frames", "held-out images, 5 to 95 %"),
    )


def logit_panel(view: WalkView, band: BandView) -> LinePanel:
    """The discriminator's logit along the way."""
    return LinePanel(
        "D's logit",
        _X,
        "logit; positive is real",
        _band_curves(view, band, "frames", "held-out images, 5 to 95 %"),
        from_zero=False,
    )


def norm_panel(view: WalkView) -> LinePanel:
    """Norm of z along the way, beside the prior."""
    return LinePanel(
        "Does the walk keep to the prior?",
        _X,
        "|z|",
        _band_curves(view, view.norms, "frames", "prior, 0.5 to 99.5 %"),
        note=view.prior_note,
    )


def object_panels(view: WalkView) -> list[LinePanel]:
    """Area of each object along the way, with the steps in which it appears or vanishes."""
    panels = []
    for name, shares in view.seen_areas.items():
        curves = [Curve("area", Role.OURS, view.positions, shares, marks="line")]
        for kind in ("appears", "vanishes"):
            events = [event for event in view.events if (event.object, event.kind) == (name, kind)]
            places = tuple((event.pair * view.n_steps + event.step + 1) / view.n_steps for event in events)
            after: tuple[Value, ...] = tuple(event.after for event in events)
            if events:
                hollow = kind == "vanishes"
                curves.append(Curve(kind, Role.TARGET, places, after, control=hollow, marks="dots"))
        panels.append(LinePanel(name.capitalize(), _X, "share of the picture", tuple(curves)))
    return panels


def card(view: WalkView) -> NumberCard:
    """The largest step against the replay, and how often objects come and go."""
    steps = view.steps[0]
    tiles = [
        Tile(
            number(steps.share),
            "of the way is the largest step",
            f"in {SPACES[steps.name]}; one sharp transition would be 1",
            Role.OURS,
        )
    ]
    if steps.replay_share is not None:
        tiles.append(
            Tile(
                number(steps.replay_share), "if each frame were its nearest training image", role=Role.CONTROL
            )
        )
    if view.very_close_share is not None:
        tiles.append(
            Tile(
                number(view.very_close_share),
                "of the frames very close to a training image",
                "0.05 of held-out",
            )
        )
    rows = tuple(
        (name, (str(found["appears"]), str(found["vanishes"]))) for name, found in view.counts.items()
    )
    table = Table(("appears", "vanishes"), rows) if rows else None
    return NumberCard("The numbers", tuple(tiles), table)

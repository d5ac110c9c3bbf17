"""One visual language for both renderers: colours by role, sizes, and the words of a mark.

The hues are those of Okabe & Ito (2008) for the roles and of Tol's "muted" scheme for the classes; both stay
apart under the common colour-vision deficiencies, and no meaning hangs on hue alone: a control is hollow and
dashed, a class is named in or under its bar.
"""

from __future__ import annotations

from dcgan_viz.figures.spec import Role

INK = "#1b2330"
MUTED = "#566070"
LINE = "#d5dae1"
TILE = "#f4f6f9"
PAGE = "#ffffff"

ROLE_COLOURS: dict[Role, str] = {
    Role.OURS: "#0072b2",
    Role.PAPER: "#d55e00",
    Role.OTHER: "#008a63",
    Role.CONTROL: "#7a8494",
    Role.UNTOUCHED: "#7a8494",
    Role.REAL: "#b9c1cc",
    Role.TARGET: "#c2185b",
    Role.COLLATERAL: "#b8860b",
}

CLASS_COLOURS: dict[str, str] = {
    "wall": "#ddcc77",
    "floor": "#a5694f",
    "ceiling": "#d8dbe0",
    "window": "#88ccee",
    "bed": "#cc6677",
    "lamp": "#f0b400",
    "picture": "#aa4499",
    "door": "#117733",
    "rug": "#44aa99",
}
OTHER_CLASS_COLOURS = ("#332288", "#999933", "#882255", "#6699cc", "#661100", "#888888", "#0b7a75", "#dd8800")

SANS_PRINT = "DejaVu Sans"
SANS_SCREEN = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

TITLE_PT = 18.0
SUBTITLE_PT = 11.0
PANEL_PT = 10.5
TEXT_PT = 9.0
SMALL_PT = 8.0
TILE_PT = 20.0

PRINT_DPI = 225
IMAGE_CM = 2.0
IMAGE_CSS_PX = 128


def role_colour(role: Role | None) -> str:
    """Colour of a role as "#rrggbb"; ink where there is none."""
    return INK if role is None else ROLE_COLOURS[role]


def class_colour(name: str, classes: tuple[str, ...]) -> str:
    """Colour of a class: its own where it is known, else the next free one in the order of `classes`."""
    if name in CLASS_COLOURS:
        return CLASS_COLOURS[name]
    unknown = [other for other in classes if other not in CLASS_COLOURS]
    return OTHER_CLASS_COLOURS[unknown.index(name) % len(OTHER_CLASS_COLOURS)]


def text_on(colour: str) -> str:
    """Ink or white, whichever reads better on a ground of `colour` (WCAG relative luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.22 else PAGE


def with_alpha(colour: str, alpha: float) -> str:
    """Return "#rrggbb" as "rgba(r, g, b, alpha)", as browsers read it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha})"


def image_scale(size: int, wanted_px: float) -> int:
    """Whole-number enlargement that brings `size` pixels to at least `wanted_px`: pixels stay square."""
    return max(1, -(-int(wanted_px) // size))

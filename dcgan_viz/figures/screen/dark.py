"""The page on a dark ground, where the person's system asks for one: the same roles, in lighter hues.

Charts are drawn once, in the colours of paper; rules that match the colours written into their SVG give
each its counterpart, so that no script has to draw them again.
"""

from __future__ import annotations

import re

from dcgan_viz.figures import style
from dcgan_viz.figures.spec import Role

PAGE = "#12161d"
INK = "#e8ecf2"
MUTED = "#a3adbb"
LINE = "#333c49"
TILE = "#1b212b"

ROLE_COLOURS: dict[Role, str] = {
    Role.OURS: "#56b4e9",
    Role.PAPER: "#f28c4b",
    Role.OTHER: "#35c29a",
    Role.CONTROL: "#9aa5b5",
    Role.UNTOUCHED: "#9aa5b5",
    Role.REAL: "#8592a6",
    Role.TARGET: "#f06a9b",
    Role.COLLATERAL: "#e0b040",
}

_CHART = ".js-plotly-plot"
_HOVER = ".hoverlayer *"  # its text is chosen for the colour behind it

# Light to dark; where two roles share a hue on paper they share one here.
COLOURS: dict[str, str] = {
    style.INK: INK,
    style.MUTED: MUTED,
    style.LINE: LINE,
    style.PAGE: PAGE,
    **{style.ROLE_COLOURS[role]: colour for role, colour in ROLE_COLOURS.items()},
}


def _rgb(colour: str) -> str:
    """Return "#rrggbb" as a browser writes it back: "rgb(r, g, b)"."""
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def _rules() -> str:
    """The rules, without the condition."""
    lines = [
        ":root { color-scheme: dark; }",
        f"body, .row-label {{ background: {PAGE}; color: {INK}; }}",
        f".tinted {{ background: {TILE}; }}",
        f"tbody tr {{ border-color: {LINE}; }}",
        f"header p, .note, .legend, .tile small, .row-label small, .images > small, footer, "
        f'th[scope="row"] {{ color: {MUTED}; }}',
        f"{_CHART} text:not(.bartext-inside, {_HOVER}) {{ fill: {INK} !important; }}",
    ]
    for light, dark in COLOURS.items():
        lines += [
            f'[style*="color:{light}"] {{ color: {dark} !important; }}',
            f'.legend [fill="{light}"] {{ fill: {dark}; }}',
            f'.legend [stroke="{light}"] {{ stroke: {dark}; }}',
        ]
        for kind in ("stroke", "fill"):
            match = f'{_CHART} [style*="{kind}: {_rgb(light)}"]:not(text, {_HOVER})'
            lines.append(f"{match} {{ {kind}: {dark} !important; }}")
    return "\n".join(lines)


DARK = f"@media screen and (prefers-color-scheme: dark) {{\n{_rules()}\n}}\n"


_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b|rgba\([0-9]+, [0-9]+, [0-9]+,")


def darkened(text: str) -> str:
    """A chart's JSON or a block's HTML, with the counterpart in place of each colour of paper.

    For pages that know themselves which ground they have; `DARK` is for those that leave it to the browser.

    Examples
    --------
    >>> darkened('{"color": "#0072b2", "fill": "rgba(0, 114, 178, 0.18)"}')
    '{"color": "#56b4e9", "fill": "rgba(86, 180, 233, 0.18)"}'
    """
    return _COLOUR.sub(lambda found: _COUNTERPARTS.get(found[0].lower(), found[0]), text)


def _open(colour: str) -> str:
    """Return "#rrggbb" as `style.with_alpha` begins."""
    return style.with_alpha(colour, 0).rpartition(" ")[0]


_COUNTERPARTS = COLOURS | {_open(light): _open(dark) for light, dark in COLOURS.items()}

"""What stands in a room: random scenes, as numbers in metres, before anything is drawn.

The world has x to the right, y up and z away from the camera; the floor is y = 0, the side walls are
x = -width / 2 and x = width / 2, the back wall is z = depth. Colours are RGB in [0, 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Colour = tuple[float, float, float]
T = TypeVar("T")

WINDOWLESS_SHARE = 0.28  # some windows are out of sight, so that about 36 % of the pictures show none

WALL_COLOURS: tuple[Colour, ...] = (
    (0.86, 0.80, 0.68), (0.70, 0.79, 0.86), (0.74, 0.82, 0.70),
    (0.88, 0.73, 0.70), (0.80, 0.78, 0.76), (0.76, 0.71, 0.84),
)  # fmt: skip
FLOOR_COLOURS: tuple[Colour, ...] = (
    (0.52, 0.34, 0.20), (0.66, 0.48, 0.30), (0.40, 0.27, 0.19), (0.58, 0.57, 0.56), (0.47, 0.44, 0.40),
)  # fmt: skip
FABRIC_COLOURS: tuple[Colour, ...] = (
    (0.70, 0.15, 0.17), (0.15, 0.30, 0.62), (0.12, 0.48, 0.38),
    (0.88, 0.62, 0.12), (0.45, 0.20, 0.50), (0.25, 0.27, 0.32),
)  # fmt: skip
SKY_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    ((0.36, 0.62, 0.95), (0.84, 0.94, 1.00)),
    ((0.52, 0.72, 0.95), (0.95, 0.97, 1.00)),
    ((0.50, 0.60, 0.88), (1.00, 0.84, 0.66)),
)
WOOD_COLOURS: tuple[Colour, ...] = ((0.36, 0.20, 0.10), (0.50, 0.31, 0.16), (0.26, 0.15, 0.10))
WHITE: Colour = (0.95, 0.95, 0.93)


class Draws:
    """Uniform numbers that are a function of (seed, index) alone, on every machine.

    Only Philox's raw 64-bit words are used: numpy promises their stream for ever, and that of its
    distributions not.
    """

    def __init__(self, seed: int, index: int) -> None:
        raw = np.random.Philox(key=np.array([seed, index], dtype=np.uint64)).random_raw(192)
        self._values = iter(((raw >> np.uint64(11)) * 2.0**-53).tolist())

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """One number in [low, high)."""
        return low + (high - low) * next(self._values)

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return next(self._values) < probability

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, each as likely."""
        return options[int(next(self._values) * len(options))]

    def tint(self, colour: Colour, spread: float = 0.05) -> Colour:
        """The colour, a little lighter or darker."""
        shift = self.uniform(-spread, spread)
        return (colour[0] + shift, colour[1] + shift, colour[2] + shift)


@dataclass(frozen=True)
class Camera:
    """A pinhole that looks along +z, turned about the vertical axis only."""

    x: float
    y: float
    z: float
    yaw_cos: float
    yaw_sin: float
    tangent: float  # of half the field of view
    lens_shift: float  # how far the picture's centre lies below the horizon, in tangents


@dataclass(frozen=True)
class Panel:
    """A rectangle on a wall: a window, a picture or a door.

    ``wall`` is "back", "left" or "right"; ``u`` runs along x on the back wall and along z on the others.
    """

    kind: str
    wall: str
    u0: float
    u1: float
    y0: float
    y1: float
    frame: Colour
    fill: tuple[Colour, Colour]
    bars: tuple[int, int] = (0, 0)  # mullions across u and across y
    curtain: Colour | None = None


@dataclass(frozen=True)
class Block:
    """An axis-aligned box that stands in the room; the colours are of its top and of its sides."""

    x0: float
    x1: float
    y0: float
    y1: float
    z0: float
    z1: float
    top: Colour
    side: Colour


@dataclass(frozen=True)
class Lamp:
    """A shade on a pole (standing) or a cord (hanging), seen as a flat figure that faces the camera."""

    x: float
    z: float
    shade_y0: float
    shade_y1: float
    radius_bottom: float
    radius_top: float
    hanging: bool
    lit: float  # 0 when switched off
    shade: Colour
    pole: Colour


@dataclass(frozen=True)
class Rug:
    """A carpet on the floor, an ellipse or a rectangle, with a border."""

    x: float
    z: float
    half_width: float
    half_depth: float
    oval: bool
    inner: Colour
    border: Colour


@dataclass(frozen=True)
class Scene:
    """One bedroom, complete."""

    camera: Camera
    width: float
    height: float
    depth: float
    wall: Colour
    wall_stripes: float  # contrast of the wallpaper, 0 for a plain wall
    stripe_width: float
    floor: Colour
    floor_kind: str  # "planks", "tiles" or "carpet"
    ceiling: Colour
    ambient: float
    daylight: float
    panels: tuple[Panel, ...]
    blocks: tuple[Block, ...]
    lamp: Lamp | None
    rug: Rug | None


def draw_scene(seed: int, index: int) -> Scene:
    """The room with this index: sizes, light and furniture.

    Parameters
    ----------
    seed : int
        The data set's seed, at least 0.
    index : int
        The room's number, at least 0.
    """
    draws = Draws(seed, index)
    width, height, depth = draws.uniform(3.6, 4.2), draws.uniform(2.5, 2.8), draws.uniform(3.7, 4.2)
    camera = _camera(draws)
    wall = draws.tint(draws.choice(WALL_COLOURS))
    stripes = draws.uniform(0.05, 0.12) if draws.chance(0.35) else 0.0
    stripe_width = draws.uniform(0.16, 0.30)
    floor_kind = draws.choice(("planks", "planks", "tiles", "carpet"))
    floor = draws.tint(draws.choice(FLOOR_COLOURS))
    ceiling = draws.tint((0.92, 0.92, 0.90), 0.03)
    ambient, daylight = draws.uniform(0.62, 0.78), draws.uniform(0.10, 0.25)
    bed, bed_x = _bed(draws, width, depth)
    panels = _panels(draws, width, depth)
    lamp = _lamp(draws, width, height, depth, bed_x) if draws.chance(0.75) else None
    rug = _rug(draws, width, depth) if draws.chance(0.55) else None
    return Scene(
        camera, width, height, depth, wall, stripes, stripe_width, floor, floor_kind, ceiling,
        ambient, daylight, panels, bed, lamp, rug,
    )  # fmt: skip


def _camera(draws: Draws) -> Camera:
    half = draws.uniform(-0.06, 0.06)  # tangent of half the yaw: a rotation without sine or cosine
    return Camera(
        x=draws.uniform(-0.35, 0.35),
        y=draws.uniform(1.35, 1.55),
        z=-0.8,
        yaw_cos=(1 - half * half) / (1 + half * half),
        yaw_sin=2 * half / (1 + half * half),
        tangent=draws.uniform(0.51, 0.56),
        lens_shift=draws.uniform(0.06, 0.12),
    )


def _bed(draws: Draws, width: float, depth: float) -> tuple[tuple[Block, ...], float]:
    bed_width, length, top = draws.uniform(1.5, 1.8), draws.uniform(1.9, 2.1), draws.uniform(0.48, 0.58)
    x = draws.uniform(-1, 1) * (width / 2 - bed_width / 2 - 0.05)
    x0, x1 = x - bed_width / 2, x + bed_width / 2
    blanket, wood = draws.tint(draws.choice(FABRIC_COLOURS)), draws.tint(draws.choice(WOOD_COLOURS))
    head = draws.uniform(0.85, 1.05)
    pillow_count = draws.choice((1, 2, 2))
    if not draws.chance(0.93):
        return (), x
    z0, z1 = depth - length, depth - 0.1
    darker = (blanket[0] * 0.72, blanket[1] * 0.72, blanket[2] * 0.72)
    blocks = [
        Block(x0 - 0.04, x1 + 0.04, 0.0, head, z1, depth, wood, wood),
        Block(x0, x1, 0.0, 0.2, z0, z1, wood, wood),
        Block(x0, x1, 0.2, top, z0, z1 - 0.75, blanket, darker),
        Block(x0, x1, 0.2, top - 0.03, z1 - 0.75, z1, WHITE, (0.82, 0.82, 0.80)),
    ]
    slot = bed_width / pillow_count
    for k in range(pillow_count):
        left = x0 + k * slot + 0.12
        blocks.append(
            Block(
                left,
                left + slot - 0.24,
                top - 0.03,
                top + 0.18,
                z1 - 0.42,
                z1 - 0.06,
                WHITE,
                (0.88, 0.88, 0.87),
            )
        )
    return tuple(blocks), x


def _panels(draws: Draws, width: float, depth: float) -> tuple[Panel, ...]:
    """Windows first, then a door and pictures wherever the walls are still free."""
    taken: dict[str, list[tuple[float, float]]] = {"back": [], "left": [], "right": []}
    panels: list[Panel] = []
    has_window, has_door, picture_count = (
        not draws.chance(WINDOWLESS_SHARE),
        draws.chance(0.4),
        draws.choice((0, 1, 1, 2)),
    )
    if has_window:
        wall = draws.choice(("back", "back", "back", "left", "right"))
        size, low = draws.uniform(1.15, 1.65), draws.uniform(0.95, 1.15)
        place = _place(draws, wall, size, width, depth, taken)
        high = low + draws.uniform(1.05, 1.25)
        frame = draws.choice((WHITE, WHITE, WOOD_COLOURS[1]))
        sky, bars = draws.choice(SKY_COLOURS), draws.choice(((1, 1), (1, 0), (2, 1)))
        curtain = draws.tint(draws.choice(FABRIC_COLOURS)) if draws.chance(0.3) else None
        if place is not None:
            panels.append(Panel("window", wall, *place, low, high, frame, sky, bars, curtain))
    if has_door:
        wall = draws.choice(("back", "left", "right"))
        place = _place(draws, wall, draws.uniform(0.8, 0.95), width, depth, taken)
        wood = draws.tint(draws.choice((WOOD_COLOURS[0], WOOD_COLOURS[1], (0.60, 0.42, 0.26))))
        trim = (wood[0] * 0.6, wood[1] * 0.6, wood[2] * 0.6)
        if place is not None:
            panels.append(Panel("door", wall, *place, 0.0, 2.05, trim, (wood, wood)))
    for _ in range(picture_count):
        wall = draws.choice(("back", "back", "left", "right"))
        place = _place(draws, wall, draws.uniform(0.7, 1.0), width, depth, taken)
        low, art = draws.uniform(1.25, 1.4), draws.tint(draws.choice(FABRIC_COLOURS))
        high, frame = low + draws.uniform(0.65, 0.85), draws.choice(((0.12, 0.10, 0.10), (0.55, 0.42, 0.14)))
        if place is not None:
            panels.append(Panel("picture", wall, *place, low, high, frame, (art, WHITE)))
    return tuple(panels)


def _place(
    draws: Draws,
    wall: str,
    size: float,
    width: float,
    depth: float,
    taken: dict[str, list[tuple[float, float]]],
) -> tuple[float, float] | None:
    """A free interval of this size on the wall, out of six tries; it is then taken."""
    first, last = (-width / 2 + 0.2, width / 2 - 0.2) if wall == "back" else (depth - 1.75, depth - 0.2)
    starts = [draws.uniform(first, max(first, last - size)) for _ in range(6)]
    for start in starts:
        if all(start + size + 0.3 < u0 or u1 + 0.3 < start for u0, u1 in taken[wall]):
            taken[wall].append((start, start + size))
            return start, start + size
    return None


def _lamp(draws: Draws, width: float, height: float, depth: float, bed_x: float) -> Lamp:
    hanging = draws.chance(0.3)
    side = -1.0 if bed_x > 0 else 1.0  # a standing lamp goes where the bed leaves room
    x = draws.uniform(-0.8, 0.8) if hanging else side * draws.uniform(0.35, 0.82) * width / 2
    z = draws.uniform(2.5, depth - 0.9) if hanging else draws.uniform(2.3, depth - 0.4)
    radius, tall = draws.uniform(0.34, 0.44), draws.uniform(0.44, 0.56)
    low = height - draws.uniform(0.75, 0.95) if hanging else draws.uniform(1.05, 1.3)
    lit = draws.uniform(0.25, 0.45) if draws.chance(0.85) else 0.0
    shade = draws.choice(((1.0, 0.86, 0.52), (1.0, 0.78, 0.42), (0.98, 0.92, 0.68)))
    pole = draws.choice(((0.10, 0.10, 0.10), (0.48, 0.36, 0.14)))
    return Lamp(x, z, low, low + tall, radius, radius * draws.uniform(0.5, 0.75), hanging, lit, shade, pole)


def _rug(draws: Draws, width: float, depth: float) -> Rug:
    inner, border = (
        draws.tint(draws.choice(FABRIC_COLOURS)),
        draws.tint(draws.choice((WHITE, *FABRIC_COLOURS[3:5]))),
    )
    half = draws.uniform(0.7, 1.1)
    return Rug(
        x=draws.uniform(-1, 1) * (width / 2 - half) * 0.9,
        z=draws.uniform(1.5, 2.1),
        half_width=half,
        half_depth=draws.uniform(0.35, 0.6),
        oval=draws.chance(0.5),
        inner=inner,
        border=border,
    )

"""How a room is drawn: one ray a sub-pixel, nearest surface first, then light.

Since the camera only turns about the vertical axis, a ray's x and z depend on its column and its y on
its row; most of the geometry is therefore done on vectors of one side's length. Only +, -, *, /, floor
and comparisons touch the pixels: IEEE 754 fixes their results, so the bytes are the same everywhere.
"""

import numpy as np

from dcgan_viz.data.room_scene import Block, Colour, Lamp, Panel, Rug, Scene

WALL, FLOOR, CEILING, WINDOW, BED, LAMP, PICTURE, DOOR, RUG = range(9)
SUPERSAMPLING = 2
f32 = np.float32
Array = np.ndarray


class Canvas:
    """The picture while it is drawn: for every sub-pixel its depth, class, colour and own light.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    image_size : int
        Side of the final image in pixels.
    """

    def __init__(self, scene: Scene, image_size: int) -> None:
        n = image_size * SUPERSAMPLING
        camera = scene.camera
        grid = ((np.arange(n) + 0.5) * (2.0 / n) - 1.0) * camera.tangent
        self.scene, self.camera, self.n = scene, camera, n
        self.dx = grid * camera.yaw_cos + camera.yaw_sin  # (n,) by column
        self.dz = camera.yaw_cos - grid * camera.yaw_sin  # (n,) by column
        self.dy = -grid - camera.lens_shift  # (n,) by row
        self.horizon = int((self.dy > 0).sum())  # rows above it look up
        self.depth = np.empty((n, n), f32)
        self.label = np.empty((n, n), np.uint8)
        self.colour = np.empty((3, n, n), f32)
        self.glow = np.zeros((n, n), f32)  # 1 where the surface shines by itself

    def paint(
        self,
        rows: slice,
        columns: slice,
        hit: Array,
        depth: Array,
        label: int,
        colour: tuple,
        glow: float = 0,
    ) -> None:
        """Put a surface onto the sub-pixels of the window (rows, columns) that it hits."""
        np.copyto(self.depth[rows, columns], depth, where=hit, casting="same_kind")
        self.label[rows, columns][hit] = label
        for channel in range(3):
            np.copyto(self.colour[channel, rows, columns], colour[channel], where=hit, casting="same_kind")
        np.copyto(self.glow[rows, columns], glow, where=hit, casting="same_kind")


def draw(scene: Scene, image_size: int) -> tuple[Array, Array]:
    """The picture of a scene and its classes.

    Parameters
    ----------
    scene : Scene
    image_size : int
        Side of the result in pixels.

    Returns
    -------
    image : uint8 (H, W, 3)
    mask : uint8 (H, W), indices into ``CLASSES``
    """
    canvas = Canvas(scene, image_size)
    _shell(canvas)
    for panel in scene.panels:
        _panel(canvas, panel)
    if scene.rug is not None:
        _rug(canvas, scene.rug)
    for block in scene.blocks:
        _block(canvas, block)
    if scene.lamp is not None:
        _lamp(canvas, scene.lamp)
    _light(canvas)
    return _pixels(canvas.colour), _majority(canvas.label)


def _shell(canvas: Canvas) -> None:
    """Walls, floor and ceiling, with their textures."""
    scene, camera = canvas.scene, canvas.camera
    to_side = (np.where(canvas.dx > 0, scene.width / 2, -scene.width / 2) - camera.x) / canvas.dx
    to_back = (scene.depth - camera.z) / canvas.dz
    to_wall = np.minimum(to_side, to_back)
    to_plane = (np.where(canvas.dy > 0, scene.height, 0.0) - camera.y) / canvas.dy
    canvas.depth[:] = np.minimum(to_wall.astype(f32)[None, :], to_plane.astype(f32)[:, None])
    on_plane = to_plane[:, None] <= to_wall[None, :]  # (n, n)
    canvas.label[:] = WALL

    # wallpaper runs along the wall, so a column has one colour; side walls are a little darker
    along = np.where(to_side < to_back, camera.z + to_wall * canvas.dz, camera.x + to_wall * canvas.dx)
    cell = np.floor(along / scene.stripe_width)
    shade = (1.0 - scene.wall_stripes * (cell - 2.0 * np.floor(cell / 2.0))) * np.where(
        to_side < to_back, 0.88, 1.0
    )
    for channel in range(3):
        canvas.colour[channel] = (shade * scene.wall[channel]).astype(f32)[None, :]

    half = canvas.horizon
    np.copyto(canvas.label[:half], CEILING, where=on_plane[:half])
    for channel in range(3):
        np.copyto(canvas.colour[channel, :half], f32(scene.ceiling[channel]), where=on_plane[:half])
    _floor(canvas, on_plane[half:])


def _floor(canvas: Canvas, hit: Array) -> None:
    scene, camera, half = canvas.scene, canvas.camera, canvas.horizon
    rows = slice(half, canvas.n)
    depth = canvas.depth[rows]
    x = f32(camera.x) + depth * canvas.dx.astype(f32)
    z = f32(camera.z) + depth * canvas.dz.astype(f32)
    if scene.floor_kind == "planks":
        cell = np.floor(x * f32(1 / 0.22))
        third = cell - f32(3) * np.floor(cell * f32(1 / 3))
        shade = f32(0.90) + f32(0.09) * third
    elif scene.floor_kind == "tiles":
        cell = np.floor(x * f32(1 / 0.5)) + np.floor(z * f32(1 / 0.5))
        shade = f32(0.84) + f32(0.24) * (cell - f32(2) * np.floor(cell * f32(0.5)))
    else:
        shade = np.ones_like(x)
    canvas.label[rows][hit] = FLOOR
    for channel in range(3):
        np.copyto(canvas.colour[channel, rows], shade * f32(scene.floor[channel]), where=hit)


def _panel(canvas: Canvas, panel: Panel) -> None:
    """A rectangle on a wall: visible where the ray reaches that wall inside the rectangle."""
    scene, camera = canvas.scene, canvas.camera
    if panel.wall == "back":
        depth = (scene.depth - camera.z) / canvas.dz
        along = camera.x + depth * canvas.dx
    else:
        wall_x = scene.width / 2 if panel.wall == "right" else -scene.width / 2
        depth = (wall_x - camera.x) / canvas.dx
        along = camera.z + depth * canvas.dz
    overhang = 0.22 if panel.curtain is not None else 0.0
    inside = (along > panel.u0 - overhang) & (along < panel.u1 + overhang) & (depth > 0)
    columns = _extent(inside)
    if columns is None:
        return
    depth, along = depth[columns].astype(f32), along[columns].astype(f32)
    y = f32(camera.y) + depth[None, :] * canvas.dy.astype(f32)[:, None]
    rows = _extent(((y > panel.y0 - overhang) & (y < panel.y1 + overhang)).any(axis=1))
    if rows is None:
        return
    y = y[rows]
    free = depth[None, :] <= canvas.depth[rows, columns] * f32(1.0001)
    hit = free & (y > panel.y0) & (y < panel.y1) & (along > panel.u0)[None, :] & (along < panel.u1)[None, :]
    label, glow, colour = _panel_look(panel, along, y)
    canvas.paint(rows, columns, hit, np.broadcast_to(depth, hit.shape), label, colour, glow)
    if panel.curtain is not None:
        _curtain(canvas, panel, rows, columns, free, along, y, depth)


def _panel_look(panel: Panel, along: Array, y: Array) -> tuple[int, float, tuple]:
    """Class, own light and colour (three arrays) of a panel at (along, y)."""
    u = (along - f32(panel.u0)) * f32(1 / (panel.u1 - panel.u0))  # (w,) in [0, 1]
    v = (y - f32(panel.y0)) * f32(1 / (panel.y1 - panel.y0))  # (h, w) in [0, 1]
    edge_u, edge_v = 0.09 / (panel.u1 - panel.u0), 0.09 / (panel.y1 - panel.y0)
    frame = ((u < edge_u) | (u > 1 - edge_u))[None, :] | (v < edge_v) | (v > 1 - edge_v)
    if panel.kind == "window":
        for k in range(panel.bars[0]):
            frame |= (np.abs(u - f32((k + 1) / (panel.bars[0] + 1))) < edge_u * 0.4)[None, :]
        if panel.bars[1]:
            frame |= np.abs(v - f32(0.55)) < edge_v * 0.4
        top, bottom = panel.fill
        fill = tuple(f32(b) + v * f32(t - b) for t, b in zip(top, bottom, strict=True))
        return WINDOW, 0.75, _where(frame, panel.frame, fill)
    if panel.kind == "door":
        groove = (np.abs(np.abs(u - f32(0.5)) - f32(0.28)) < 0.035)[None, :] & (np.abs(v - f32(0.5)) < 0.36)
        knob = ((u > 0.80) & (u < 0.92))[None, :] & (np.abs(v - f32(0.48)) < 0.03)
        plain = _where(groove | frame, panel.frame, panel.fill[0])
        return DOOR, 0.0, _where(knob, (0.92, 0.80, 0.35), plain)
    # a picture: a dark or golden frame, a pale mount, and a patch of colour on it
    mount = ((u < 0.26) | (u > 0.74))[None, :] | (v < 0.26) | (v > 0.74)
    art, pale = panel.fill
    return PICTURE, 0.0, _where(frame, panel.frame, _where(mount, pale, art))


def _curtain(
    canvas: Canvas,
    panel: Panel,
    rows: slice,
    columns: slice,
    free: Array,
    along: Array,
    y: Array,
    depth: Array,
) -> None:
    """Two strips of cloth that overlap the window's sides, with folds."""
    reach = 0.22
    left = (along > panel.u0 - reach) & (along < panel.u0 + 0.16)
    right = (along > panel.u1 - 0.16) & (along < panel.u1 + reach)
    hit = free & (left | right)[None, :] & (y > panel.y0 - 0.15) & (y < panel.y1 + 0.12)
    fold = along * f32(1 / 0.14)
    shade = f32(0.80) + f32(0.35) * np.abs(fold - np.floor(fold) - f32(0.5))
    assert panel.curtain is not None
    colour = tuple(np.broadcast_to(shade * f32(c), hit.shape) for c in panel.curtain)
    canvas.paint(rows, columns, hit, np.broadcast_to(depth, hit.shape), WINDOW, colour)


def _rug(canvas: Canvas, rug: Rug) -> None:
    camera, half = canvas.camera, canvas.horizon
    depth = ((0.0 - camera.y) / canvas.dy[half:]).astype(f32)  # (rows,)
    z = camera.z + depth * f32(camera.yaw_cos)
    reach = rug.half_depth + 0.6  # the yaw moves z a little along a row
    rows = _extent((z > rug.z - reach) & (z < rug.z + reach))
    if rows is None:
        return
    window = slice(half + rows.start, half + rows.stop)
    depth = depth[rows][:, None]
    x = f32(camera.x) + depth * canvas.dx.astype(f32)[None, :]
    zz = f32(camera.z) + depth * canvas.dz.astype(f32)[None, :]
    a, b = (x - f32(rug.x)) * f32(1 / rug.half_width), (zz - f32(rug.z)) * f32(1 / rug.half_depth)
    distance = a * a + b * b if rug.oval else np.maximum(np.abs(a), np.abs(b))
    hit = (distance < 1) & (canvas.label[window] == FLOOR)
    colour = _where(distance > 0.62, rug.border, rug.inner)
    canvas.paint(window, slice(0, canvas.n), hit, canvas.depth[window], RUG, colour)


def _block(canvas: Canvas, block: Block) -> None:
    """An axis-aligned box by the slab method: x and z slabs by column, the y slab by row."""
    camera = canvas.camera
    tx0, tx1 = _slab(block.x0 - camera.x, block.x1 - camera.x, canvas.dx)
    tz0, tz1 = _slab(block.z0 - camera.z, block.z1 - camera.z, canvas.dz)
    ty0, ty1 = _slab(block.y0 - camera.y, block.y1 - camera.y, canvas.dy)
    near, far = np.maximum(tx0, tz0), np.minimum(tx1, tz1)
    columns = _extent((near < far) & (far > 0))
    if columns is None:
        return
    rows = _extent((ty0 < far[columns].max()) & (ty1 > near[columns].min()) & (ty1 > 0))
    if rows is None:
        return
    near32, far32 = near[columns].astype(f32)[None, :], far[columns].astype(f32)[None, :]
    low32, high32 = ty0[rows].astype(f32)[:, None], ty1[rows].astype(f32)[:, None]
    enter = np.maximum(near32, low32)
    hit = (enter < np.minimum(far32, high32)) & (enter > 0) & (enter < canvas.depth[rows, columns])
    flank = (tx0 > tz0)[columns][None, :]  # a side that faces left or right, darker than the front
    shade = np.where(flank, f32(0.82), f32(1.0))
    top = low32 >= near32
    colour = tuple(np.where(top, f32(t), shade * f32(s)) for t, s in zip(block.top, block.side, strict=True))
    canvas.paint(rows, columns, hit, enter, BED, colour)


def _lamp(canvas: Canvas, lamp: Lamp) -> None:
    """A flat figure at z = lamp.z: pole or cord, foot, and a shade that widens downwards."""
    camera, scene = canvas.camera, canvas.scene
    depth = (lamp.z - camera.z) / canvas.dz
    x = camera.x + depth * canvas.dx - lamp.x
    columns = _extent(np.abs(x) < lamp.radius_bottom)
    if columns is None:
        return
    depth, x = depth[columns].astype(f32), np.abs(x[columns]).astype(f32)
    y = f32(camera.y) + depth[None, :] * canvas.dy.astype(f32)[:, None]
    rows = _extent(((y > 0) & (y < scene.height)).any(axis=1))
    if rows is None:
        return
    y = y[rows]
    free = depth[None, :] < canvas.depth[rows, columns]
    planes = np.broadcast_to(depth, free.shape)
    if lamp.hanging:
        pole = (x < 0.045)[None, :] & (y > lamp.shade_y1) & (y < scene.height)
    else:
        pole = ((x < 0.055)[None, :] & (y > 0) & (y < lamp.shade_y0)) | (
            (x < 0.22)[None, :] & (y > 0) & (y < 0.07)
        )
    canvas.paint(rows, columns, free & pole, planes, LAMP, lamp.pole)
    share = (y - f32(lamp.shade_y0)) * f32(1 / (lamp.shade_y1 - lamp.shade_y0))
    radius = f32(lamp.radius_bottom) + share * f32(lamp.radius_top - lamp.radius_bottom)
    hit = free & (share > 0) & (share < 1) & (x[None, :] < radius)
    bright = f32(1.05 if lamp.lit else 0.75) - (x * x * f32(0.9))[None, :]
    colour = tuple(np.broadcast_to(bright * f32(c), hit.shape) for c in lamp.shade)
    canvas.paint(rows, columns, hit, planes, LAMP, colour, 0.9 if lamp.lit else 0.0)


def _light(canvas: Canvas) -> None:
    """Ambient light, plus what a lamp and a window add, falling off with the squared distance."""
    scene, camera = canvas.scene, canvas.camera
    sources: list[tuple[tuple[float, float, float], Colour]] = []
    lamp = scene.lamp
    if lamp is not None and lamp.lit:
        where = (lamp.x, (lamp.shade_y0 + lamp.shade_y1) / 2, lamp.z)
        sources.append((where, (lamp.lit, lamp.lit * 0.85, lamp.lit * 0.6)))
    for panel in scene.panels:
        if panel.kind == "window":
            u, up, day = (panel.u0 + panel.u1) / 2, (panel.y0 + panel.y1) / 2, scene.daylight
            side = scene.width / 2 if panel.wall == "right" else -scene.width / 2
            where = (u, up, scene.depth - 0.3) if panel.wall == "back" else (side, up, u)
            sources.append((where, (day * 0.9, day * 0.97, day)))
    x = f32(camera.x) + canvas.depth * canvas.dx.astype(f32)[None, :]
    y = f32(camera.y) + canvas.depth * canvas.dy.astype(f32)[:, None]
    z = f32(camera.z) + canvas.depth * canvas.dz.astype(f32)[None, :]
    light: list[Array] = [np.full_like(x, scene.ambient)] * 3
    for (sx, sy, sz), strength in sources:
        ax, ay, az = x - f32(sx), y - f32(sy), z - f32(sz)
        falloff = f32(1) / (f32(1) + f32(0.7) * (ax * ax + ay * ay + az * az))
        light = [channel + f32(s) * falloff for channel, s in zip(light, strength, strict=True)]
    for channel in range(3):
        lit = light[channel] + canvas.glow * (f32(1) - light[channel])
        canvas.colour[channel] *= lit


def _pixels(colour: Array) -> Array:
    """Average the sub-pixels and round: float (3, sH, sW) to uint8 (H, W, 3)."""
    mean = (colour[:, ::2, ::2] + colour[:, 1::2, ::2]) + (colour[:, ::2, 1::2] + colour[:, 1::2, 1::2])
    clipped = np.minimum(np.maximum(mean * f32(255 / 4), f32(0)), f32(255))
    return np.ascontiguousarray((clipped + f32(0.5)).astype(np.uint8).transpose(1, 2, 0))


def _majority(label: Array) -> Array:
    """The class that most of a pixel's four sub-pixels have; of a tie, the first."""
    a, b, c, d = label[::2, ::2], label[1::2, ::2], label[::2, 1::2], label[1::2, 1::2]
    return np.where(
        (a == b) | (a == c) | (a == d), a, np.where((b == c) | (b == d), b, np.where(c == d, c, a))
    )


def _slab(low: float, high: float, direction: Array) -> tuple[Array, Array]:
    """Distances along each ray at which it enters and leaves low < coordinate < high."""
    one, other = low / direction, high / direction
    return np.minimum(one, other), np.maximum(one, other)


def _extent(flags: Array | np.bool) -> slice | None:
    """The smallest slice that holds every True of flags (n,), or None."""
    where = np.flatnonzero(flags)
    return slice(int(where[0]), int(where[-1]) + 1) if len(where) else None


def _where(condition: Array, yes: tuple, no: tuple) -> tuple:
    """``np.where`` a channel; colours may be numbers or arrays."""
    return tuple(
        np.where(condition, np.asarray(a, f32), np.asarray(b, f32)) for a, b in zip(yes, no, strict=True)
    )

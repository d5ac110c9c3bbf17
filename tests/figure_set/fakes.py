"""Parts whose numbers are known, and parts that go wrong."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.part import Need, Number, Part
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.spec import (
    Bar,
    BarPanel,
    Curve,
    Figure,
    ImageGrid,
    ImageRow,
    LinePanel,
    NumberCard,
    Panel,
    Placed,
    Role,
    Table,
)


class Square(Part[int]):
    """Its number is the seed's square, its control the seed."""

    name = "square"
    analysis = "square"
    title = "Square <of the seed>"
    about = "How large is it?"
    is_repeated = True
    moving = "moving.webp"

    def __init__(self):
        self.seeds = []

    def run(self, bench, seed):
        self.seeds.append(seed)
        return seed**2

    def record(self, result):
        return {"square": result, "rest": {"list": [0.5, None], "word": "a"}}

    def figure(self, result, record):
        pictures = np.full((11, 16, 16, 3), result % 256, np.uint8)
        line = LinePanel("Line", "x", "y", (Curve("a", Role.OURS, (0, 1, 2), (0.0, float(result), 1.0)),))
        bars = BarPanel("Bars", "size", (Bar("square", float(result), str(result), Role.OURS),))
        table = Table(("a", "b"), (("layer", ("main.11", "main.8")), ("maps", ("1,024", "33"))))
        panels: tuple[Panel, ...] = (
            line,
            bars,
            ImageGrid((ImageRow(pictures, "row", "pictures"),), "", ("waypoint",) * len(pictures)),
            ImageGrid((ImageRow(pictures[:3]), ImageRow(pictures[:3]))),
            NumberCard("Card", table=table),
        )
        placed = tuple(Placed(panel, row) for row, panel in enumerate(panels))
        return Figure("Square", placed, "A & b.", f"2 pictures. {provenance_line(record['provenance'])}")

    def numbers(self, record):
        seed = record["square"] ** 0.5
        return (
            Number(
                "square of the seed, in more words than a phone has room for",
                float(record["square"]),
                seed,
                1,
            ),
        )

    def write(self, result, directory):
        np.savez(directory / "arrays.npz", square=np.array(result))
        frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
        frames[0].save(directory / self.moving, save_all=True, append_images=frames[1:])


class Broken(Square):
    """Fails once its directory is there."""

    name = "broken"
    title = "Broken"

    def write(self, result, directory):
        (directory / "half.txt").write_text("half")
        raise ZeroDivisionError("by\nnothing")


class Refusing(Square):
    name = "refusing"
    title = "Refusing"

    def run(self, bench, seed):
        raise InputError("z of size 3: too small; give more")


class Demanding(Square):
    name = "demanding"
    title = "Demanding"
    needs = frozenset(Need)


class Drawing(Square):
    """Fails when it is drawn, with no words at all."""

    name = "drawing"
    title = "Drawing"

    def figure(self, result, record):
        raise AssertionError

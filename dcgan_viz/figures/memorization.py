"""The figure of `memorization`: images beside their nearest training images, and how far these are."""

from __future__ import annotations

from dataclasses import dataclass

from dcgan_viz.figures.images import Floats, to_pixels
from dcgan_viz.figures.memorization_view import MemorizationView, ShownView, SideView
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.spec import (
    GRID_COLUMNS,
    Curve,
    DotPanel,
    DotSeries,
    Facet,
    Figure,
    ImageGrid,
    ImageRow,
    LinePanel,
    NumberCard,
    Panel,
    Placed,
    Role,
    Table,
    Tile,
)
from dcgan_viz.figures.wording import number, significant

SPACES = {"pixels": "pixels", "features": "D's features"}
_SHARES = {
    "closer": "sample is the closer of two",
    "very_close": "closer than 95 % of held-out",
    "nearest_is_training": "nearest real one is of training",
}


@dataclass(frozen=True, eq=False)
class MemorizationImages:
    """The pictures of the figure, in the order of `shown`.

    Attributes
    ----------
    samples, held_out
        (K, C, H, W), float32 in [-1, 1].
    nearest_samples, nearest_held_out
        By space, the training image nearest to each of them.
    """

    samples: Floats
    held_out: Floats
    nearest_samples: dict[str, Floats]
    nearest_held_out: dict[str, Floats]


def _column_labels(shown: tuple[ShownView, ...], space: str) -> tuple[str, ...]:
    """The rank where it begins, and each distance."""
    labels, last = [], ""
    for one in shown:
        distance = significant(one.distance[space])
        labels.append(distance if one.rank == last else f"{one.rank} {distance}")
        last = one.rank
    return tuple(labels)


def _grid(
    title: str, name: str, role: Role, side: SideView, images: Floats, nearest: dict[str, Floats]
) -> ImageGrid:
    by = side.shown and list(nearest)[-1]
    rows = [ImageRow(to_pixels(images), name, role=role)]
    for space in reversed(list(nearest)):
        rows.append(ImageRow(to_pixels(nearest[space]), "nearest training", f"in {SPACES[space]}"))
    return ImageGrid(
        tuple(rows),
        title,
        _column_labels(side.shown, str(by)),
        note=f"Above each column its distance in {SPACES[str(by)]}: root mean square difference.",
    )


def _distribution(view: MemorizationView, space: str) -> LinePanel:
    """Both cumulative distributions of a space."""
    curves = []
    for label, role, side in (
        ("samples", Role.OURS, view.samples),
        ("held-out images", Role.CONTROL, view.held_out),
    ):
        shares, found = zip(*side.quantiles[space], strict=True)
        curves.append(
            Curve(label, role, tuple(d or 0.0 for d in found), shares, control=role is Role.CONTROL)
        )
    return LinePanel(
        title=f"Nearest training image, in {SPACES[space]}",
        x_label="distance; 0 is a copy",
        y_label="share of images that are closer",
        curves=tuple(curves),
    )


def _shares(view: MemorizationView) -> DotPanel:
    """Every share in every space, beside its chance."""
    places = [(name, space) for name in _SHARES for space in view.spaces]
    found = [view.two_sample[space][name] for name, space in places]
    samples = DotSeries(
        "samples", Role.OURS, tuple(one.value for one in found), tuple(one.ci95 for one in found)
    )
    chance = DotSeries("chance", Role.CONTROL, tuple(one.chance for one in found), control=True)
    return DotPanel(
        title="Closer than chance has it?",
        rows=tuple(f"{_SHARES[name]}, {SPACES[space]}" for name, space in places),
        facets=(Facet("share, with 95 % intervals", (samples, chance)),),
        note="Copies lie to the right of chance in all rows.",
    )


def _card(view: MemorizationView) -> NumberCard:
    space = view.spaces[-1]
    closer = view.two_sample[space]["closer"]
    how, _, link = str(view.verdict["word"]).removesuffix(" held-out").rpartition(" ")  # "closer", "than"
    tiles = (
        Tile(how, f"{link} held-out images", role=Role.OURS),
        Tile(number(closer.value), "P(a sample is closer)", f"in {SPACES[space]}; 0.5 is alike"),
        Tile(f"{view.n_duplicates:,}", "pairs of samples nearly the same"),
    )
    rows: list[tuple[str, tuple[str, ...]]] = [
        (
            f"median, {SPACES[one]}",
            (significant(view.samples.medians[one]), significant(view.held_out.medians[one])),
        )
        for one in view.spaces
    ]
    rows += [
        (
            f"pairs within {significant(view.duplicates[one]['threshold'])}, {SPACES[one]}",
            tuple(f"{view.duplicates[one][side]:,}" for side in ("n_pairs", "n_held_out_pairs")),
        )
        for one in view.spaces
    ]
    return NumberCard(
        "The numbers",
        tiles,
        Table(("samples", "held-out"), tuple(rows), (Role.OURS, Role.CONTROL)),
        note="Nearly the same: within half of the distance that 1 % of the held-out images fall short of to "
        "their nearest other.",
    )


def _caption(view: MemorizationView) -> str:
    real = view.real_images
    parts = [
        f"{view.samples.n_images:,} samples and {view.held_out.n_images:,} held-out images against "
        f"{real['n_training']:,} training images. Training images: {real['training_source']}. Held-out: "
        f"{real['held_out_source']}.",
        f"{real['n_shared']} held-out images are training images." if real["n_shared"] else "",
        f"Discriminator's features are left out: {view.left_out}." if view.left_out else "",
        provenance_line(view.provenance),
    ]
    return " ".join(part for part in parts if part)


def memorization_figure(view: MemorizationView, images: MemorizationImages) -> Figure:
    """Compose the figure of `memorization`.

    Parameters
    ----------
    view
        The numbers, read from result.json.
    images
        The pictures of its `shown`.

    Returns
    -------
    Figure
        Samples with their nearest training images, held-out images with theirs, both distributions of
        distances, and the shares that the verdict looks at.
    """
    ours = _grid("Samples", "sample", Role.OURS, view.samples, images.samples, images.nearest_samples)
    others = _grid(
        "Real images that training did not see",
        "held-out",
        Role.CONTROL,
        view.held_out,
        images.held_out,
        images.nearest_held_out,
    )
    charts: list[Panel] = [*(_distribution(view, space) for space in reversed(view.spaces)), _shares(view)]
    width = GRID_COLUMNS // len(charts)
    panels = (
        Placed(ours, 0),
        Placed(others, 1),
        *(Placed(chart, 2, column * width, 1, width) for column, chart in enumerate(charts)),
        Placed(_card(view), 3),
    )
    return Figure(
        title="Memorisation: samples and their nearest training images",
        subtitle=str(view.verdict["sentence"]),
        panels=panels,
        caption=_caption(view),
        least_width_in=12.0,
    )

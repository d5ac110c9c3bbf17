"""The two methods at work: each with its control, its dose and its sweep over layers."""

from collections.abc import Sequence

import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects.edits import Drop, Fill, misplaced
from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.focus import focus
from dcgan_viz.remove_objects.measure import Judged, became
from dcgan_viz.remove_objects.probe import Probe
from dcgan_viz.remove_objects.result import DosePoint, Effect, MethodResult, SweepPoint
from dcgan_viz.remove_objects.settings import RemovalSettings
from dcgan_viz.remove_objects.targetless import TargetlessDistance
from dcgan_viz.seeds import derived_seed

DOSE_SHARES = (1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4)  # of a layer's maps


def drop(bench: Experiment, settings: RemovalSettings, layer: Layer) -> tuple[MethodResult, Tensor]:
    """The paper's method: every map with a weight above 0, or as many as wanted, to zero, everywhere.

    Returns
    -------
    result : MethodResult
        Its control drops as many random maps.
    images : Tensor (N, C, H, W)
    """
    edit, rows = Drop.of(bench.probe(layer), settings.n_maps), slice(settings.n_control)
    images = bench.drop(layer, edit)
    random = _random_drops(bench, layer, len(edit.maps), settings.n_draws)
    control = [bench.drop(layer, some, rows) for some in random]
    return _measure(bench, settings, "drop", layer, len(edit.maps), images, control), images


def local(bench: Experiment, settings: RemovalSettings, layer: Layer) -> tuple[MethodResult, Tensor]:
    """Fill a layer where its probe fires.

    Returns
    -------
    result : MethodResult
        Its control fills where the probe fired in another image.
    images : Tensor (N, C, H, W)
    """
    images, mask = bench.local(layer, settings.fill)
    control = _misplaced(bench, settings.fill, layer, mask, settings.n_control, settings.n_draws)
    return _measure(bench, settings, "local", layer, layer.shape[0], images, control), images


def dose(bench: Experiment, settings: RemovalSettings, layer: Layer) -> list[DosePoint]:
    """Drop more and more maps of a layer, those that speak most for the target first, and random ones.

    Nothing where no judge measures areas.
    """
    if not bench.measures_areas:
        return []
    order, rows = bench.probe(layer).weight.argsort(descending=True), slice(settings.n_sweep)
    points = []
    for n_maps in dose_counts(len(order)):
        effect = bench.effect([bench.drop(layer, Drop(order[:n_maps]), rows)], rows)
        draws = _random_drops(bench, layer, n_maps, settings.n_sweep_draws)
        random = bench.effect([bench.drop(layer, some, rows) for some in draws], rows)
        points.append(DosePoint(layer.name, n_maps, effect, random, settings.n_sweep_draws))
    return points


def dose_counts(count: int) -> list[int]:
    """How many of a layer's ``count`` maps are dropped, from few to many.

    Examples
    --------
    >>> dose_counts(64), dose_counts(4)
    ([4, 8, 16, 24, 32, 48], [1, 2, 3])
    """
    return sorted({max(1, round(count * share)) for share in DOSE_SHARES})


def sweep(bench: Experiment, settings: RemovalSettings, layer: Layer) -> list[SweepPoint]:
    """Both methods at one layer alone; nothing where no probe can be fitted."""
    try:
        probe = bench.probe(layer)
    except InputError:  # boxes that cover all positions of a coarse layer leave nothing to tell apart
        return []
    focused = focus(bench, layer, settings.fill, settings.n_sweep_draws, names=settings.methods)
    unknown = Effect.unknown()
    effects = _sweep_effects(bench, settings, layer, probe) if bench.measures_areas else {}
    return [
        SweepPoint(layer, name, probe.auc_heldout, *effects.get(name, (unknown, unknown, 0)), focus=found)
        for name, found in focused.items()
    ]


def _sweep_effects(
    bench: Experiment, settings: RemovalSettings, layer: Layer, probe: Probe
) -> dict[str, tuple[Effect, Effect, int]]:
    """Effect, its control's effect and the number of draws, by method."""
    edit, rows = Drop.of(probe), slice(settings.n_sweep)
    random = _random_drops(bench, layer, len(edit.maps), settings.n_sweep_draws)
    images, mask = bench.local(layer, settings.fill, rows)
    dealt = _misplaced(bench, settings.fill, layer, mask, settings.n_sweep, settings.n_sweep_draws)
    tried = {
        "drop": ([bench.drop(layer, edit, rows)], [bench.drop(layer, some, rows) for some in random]),
        "local": ([images], dealt),
    }
    return {
        name: (bench.effect(edited, rows), bench.effect(control, rows), len(control))
        for name, (edited, control) in tried.items()
    }


def _measure(
    bench: Experiment,
    settings: RemovalSettings,
    name: str,
    layer: Layer,
    n_maps: int,
    images: Tensor,
    control: Sequence[Tensor],
) -> MethodResult:
    focused = focus(bench, layer, settings.fill, settings.n_draws, settings.n_maps, [name])[name]
    effect, became_, distance = Effect.unknown(), {}, TargetlessDistance.unknown()
    if bench.measures_areas:
        judged = Judged.of(bench.judge, images)
        present = bench.before.shows(bench.target)
        effect, became_ = bench.effect_of([judged]), became(bench.before, judged, bench.target)
        distance = bench.judge.distance(images[present], bench.untouched[~present], bench.target)
    return MethodResult(
        name=name,
        layer=layer,
        probe=bench.probe(layer),
        n_maps=n_maps,
        effect=effect,
        control=bench.effect(control, slice(settings.n_control)),
        n_draws=len(control),
        pixel_change=float((images - bench.untouched).abs().mean()),
        became=became_,
        distance=distance,
        focus=focused,
    )


def _random_drops(bench: Experiment, layer: Layer, n_maps: int, n_draws: int) -> list[Drop]:
    """As many random maps, a draw an entry; no draw where nobody would measure it."""
    random = torch.Generator().manual_seed(derived_seed(bench.seed, "random maps", layer.name, n_maps))
    return [
        Drop.random(n_maps, layer.shape[0], random) for _ in range(n_draws if bench.measures_areas else 0)
    ]


def _misplaced(
    bench: Experiment, fill: Fill, layer: Layer, mask: Tensor, n_images: int, n_draws: int
) -> list[Tensor]:
    """The same fill at the positions where the probe fired in another image, one set of images a draw.

    No draw where the probe fired in fewer than two images, or nobody would measure it.
    """
    random = torch.Generator().manual_seed(derived_seed(bench.seed, "misplaced", layer.name))
    mask = mask[:n_images]
    dealt = [misplaced(mask, random) for _ in range(n_draws if bench.measures_areas else 0)]
    return [
        bench.local(layer, fill, slice(len(mask)), elsewhere)[0]
        for elsewhere in dealt
        if elsewhere is not None
    ]

"""The two methods at work: each with its control, its dose and its sweep over layers."""

import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects.edits import Drop, Fill
from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.measure import Judged, became, has_target, targetless_distance
from dcgan_viz.remove_objects.result import DosePoint, Effect, MethodResult, SweepPoint
from dcgan_viz.remove_objects.settings import RemovalSettings
from dcgan_viz.seeds import derived_seed


def drop(
    bench: Experiment, settings: RemovalSettings, layer: Layer, real: Tensor
) -> tuple[MethodResult, Tensor]:
    """The paper's method: every map with a weight above 0 to zero, everywhere.

    Returns
    -------
    result : MethodResult
        Its control drops as many random maps.
    images : Tensor (N, C, H, W)
    """
    edit, rows = Drop.of(bench.probe(layer)), slice(settings.n_control)
    images = bench.drop(layer, edit)
    control = [
        bench.drop(layer, some, rows)
        for some in _random_drops(bench, layer, len(edit.maps), settings.n_draws)
    ]
    effect = bench.effect(control, rows)
    return _measure(bench, "drop", layer, len(edit.maps), images, effect, len(control), real), images


def local(
    bench: Experiment, settings: RemovalSettings, layer: Layer, real: Tensor
) -> tuple[MethodResult, Tensor]:
    """Fill a layer where its probe fires.

    Returns
    -------
    result : MethodResult
        Its control fills where the probe fired in another image.
    images : Tensor (N, C, H, W)
    """
    images, mask = bench.local(layer, settings.fill)
    control = _misplaced(bench, settings.fill, layer, mask, settings.n_control, settings.n_draws)
    effect = bench.effect(control, slice(settings.n_control))
    return _measure(bench, "local", layer, layer.shape[0], images, effect, len(control), real), images


def dose(bench: Experiment, settings: RemovalSettings, layer: Layer) -> list[DosePoint]:
    """Drop more and more maps of a layer, those that speak most for the target first, and random ones."""
    order, rows = bench.probe(layer).weight.argsort(descending=True), slice(settings.n_sweep)
    count = len(order)
    points = []
    for n_maps in sorted(
        {max(1, round(count * share)) for share in (1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4)}
    ):
        effect = bench.effect([bench.drop(layer, Drop(order[:n_maps]), rows)], rows)
        draws = _random_drops(bench, layer, n_maps, settings.n_sweep_draws)
        random = bench.effect([bench.drop(layer, some, rows) for some in draws], rows)
        points.append(DosePoint(layer.name, n_maps, effect, random, settings.n_sweep_draws))
    return points


def sweep(bench: Experiment, settings: RemovalSettings, layer: Layer) -> list[SweepPoint]:
    """Both methods at one layer alone; nothing where no probe can be fitted."""
    rows = slice(settings.n_sweep)
    try:
        probe = bench.probe(layer)
    except InputError:  # boxes that cover all positions of a coarse layer leave nothing to tell apart
        return []
    edit = Drop.of(probe)
    random = _random_drops(bench, layer, len(edit.maps), settings.n_sweep_draws)
    images, mask = bench.local(layer, settings.fill, rows)
    misplaced = _misplaced(bench, settings.fill, layer, mask, settings.n_sweep, settings.n_sweep_draws)
    tried = {
        "drop": ([bench.drop(layer, edit, rows)], [bench.drop(layer, some, rows) for some in random]),
        "local": ([images], misplaced),
    }
    return [
        SweepPoint(
            layer=layer,
            method=name,
            auc_heldout=probe.auc_heldout,
            effect=bench.effect(edited, rows),
            control=bench.effect(control, rows),
            n_draws=len(control),
        )
        for name, (edited, control) in tried.items()
    ]


def _measure(
    bench: Experiment,
    name: str,
    layer: Layer,
    n_maps: int,
    images: Tensor,
    control: Effect,
    n_draws: int,
    real: Tensor,
) -> MethodResult:
    judged = Judged.of(bench.judge, images)
    present = has_target(bench.before, bench.target)
    distance = targetless_distance(
        bench.judge.features(images[present]), bench.judge.features(bench.untouched[~present]), real
    )
    return MethodResult(
        name=name,
        layer=layer,
        probe=bench.probe(layer),
        n_maps=n_maps,
        effect=bench.effect_of([judged]),
        control=control,
        n_draws=n_draws,
        pixel_change=float((images - bench.untouched).abs().mean()),
        became=became(bench.before, judged, bench.target),
        distance=distance,
    )


def _random_drops(bench: Experiment, layer: Layer, n_maps: int, n_draws: int) -> list[Drop]:
    random = torch.Generator().manual_seed(derived_seed(bench.seed, "random maps", layer.name, n_maps))
    return [Drop.random(n_maps, layer.shape[0], random) for _ in range(n_draws)]


def _misplaced(
    bench: Experiment, fill: Fill, layer: Layer, mask: Tensor, n_images: int, n_draws: int
) -> list[Tensor]:
    """The same fill at the positions where the probe fired in another image, one set of images a draw.

    The masks are dealt anew among the images in which the probe fired, none gets its own back, and all others
    stay untouched: as many positions are filled as by the method itself. Where the probe fired in fewer than
    two images there is nothing to deal, and no draw.
    """
    random = torch.Generator().manual_seed(derived_seed(bench.seed, "misplaced", layer.name))
    mask = mask[:n_images]
    fired = mask.flatten(1).any(dim=1).nonzero()[:, 0].cpu()
    draws = []
    for _ in range(n_draws if len(fired) > 1 else 0):
        circle = fired[torch.randperm(len(fired), generator=random)]
        elsewhere = torch.zeros_like(mask)
        elsewhere[circle] = mask[circle.roll(1)]
        draws.append(bench.local(layer, fill, slice(len(mask)), elsewhere)[0])
    return draws

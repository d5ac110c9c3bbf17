"""The two methods at work: each with its control, its dose and its sweep over layers."""

import torch
from torch import Tensor

from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects.edits import Drop, Fill
from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.measure import became, has_target, targetless_distance
from dcgan_viz.remove_objects.result import DosePoint, Effect, MethodResult, SweepPoint
from dcgan_viz.remove_objects.settings import RemovalSettings


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
    result = _measure(
        bench, "drop", layer, len(edit.maps), images, bench.effect(control, rows)[0], real, settings
    )
    return result, images


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
    effect = bench.effect(control, slice(settings.n_control))[0]
    return _measure(bench, "local", layer, layer.shape[0], images, effect, real, settings), images


def dose(bench: Experiment, settings: RemovalSettings, layer: Layer) -> list[DosePoint]:
    """Drop more and more maps of a layer, those that speak most for the target first, and random ones."""
    order, rows = bench.probe(layer).weight.argsort(descending=True), slice(settings.n_sweep)
    count = len(order)
    points = []
    for n_maps in sorted(
        {max(1, round(count * share)) for share in (1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4)}
    ):
        effect, _ = bench.effect([bench.drop(layer, Drop(order[:n_maps]), rows)], rows)
        draws = _random_drops(bench, layer, n_maps, settings.n_sweep_draws)
        random, _ = bench.effect([bench.drop(layer, some, rows) for some in draws], rows)
        points.append(DosePoint(layer.name, n_maps, effect, random, settings.n_sweep_draws))
    return points


def sweep(bench: Experiment, settings: RemovalSettings, layer: Layer) -> list[SweepPoint]:
    """Both methods at one layer alone."""
    rows, probe = slice(settings.n_sweep), bench.probe(layer)
    edit = Drop.of(probe)
    draws = _random_drops(bench, layer, len(edit.maps), settings.n_sweep_draws)
    dropped = bench.effect([bench.drop(layer, edit, rows)], rows)[0]
    dropped_control = bench.effect([bench.drop(layer, some, rows) for some in draws], rows)[0]
    images, mask = bench.local(layer, settings.fill, rows)
    filled = bench.effect([images], rows)[0]
    misplaced = _misplaced(bench, settings.fill, layer, mask, settings.n_sweep, settings.n_sweep_draws)
    filled_control = bench.effect(misplaced, rows)[0]
    return [
        SweepPoint(layer, name, probe.auc_heldout, effect, control, settings.n_sweep_draws)
        for name, effect, control in (("drop", dropped, dropped_control), ("local", filled, filled_control))
    ]


def _measure(
    bench: Experiment,
    name: str,
    layer: Layer,
    n_maps: int,
    images: Tensor,
    control: Effect,
    real: Tensor,
    settings: RemovalSettings,
) -> MethodResult:
    effect, judged = bench.effect([images])
    present = has_target(bench.before, bench.target)
    distance = targetless_distance(
        bench.judge.features(images[present]), bench.judge.features(bench.untouched[~present]), real
    )
    return MethodResult(
        name=name,
        layer=layer,
        probe=bench.probe(layer),
        n_maps=n_maps,
        effect=effect,
        control=control,
        n_draws=settings.n_draws,
        pixel_change=float((images - bench.untouched).abs().mean()),
        became=became(bench.before, judged, bench.target),
        distance=distance,
    )


def _random_drops(bench: Experiment, layer: Layer, n_maps: int, n_draws: int) -> list[Drop]:
    random = torch.Generator().manual_seed(bench.seed)
    return [Drop.random(n_maps, layer.shape[0], random) for _ in range(n_draws)]


def _misplaced(
    bench: Experiment, fill: Fill, layer: Layer, mask: Tensor, n_images: int, n_draws: int
) -> list[Tensor]:
    """The same fill at the positions of another image in which the probe fired, one set of images a draw."""
    random = torch.Generator().manual_seed(bench.seed)
    fired = mask.flatten(1).any(dim=1).nonzero()[:, 0].cpu()
    n_images = min(n_images, len(bench.z))
    if len(fired) < 2:
        return [bench.untouched[:n_images]] * n_draws  # there is no other image to take positions from
    draws = []
    for _ in range(n_draws):
        pick = torch.randint(len(fired), (n_images,), generator=random)
        own = fired[pick] == torch.arange(n_images)
        source = fired[(pick + own.long()) % len(fired)]  # never the image's own positions
        draws.append(bench.local(layer, fill, slice(n_images), mask[source])[0])
    return draws

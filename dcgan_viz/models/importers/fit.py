"""What a generator's BatchNorm statistics tell of the layers that a state dict does not describe.

Running statistics are those of each layer's input in training. So a network that is rebuilt with the right
activations, strides and prior has, over z, the statistics that the file says; with a wrong one it has others
from there on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product
from typing import get_args

import torch
from torch import Tensor, nn

from dcgan_viz.models.importers.arch import Arch
from dcgan_viz.models.importers.assembly import assemble
from dcgan_viz.models.importers.geometry import Plan
from dcgan_viz.models.importers.layout import Layout
from dcgan_viz.models.importers.norms import Modules
from dcgan_viz.models.prior import Prior, PriorKind
from dcgan_viz.models.statistics import batchnorm_layers
from dcgan_viz.models.widest import fitting

CLEAR = 0.05  # misfit up to which a reading can be right; 64 z alone make one of about 0.02
POOR = 0.3  # misfit from which on a reading is doubted

_N_Z = 64
_N_Z_CLOSELY = 512  # where two activations are about as likely
_MAX_PLANS = 8
_LEAKS = (0.2, 0.01)
_BETTER = 1.5  # times less: then another activation is taken; all are tried on the same z
_LEAST_GAIN = 0.005
_MUCH_BETTER = 3.0  # times less: then other strides are taken
_NEAR = 2.0  # times more at most: then other strides or another activation may be right as well


@dataclass(frozen=True)
class Reading:
    """One way to complete what a file says of a generator.

    Attributes
    ----------
    plan : Plan
        Its strides.
    arch : Arch
        Its activations.
    prior : {"uniform", "normal"}
    misfit : float
        Between its statistics and the file's; 0 is none, see `misfit`.
    """

    plan: Plan
    arch: Arch
    prior: PriorKind
    misfit: float

    def __str__(self) -> str:
        return f"misfit {self.misfit:.2g}"

    @property
    def activation(self) -> str:
        """The hidden activation in words."""
        return "ReLU" if self.arch.act == "relu" else f"LeakyReLU {self.arch.leak:g}"


def misfit(network: nn.Module, z: Tensor, most: float = math.inf, first_only: bool = False) -> float:
    """How far the statistics of BatchNorm layers' inputs are from the running ones.

    Parameters
    ----------
    network : nn.Module
        In eval mode, with running statistics; left as it is.
    z : Tensor (N, nz)
    most : float
        What is of interest: once it is certain to be more, the rest of the network is not run.
    first_only : bool
        Look at the first layer alone, and run no more than that.

    Returns
    -------
    float
        Mean over layers and maps of the squared difference of means, in running variances, and of the squared
        log ratio of variances; infinite where it is no number, or more than ``most``.
    """
    layers = batchnorm_layers(network).values()
    found: list[float] = []

    def compare(layer: nn.Module, inputs: tuple[Tensor]) -> None:
        x = inputs[0].transpose(0, 1).flatten(1)  # (C, ...)
        wanted = layer.get_buffer("running_var")
        least = 1e-3 * wanted.mean() + 1e-12  # a map that is dead in the file says nothing by a ratio
        off = (x.mean(dim=1) - layer.get_buffer("running_mean")).square() / (wanted + least)
        spread = ((x.var(dim=1, correction=0) + least) / (wanted + least)).log().square()
        found.append(float((off + spread).mean()))
        if first_only or len(found) == len(layers) or not sum(found) <= most * len(layers):
            raise _Seen

    handles = [layer.register_forward_pre_hook(compare) for layer in layers]
    try:
        with torch.no_grad(), suppress(_Seen):
            network(z)
    finally:
        for handle in handles:
            handle.remove()
    value = sum(found) / (1 if first_only else len(layers))
    return value if value <= most and math.isfinite(value) else math.inf


class _Seen(Exception):
    """Enough layers have run."""


def readings(
    modules: Modules, layout: Layout, plans: Sequence[Plan], arch: Arch, in_full: Plan | None = None
) -> list[Reading]:
    """Try strides and activations, save one that a person gave, each with the prior that fits; best first.

    Parameters
    ----------
    modules : mapping
        As in `parameters.Parameters`.
    layout : Layout
        Of a generator with running statistics.
    plans : sequence of Plan
    arch : Arch
    in_full : Plan or None
        One of the plans, whose misfit with the usual activation is wanted however large it is. The others'
        is infinite where it is too large to matter, for which the first layers mostly suffice.
    """
    archs = [arch]
    if "act" not in arch.given and "leak" not in arch.given:
        archs = [arch, *(replace(arch, act="leaky", leak=leak) for leak in _LEAKS)]
    z = {kind: Prior(kind, layout.weights[0].n_in).sample(_N_Z, seed=0) for kind in get_args(PriorKind)}
    found = []
    for plan, tried in product(plans, archs):
        network, _ = assemble(modules, layout, plan, tried)
        kind = _prior(network, z)
        most = math.inf if plan is in_full and tried == arch else _NEAR * CLEAR
        some = z[kind][: fitting(_N_Z, plan.widest)]
        found.append(Reading(plan, tried, kind, misfit(network, some, most)))
    return sorted(found, key=lambda reading: reading.misfit)


def _prior(network: nn.Module, z: Mapping[PriorKind, Tensor]) -> PriorKind:
    """The usual one, unless the spread of the first layer speaks for uniform z, which has a third of it."""
    first = {kind: misfit(network, some, first_only=True) for kind, some in z.items()}
    is_uniform = first["uniform"] <= CLEAR and _MUCH_BETTER * first["uniform"] < first["normal"]
    return "uniform" if is_uniform else "normal"


@dataclass(frozen=True)
class Verdict:
    """What the statistics say.

    Attributes
    ----------
    plans : tuple of Plan
        The strides that they leave.
    arch : Arch
        With the activation that fits.
    prior : {"uniform", "normal"}
    note : str
        The misfits, for the provenance.
    """

    plans: tuple[Plan, ...]
    arch: Arch
    prior: PriorKind
    note: str


def verdict(
    modules: Modules, layout: Layout, plans: Sequence[Plan], arch: Arch, default: Plan | None
) -> Verdict:
    """Keep the usual reading unless the statistics speak clearly against it.

    Parameters
    ----------
    modules : mapping
        As in `parameters.Parameters`.
    layout : Layout
        Of a generator with running statistics.
    plans : sequence of Plan
        All strides that are possible.
    arch : Arch
    default : Plan or None
        The usual strides; None where several are about as usual.
    """
    found = [] if default is None else readings(modules, layout, [default], arch, in_full=default)
    usual = next((reading for reading in found if reading.arch == arch), None)
    if usual is not None and found[0].misfit <= CLEAR:
        rivals = [one for one in found if one is not usual and _is_near(one, usual)]
        if not rivals:
            return _by_activation(found[0], usual, plans)
        best = min((_closely(modules, layout, one) for one in rivals), key=lambda one: one.misfit)
        usual = _closely(modules, layout, usual)
        return _by_activation(best, usual, plans, _LEAST_GAIN * _N_Z / _N_Z_CLOSELY)
    everywhere = readings(modules, layout, plans[:_MAX_PLANS], arch)
    best = everywhere[0]
    if best.misfit <= CLEAR and (usual is None or _MUCH_BETTER * best.misfit < usual.misfit):
        # Strides that differ only beyond the last BatchNorm fit as well: the usual ones among them.
        near = [one for one in everywhere if one.misfit <= _NEAR * best.misfit and one.prior == best.prior]
        pick = min(near, key=lambda one: (one.plan.cost, one.arch != arch, one.misfit))
        # However unusual, the statistics vouch for it; what distinguishes its rivals remains.
        left = tuple(
            replace(one.plan, cost=one.plan.cost - pick.plan.cost) for one in near if one.arch == pick.arch
        )
        return Verdict(left, pick.arch, pick.prior, f"by its BatchNorm statistics ({pick})")
    if usual is None:
        return Verdict(tuple(plans), arch, best.prior, "")
    return _by_activation(found[0], usual, plans)


def _is_near(one: Reading, usual: Reading) -> bool:
    """Whether chance may have decided between another activation and the usual one."""
    # A leak of 0.01 makes nearly the images of ReLU: not worth the time.
    return (
        one.arch.leak == _LEAKS[0]
        and one.misfit <= CLEAR
        and one.misfit < _NEAR * usual.misfit <= _NEAR * CLEAR
    )


def _closely(modules: Modules, layout: Layout, reading: Reading) -> Reading:
    """The same with a misfit from more z."""
    network, _ = assemble(modules, layout, reading.plan, reading.arch)
    n = fitting(_N_Z_CLOSELY, reading.plan.widest)
    z = Prior(reading.prior, layout.weights[0].n_in).sample(n, seed=1)
    return replace(reading, misfit=misfit(network, z))


def _by_activation(
    best: Reading, usual: Reading, plans: Sequence[Plan], least_gain: float = _LEAST_GAIN
) -> Verdict:
    if best.misfit <= CLEAR and usual.misfit > _BETTER * best.misfit + least_gain:
        note = f"by its BatchNorm statistics ({best}; {usual.activation} would have {usual.misfit:.2g})"
        return Verdict(tuple(plans), best.arch, best.prior, note)
    if usual.misfit <= CLEAR:
        said = "as its BatchNorm statistics confirm"
    elif usual.misfit <= POOR:
        said = "which its BatchNorm statistics neither confirm nor rule out"
    else:
        said = "which its BatchNorm statistics do not confirm: other activations or strides may be right"
    return Verdict(tuple(plans), usual.arch, usual.prior, f"{said} ({usual})")

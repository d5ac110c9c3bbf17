"""BatchNorm's statistics: of training, of the batch, or estimated anew, and how much it matters which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.hooks import copy_of
from dcgan_viz.models.statistics import MODES, OF_THE_BATCH, Mode, Statistics, batchnorm_layers

N_CALIBRATION = 2560  # z; twenty batches of 128, the batch of the paper
BATCH = 128
_MAX_CALIBRATION = 1_000_000
N_COMPARED = 16
_NOTABLE = 0.05  # mean absolute difference of pixels in [-1, 1] that a person sees

_Network = TypeVar("_Network", bound=nn.Module)
Progress = Callable[[Sequence[Tensor]], Iterable[Tensor]]
"""Given batches, yields them: for a bar, or to end before the last one."""


@dataclass(frozen=True)
class Calibration:
    """How BatchNorm statistics are estimated anew.

    Parameters
    ----------
    n : int
        Inputs, in batches of 128.
    seed : int
        Of the draw of z.

    Raises
    ------
    InputError
        If there are fewer than 2 inputs or more than a million, or the seed has more than 32 bits.
    """

    n: int = N_CALIBRATION
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n < 2:
            raise InputError(f"calibration on {self.n} inputs: a variance needs at least 2")
        if self.n > _MAX_CALIBRATION:
            raise InputError(f"calibration on {self.n} inputs: more than {_MAX_CALIBRATION:,}; use fewer")
        if not 0 <= self.seed < 2**32:
            raise InputError(f"calibration with seed {self.seed}: use one from 0 to 2**32 - 1")


def parse_batchnorm(spec: str) -> tuple[Mode, Calibration]:
    """Read ``running``, ``batch``, ``calibrated``, ``calibrated:N`` or ``calibrated:N:SEED``.

    Raises
    ------
    InputError
        If it is none of them.

    Examples
    --------
    >>> parse_batchnorm("calibrated:512")
    ('calibrated', Calibration(n=512, seed=0))
    """
    mode, *numbers = spec.split(":")
    if mode not in MODES:
        raise InputError(f"batchnorm {mode!r}: not known; use one of {', '.join(MODES)}")
    if (
        len(numbers) > 2
        or not all(re.fullmatch(r"[0-9]{1,18}", number) for number in numbers)
        or (numbers and mode != "calibrated")
    ):
        raise InputError(f"batchnorm {spec!r}: not understood; write it as in calibrated:{N_CALIBRATION}:0")
    return cast(Mode, mode), Calibration(*map(int, numbers))


def with_batchnorm(
    gan: Gan,
    mode: Mode,
    calibration: Calibration | None = None,
    progress: Progress = iter,
) -> Gan:
    """A Gan whose BatchNorm layers use other statistics.

    Parameters
    ----------
    gan : Gan
        Left as it is.
    mode : {"running", "batch", "calibrated"}
        ``running``: as the file has them. ``batch``: of whatever batch is run, as the authors' code did.
        ``calibrated``: the generator's estimated on z of its prior; the discriminator keeps its own, which
        only real images can calibrate (`with_real_images`).
    calibration : Calibration, optional
    progress : callable
        Given the batches of a calibration, yields them.

    Returns
    -------
    Gan
        With networks of its own, unless nothing is to be done.

    Raises
    ------
    InputError
        If the mode is unknown, or running statistics are asked for and there are none.
    """
    if mode not in MODES:
        raise InputError(f"batchnorm {mode!r}: not known; use one of {', '.join(MODES)}")
    if mode == "running":
        for name, found in gan.batchnorm.items():
            whose = f"{gan.provenance.path}: its {name}"
            if found.mode == "batch":
                raise InputError(f"{whose} has no running statistics; use 'calibrated' or 'batch'")
            if found.mode == "calibrated":
                raise InputError(f"{whose} is {found} already; open it anew")
        return gan
    if mode == "batch":
        return _with_batch_statistics(gan)
    return _calibrated(gan, calibration or Calibration(), progress)


def with_real_images(gan: Gan, images: Tensor, data: str, calibration: Calibration | None = None) -> Gan:
    """A Gan whose discriminator's BatchNorm statistics are those of real images.

    Parameters
    ----------
    gan : Gan
        Left as it is.
    images : Tensor (N, C, H, W), uint8
        At least two; as many as the calibration says are drawn from them.
    data : str
        What they are, for the record.
    calibration : Calibration, optional

    Raises
    ------
    InputError
        If there is no discriminator, or there are fewer than two images.
    """
    discriminator = gan.require_discriminator("a calibration on real images")
    if len(images) < 2:
        raise InputError(f"{data}: {len(images)} image(s); a variance needs at least 2")
    if gan.batchnorm["discriminator"].mode == "none":
        return gan
    calibration = calibration or Calibration()
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(calibration.seed))
    chosen = images[order[: calibration.n]]
    parts = _whole_batches(chosen, gan.discriminator_batch)
    statistics = Statistics("calibrated", sum(map(len, parts)), calibration.seed, data)
    real = (gan.image_input(part.to(gan.device).float() / 127.5 - 1) for part in parts)
    calibrated = calibrate(discriminator, real)
    clauses = tuple(clause for clause in gan.provenance.assumptions if clause != OF_THE_BATCH)
    return replace(
        gan,
        discriminator=calibrated,
        provenance=replace(gan.provenance, assumptions=clauses),
        batchnorm={**gan.batchnorm, "discriminator": statistics},
    )


@torch.inference_mode(False)  # for statistics that gradients can pass later
@torch.no_grad()
def calibrate(network: _Network, batches: Iterable[Tensor]) -> _Network:
    """A copy of a network whose running statistics are those of some batches.

    Every BatchNorm layer gets the unweighted mean over the batches of each batch's mean and of its biased
    variance, all layers in one pass, each fed with what the layers below make of the same batch. The biased
    variance is what normalises in training; torch's own running variance is the unbiased one.

    Parameters
    ----------
    network : nn.Module
        Left as it is.
    batches : iterable of Tensor
        What the network itself takes, on its device.

    Returns
    -------
    nn.Module
        In eval mode.
    """
    calibrated = copy_of(network).eval()
    layers = batchnorm_layers(calibrated)
    moments: dict[str, list[Tensor]] = {name: [] for name in layers}

    def add(name: str) -> RemovableHandle:
        def hook(_layer: nn.Module, inputs: tuple[Tensor]) -> None:
            x = inputs[0]  # (N, C, ...)
            variance, mean = torch.var_mean(x, dim=[0, *range(2, x.ndim)], correction=0)
            moments[name].append(torch.stack([mean, variance]).double())

        return layers[name].register_forward_pre_hook(hook)

    _forget(calibrated)
    handles = [add(name) for name in layers]
    for batch in batches:
        calibrated(batch)
    for handle in handles:
        handle.remove()
    for name, layer in layers.items():
        # A layer that the network never runs has none, and needs none.
        found = moments[name] or [torch.tensor([[0.0], [1.0]]).expand(2, layer.num_features)]
        mean, variance = torch.stack(found).mean(dim=0).float()  # over the batches
        layer.track_running_stats, layer.running_mean, layer.running_var = True, mean, variance
    return calibrated


@dataclass(frozen=True)
class BatchDependence:
    """How far a sample depends on the other samples of its batch.

    Attributes
    ----------
    mode : str
        Of BatchNorm.
    in_small_batch, in_large_batch : float
        Mean absolute difference of pixels in [-1, 1] when each of 16 z is drawn in two batches of 8 with
        different others, and when all are drawn in two batches of 128.
    from_running : float or None
        Mean absolute difference between this mode's images (in a batch of 128) and those of the running
        statistics; None where there are none.
    """

    mode: str
    in_small_batch: float
    in_large_batch: float
    from_running: float | None

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return dict(vars(self))


def batch_dependence(gan: Gan, seed: int, calibration: Calibration | None = None) -> list[BatchDependence]:
    """Draw the same z in different company, for each mode that the generator has.

    Parameters
    ----------
    gan : Gan
        With a generator; left as it is.
    seed : int
        Of the z and of their neighbours.
    calibration : Calibration, optional

    Returns
    -------
    list of BatchDependence
        Empty where the generator has no BatchNorm.
    """
    gan.require_generator("the batch-dependence check")
    own = gan.batchnorm["generator"].mode
    if own == "none":
        return []
    variants: dict[Mode, Gan] = {"running": gan} if own == "running" else {}
    variants |= {mode: with_batchnorm(gan, mode, calibration) for mode in ("batch", "calibrated")}
    z = gan.sample_z(N_COMPARED + 2 * BATCH, seed)
    same, others = z[:N_COMPARED], z[N_COMPARED:]
    reference = variants["running"].generate(same) if "running" in variants else None
    found = []
    for mode, variant in variants.items():
        small = [_each_in_company(variant, same, others[8 * k :], 8) for k in range(2)]
        large = [_all_in_company(variant, same, others[BATCH * k :], BATCH) for k in range(2)]
        away = None if reference is None or mode == "running" else _difference(large[0], reference)
        found.append(BatchDependence(mode, _difference(*small), _difference(*large), away))
    return found


def dependence_warnings(found: list[BatchDependence]) -> list[str]:
    """What a person should know about a `batch_dependence`, a sentence each."""
    by_mode = {one.mode: one for one in found}
    sentences = []
    calibrated = by_mode.get("calibrated")
    if calibrated is not None and (calibrated.from_running or 0) > _NOTABLE:
        sentences.append(
            "the running statistics disagree with the prior's: images differ by "
            f"{calibrated.from_running:.2f} on average (of 2); use --batchnorm calibrated"
        )
    if "running" not in by_mode and found:
        sentences.append(
            "no running statistics in the file; with those of the batch, the same z differs by "
            f"{by_mode['batch'].in_small_batch:.2f} from one batch of 8 to another"
        )
    return sentences


def _all_in_company(gan: Gan, same: Tensor, others: Tensor, batch_size: int) -> Tensor:
    """Images of some z in one batch with the same others."""
    batch = torch.cat([same, others[: batch_size - len(same)]])
    return gan.generate(batch, batch_size)[: len(same)]


def _each_in_company(gan: Gan, same: Tensor, others: Tensor, batch_size: int) -> Tensor:
    """Images of some z, each the first of a batch with the same others."""
    neighbours = others[: batch_size - 1]
    batches = [torch.cat([z[None], neighbours]) for z in same]
    return torch.stack([gan.generate(batch, batch_size)[0] for batch in batches])


def _difference(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().mean())


def _with_batch_statistics(gan: Gan) -> Gan:
    def of_batch(network: _Network | None) -> _Network | None:
        if network is None:
            return None
        copied = copy_of(network)
        _forget(copied)
        return copied

    return replace(
        gan, generator=of_batch(gan.generator), discriminator=of_batch(gan.discriminator), batchnorm={}
    )


def _forget(network: nn.Module) -> None:
    """Let all layers normalise by the batch."""
    for layer in batchnorm_layers(network).values():
        layer.track_running_stats, layer.running_mean, layer.running_var = False, None, None


def _calibrated(gan: Gan, calibration: Calibration, progress: Progress) -> Gan:
    if gan.generator is None or gan.batchnorm["generator"].mode == "none":
        return gan
    z = gan.z_input(gan.sample_z(calibration.n, calibration.seed))
    parts = _whole_batches(z, gan.generator_batch)
    statistics = Statistics("calibrated", sum(map(len, parts)), calibration.seed, "prior")
    generator = calibrate(gan.generator, progress(parts))
    return replace(gan, generator=generator, batchnorm={**gan.batchnorm, "generator": statistics})


def _whole_batches(inputs: Tensor, most: int) -> tuple[Tensor, ...]:
    """Batches of 128 or, for a very wide network, of as many as it is given at once.

    The rest that does not fill a batch is left out; where there is less, there is one batch.
    """
    size = min(BATCH, most)
    whole = len(inputs) // size * size
    return inputs[:whole].split(size) if whole else (inputs,)

"""Pictures of the generator, drawn by the library and kept for who asks again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from apps.shell import budget
from apps.shell.bench import Bench
from apps.shell.cache import PICTURES
from apps.shell.fields import Pick
from apps.shell.timed import Timed, timed
from apps.shell.turns import turn
from dcgan_viz.sample import SampleResult, sample, to_uint8


@dataclass(frozen=True)
class Picked:
    """The picked samples, in their order.

    Attributes
    ----------
    z : torch.Tensor (K, nz)
    images : torch.Tensor (K, C, H, W), in [-1, 1]
    """

    z: torch.Tensor
    images: torch.Tensor


def samples(bench: Bench, n: int, seed: int | None = None) -> SampleResult:
    """What `dcgan_viz.sample.sample` draws for this bench.

    Raises
    ------
    InputError
        If it is more than a page may hold; see `apps.shell.budget`.
    """
    return timed_samples(bench, n, seed).result


def timed_samples(bench: Bench, n: int, seed: int | None = None) -> Timed[SampleResult]:
    """The same, and what it took."""
    budget.check(bench.gan, n, "samples")
    seed = bench.seed if seed is None else seed

    def make() -> Timed[SampleResult]:
        with turn():
            return timed(lambda: sample(bench.gan, n, seed, bench.truncation))

    return PICTURES.get(("samples", bench.key, n, seed, bench.truncation), make)


def sample_pngs(bench: Bench, n: int, seed: int | None = None) -> list[bytes]:
    """The pictures of `samples`, each as the bytes of a PNG file."""
    seed = bench.seed if seed is None else seed
    key = ("sample pngs", bench.key, n, seed, bench.truncation)
    return PICTURES.get(key, lambda: pngs(samples(bench, n, seed).images))


def picked(bench: Bench, picks: Sequence[Pick] | None = None) -> Picked:
    """The z and pictures of the picked samples; none picked, none here.

    Raises
    ------
    InputError
        If they are more than a page may hold.
    """
    chosen = tuple(bench.picks if picks is None else picks)
    size = bench.gan.prior.size if bench.gan.prior is not None else 0
    if not chosen:
        return Picked(torch.empty(0, size), torch.empty(0, bench.gan.channels, *[bench.gan.image_size] * 2))
    budget.check(bench.gan, len(chosen), "picked samples", "pick {most} at most")
    z = torch.stack([bench.gan.sample_z(one.number + 1, one.seed)[-1].cpu() for one in chosen])
    z = z * bench.truncation
    return Picked(z, PICTURES.get(("picked", bench.key, z.numpy().tobytes()), lambda: _generated(bench, z)))


def pngs(images: torch.Tensor) -> list[bytes]:
    """Each image (N, C, H, W) in [-1, 1] as the bytes of a PNG file."""
    return [png(pixels) for pixels in to_uint8(images)]


def png(pixels: np.ndarray) -> bytes:
    """Pixels (H, W), (H, W, 1) or (H, W, 3), uint8, as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _generated(bench: Bench, z: torch.Tensor) -> torch.Tensor:
    with turn():
        return bench.gan.generate(z)

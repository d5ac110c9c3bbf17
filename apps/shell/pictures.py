"""Pictures of the generator, drawn by the library and kept for who asks again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
import torch
from PIL import Image

from apps.shell.bench import Bench
from apps.shell.fields import Pick
from apps.shell.models import turn
from apps.shell.timed import Timed, timed
from dcgan_viz.models.gan import Gan
from dcgan_viz.sample import SampleResult, sample, to_uint8

_KEPT = 12  # sheets, of up to 12 MB at 64 px


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
    """What `dcgan_viz.sample.sample` draws for this bench."""
    return timed_samples(bench, n, seed).result


def timed_samples(bench: Bench, n: int, seed: int | None = None) -> Timed[SampleResult]:
    """The same, and what it took."""
    return _samples(bench.key, bench.gan, n, bench.seed if seed is None else seed, bench.truncation)


def sample_pngs(bench: Bench, n: int, seed: int | None = None) -> list[bytes]:
    """The pictures of `samples`, each as the bytes of a PNG file."""
    return _sample_pngs(bench.key, bench.gan, n, bench.seed if seed is None else seed, bench.truncation)


def picked(bench: Bench, picks: Sequence[Pick] | None = None) -> Picked:
    """The z and pictures of the picked samples; none picked, none here."""
    chosen = tuple(bench.picks if picks is None else picks)
    size = bench.gan.prior.size if bench.gan.prior is not None else 0
    if not chosen:
        return Picked(torch.empty(0, size), torch.empty(0, bench.gan.channels, *[bench.gan.image_size] * 2))
    z = torch.stack([bench.gan.sample_z(one.number + 1, one.seed)[-1].cpu() for one in chosen])
    return Picked(z * bench.truncation, _generated(bench.key, bench.gan, (z * bench.truncation).numpy()))


def pngs(images: torch.Tensor) -> list[bytes]:
    """Each image (N, C, H, W) in [-1, 1] as the bytes of a PNG file."""
    return [png(pixels) for pixels in to_uint8(images)]


def png(pixels: np.ndarray) -> bytes:
    """Pixels (H, W), (H, W, 1) or (H, W, 3), uint8, as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(buffer, "PNG")
    return buffer.getvalue()


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _samples(key: str, _gan: Gan, n: int, seed: int, truncation: float) -> Timed[SampleResult]:
    with turn():
        return timed(partial(sample, _gan, n, seed, truncation))


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _sample_pngs(key: str, _gan: Gan, n: int, seed: int, truncation: float) -> list[bytes]:
    return pngs(_samples(key, _gan, n, seed, truncation).result.images)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _generated(key: str, _gan: Gan, z: np.ndarray) -> torch.Tensor:
    with turn():
        return _gan.generate(torch.from_numpy(z))

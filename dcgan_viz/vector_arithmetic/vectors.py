"""Sums of z, their neighbours, and how long they are beside those of the prior."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.models.prior import Prior
from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic.recipe import SIGNS

N_NORMS = 10_000
LEAST_NORMS = 100  # of very large z, whose norms differ little
MOST_NUMBERS, NUMBERS_AT_ONCE = 100_000_000, 4_000_000
LEVELS = (0.01, 0.05, 0.5, 0.95, 0.99)


@dataclass(frozen=True)
class PriorNorms:
    """Quantiles of the norm of z under a prior, over `N_NORMS` draws, fewer of very large z.

    Attributes
    ----------
    p01, p05, p50, p95, p99 : float
        ``p50`` is the typical norm.
    """

    p01: float
    p05: float
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, prior: Prior) -> "PriorNorms":
        """Draw, always the same z."""
        random = torch.Generator().manual_seed(derived_seed(0, "norms of the prior"))
        n = min(N_NORMS, max(LEAST_NORMS, MOST_NUMBERS // prior.size))
        at_once = max(1, NUMBERS_AT_ONCE // prior.size)
        norms = torch.cat([prior.draw(min(at_once, n - k), random).norm(dim=1) for k in range(0, n, at_once)])
        return cls(*norms.quantile(torch.tensor(LEVELS)).tolist())


def combine(means: Mapping[str, Tensor], expression: Mapping[str, str]) -> Tensor:
    """The sum of the means, each with its sign; shapes (..., nz) that go together."""
    return torch.stack([SIGNS[sign] * means[name] for name, sign in expression.items()]).sum(dim=0)


def with_norm(z: Tensor, norm: Tensor | float) -> Tensor:
    """The same directions (..., nz) with another norm, a number or (..., 1); 0 stays 0."""
    length = z.norm(dim=-1, keepdim=True)
    return torch.where(length > 0, z / length.clamp(min=1e-12) * norm, z)


def neighbours(z: Tensor, n: int, noise: float, seed: int) -> Tensor:
    """Return n vectors around each z (..., nz), each number off by -noise to noise (section 6.3.2)."""
    random = torch.Generator().manual_seed(derived_seed(seed, "neighbours"))
    shifts = torch.empty(*z.shape[:-1], n, z.shape[-1]).uniform_(-1.0, 1.0, generator=random)
    return z.unsqueeze(-2) + noise * shifts


def share_outside(z: Tensor, prior: Prior) -> float | None:
    """Share of the numbers of z beyond (-1, 1), where the uniform prior draws none; None for another one."""
    return float((z.abs() > 1).float().mean()) if prior.kind == "uniform" else None

"""Whether a walk keeps to the prior."""

from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.models.prior import Prior
from dcgan_viz.seeds import derived_seed

N_DRAWS = 10_000
QUANTILES = (0.005, 0.5, 0.995)
_ROUNDING = 1e-5
_SUPPORT = {"uniform": 1.0, "normal": float("inf")}  # largest size of a number of z


@dataclass(frozen=True)
class PriorAudit:
    """The norms along a walk against those that the prior gives.

    Attributes
    ----------
    norms : tuple of float
        Of z, a frame each.
    low, median, high : float
        Quantiles 0.005, 0.5 and 0.995 of the prior's norm, over 10,000 draws.
    n_waypoints_outside : int
        Waypoints whose norm is not from ``low`` to ``high``; of a hundred drawn ones about one.
    n_between : int
        Frames that are no waypoints.
    n_outside : int
        Those of them whose norm is neither from ``low`` to ``high`` nor between those of their waypoints.
    outside_share : float
        Share of the numbers of z, over the frames between waypoints, which the prior never draws: beyond 1
        for the uniform one.
    largest : float
        Largest number of z by size, over the same frames.
    note : str
        What that means, in a sentence or two.
    """

    norms: tuple[float, ...]
    low: float
    median: float
    high: float
    n_waypoints_outside: int
    n_between: int
    n_outside: int
    outside_share: float
    largest: float
    note: str

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return {**vars(self), "n_draws": N_DRAWS}


def audit_prior(z: Tensor, prior: Prior, settings: WalkSettings, seed: int) -> PriorAudit:
    """Compare the frames of a walk with the prior.

    Parameters
    ----------
    z : Tensor (F, nz)
        Of the frames.
    prior : Prior
    settings : WalkSettings
    seed : int
        Of the draws from the prior.

    Returns
    -------
    PriorAudit
    """
    drawn = prior.sample(N_DRAWS, derived_seed(seed, "norms of the prior")).norm(dim=1).double()
    low, median, high = torch.quantile(drawn, torch.tensor(QUANTILES, dtype=torch.float64)).tolist()
    norms = z.norm(dim=1)
    n_waypoints = (len(z) - 1) // settings.n_steps + (not settings.loop)
    is_between = torch.arange(len(z)) % settings.n_steps != 0
    between = z[is_between]
    ends = _ends(norms, settings.n_steps)
    lowest, highest = ends.min(dim=1).values.clamp(max=low), ends.max(dim=1).values.clamp(min=high)
    corners = norms[:: settings.n_steps][:n_waypoints]
    outside = ((norms < lowest * (1 - _ROUNDING)) | (norms > highest * (1 + _ROUNDING)))[is_between]
    beyond = between.abs() > _SUPPORT[prior.kind]
    found = PriorAudit(
        norms=tuple(norms.tolist()),
        low=low,
        median=median,
        high=high,
        n_waypoints_outside=int(((corners < low) | (corners > high)).sum()),
        n_between=len(between),
        n_outside=int(outside.sum()),
        outside_share=float(beyond.float().mean()) if len(between) else 0.0,
        largest=float(between.abs().max()) if len(between) else 0.0,
        note="",
    )
    return PriorAudit(**{**vars(found), "note": _note(found, prior, settings)})


def _ends(norms: Tensor, n_steps: int) -> Tensor:
    """Of each frame (F,) the norms (F, 2) of the waypoints on either side."""
    corners = norms[::n_steps]
    pair = (torch.arange(len(norms)) // n_steps).clamp(max=len(corners) - 2)
    return torch.stack([corners[pair], corners[pair + 1]], dim=1)


def _note(found: PriorAudit, prior: Prior, settings: WalkSettings) -> str:
    norms = f"99 % of the prior has |z| from {found.low:.2f} to {found.high:.2f}"
    away = f"{found.n_waypoints_outside} of the waypoints lie outside" if found.n_waypoints_outside else ""
    if not found.n_between:
        return f"{norms}; {away}." if away else ""
    how = settings.interpolation.capitalize()
    if found.n_outside:
        note = (
            f"{how} interpolation leaves the prior: {norms}, which {found.n_outside} of {found.n_between} "
            f"frames between waypoints are outside of (least {min(found.norms):.2f})"
        )
        if settings.interpolation == "linear":
            note += "; --interpolation spherical keeps |z|"
        if prior.kind == "uniform" and not found.outside_share:
            note += ". No number of z leaves (-1, 1), but together they are nearer to 0 than the prior's"
    else:
        note = f"{how} interpolation keeps to the norms of the prior and of its waypoints: {norms}"
    if away:
        note += f". {away}"
    if found.outside_share:
        note += (
            f". The prior has no number of z beyond 1, but {found.outside_share:.1%} of those between "
            f"waypoints are (up to {found.largest:.2f})"
        )
    return f"{note}."

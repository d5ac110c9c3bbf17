"""From one z to another."""

from itertools import pairwise

import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.latent_walk.settings import WalkSettings

_PARALLEL = 1e-6  # sine of an angle below which two directions are one


def linear(start: Tensor, end: Tensor, places: Tensor) -> Tensor:
    """Points on the straight line between two z.

    Parameters
    ----------
    start, end : Tensor (nz,)
    places : Tensor (T,)
        0 is the start, 1 the end.

    Returns
    -------
    Tensor (T, nz), float64

    Examples
    --------
    >>> linear(torch.tensor([0.0, 2.0]), torch.tensor([4.0, 0.0]), torch.tensor([0.0, 0.25])).tolist()
    [[0.0, 2.0], [1.0, 1.5]]
    """
    t = places.double()[:, None]
    return (1 - t) * start.double() + t * end.double()


def spherical(start: Tensor, end: Tensor, places: Tensor) -> Tensor:
    """Points on the arc around the origin between two z, at even angles.

    The norm goes evenly from the one's to the other's.

    Parameters
    ----------
    start, end : Tensor (nz,)
    places : Tensor (T,)
        0 is the start, 1 the end.

    Returns
    -------
    Tensor (T, nz), float64

    Raises
    ------
    InputError
        If one of them is 0, or they point in opposite directions.

    References
    ----------
    Shoemake (1985), "Animating rotation with quaternion curves"; for generators White (2016),
    arXiv 1609.04468.

    Examples
    --------
    >>> middle = spherical(torch.tensor([0.0, 2.0]), torch.tensor([2.0, 0.0]), torch.tensor([0.5]))
    >>> round(float(middle.norm()), 6)
    2.0
    """
    a, b, t = start.double(), end.double(), places.double()[:, None]
    if not (a.any() and b.any()):
        raise InputError("waypoint at the origin: it has no direction; use --interpolation linear")
    from_a, from_b = a / a.norm(), b / b.norm()
    angle = 2 * torch.atan2((from_a - from_b).norm(), (from_a + from_b).norm())  # exact for small angles
    if angle.sin() < _PARALLEL:
        if angle > 1:
            raise InputError(
                "waypoints in opposite directions: no arc between them is the shortest; "
                "use --interpolation linear"
            )
        return linear(start, end, places)
    directions = (torch.sin((1 - t) * angle) * from_a + torch.sin(t * angle) * from_b) / angle.sin()
    return directions * ((1 - t) * a.norm() + t * b.norm())


def frames_between(waypoints: Tensor, settings: WalkSettings) -> Tensor:
    """The z of all frames of a walk.

    Parameters
    ----------
    waypoints : Tensor (N, nz)
    settings : WalkSettings

    Returns
    -------
    Tensor (P * n_steps + 1, nz), float32
        For P pairs of waypoints, one more where the walk is a loop; frame ``k * n_steps`` is waypoint k, to
        the bit.

    Raises
    ------
    InputError
        If there are fewer than two waypoints, or two in a row are the same.
    """
    if len(waypoints) < 2:
        raise InputError(f"{len(waypoints)} waypoint: a walk needs at least 2; give more z")
    corners = torch.cat([waypoints, waypoints[:1]]) if settings.loop else waypoints
    same = [k for k in range(len(corners) - 1) if torch.equal(corners[k], corners[k + 1])]
    if same:
        there = (same[0] + 1) % len(waypoints)
        raise InputError(f"waypoints {same[0]} and {there}: the same z; leave one of them out")
    between = linear if settings.interpolation == "linear" else spherical
    places = torch.arange(settings.n_steps, dtype=torch.float64) / settings.n_steps
    parts = [between(a, b, places) for a, b in pairwise(corners)]
    z = torch.cat([*parts, corners[-1:].double()]).float()
    z[:: settings.n_steps] = corners.float()
    return z

"""Lines and arcs, drawn again by rotation in the plane of the two z."""

import math

import numpy as np
import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.latent_walk.interpolation import frames_between, linear, spherical
from dcgan_viz.latent_walk.settings import WalkSettings

PLACES = torch.linspace(0, 1, 7)


def pair(seed=0, nz=10):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(nz, generator=random), 2 * torch.randn(nz, generator=random)


def rotated(start, end, share):
    """The start, turned towards the end by a share of the angle between them, with a norm in between."""
    a, b = start.double().numpy(), end.double().numpy()
    along = a / np.linalg.norm(a)
    across = b - (b @ along) * along
    across /= np.linalg.norm(across)
    angle = math.acos(b @ along / np.linalg.norm(b)) * share
    norm = (1 - share) * np.linalg.norm(a) + share * np.linalg.norm(b)
    return norm * (math.cos(angle) * along + math.sin(angle) * across)


def test_linear_is_a_straight_line_at_even_places():
    start, end = pair()
    found = linear(start, end, PLACES).numpy()
    for share, z in zip(PLACES.tolist(), found, strict=True):
        expected = [a + share * (b - a) for a, b in zip(start.tolist(), end.tolist(), strict=True)]
        np.testing.assert_allclose(z, expected, atol=1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_spherical_turns_at_an_even_rate(seed):
    start, end = pair(seed)
    found = spherical(start, end, PLACES).numpy()
    for share, z in zip(PLACES.tolist(), found, strict=True):
        np.testing.assert_allclose(z, rotated(start, end, share), atol=1e-6)


def test_the_norm_goes_evenly_from_one_end_to_the_other():
    start, end = pair()
    norms = spherical(start, end, PLACES).norm(dim=1)
    torch.testing.assert_close(norms, torch.linspace(float(start.norm()), float(end.norm()), 7).double())
    a, b = torch.tensor([3.0, 0, 0]), torch.tensor([0, 0, 3.0])
    assert spherical(a, b, PLACES).norm(dim=1).tolist() == pytest.approx([3.0] * 7)
    assert float(linear(a, b, PLACES).norm(dim=1).min()) == pytest.approx(3 / math.sqrt(2))


@pytest.mark.parametrize("angle", [1e-9, 1e-7, 1e-5, math.pi - 1e-4])
def test_nearly_parallel_and_nearly_opposite_z(angle):
    start = torch.tensor([2.0, 0, 0], dtype=torch.float64)
    end = 2 * torch.tensor([math.cos(angle), math.sin(angle), 0], dtype=torch.float64)
    expected = [[2 * math.cos(t * angle), 2 * math.sin(t * angle), 0] for t in PLACES.double().tolist()]
    np.testing.assert_allclose(spherical(start, end, PLACES).numpy(), expected, atol=1e-8)


def test_what_has_no_arc_is_refused():
    start, _ = pair()
    with pytest.raises(InputError, match="opposite directions"):
        spherical(start, -2 * start, PLACES)
    with pytest.raises(InputError, match="at the origin"):
        spherical(start, torch.zeros(10), PLACES)


@pytest.mark.parametrize("interpolation", ["linear", "spherical"])
@pytest.mark.parametrize("loop", [False, True])
def test_frames_go_through_every_waypoint_to_the_bit(interpolation, loop):
    waypoints = torch.randn(4, 10, generator=torch.Generator().manual_seed(0))
    z = frames_between(waypoints, WalkSettings(interpolation, 3, loop))
    assert z.shape == ((4 if loop else 3) * 3 + 1, 10)
    assert z.dtype == torch.float32
    assert torch.equal(z[::3], torch.cat([waypoints, waypoints[:1]]) if loop else waypoints)
    between = {"linear": linear, "spherical": spherical}[interpolation]
    for k in range(4 if loop else 3):
        expected = between(waypoints[k], waypoints[(k + 1) % 4], torch.tensor([1 / 3, 2 / 3]).double())
        torch.testing.assert_close(z[3 * k + 1 : 3 * k + 3], expected.float())


def test_a_single_step_goes_from_waypoint_to_waypoint():
    waypoints = torch.eye(3)
    assert torch.equal(frames_between(waypoints, WalkSettings(n_steps=1)), waypoints)


@pytest.mark.parametrize(
    ("rows", "loop", "says"),
    [
        ([0], False, "1 waypoint: a walk needs at least 2"),
        ([], False, "0 waypoint"),
        ([0, 1, 1], False, "waypoints 1 and 2: the same z"),
        ([0, 1, 0], True, "waypoints 2 and 0: the same z"),
    ],
)
def test_walks_that_go_nowhere_are_refused(rows, loop, says):
    with pytest.raises(InputError, match=says):
        frames_between(torch.eye(3)[rows], WalkSettings(loop=loop))


@pytest.mark.parametrize(
    ("settings", "says"), [({"interpolation": "cubic"}, "linear, spherical"), ({"n_steps": 0}, "at least 1")]
)
def test_settings_that_cannot_be_are_refused(settings, says):
    with pytest.raises(InputError, match=says):
        WalkSettings(**settings)

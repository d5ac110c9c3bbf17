"""A network so small that a test spends its time on what it tests."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dcgan_viz.models.checkpoint import save_weights
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import load
from dcgan_viz.models.networks import Architecture, Discriminator, Generator, initialise
from tests.browser.driving import CHROMIUM, chromium, lacking

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.register_assert_rewrite("tests.figures.drawn")  # what differs is shown, as in a test


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One for all tests: two of them in a process do not go together."""
    if CHROMIUM is None or find_spec("playwright") is None:
        lacking("no browser is here")
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file with an untrained conv4 GAN: 32 px, RGB, 8 numbers in z, width 8."""
    architecture = Architecture(family="conv4", image_size=32, channels=3, channels_noise=8, width=8)
    generator, discriminator = Generator(architecture), Discriminator(architecture)
    initialise(generator, seed=1)
    initialise(discriminator, seed=2)
    path = tmp_path_factory.mktemp("tiny") / "tiny.safetensors"
    metadata = {
        "architecture": architecture.to_json(),
        "prior": {"kind": "uniform", "size": 8},
        "step": 0,
        "images_seen": 0,
        "data": "none",
        "seed": 1,
        "scores": {},
        "batchnorm": {"generator": "initial statistics", "discriminator": "initial statistics"},
    }
    save_weights(path, generator, None, discriminator, metadata)
    return path


@pytest.fixture
def tiny_gan(tiny_checkpoint: Path) -> Gan:
    """The GAN of `tiny_checkpoint`, loaded anew, so that no test sees what another did to it."""
    return load(tiny_checkpoint)

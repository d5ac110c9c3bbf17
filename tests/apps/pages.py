"""Pages other than the first, networks of other kinds, and long work that a test waits for."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from dcgan_viz.models.checkpoint import save_weights
from dcgan_viz.models.networks import Architecture, Discriminator, Generator, initialise
from tests.apps.conftest import Start, component
from tests.pictures import decoded

WORK_S = 360  # that work of the tiny GAN may take, on a machine that does much else


def opened(start: Start, page: str, *arguments: str, **link: str) -> AppTest:
    """Follow a link to a page."""
    app = start(*arguments)
    app.switch_page(f"views/{page}.py")
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def settled(app: AppTest) -> AppTest:
    """Wait until no work goes on."""
    return rerun(app, lambda: not any(one.key.endswith(".cancel") for one in app.button if one.key))


def rerun(app: AppTest, condition: Callable[[], object]) -> AppTest:
    """Run a page again and again, as it does itself while work goes on, until something is to be seen."""
    end = time.monotonic() + WORK_S
    while not condition():
        assert time.monotonic() < end, [one.value for one in (*app.error, *app.caption)]
        time.sleep(0.1)
        app.run()
        assert not app.exception
    return app


def film(source: str, columns: int, size: int) -> np.ndarray:
    """The pictures (N, H, W, 3) on one sheet."""
    sheet = decoded(source)
    rows = len(sheet) // size
    cells = sheet.reshape(rows, size, columns, size, *sheet.shape[2:]).swapaxes(1, 2)
    return cells.reshape(rows * columns, size, size, *sheet.shape[2:])


def grey_gan(path: Path, size: int = 64, scores: dict[str, float] | None = None) -> Path:
    """A weights file with an untrained GAN of grey images."""
    architecture = Architecture(family="conv4", image_size=size, channels=1, channels_noise=8, width=8)
    generator, discriminator = Generator(architecture), Discriminator(architecture)
    initialise(generator, seed=1)
    initialise(discriminator, seed=2)
    metadata: dict[str, Any] = {
        "architecture": architecture.to_json(),
        "prior": {"kind": "uniform", "size": 8},
        "step": 0,
        "images_seen": 0,
        "data": "none",
        "seed": 1,
        "scores": scores or {},
        "batchnorm": {"generator": "initial statistics", "discriminator": "initial statistics"},
    }
    save_weights(path, generator, None, discriminator, metadata)
    return path


def generator_alone(path: Path) -> Path:
    """A state dict of an untrained generator."""
    generator = Generator(Architecture(family="conv4", image_size=32, channels=3, channels_noise=8, width=8))
    initialise(generator, seed=1)
    torch.save(generator.state_dict(), path)
    return path


def discriminator_alone(path: Path) -> Path:
    """A state dict of an untrained discriminator for the same images."""
    discriminator = Discriminator(Architecture(family="conv4", image_size=32, channels=3, width=8))
    initialise(discriminator, seed=2)
    torch.save(discriminator.state_dict(), path)
    return path


def photos(directory: Path, count: int) -> Path:
    """A folder of pictures, no two alike."""
    directory.mkdir()
    random = np.random.default_rng(4)
    for number in range(count):
        pixels = random.integers(0, 256, (4, 4, 3), np.uint8).repeat(8, 0).repeat(8, 1)
        Image.fromarray(pixels).save(directory / f"{number:03}.png")
    return directory


def shown(app: AppTest, key: str) -> dict[str, Any]:
    """What a component shows, once no work goes on."""
    return component(settled(app), key)

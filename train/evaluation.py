"""What a snapshot shows and scores: done on copies, so that it never changes how a run goes on."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from PIL import Image
from torch.optim.swa_utils import update_bn
from torchvision.transforms.functional import to_pil_image
from torchvision.utils import make_grid

from dcgan_viz.data.datasets import to_float
from dcgan_viz.data.distances import frechet_distance, sliced_wasserstein
from dcgan_viz.data.rooms import render_split
from dcgan_viz.data.segmenter import Segmenter, load_segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import WEIGHTS_NAME, save_weights, write_whole
from dcgan_viz.models.gan import Gan, Prior, Provenance
from train.devices import machine
from train.settings import Settings
from train.state import TrainingState

N_BATCHNORM = 3_200  # images that BatchNorm statistics are re-estimated on
BATCHNORM_BATCH = 128
N_SCORE = 2_000  # images on each side of a score
SHEET_SIDE = 8  # the sample sheet is that many images high and wide
SHEET_NAME = "samples.png"


@dataclass(frozen=True)
class Score:
    """A distance of generated images to real ones; lower is better.

    Parameters
    ----------
    reference : torch.Tensor
        Real images (N, C, H, W), uint8.
    segmenter : Segmenter or None
        With one, the Fréchet distance on its features; without, the sliced Wasserstein distance.
    """

    reference: torch.Tensor
    segmenter: Segmenter | None

    @property
    def name(self) -> str:
        """What the number is called in metadata and stats."""
        return "sliced_wasserstein" if self.segmenter is None else f"frechet_{self.segmenter.role}"

    def of(self, gan: Gan, settings: Settings) -> float:
        """Return the distance of a run's generator, always on the same z."""
        return self(gan.generate(gan.sample_z(len(self.reference), settings.derived_seed("score"))))

    def __call__(self, images: torch.Tensor) -> float:
        """Return the distance of images (N, C, H, W) in [-1, 1], as many as there are reference images."""
        if self.segmenter is None:
            return sliced_wasserstein(images, to_float(self.reference))
        return frechet_distance(self.segmenter.features(images), self._reference_features)

    @cached_property
    def _reference_features(self) -> torch.Tensor:
        assert self.segmenter is not None
        return self.segmenter.features(to_float(self.reference))


def choose_score(settings: Settings, training_images: Callable[[], torch.Tensor]) -> Score:
    """Return the score for a data set.

    Rooms of the annotator's size are compared on its features with held-out rooms; everything else by sliced
    Wasserstein distance with training images. The judge is never asked: it measures what was chosen.

    Parameters
    ----------
    settings : Settings
        Resolved ones.
    training_images : callable
        Gives training images (N, C, H, W), uint8; called only where they are compared with.
    """
    if settings.data == "rooms":
        held_out, _ = render_split("held_out", N_SCORE, image_size=settings.image_size)
        images = torch.from_numpy(held_out).permute(0, 3, 1, 2)
        try:
            segmenter = load_segmenter("annotator")
            segmenter.features(to_float(images[:1]))  # knows one image size only
            return Score(images, segmenter)
        except InputError:
            return Score(images, None)
    return Score(training_images()[:N_SCORE].cpu(), None)


class Evaluation:
    """Scores the state of a run and writes what a person wants to keep of it.

    Parameters
    ----------
    settings : Settings
        Resolved ones.
    images : torch.Tensor
        Training images (N, C, H, W), uint8, on the training device.
    data_name : str
        What the weights' metadata call them.
    """

    def __init__(self, settings: Settings, images: torch.Tensor, data_name: str) -> None:
        self.settings = settings
        self.images = images
        self.data_name = data_name
        self.prior = Prior(settings.prior, settings.channels_noise)
        self.score = choose_score(settings, lambda: images)

    def prepare(self, state: TrainingState) -> tuple[Gan, dict[str, float]]:
        """Copy the networks, re-estimate their BatchNorm statistics and score the averaged generator.

        The average of weights has no statistics of its own, and the discriminator's are a mixture of real and
        generated images.

        Parameters
        ----------
        state : TrainingState
            Left as it is.

        Returns
        -------
        tuple of Gan and dict
            The averaged generator with the discriminator, in eval mode; name and value of the score.
        """
        generator_ema = copy.deepcopy(state.generator_ema)
        discriminator = copy.deepcopy(state.discriminator)
        update_bn(self._latent_batches(), generator_ema)
        update_bn(self._real_batches(), discriminator)
        architecture = generator_ema.architecture
        gan = Gan(
            generator_ema.eval(),
            discriminator.eval(),
            self.prior,
            Provenance("training", "", "train"),
            architecture.image_size,
            architecture.channels,
        )
        return gan, {self.score.name: self.score.of(gan, self.settings)}

    def write(self, directory: Path, state: TrainingState, gan: Gan, scores: dict[str, float]) -> None:
        """Write weights and sample sheet of what `prepare` gave.

        Parameters
        ----------
        directory : Path
            Of the snapshot.
        state : TrainingState
            Gives the step and the generator that is trained.
        gan : Gan
            Averaged generator and discriminator.
        scores : dict
            Name to value.
        """
        metadata = {
            "architecture": state.generator.architecture.to_json(),
            "prior": {"kind": self.prior.kind, "size": self.prior.size},
            "step": state.step,
            "images_seen": state.step * self.settings.images_per_step,
            "data": self.data_name,
            "seed": self.settings.seed,
            "scores": scores,
            "batchnorm": self.batchnorm,
            "trained_on": {"device": self.settings.device, "precision": self.settings.precision, **machine()},
        }
        averaged = gan.require_generator("a snapshot")
        save_weights(directory / WEIGHTS_NAME, averaged, state.generator, gan.discriminator, metadata)
        z = gan.sample_z(SHEET_SIDE**2, self.settings.derived_seed("sheet"))
        buffer = io.BytesIO()
        sample_sheet(gan.generate(z)).save(buffer, "PNG")
        write_whole(directory / SHEET_NAME, buffer.getvalue())

    @property
    def batchnorm(self) -> dict[str, str]:
        """Where the BatchNorm statistics in the weights file come from."""
        seed = self.settings.derived_seed("batchnorm")
        n_real = sum(len(batch) for batch in self._real_indices())
        return {
            "generator": f"re-estimated on {N_BATCHNORM} samples of the prior, seed {seed}",
            "discriminator": f"re-estimated on {n_real} real images, seed {seed}",
        }

    def _latent_batches(self) -> Iterator[torch.Tensor]:
        z = self.prior.sample(N_BATCHNORM, self.settings.derived_seed("batchnorm"), self.images.device)
        return iter(z.split(BATCHNORM_BATCH))

    def _real_batches(self) -> Iterator[torch.Tensor]:
        return (to_float(self.images[indices.to(self.images.device)]) for indices in self._real_indices())

    def _real_indices(self) -> list[torch.Tensor]:
        random = torch.Generator().manual_seed(self.settings.derived_seed("batchnorm"))
        chosen = torch.randperm(len(self.images), generator=random)[:N_BATCHNORM]
        whole = [batch for batch in chosen.split(BATCHNORM_BATCH) if len(batch) == BATCHNORM_BATCH]
        return whole or [chosen]


def sample_sheet(images: torch.Tensor) -> Image.Image:
    """Lay images (N, C, H, W) in [-1, 1] out in rows of eight."""
    return to_pil_image(make_grid(images, nrow=SHEET_SIDE, normalize=True, value_range=(-1, 1)))

"""One step of training: k of the discriminator, then one of the generator."""

from __future__ import annotations

import torch
from torch.nn.functional import softplus

from dcgan_viz.data.datasets import to_float
from dcgan_viz.models.gan import Prior
from train.devices import torch_memory_format
from train.order import BatchOrder
from train.settings import Settings
from train.state import TrainingState


class Step:
    """Take steps; nothing in here waits for the device.

    Parameters
    ----------
    settings : Settings
        Resolved ones.
    state : TrainingState
        Moved on by every step.
    images : torch.Tensor
        Training images (N, C, H, W), uint8, on the training device.
    """

    def __init__(self, settings: Settings, state: TrainingState, images: torch.Tensor) -> None:
        self.settings = settings
        self.state = state
        self.images = images
        self._order = BatchOrder(
            len(images), settings.batch_size, settings.derived_seed("order"), images.device
        )
        self._prior = Prior(settings.prior, settings.channels_noise)
        self._layout = torch_memory_format(settings.memory_format)
        self._autocast = torch.autocast(
            images.device.type, torch.bfloat16, enabled=settings.precision == "bf16"
        )

    def __call__(self) -> None:
        """Take one step, and add its losses and mean logits to the state's sums."""
        settings, state = self.settings, self.state
        G, D = state.generator, state.discriminator

        # k steps of D, on a new batch and new z each (Goodfellow et al. 2014, algorithm 1).
        for d_step in range(settings.d_steps):
            indices = self._order.batch(state.step * settings.d_steps + d_step)
            x = to_float(self.images.index_select(0, indices))
            x = x.contiguous(memory_format=self._layout)  # (N, C, H, W)
            z = self._prior.draw(settings.batch_size, state.random)  # (N, nz)
            with self._autocast:
                fakes = G(z)  # (N, C, H, W)
                logits_real = D(state.noisy(x))  # (N,)
                logits_fake = D(state.noisy(fakes.detach()))  # (N,)
            loss_d = softplus(-logits_real.float()).mean()  # -log sigmoid(D(x))
            loss_d = loss_d + softplus(logits_fake.float()).mean()  # -log(1 - sigmoid(D(G(z))))
            state.optimizer_d.zero_grad()
            loss_d.backward()
            state.optimizer_d.step()

        # One step of G, on the z of the last D step; D's own gradients are not wanted here.
        D.requires_grad_(False)
        with self._autocast:
            logits = D(state.noisy(fakes))  # (N,)
        loss_g = softplus(-logits.float()).mean()  # -log sigmoid(D(G(z)))
        state.optimizer_g.zero_grad()
        loss_g.backward()
        state.optimizer_g.step()
        D.requires_grad_(True)
        state.update_ema()

        # Added up on the device; nothing waits for it until a line is due.
        with torch.no_grad():
            state.sums += torch.stack(
                [loss_d, loss_g, logits_real.float().mean(), logits_fake.float().mean()]
            ).detach()
        state.n_summed += 1
        state.step += 1

"""The training loop, to be read from top to bottom."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path

import torch
from torch.nn.functional import softplus
from tqdm import tqdm

from dcgan_viz.data.datasets import load_images, to_float
from dcgan_viz.errors import InputError
from train import snapshots, stats
from train.collapse import CollapseWatch
from train.devices import torch_memory_format
from train.evaluation import Evaluation
from train.interruption import Interruption
from train.order import BatchOrder
from train.run import check_data_set
from train.settings import Settings
from train.state import TrainingState

DATA_SEED = 0  # --seed changes the training, never the data set


def train(settings: Settings, out: Path, *, quiet: bool = False) -> None:
    """Train a DCGAN in a run directory, from wherever the run is.

    Parameters
    ----------
    settings : Settings
        Resolved ones, the same that are in the directory's ``config.json``.
    out : Path
        A run directory, made by `train.run.begin`.
    quiet : bool
        Show warnings only.

    Raises
    ------
    InputError
        If the data cannot be used or the losses are no longer numbers.
    KeyboardInterrupt
        After Ctrl-C, once the state has been saved.
    """
    device = torch.device(settings.device)
    layout = torch_memory_format(settings.memory_format)
    say = _warn if not quiet else _silent

    # Hold the whole data set as bytes on the training device.
    say(f"loading {settings.data}")
    data = load_images(settings.data, settings.image_size, settings.data_count, DATA_SEED, progress=not quiet)
    for file, reason in data.skipped:
        _warn(f"{file}: {reason}; left out")
    if len(data.images) < settings.batch_size:
        raise InputError(
            f"{settings.data}: {len(data.images)} images, fewer than --batch-size {settings.batch_size}"
        )
    check_data_set(out, data.images)
    images = data.images.to(device)  # (N, C, H, W) uint8
    order = BatchOrder(len(images), settings.batch_size, settings.derived_seed("order"), device)
    n_steps = settings.num_epochs * order.batches_per_epoch // settings.d_steps

    # Build the networks, and take up the run where it was left.
    state = TrainingState(settings, channels=images.shape[1])
    G, D = state.generator, state.discriminator
    snapshot = snapshots.take_up(out, _warn)
    if snapshot is not None:
        state.load(snapshot / snapshots.RESUME_NAME)
    stats.cut_back(out, state.step)
    evaluation = Evaluation(settings, images, data.name)
    watch = CollapseWatch()
    autocast = torch.autocast(device.type, torch.bfloat16, enabled=settings.precision == "bf16")
    bar = tqdm(
        total=n_steps * settings.images_per_step,
        initial=state.step * settings.images_per_step,
        unit="img",
        unit_scale=True,
        disable=quiet,
        mininterval=0.5 if sys.stderr.isatty() else 30,
    )
    with Interruption() as interruption, bar:
        started = time.perf_counter()
        while state.step < n_steps:
            # k steps of D, on a new batch and new z each (Goodfellow et al. 2014, algorithm 1).
            for d_step in range(settings.d_steps):
                indices = order.batch(state.step * settings.d_steps + d_step)
                x = to_float(images.index_select(0, indices)).contiguous(memory_format=layout)  # (N, C, H, W)
                z = evaluation.prior.draw(settings.batch_size, state.random)  # (N, nz)
                with autocast:
                    fakes = G(z)  # (N, C, H, W)
                    logits_real = D(x)  # (N,)
                    logits_fake = D(fakes.detach())  # (N,)
                loss_d = softplus(-logits_real.float()).mean()  # -log sigmoid(D(x))
                loss_d = loss_d + softplus(logits_fake.float()).mean()  # -log(1 - sigmoid(D(G(z))))
                state.optimizer_d.zero_grad()
                loss_d.backward()
                state.optimizer_d.step()

            # One step of G, on the z of the last D step; D's own gradients are not wanted here.
            D.requires_grad_(False)
            with autocast:
                logits = D(fakes)  # (N,)
            loss_g = softplus(-logits.float()).mean()  # -log sigmoid(D(G(z)))
            state.optimizer_g.zero_grad()
            loss_g.backward()
            state.optimizer_g.step()
            D.requires_grad_(True)
            state.update_ema()

            # Add up on the device; nothing waits for it until a line is due.
            with torch.no_grad():
                state.sums += torch.stack(
                    [loss_d, loss_g, logits_real.float().mean(), logits_fake.float().mean()]
                ).detach()
            state.n_summed += 1
            state.step += 1
            images_seen = state.step * settings.images_per_step
            bar.update(settings.images_per_step)

            # One line a log interval.
            if state.step % settings.log_interval_steps == 0:
                n_images = state.n_summed * settings.images_per_step
                means = state.read_sums()
                seconds = time.perf_counter() - started
                epoch = images_seen / (order.batches_per_epoch * settings.batch_size)
                line = {"step": state.step, "images_seen": images_seen, "epoch": round(epoch, 3), **means}
                stats.append(out, {**line, "images_per_second": round(n_images / seconds, 1)})
                bar.set_postfix(loss_d=f"{means['loss_d']:.3f}", loss_g=f"{means['loss_g']:.3f}")
                if not math.isfinite(means["loss_d"] + means["loss_g"]):
                    raise InputError(
                        f"losses at step {state.step}: no longer numbers; lower --lr-g and --lr-d "
                        "(earlier snapshots are intact)"
                    )
                if warning := watch.warning(n_images, means["loss_d"], means["logit_fake"]):
                    _warn(warning)
                started = time.perf_counter()

            # Snapshot: copies are scored and written, the state itself is left alone.
            due = state.step % settings.snapshot_interval_steps == 0 or state.step == n_steps
            if due or interruption.requested:
                before = time.perf_counter()
                gan, scores = evaluation.prepare(state)
                stats.append(out, {"step": state.step, "images_seen": images_seen, "scores": scores})
                with snapshots.new_snapshot(out, state.step, scores) as directory:
                    evaluation.write(directory, state, gan, scores)
                    state.save(directory / snapshots.RESUME_NAME)
                started += time.perf_counter() - before
            if interruption.requested:
                raise KeyboardInterrupt
    say(
        f"{out}: {state.step} steps, {state.step * settings.images_per_step} images; see {out}/best and {out}/latest"
    )


def _warn(line: str) -> None:
    tqdm.write(f"train: {line}", file=sys.stderr)


def _silent(line: str) -> None:
    pass

"""The training loop, to be read from top to bottom."""

from __future__ import annotations

import time
from pathlib import Path

from tqdm import tqdm

from dcgan_viz.data.datasets import ImageData
from dcgan_viz.errors import InputError
from train import snapshots, stats
from train.collapse import CollapseWatch
from train.evaluation import Evaluation
from train.interruption import Interruption
from train.messages import bar_interval_s, speaker, warn
from train.settings import Settings
from train.state import TrainingState
from train.step import Step


def train(settings: Settings, out: Path, data: ImageData, *, quiet: bool = False) -> None:
    """Train a DCGAN in a run directory, from wherever the run is.

    Parameters
    ----------
    settings : Settings
        Resolved ones, the same that are in the directory's ``config.json``.
    out : Path
        A run directory, made by `train.run.begin`.
    data : ImageData
        What `train.data.load_data` gave.
    quiet : bool
        Show warnings only.

    Raises
    ------
    InputError
        If the losses are no longer numbers.
    KeyboardInterrupt
        After Ctrl-C, once the state has been saved.
    """
    say = speaker(quiet)

    # Build the networks, and take up the run where it was left.
    images = data.images.to(settings.device)  # (N, C, H, W) uint8
    state = TrainingState(settings, channels=images.shape[1])
    snapshot = snapshots.take_up(out, warn)
    if snapshot is not None:
        state.load(snapshot / snapshots.RESUME_NAME)
    stats.cut_back(out, state.step)
    step = Step(settings, state, images)
    n_steps = settings.n_steps(len(images))
    images_per_epoch = len(images) // settings.batch_size * settings.batch_size
    evaluation = Evaluation(settings, images, data.name)
    if unscored := snapshots.without_score(out, evaluation.score.name):
        warn(
            f"{len(unscored)} earlier snapshots have no {evaluation.score.name} and cannot become `best`; "
            f"score them with python -m train.rescore {out}"
        )
    watch = CollapseWatch()
    bar = tqdm(
        total=n_steps * settings.images_per_step,
        initial=state.step * settings.images_per_step,
        unit="img",
        unit_scale=True,
        disable=quiet,
        mininterval=bar_interval_s(),
    )
    with Interruption() as interruption, bar:
        started = time.perf_counter()
        while state.step < n_steps:
            step()
            images_seen = state.step * settings.images_per_step
            bar.update(settings.images_per_step)

            # One line a log interval.
            if state.step % settings.log_interval_steps == 0:
                _check_finite(state)
                n_images = state.n_summed * settings.images_per_step
                means = state.read_sums()
                seconds = time.perf_counter() - started
                epoch = round(images_seen / images_per_epoch, 3)
                line = {"step": state.step, "images_seen": images_seen, "epoch": epoch, **means}
                stats.append(out, {**line, "images_per_second": round(n_images / seconds, 1)})
                bar.set_postfix(loss_d=f"{means['loss_d']:.3f}", loss_g=f"{means['loss_g']:.3f}")
                if warning := watch.warning(n_images, means["loss_d"], means["logit_fake"]):
                    warn(warning)
                started = time.perf_counter()

            # Snapshot: copies are scored and written, the state itself is left alone.
            interrupted = interruption.requested
            if interrupted:
                say("interrupted; saving the state (Ctrl-C again stops at once)")
            if interrupted or state.step % settings.snapshot_interval_steps == 0 or state.step == n_steps:
                before = time.perf_counter()
                _check_finite(state)
                gan, scores = evaluation.prepare(state)
                stats.append(out, {"step": state.step, "images_seen": images_seen, "scores": scores})
                with snapshots.new_snapshot(out, state.step, scores) as directory:
                    evaluation.write(directory, state, gan, scores)
                    state.save(directory / snapshots.RESUME_NAME)
                started += time.perf_counter() - before
                interrupted = interruption.requested  # what came meanwhile needs no other snapshot
            if interrupted:
                raise KeyboardInterrupt
    images_seen = state.step * settings.images_per_step
    say(f"{out}: {state.step} steps, {images_seen} images; see {out}/best and {out}/latest")


def _check_finite(state: TrainingState) -> None:
    if not state.is_finite():
        raise InputError(
            f"losses or weights at step {state.step}: no longer numbers; begin a new run with a lower --lr-g "
            "and --lr-d (the earlier snapshots are intact)"
        )

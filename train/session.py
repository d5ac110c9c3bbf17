"""From the first image to the last step: what `python -m train` does with a directory."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from train import lock, run
from train.data import load_data
from train.loop import train
from train.messages import warn
from train.settings import Settings


def begin(out: Path, settings: Settings, *, force: bool = False, quiet: bool = False) -> None:
    """Begin a run and train to its end.

    A run whose data cannot be used leaves nothing behind, and leaves the run that it was to replace alone.

    Parameters
    ----------
    out : Path
        Has to be empty or absent.
    settings : Settings
        Resolved ones.
    force : bool
        Replace the run that is there; other files stay.
    quiet : bool
        Show warnings only.

    Raises
    ------
    InputError
        If the directory is not free, the data cannot be used, or the losses are no longer numbers.
    KeyboardInterrupt
        After Ctrl-C; the run can be resumed.
    """
    run.check_free(out, force=force)
    out.mkdir(parents=True, exist_ok=True)
    with lock.held(out):
        fresh = not (out / run.CONFIG_NAME).exists()
        if fresh:
            run.begin(out, settings)  # a process that is killed while the data load can be resumed
        try:
            data = load_data(settings, quiet=quiet)
        except Exception:
            if fresh:
                run.discard(out)
            raise
        if not fresh:
            run.begin(out, settings)
        run.note_origin(out, data.images, warn)
        train(settings, out, data, quiet=quiet)


def go_on(out: Path, asked: Settings, given: Collection[str], *, quiet: bool = False) -> None:
    """Go on with a run to its end.

    Parameters
    ----------
    out : Path
        The run directory.
    asked : Settings
        Resolved ones from the command line.
    given : collection of str
        Names of the settings that the person gave, as for `train.run.reopen`.
    quiet : bool
        Show warnings only.

    Raises
    ------
    InputError
        If there is no such run, or it cannot go on.
    KeyboardInterrupt
        After Ctrl-C; the run can be resumed.
    """
    run.reopen(out, asked, given, save=False)  # before a lock is left in a directory that is none
    with lock.held(out):
        settings = run.reopen(out, asked, given)
        data = load_data(settings, quiet=quiet)
        run.note_origin(out, data.images, warn)
        train(settings, out, data, quiet=quiet)

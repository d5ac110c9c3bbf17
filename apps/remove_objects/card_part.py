"""The page's last part: the causal card, and what can be taken home."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from apps.remove_objects import fields, trial
from apps.remove_objects.boxes import boxes_name
from apps.remove_objects.edit_part import settings_now
from apps.remove_objects.trial import Subject, Taught
from apps.shell import controls, work
from apps.shell.bench import Bench
from apps.shell.downloads import Download, downloads, folder, provenance
from apps.shell.field import asked
from apps.shell.markdown import escaped
from apps.shell.number_card import Bar, number_card
from apps.shell.timed import Timed
from dcgan_viz.data.boxes import boxes_bytes
from dcgan_viz.figures.removal_card import card as removal_card
from dcgan_viz.figures.removal_view import RemovalView
from dcgan_viz.figures.spec import Role
from dcgan_viz.remove_objects import RemovalResult, RemovalSettings
from dcgan_viz.remove_objects.command import words_of, write
from dcgan_viz.remove_objects.settings import METHODS

_SIZES = (50, 150, 400, 1000)
_PLACE, _LAST = "removal.card", "removal.last_card"


def draw(taught: Taught, is_stale: bool) -> None:
    """Measure on demand, and show the card and the downloads.

    Parameters
    ----------
    taught : Taught
    is_stale : bool
        Whether the boxes in hand are others by now.
    """
    subject, lesson, is_own = taught.subject, taught.lesson, taught.is_own
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        controls.pills(fields.MEASURED_ON, "Fresh samples to measure on", _SIZES)
        controls.toggle(
            fields.WHOLE, "Both methods, dose curve and every layer",
            help="The whole figure of the paper's section 6.3.1. It takes minutes instead of seconds.",
        )  # fmt: skip
    settings = card_settings(settings_now(subject, lesson))
    source = _boxes_name(subject) if is_own else "annotator"
    started = asked(fields.CARD, (*subject.ground, settings))
    key = (*subject.key, settings, source)
    found = work.result(
        _PLACE, key, "Measuring",
        lambda job: trial.card(subject, lesson, settings, source, job),
        started=started, button="Measure, with its control", is_long=fields.WHOLE.get(),
    )  # fmt: skip
    if found is not None:
        started.set(True)  # also where another session has waited for it
        st.session_state[_LAST] = (subject.key, settings, key)
        _show(found.result)
    else:
        _last(subject)
    _downloads(subject, found, command_line(subject, is_own, settings), is_stale)


def in_words(settings: RemovalSettings) -> str:
    """The edit of a card, in words."""
    parts = [" and ".join(settings.methods), f"strength {settings.strength:g}"]
    if "local" in settings.methods:
        parts.append(f"log odds above {settings.fill.threshold:g}")
    if settings.n_maps is not None:
        parts.append(f"{settings.n_maps} maps")
    return f"{', '.join(parts)}, on {settings.n_fresh:,} fresh samples"


def _last(subject: Subject) -> None:
    """Show the card that was shown last, where it is of the same boxes."""
    of, settings, key = st.session_state.get(_LAST, (None, None, None))
    found = work.earlier(_PLACE, key) if of == subject.key else None
    if isinstance(found, Timed):
        st.caption(f"Below: measured before, {escaped(in_words(settings))}.")
        _show(found.result)


def card_settings(settings: RemovalSettings) -> RemovalSettings:
    """What is measured, as the controls say."""
    whole = fields.WHOLE.get()
    wanted = replace(
        settings,
        methods=METHODS if whole else settings.methods,
        quick=not whole,
    )
    return wanted.measured_on(fields.MEASURED_ON.get())


def command_line(subject: Subject, is_own: bool, settings: RemovalSettings) -> str:
    """The command that makes the same pictures and numbers."""
    boxes = ["--boxes", _boxes_name(subject)] if is_own else []
    return subject.bench.command("remove-objects", *boxes, *words_of(settings))


def _boxes_name(subject: Subject) -> str:
    return boxes_name(subject.settings.target, subject.bench.seed)


def _show(result: RemovalResult) -> None:
    view = RemovalView.from_json(result.to_json())
    best = view.best()
    view = replace(view, methods=(best, *(one for one in view.methods if one is not best)))
    bars = []
    for method in view.methods if view.has_areas else ():
        ours = Role.PAPER if method.name == "drop" else Role.OURS
        bars.append(Bar(method.name, method.target_area_ratio, method.target_area_ratio_ci95, ours))
        if (control := method.control) is not None:
            bars.append(
                Bar("its control", control.target_area_ratio, control.target_area_ratio_ci95, Role.CONTROL)
            )
    number_card(
        "removal.number_card", removal_card(view, best), bars, f"{view.target} area left, of what was there"
    )


def _downloads(subject: Subject, found: Timed[RemovalResult] | None, command: str, is_stale: bool) -> None:
    name = _boxes_name(subject)
    files = []
    if found is not None:
        made = folder(("removal", *subject.key, command), partial(_write, found, subject.bench, command))
        stem = f"remove_{Path(name).stem.removeprefix('boxes_')}"
        files = [
            *(made.download("Figure", f"{stem}.{kind}", f"figure.{kind}") for kind in ("png", "svg", "pdf")),
            made.download("Record", f"{stem}.json", "result.json"),
            Download("Everything", f"{stem}.zip", made.archive),
        ]
    button = "COCO boxes"
    if is_stale:
        button = "Boxes of this probe"
        files.append(Download(button, name, partial(boxes_bytes, subject.boxes, coco=True)))
    downloads("removal", files, command)
    if "--boxes" in shlex.split(command):
        st.caption(f"The command reads the boxes from the file of the button “{button}”, in its directory.")


def _write(found: Timed[RemovalResult], bench: Bench, command: str, directory: Path) -> None:
    write(directory, found.result, provenance(bench, command, found.duration_s))

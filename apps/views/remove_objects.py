"""Remove objects: boxes around a target, a probe that learns from them, the samples without it."""

from __future__ import annotations

import streamlit as st

from apps.remove_objects import boxes_part, card_part, edit_part, fields, trial
from apps.remove_objects.trial import Subject, Taught
from apps.shell import budget, page, work
from apps.shell.bench import current
from apps.shell.field import asked
from apps.shell.markdown import escaped
from dcgan_viz.remove_objects.lesson import Lesson
from dcgan_viz.remove_objects.probe import N_FOLDS
from dcgan_viz.remove_objects.samples import check_generator

_TAUGHT = "removal.taught"


def show() -> None:
    """Draw the page."""
    page.title(
        "Remove objects",
        "Draw boxes around something, let a probe learn which features draw it, and see samples without it.",
    )
    fields.read()
    bench = current()
    bench.require("generator")
    check_generator(bench.gan)
    budget.check(
        bench.gan, fields.N_ANNOTATED, "samples to draw boxes on", "take networks of smaller pictures"
    )
    st.subheader("Boxes", anchor=False)
    hand = boxes_part.draw(bench)
    settings = trial.learned_settings()
    boxes = hand.boxes(bench.gan, settings.target)
    if boxes is None:
        st.info("Draw a box on a sample to go on.", icon=":material/crop_square:")
        return
    subject = Subject(bench, settings, boxes)
    lesson = _lesson(subject)
    if lesson is not None:
        st.session_state[_TAUGHT] = Taught(subject, lesson, hand.is_own)
    taught = _taught(subject)
    if taught is not None:
        if lesson is None:
            st.caption("Below: what the probe learned before the last change.")
        _without(taught, is_stale=lesson is None)


def _lesson(subject: Subject) -> Lesson | None:
    """What the probe learns; None while the page shows what is lacking, a button or the progress instead."""
    lacking = N_FOLDS - len(subject.boxes.images)
    if lacking > 0:
        st.info(
            f"Draw boxes on {lacking} more sample{'s' * (lacking != 1)}: the probe is scored on samples that "
            f"it has not learned from, and {N_FOLDS} are the least. 10 make a judge, 20 and more are better.",
            icon=":material/crop_square:",
        )
        return None
    started = asked(fields.LEARNED, subject.ground)
    lesson = work.result(
        "removal.lesson", subject.key, "Training the probe", lambda job: trial.lesson(subject, job),
        started=started, button="Train the probe",
    )  # fmt: skip
    if lesson is not None:
        started.set(True)  # also where another session has waited for it
    return lesson


def _taught(subject: Subject) -> Taught | None:
    """What was learned last in this session, where it is of the same samples and target."""
    last = st.session_state.get(_TAUGHT)
    if isinstance(last, Taught) and last.subject.is_like(subject):
        return last
    return None


@page.fragment()
def _without(taught: Taught, *, is_stale: bool) -> None:
    """All that follows from the probe; runs alone when a control of it moves."""
    subject, lesson = taught.subject, taught.lesson
    _learned(lesson)
    st.subheader(escaped(f"Without {subject.settings.target}"), anchor=False)
    edit_part.draw(subject, lesson)
    st.subheader("Removed, or only damaged?", anchor=False)
    card_part.draw(taught, is_stale)


def _learned(lesson: Lesson) -> None:
    """What the probe of the chosen method knows."""
    probe, layer = lesson.probes[fields.METHOD.get()], lesson.layers[fields.METHOD.get()]
    judge = lesson.judge.to_json()
    who = (
        f"Areas are measured by: {judge['name']}."
        if "reason" not in judge
        else f"Nobody measures areas: {judge['reason']}."
    )
    st.caption(
        f"The probe at {escaped(layer.name)} tells positions inside boxes from those outside with an "
        f"AUC of **{probe.auc_heldout:.3f}** on samples it has not seen ({probe.auc_shuffled:.3f} with "
        f"shuffled labels; {probe.n_positive} positions inside, {probe.n_negative} outside). "
        f"{escaped(who)}"
    )


if __name__ == "__main__":
    show()

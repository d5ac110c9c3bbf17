"""A page of the shell's pieces that no page of the dashboard has alone: the box pad, and long work."""

import io
import os
import sys
import time
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from apps.shell import page, state
from apps.shell.box_pad import box_pad
from apps.shell.field import flag, whole, words
from apps.shell.jobs import Job
from apps.shell.work import result

BOXES = words("boxes")
STARTED = flag("started")
STEPS = whole("steps", 40, 1, 10**6)  # of 0.05 s
sys.argv[1:] = ["--linger", os.environ.get("WORKBENCH_LINGER", "60")]  # what the dashboard is started with
LOG = Path(os.environ.get("WORKBENCH_LOG", os.devnull))  # a letter for each number, and a full stop


def main() -> None:
    state.begin("workbench")
    with page.sentences():
        pad()
        slow()
    state.end()


def pad() -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.full((64, 64, 3), 128, np.uint8)).save(buffer, "PNG")
    now = [tuple(map(int, box.split("-"))) for box in BOXES.get().split(",") if box]
    box_pad(
        "pad", buffer.getvalue(), (64, 64), "A grey picture", now,  # type: ignore[arg-type]
        lambda boxes: BOXES.set(",".join("-".join(map(str, box)) for box in boxes)), most=3,
    )  # fmt: skip
    st.markdown(f"boxes={BOXES.get()};")


def note(letter: str) -> None:
    with LOG.open("a") as log:
        log.write(letter)


def slow() -> None:
    n_steps = STEPS.get()

    def work(job: Job) -> int:
        counted = 0
        try:
            for _ in job.progress(range(n_steps), "counting"):
                time.sleep(0.05)
                note("x")
                counted += 1
        finally:
            note(".")
        return counted

    key = (BOXES.get(), n_steps)
    found = result("slow", key, "Counting slowly", work, started=STARTED, button="Count")
    if found is not None:
        st.markdown(f"counted={found};")


main()

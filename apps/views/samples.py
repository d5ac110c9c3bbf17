"""Samples: the numbered sheet of a seed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from apps.shell import budget, controls, page
from apps.shell import fields as shared
from apps.shell.bench import Bench, current
from apps.shell.downloads import Download, downloads, result_folder, written, zipped
from apps.shell.fields import Pick
from apps.shell.picks import keep_picks, picked_ids
from apps.shell.pictures import sample_pngs, samples
from apps.shell.sheet import Tile, sheet
from apps.shell.state import choice, exact, whole
from dcgan_viz.sample import SampleResult, write

COUNTS = (24, 60, 120, 240)
COUNT = whole("samples", 60, 1, shared.MOST_SAMPLES)
ORDER = choice("order", "number", ("number", "best", "worst"))
_ORDERS = {"number": "by number", "best": "D's best first", "worst": "D's worst first"}
_PRIORS = {"file": "as trained", "uniform": "uniform", "normal": "normal"}


def show() -> None:
    """Draw the page."""
    page.title("Samples", "What the generator draws. Click what you want to work with on the other pages.")
    bench = current()
    bench.require("generator")
    _controls(bench)
    result = samples(bench, COUNT.get())
    _legend(bench, result)
    sheet(
        "samples.sheet", _tiles(bench, result), f"Samples of seed {bench.seed}",
        chosen=picked_ids, on_choose=keep_picks, most=shared.MOST_PICKS,
    )  # fmt: skip
    _downloads(bench, result)


def _controls(bench: Bench) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        most = budget.most(bench.gan)
        counts = {*(min(n, most) for n in COUNTS), COUNT.get()} - {0}
        controls.select(COUNT, "Samples", sorted(counts), width=96)
        if bench.gan.discriminator is not None:
            controls.select(ORDER, "Order", tuple(_ORDERS), _ORDERS.__getitem__, width=158)
        controls.select(shared.PRIOR, "Prior", tuple(_PRIORS), _PRIORS.__getitem__, width=138)
        with st.container(width=190):
            controls.slider(
                shared.TRUNCATION, "Truncation", 0.05, 1.0, 0.05,
                help="A factor on every z. Below 1 the samples are nearer to the prior's middle, more alike.",
            )  # fmt: skip
    if shared.PRIOR.get() != "file":
        st.caption(
            f"z is drawn from a {shared.PRIOR.get()} prior, whatever the checkpoint was trained with; "
            "pictures may look wrong for that alone."
        )


def _legend(bench: Bench, result: SampleResult) -> None:
    if result.logits is None:
        st.caption(f"Seed {bench.seed}; under each sample its number.")
        return
    st.caption(
        f"Seed {bench.seed}; under each sample its number and the discriminator's logit, positive for real "
        f"(mean {result.logits.mean().item():+.1f})."
    )


def _tiles(bench: Bench, result: SampleResult) -> list[Tile]:
    logits = None if result.logits is None else result.logits.tolist()
    order = list(range(len(result.z)))
    if logits is not None and ORDER.get() != "number":
        order.sort(key=lambda number: logits[number], reverse=ORDER.get() == "best")
    pictures = sample_pngs(bench, len(result.z))
    return [
        Tile(
            str(Pick(bench.seed, number)),
            pictures[number],
            f"Sample {number} of seed {bench.seed}" + (f", logit {logits[number]:.1f}" if logits else ""),
            (str(number), *([f"{logits[number]:+.1f}"] if logits else [])),
        )
        for number in order
    ]


def _downloads(bench: Bench, result: SampleResult) -> None:
    options = ["--samples", str(len(result.z))]
    if bench.truncation != 1:
        options += ["--truncation", exact(bench.truncation)]
    command = bench.command("sample", *options)
    folder = result_folder(bench, "sample", command, result.to_json(), partial(write, result=result))
    singles = result_folder(
        bench, "sample", f"{command} --files", result.to_json(), partial(write, result=result, files=True)
    )
    stem = f"samples_seed_{bench.seed}"
    downloads(
        "samples",
        [
            Download(
                "Sheet by number" if ORDER.get() != "number" else "Sheet",
                f"{stem}.png",
                lambda: written(folder, "figure.png"),
            ),
            Download("Single pictures", f"{stem}.zip", lambda: zipped(singles)),
            Download("z and logits", f"{stem}.npz", lambda: written(folder, "arrays.npz")),
            Download("Record", f"{stem}.json", lambda: written(folder, "result.json")),
        ],
        command,
    )


if __name__ == "__main__":
    show()

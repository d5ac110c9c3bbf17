"""Samples: the numbered sheet of a seed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from apps.shell import budget, controls, page
from apps.shell import fields as shared
from apps.shell.bench import Bench, current
from apps.shell.downloads import Download, downloads, folder, provenance
from apps.shell.field import choice, whole
from apps.shell.fields import Pick
from apps.shell.picks import keep_picks, picked_ids
from apps.shell.pictures import sample_pngs, timed_samples
from apps.shell.sheet import Tile, sheet
from apps.shell.timed import Timed
from dcgan_viz.cli import exact
from dcgan_viz.output import write_result
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
    found = timed_samples(bench, COUNT.get())
    result = found.result
    _legend(bench, result)
    sheet(
        "samples.sheet", _tiles(bench, result), f"Samples of seed {bench.seed}",
        chosen=picked_ids, on_choose=keep_picks, most=shared.MOST_PICKS,
    )  # fmt: skip
    _downloads(bench, found)


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


def _downloads(bench: Bench, found: Timed[SampleResult]) -> None:
    options = ["--samples", str(len(found.result.z))]
    if bench.truncation != 1:
        options += ["--truncation", exact(bench.truncation)]
    command = bench.command("sample", *options)
    key = ("samples", bench.key, command)
    sheets = folder(key, partial(_write, bench, command, found, False))
    one_by_one = f"{command} --files --out singles"
    singles = folder((*key, "singles"), partial(_write, bench, one_by_one, found, True))
    stem = f"samples_seed_{bench.seed}"
    downloads(
        "samples",
        [
            sheets.download(
                "Sheet by number" if ORDER.get() != "number" else "Sheet", f"{stem}.png", "figure.png"
            ),
            Download("Single pictures", f"{stem}.zip", singles.archive),
            sheets.download("z and logits", f"{stem}.npz", "arrays.npz"),
            sheets.download("Record", f"{stem}.json", "result.json"),
        ],
        f"{command}\n{one_by_one}",
    )


def _write(bench: Bench, command: str, found: Timed[SampleResult], is_single: bool, directory: Path) -> None:
    write(directory, found.result, files=is_single)
    noted = provenance(bench, command, found.duration_s)
    write_result(directory, "sample", found.result.to_json(), noted)


if __name__ == "__main__":
    show()

"""Filters: which patterns the discriminator's filters answer to, beside a network that has learnt nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from apps.filters.portraits import portraits
from apps.filters.strip import strip
from apps.filters.study import CROP, FILTERS, LAYER, RULE, images_option, layers_of, overview_of, portraits_of
from apps.shell import controls, page
from apps.shell.bench import Bench, current
from apps.shell.downloads import Download, downloads, folder, provenance
from apps.shell.markdown import escaped
from apps.shell.state import complain
from apps.shell.timed import Timed
from dcgan_viz.figures.wording import shape
from dcgan_viz.guided_backprop.command import write
from dcgan_viz.guided_backprop.filters import Convolution, choose_convolution
from dcgan_viz.guided_backprop.result import GuidedResult
from dcgan_viz.guided_backprop.rules import RULES
from dcgan_viz.guided_backprop.settings import GuidedSettings

_RULES = (
    "How a gradient passes back through LeakyReLU and ReLU. strict: guided backprop as written; slope: with "
    "the leak's own derivative; deconvnet: Zeiler and Fergus; plain: the gradient."
)


def show() -> None:
    """Draw the page."""
    page.title(
        "Filters",
        "Which patterns the discriminator's filters answer to, beside those of a random network.",
    )
    bench = current()
    bench.require("discriminator")
    convolution = _controls(bench)
    if images_option(bench) == "rooms":
        st.caption(
            "This checkpoint does not say that it was trained on rooms; here its filters are shown rooms all "
            r"the same. Whoever starts the dashboard can give others, with \-\-images."
        )
    settings = GuidedSettings(LAYER.get() or None, _wanted(convolution), RULE.get())
    found = overview_of(bench, LAYER.get())
    if found is None:
        return
    strip(found)
    if settings.filters is None:
        st.caption("Below, the first filters of the layer. Click others above to see those instead.")
    guided = portraits_of(bench, settings)
    if guided is None:
        return
    result = guided.result
    portraits("filters.portraits", result, crop=CROP.get())
    _facts(result)
    _downloads(bench, settings, guided)


def _controls(bench: Bench) -> Convolution:
    found = layers_of(bench.key, bench.gan)
    usual = choose_convolution(found, None)
    if LAYER.get() == usual.name:
        LAYER.set("")
    names = {"" if one == usual else one.name: f"{one.name}, {shape(one.shape)}" for one in found}
    if LAYER.get() not in names:
        complain(f"Layer {LAYER.get()!r}: no convolution of that name. {usual.name} is shown instead.")
        LAYER.set("")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        controls.select(LAYER, "Layer", tuple(names), names.__getitem__, width=230)
        controls.pills(RULE, "Rule", tuple(RULES), help=_RULES)
        controls.toggle(CROP, "Cut to what the position sees")
    return choose_convolution(found, LAYER.get() or None)


def _wanted(convolution: Convolution) -> tuple[int, ...] | None:
    """The chosen filters, or None for the usual ones; those that only another layer has are left out."""
    there = tuple(index for index in FILTERS.get() if index < convolution.shape[0])
    if there != FILTERS.get():
        FILTERS.set(there)
    return there or None


def _facts(result: GuidedResult) -> None:
    dead = f"{len(result.dead)} of them dead" if result.dead else "none of them dead"
    facts = [
        f"Of {result.source}, those with the largest responses.",
        f"{result.layer} has {shape(result.shape)}; {dead}.",
        f"Rule {result.rule}, on {result.n_guided} activations.",
    ]
    if result.unguided:
        others = ", ".join(f"{name} ({count})" for name, count in result.unguided.items())
        facts.append(f"Without a rule, and therefore with their plain gradient: {others}.")
    if any(one.selectivity for one in result.filters):
        facts.append(
            "Numbers: share of guided energy inside a class's mask over the class's share of the area, with "
            "95 % intervals over images; 1 is a filter that does not care."
        )
    else:
        facts.append("What the filters answer to is not known: these images come without masks.")
    if result.audit is not None:
        facts.append(f"captum made {result.audit.n_maps} of the maps again.")
    st.caption(escaped(" ".join([*facts, "Each map by its own contrast."])))


def _downloads(bench: Bench, settings: GuidedSettings, found: Timed[GuidedResult]) -> None:
    result = found.result
    options = ["--layer", settings.layer] if settings.layer else []
    options += ["--filters", ",".join(map(str, settings.filters))] if settings.filters else []
    options += ["--rule", settings.rule] if settings.rule != GuidedSettings.rule else []
    images = images_option(bench)
    options += ["--images", images] if images else []
    options += ["--crop"] if CROP.get() else []
    command = bench.command("guided-backprop", *options)
    files = folder(("filters", bench.key, command), partial(_write, bench, command, found, CROP.get()))
    stem = f"filters_{result.layer}_seed_{bench.seed}"
    downloads(
        "filters",
        [
            *(files.download("Figure", f"{stem}.{kind}", f"figure.{kind}") for kind in ("png", "svg", "pdf")),
            files.download("Images and maps", f"{stem}.npz", "arrays.npz"),
            files.download("Record", f"{stem}.json", "result.json"),
            Download("Everything", f"{stem}.zip", files.archive),
        ],
        command,
    )


def _write(bench: Bench, command: str, found: Timed[GuidedResult], crop: bool, directory: Path) -> None:
    write(directory, found.result, provenance(bench, command, found.duration_s), crop=crop)


if __name__ == "__main__":
    show()

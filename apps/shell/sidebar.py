"""The sidebar: which networks, which seed, which statistics."""

from __future__ import annotations

import random
from collections.abc import Callable

import streamlit as st

from apps.shell import controls, models, page, uploads, work
from apps.shell import fields as shared
from apps.shell.bench import Bench, look
from apps.shell.checkpoints import GIVEN, RUN, UPLOAD, Checkpoint, checkpoint, given_label, roots
from apps.shell.jobs import Job
from apps.shell.markdown import escaped
from apps.shell.picks import pick_strip
from apps.shell.roots import Run
from apps.shell.startup import startup
from apps.shell.state import complain
from apps.shell.widgets import showing
from dcgan_viz.models.loading import embedded

MOST_ASSUMPTIONS = 2  # that are told without being asked for
_CHOICE = "sidebar.checkpoint"
_STEP = "sidebar.step"
_OPENING = "sidebar.opening"
_BATCHNORM = {
    "file": "as the file has it",
    "running": "running statistics",
    "calibrated": "calibrated on the prior",
    "batch": "statistics of the batch",
}


def draw() -> None:
    """Draw it, and note what the pages look at."""
    _begin()
    with st.sidebar:
        found = page.or_sentence(lambda: checkpoint(_reference(), shared.ARCH.get()))
        seed = _seed()
        device = _device()
        batchnorm = controls.select(
            shared.BATCHNORM, "BatchNorm", tuple(_BATCHNORM), _BATCHNORM.__getitem__,
            help="Which mean and variance the normalising layers use.",
        )  # fmt: skip
        if isinstance(found, Checkpoint):
            it = found
            bench = page.or_sentence(lambda: _opened(it, batchnorm, device, seed))
        else:
            bench = found
        look(bench)
        if not isinstance(bench, Bench):
            return
        page.name_files({bench.gan.provenance.path: bench.checkpoint.label})
        _warn(bench, batchnorm)
        _facts(bench)
        if bench.gan.generator is not None:
            pick_strip(bench, "sidebar.picks", least_px=52)


def _begin() -> None:
    """Take up what the server's command line says, unless a link says otherwise."""
    if "sidebar.begun" in st.session_state:
        return
    st.session_state["sidebar.begun"] = True
    if startup().model is not None and shared.CHECKPOINT.name not in st.query_params:
        shared.CHECKPOINT.set(GIVEN)
    if startup().device != "auto" and shared.DEVICE.name not in st.query_params:
        shared.DEVICE.set(startup().device)


def _opened(found: Checkpoint, batchnorm: str, device: str, seed: int) -> Bench | Callable[[], None]:
    """The networks, or what shows how far they are from being open."""
    prior = shared.PRIOR.get()
    if models.takes_long(found, batchnorm) and not models.is_open(found, batchnorm, prior, device):
        progress = work.awaited(
            _OPENING, models.key_of(found, batchnorm, prior, device), f"Opening {found.label}",
            lambda job: _open(found, batchnorm, prior, device, job),
        )  # fmt: skip
        if progress is not None:
            return progress
    work.forget(_OPENING)
    gan = models.opened(found, batchnorm, prior, device)
    return Bench(
        found,
        gan,
        f"{models.key_of(found, batchnorm, prior, device)} {gan.provenance.sha256}",
        models.options_of(found, batchnorm, prior, shown=True),
        device,
        seed,
        shared.TRUNCATION.get(),
    )


def _open(found: Checkpoint, batchnorm: str, prior: str, device: str, job: Job) -> None:
    words = "estimating its BatchNorm statistics"
    models.opened(found, batchnorm, prior, device, lambda batches: job.progress(batches, words))


def _reference() -> str:
    """Let a person choose a checkpoint; the reference of the chosen one."""
    now = shared.CHECKPOINT.get()
    runs = {f"{RUN}{run.name}": run for run in roots().look()[0]}
    kept = [f"{UPLOAD}{digest}" for digest in uploads.uploads().files]
    given = [GIVEN] if startup().model is not None else []
    options = [*given, *embedded(), *runs, *kept]
    whole = now.partition("@")[0] if now.startswith(RUN) else now
    if whole not in options:
        options.append(whole)

    def changed() -> None:
        wanted = st.session_state[_CHOICE]
        shared.choose_checkpoint(f"{wanted}@{_first_step(runs[wanted])}" if wanted in runs else wanted)

    names = {reference: _name(reference) for reference in options}
    told = showing(_CHOICE, whole, {"index": options.index(whole)}, tuple(names.values()))
    st.selectbox("Checkpoint", options, key=_CHOICE, on_change=changed, format_func=names.__getitem__, **told)
    if whole in runs:
        _snapshot(runs[whole], whole)
    _upload()
    return shared.CHECKPOINT.get()


def _name(reference: str) -> str:
    """What a person calls a checkpoint."""
    if reference == GIVEN:
        return f"{given_label(startup())} (of this server)"
    if reference.startswith(RUN):
        return f"run {reference.removeprefix(RUN)}"
    if reference.startswith(UPLOAD):
        files = uploads.uploads().files
        known = [files.get(digest) for digest in reference.removeprefix(UPLOAD).split("+")]
        return " and ".join(file.name if file else "a file to be uploaded" for file in known)
    return f"{reference} (embedded)" if reference in embedded() else reference


def _first_step(run: Run) -> int:
    steps = run.steps()
    return run.named_step("best") or (steps[-1] if steps else 0)


def _snapshot(run: Run, whole: str) -> None:
    """Let a person choose a step of a run."""
    steps = run.steps()
    if not steps:
        return
    now = shared.CHECKPOINT.get().partition("@")[2]
    marks = {run.named_step(name): name for name in ("latest", "best")}
    step = int(now) if now.isdecimal() and int(now) in steps else steps[-1]
    options = steps[::-1]

    def name(step: int) -> str:
        return f"step {step:,}" + (f" ({marks[step]})" if step in marks else "")

    def changed() -> None:
        shared.CHECKPOINT.set(f"{whole}@{st.session_state[_STEP]}")

    told = showing(_STEP, step, {"index": options.index(step)}, tuple(map(name, options)))
    st.selectbox("Snapshot", options, key=_STEP, on_change=changed, format_func=name, **told)


def _upload() -> None:
    with st.popover("Upload a checkpoint", icon=":material/upload:", width="stretch"):
        st.caption("Nothing in the file is run. The server's copy is removed when this session ends.")
        first = st.file_uploader("Networks", type=list(uploads.FORMATS), key="sidebar.upload")
        second = st.file_uploader(
            "Discriminator, where it is in a file of its own",
            type=list(uploads.FORMATS),
            key="sidebar.upload2",
        )
        controls.text(
            shared.ARCH,
            "Architecture, where the file does not say it",
            placeholder="g=4/1/0,4/2/1,4/2/1,4/2/1",
        )
    if first is None:
        st.session_state.pop("sidebar.seen", None)
        return
    kept = [uploads.keep(file) for file in (first, second) if file is not None]
    reference = UPLOAD + "+".join(file.sha256[: uploads.HASH_DIGITS] for file in kept)
    if st.session_state.get("sidebar.seen") != reference:  # once: afterwards the list decides
        st.session_state["sidebar.seen"] = reference
        if not _waits_for(reference):
            shared.choose_checkpoint(reference, shared.ARCH.get())
        st.rerun()


def _waits_for(reference: str) -> bool:
    """Whether the link is of this upload already, with settings that belong to it, or of it and another."""
    return shared.CHECKPOINT.get() == reference or shared.CHECKPOINT.get().startswith(f"{reference}+")


def _seed() -> int:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        left = st.container()
        if st.button("New", help="Draw another seed", key="sidebar.dice"):
            shared.SEED.set(random.SystemRandom().randrange(2**16))
    with left:
        return controls.entry(shared.SEED, "Seed", 0, 2**32 - 1)


def _device() -> str:
    """Let a person choose a device where there is a choice."""
    import torch

    gpus = [f"cuda:{n}" for n in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    others = [*gpus, *(["mps"] if torch.backends.mps.is_available() else [])]
    options = ["auto", "cpu", *others, *(["cuda"] if gpus and shared.DEVICE.get() == "cuda" else [])]
    if shared.DEVICE.get() not in options:
        complain(f"Device {shared.DEVICE.get()!r}: not on this server; the usual one is used instead.")
        shared.DEVICE.set(shared.DEVICE.default)
    if not others:
        return shared.DEVICE.get()
    return controls.select(shared.DEVICE, "Device", options)


def _warn(bench: Bench, batchnorm: str) -> None:
    """Say in plain words what the statistics do to what is seen."""
    found = bench.gan.batchnorm.get("generator")
    if found is not None and found.mode == "batch":
        st.warning("Each picture now depends on the others that are drawn with it. Two sheets that share a "
                   "sample may show it differently.", icon=":material/warning:")  # fmt: skip
    elif found is not None and found.mode == "calibrated" and batchnorm == "calibrated":
        st.info(f"The generator's statistics are estimated anew ({found}); its pictures differ from those of "
                "the file's own statistics.")  # fmt: skip
    if bench.gan.discriminator is None:
        st.info("This checkpoint has no discriminator: there are no logits.")


def _facts(bench: Bench) -> None:
    gan = bench.gan
    prior = f"z of {gan.prior.size}, {gan.prior.kind}" if gan.prior is not None else "no generator"
    st.caption(
        f"{gan.image_size} px, {'colour' if gan.channels == 3 else 'grey'}; {prior}"
        + (f", times {bench.truncation:g}" if bench.truncation != 1 else "")
        + f"  \nsha256 {gan.provenance.sha256[:12]}"
    )
    clauses = gan.provenance.assumptions
    is_long = len(clauses) > MOST_ASSUMPTIONS
    place = st.expander(f"{len(clauses)} assumptions about this file") if is_long else st.container(gap=None)
    with place:
        for clause in clauses:
            st.caption(escaped(f"{clause}." if is_long else f"Assumed: {clause}."))

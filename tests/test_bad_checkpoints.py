"""What people hand over by mistake, through a real command: one clear line, the right exit code, no rest."""

import json
import os
import shlex
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from click.testing import CliRunner

from dcgan_viz.sample import main
from tests import bad_files as files
from tests.bad_files import (
    changed,
    converted,
    directory,
    having,
    holding,
    nothing,
    of,
    pair,
    release,
    saved,
    without,
)
from tests.models.importers import foreign_generators as painters

LIMIT_S = 20
G = "--checkpoint G.pth"
PAINTER = saved(files.painter)
NOT_UTF_8 = os.fsdecode(b"\xff.pth")
UPSAMPLING = "--generator tests.models.strangers:Upsampling"
OWN = "--generator tests.bad_networks:"
JUDGED = f"{UPSAMPLING} --discriminator tests.bad_networks:"


class Case(NamedTuple):
    make: Callable[[], object]
    arguments: str
    words: str
    code: int = 1


def good(make: Callable[[], object], arguments: str, words: str = "") -> Case:
    """Opens, and says so."""
    return Case(make, arguments, words, 0)


def usage(make: Callable[[], object], arguments: str, words: str) -> Case:
    return Case(make, arguments, words, 2)


WRONG_KINDS = {
    "HTML": Case(of(b"<!DOCTYPE html>\n<html>Sign in"), G, "G.pth: an HTML page"),
    "LFS pointer": Case(of(b"version https://git-lfs.github.com/spec/v1\noid"), G, "a Git LFS pointer"),
    "PNG": Case(files.picture("png"), G, "a picture"),
    "JPEG": Case(files.picture("jpeg"), G, "a picture"),
    "text": Case(of(b"epoch,loss\n1,0.5\n"), G, "begins with 'epoch,lo', which no checkpoint does"),
    "empty file": Case(of(b""), G, "an empty file"),
    "gzip": Case(files.gzipped, G, "a gzip archive; unpack it"),
    "npz": Case(files.npz, G, "a zip archive, but not one that torch.save wrote"),
    "Keras": Case(files.zipped, G, "a zip archive, but not one that torch.save wrote"),
    "HDF5": Case(of(b"\x89HDF\r\n\x1a\n" + bytes(500)), G, "an HDF5 file (Keras)"),
    "tar": Case(files.tarred, G, "a tar archive; unpack it"),
    "truncated": Case(files.truncated, G, "truncated or damaged"),
    "TorchScript": Case(files.scripted, G, "a TorchScript archive, which holds code"),
    "pickled module": Case(saved(painters.examples64), G, "foreign_generators.Main'), which can run code"),
    "joblib": Case(
        files.joblib_pickle, G, "(needs 'joblib.numpy_pickle.NumpyArrayWrapper'), which can run code"
    ),
    "pickle": Case(files.pickled(), G, "_reconstruct'), which can run code"),
    "pickle that runs": Case(files.hostile, G, "mkdir'), which can run code"),
    "npy of objects": Case(files.objects, "--checkpoint G.npy", "a single numpy array"),
    "array of objects in a release": Case(files.object_in_a_release, "--checkpoint release", "_02.npy: "),
    "segmenter": Case(
        nothing, f"--checkpoint {files.ASSETS}/judge.safetensors", "a segmenter of rooms, no GAN"
    ),
    "classifier": Case(saved(files.classifier), G, "7 gives 10 numbers, as a classifier"),
    "optimizer": Case(saved(files.optimizer), G, "an optimizer's state and no network's"),
    "tensor": Case(saved(lambda: torch.zeros(3, 4)), G, "a single tensor of shape (3, 4)"),
    "losses": Case(saved(lambda: [0.5, 0.25]), G, "holds a list, no state dict"),
    "nothing": Case(saved(dict), G, "it holds nothing"),
    "settings": Case(saved(lambda: {"epoch": 3, "lr": 0.1}), G, "it holds epoch, lr"),
}

WEIGHTS = {
    "missing weight": Case(without("main.3.weight"), G, "gives 32, which main.6.weight"),
    "missing last layer": Case(without("main.12.weight"), G, "main.9 draws 4 channels"),
    "missing statistics": Case(without("main.4.running_mean"), G, "main.4.running_mean is missing"),
    "missing shift": Case(without("main.4.bias"), G, "main.4.bias is missing"),
    "extra key": Case(having(main__4__noise=torch.zeros(3)), G, "main.4.noise has no place"),
    "extra layer": Case(
        having(head__weight=torch.zeros(10, 3)), G, "which head.weight (10, 3) does not take"
    ),
    "contradiction": Case(
        having(main__3__weight=torch.zeros(33, 16, 4, 4)), G, "main.0.weight (20, 32, 4, 4) gives 32"
    ),
    "contradicting statistics": Case(
        having(main__4__running_var=torch.zeros(33)), G, "main.4.running_var (33,) contradicts"
    ),
    "negative variance": Case(having(main__4__running_var=-torch.ones(16)), G, "values that are no numbers"),
    "NaN": Case(holding(float("nan")), G, "main.3.weight holds NaN or infinity"),
    "infinity": Case(holding(float("inf")), G, "main.3.weight holds NaN or infinity"),
    "beyond float32": Case(files.beyond_float32, G, "main.3.weight holds NaN or infinity (as float32)"),
    "float16": good(converted(torch.float16), G, "generator: float16 converted to float32"),
    "bfloat16": good(converted(torch.bfloat16), G, "generator: bfloat16 converted to float32"),
    "float64": good(converted(torch.float64), G, "generator: float64 converted to float32"),
    "integers": Case(converted(torch.int64), G, "main.0.weight is of type int64"),
    "complex": Case(converted(torch.complex64), G, "a complex tensor"),
    "no numbers": Case(having(main__3__weight=torch.zeros(0, 16, 4, 4)), G, "with nothing in it"),
    "vast by strides": Case(
        having(main__0__weight=torch.zeros(1).expand(20, 1 << 30, 4, 4)), G, "in a storage of 4 bytes"
    ),
    "vast by its header": Case(files.claiming(1 << 40), "--checkpoint G.safetensors", "width 1099511627776"),
    "wide by its header": Case(
        files.claiming(1 << 20), "--checkpoint G.safetensors", "has shape (100, 512, 4, 4)"
    ),
    "a name twice": Case(
        changed(lambda state: state.update({"module.main.0.weight": state["main.0.weight"]})),
        G,
        "both stand for main.0.weight",
    ),
    "two generators": Case(
        saved(lambda: {"a": files.painter(), "b": files.painter()}), G, "several generators in it (a, b)"
    ),
    "five channels": Case(having(main__12__weight=torch.zeros(4, 5, 4, 4)), G, "main.12 draws 5 channels"),
    "from CUDA": good(files.on_a_gpu(legacy=False), G),
    "from CUDA, legacy": good(files.on_a_gpu(legacy=True), G),
    "embedding": Case(having(label_embedding__weight=torch.zeros(10, 20)), G, "conditional: it needs labels"),
    "labels joined to z": Case(saved(files.of_110_numbers), G, "conditional: it needs labels"),
    "no labels joined to z": good(saved(files.of_110_numbers), f"{G} --arch nz=110"),
}

OPTIONS = {
    "prior of another kind": Case(PAINTER, f"{G} --prior cauchy", "prior 'cauchy': not known"),
    "prior of another size": Case(PAINTER, f"{G} --prior normal:7", "nor as (2, 7, 1, 1)"),
    "prior of no number": Case(PAINTER, f"{G} --prior normal:²", "'²' is no size"),
    "vast prior": Case(PAINTER, f"{G} --prior normal:2000000000000", "more than 1,000,000"),
    "prior of a discriminator": Case(saved(files.judge), f"{G} --prior normal", "no generator to feed"),
    "no statistics": good(files.without_statistics, G, "no running statistics: BatchNorm over the batch"),
    "no statistics to run with": Case(
        files.without_statistics, f"{G} --batchnorm running", "its generator has no running statistics"
    ),
    "unknown statistics": Case(PAINTER, f"{G} --batchnorm mine", "batchnorm 'mine': not known"),
    "calibrated on one": Case(PAINTER, f"{G} --batchnorm calibrated:1", "at least 2"),
    "calibrated on too many": Case(
        PAINTER, f"{G} --batchnorm calibrated:9999999999999", "more than 1,000,000; use fewer"
    ),
    "calibrated by no seed": Case(PAINTER, f"{G} --batchnorm calibrated:128:99999999999", "seed 99999999999"),
    "preset of another format": Case(PAINTER, f"{G} --arch svhn", "--arch 'svhn': not understood"),
    "unknown key of --arch": Case(PAINTER, f"{G} --arch x=1", "--arch 'x=1': not understood"),
    "half a window": Case(PAINTER, f"{G} --arch g=4/1", "'4/1' is no kernel/stride/padding"),
    "too few windows": Case(PAINTER, f"{G} --arch g=4/1/0", "does not fit its kernels"),
    "unknown activation": Case(PAINTER, f"{G} --arch act=gelu", "act=gelu: not known"),
    "vast strides": Case(PAINTER, f"{G} --arch g=4/16/0{',4/16/1' * 4}", "200978 px; correct it"),
    "unknown preset": Case(release(), "--checkpoint release --arch lsun", "arch 'lsun': no preset"),
    "wrong preset": Case(release(), "--checkpoint release --arch faces64", "_11.npy: missing"),
    "weights without a class": Case(PAINTER, "--weights G.pth", "there is no class to use it on"),
}

PLACES = {
    "nowhere": Case(nothing, G, "G.pth: no such file, nor an embedded checkpoint"),
    "below a file": Case(PAINTER, "--checkpoint G.pth/x", "G.pth/x: no such file"),
    "no name": Case(nothing, "--checkpoint ''", "an empty path"),
    "no name of a second file": usage(PAINTER, f"{G} --discriminator-checkpoint ''", "'' is no path"),
    "long name": Case(nothing, f"--checkpoint {'long' * 2000}", "cannot be read (File name too long)"),
    "long path": Case(nothing, f"--checkpoint {'a/' * 5000}", "cannot be read (File name too long)"),
    "NUL": Case(nothing, "--checkpoint a\0b", r"a\x00b: cannot be read"),
    "NUL in weights": usage(nothing, f"{UPSAMPLING} --weights a\0b", r"'a\x00b' is no path"),
    "escape sequence": Case(nothing, "--checkpoint \x1b[31mG.pth", r"\x1b[31mG.pth: no such file"),
    "not UTF-8": good(saved(files.painter, NOT_UTF_8), f"--checkpoint {NOT_UTF_8}"),
    "FIFO": Case(lambda: os.mkfifo("G.pth"), G, "not a regular file"),
    "FIFO for a snapshot": Case(
        lambda: os.mkfifo("G.safetensors"), "--checkpoint G.safetensors", "not a regular file"
    ),
    "FIFO for weights": Case(
        lambda: os.mkfifo("G.pth"), f"{UPSAMPLING} --weights G.pth", "not a regular file"
    ),
    "FIFO in a directory": Case(files.fifo_in_a_directory, "--checkpoint outputs", "not a regular file"),
    "socket": Case(files.bound_socket, G, "not a regular file"),
    "device": Case(nothing, "--checkpoint /dev/zero", "not a regular file"),
    "kernel's file": Case(files.of_the_kernel, "--checkpoint /proc/self/maps", "an empty file"),
    "links in a circle": Case(files.loop, G, "Too many levels of symbolic links"),
    "link to nowhere": Case(lambda: Path("G.pth").symlink_to("gone.pth"), G, "G.pth: no such file"),
    "not to be read": Case(files.unreadable, G, "G.pth: cannot be read"),
    "empty directory": Case(directory(), "--checkpoint outputs", "outputs: neither a snapshot nor a run"),
    "directory of pictures": Case(directory("a.png"), "--checkpoint outputs", "neither a snapshot nor a run"),
    "directory for weights": Case(directory(), f"{UPSAMPLING} --weights outputs", "outputs: a directory"),
    "dangling latest": Case(
        files.run("snapshots/step_00000100"), "--checkpoint run", "latest leads to snapshots/step_00000100"
    ),
    "step of a run": Case(
        files.run("gone"), f"--checkpoint run --step {'9' * 5000}", "neither a snapshot nor"
    ),
    "step of a directory": Case(
        files.epochs, "--checkpoint outputs --step 7", "use latest, or one of 0, 1, 2"
    ),
    "step of 5000 digits": Case(
        files.epochs, f"--checkpoint outputs --step {'9' * 5000}", "latest, or one of 0"
    ),
    "step of a file": Case(
        files.epochs, "--checkpoint outputs/netG_epoch_1.pth --step 1", "leave --step out"
    ),
    "last discriminator missing": good(
        files.epochs, "--checkpoint outputs", "netG_epoch_2.pth, the latest of 3"
    ),
    "discriminator missing": Case(
        files.epochs,
        "--checkpoint outputs --discriminator-checkpoint outputs/netD_epoch_2.pth",
        "outputs/netD_epoch_2.pth: no such file",
    ),
    "missing array": Case(release(missing=3), "--checkpoint release", "200_gen_params.jl_03.npy: missing"),
    "missing last array": Case(
        release(missing=10), "--checkpoint release", "9 of a generator are not the number"
    ),
    "arrays elsewhere": Case(
        release(arrays=False), "--checkpoint release", "its arrays (200_gen_params.jl_01"
    ),
}

PAIRS = {
    "other channels": Case(
        pair(files.grey_painter), "--checkpoint netG_epoch_7.pth", "channels, the generator draws 1"
    ),
    "other size": Case(
        pair(files.painter_of_96_px), "--checkpoint netG_epoch_7.pth", "do not agree on an image size"
    ),
    "two generators for a pair": Case(
        PAINTER, f"{G} --discriminator-checkpoint G.pth", "here is only a generator"
    ),
    "discriminator for a generator": Case(
        saved(files.judge), G, "it holds no generator, which drawing images needs"
    ),
    "discriminator for the rooms": Case(
        pair(),
        "--discriminator-checkpoint netD_epoch_7.pth",
        "rooms.safetensors has a discriminator of its own",
    ),
    "the wrong way round": good(
        pair(), "--checkpoint netD_epoch_7.pth --discriminator-checkpoint netG_epoch_7.pth", "LeakyReLU 0.2"
    ),
}

CLASSES = {
    "no such module": Case(nothing, "--generator gone:Net", "gone:Net: no module 'gone'"),
    "no such class": Case(nothing, f"{OWN}Gone", "no 'Gone' in that module; it has"),
    "no class named": Case(nothing, "--generator tests.bad_networks", "not of the form package.module:Class"),
    "file for a module": Case(nothing, "--generator nets.py:Net", "not of the form package.module:Class"),
    "syntax error": Case(
        of(b"def f(:\n", "crooked.py"), "--generator crooked:Net", "crooked.py:1: SyntaxError"
    ),
    "import error": Case(
        of(b"import gone\n", "lacking.py"), "--generator lacking:Net", "No module named 'gone'"
    ),
    "not a module": Case(
        nothing, "--generator os:getcwd", "gives an object of class str, no torch.nn.Module"
    ),
    "unknown argument": Case(
        nothing, f"{UPSAMPLING} --generator-args '{{\"ngf\": 1}}'", "unexpected keyword argument 'ngf'"
    ),
    "impossible argument": Case(
        nothing, f"{UPSAMPLING} --generator-args '{{\"width\": -1}}'", "cannot be built"
    ),
    "vast argument": Case(
        nothing, f"{UPSAMPLING} --generator-args '{{\"nz\": 1000000000000}}'", "cannot be built"
    ),
    "bad JSON": Case(nothing, f"{UPSAMPLING} --generator-args '{{nz'", "not JSON"),
    "JSON list": Case(nothing, f"{UPSAMPLING} --generator-args [1]", "JSON, but no object"),
    "deep JSON": Case(nothing, f"{UPSAMPLING} --generator-args {'[' * 100_000}", "not JSON"),
    "weights of another class": Case(PAINTER, f"{UPSAMPLING} --weights G.pth", "does not fit"),
    "labels": Case(nothing, f"{OWN}Labelled", "conditional: forward(z, labels) needs labels"),
    "labels by default": Case(nothing, f"{OWN}Embedding", "perhaps it is conditional: it needs labels"),
    "labels fixed, size of both": Case(
        nothing, f"{OWN}Fixed", "give the size of z alone, --prior normal:SIZE"
    ),
    "labels fixed": good(nothing, f"{OWN}Fixed --prior normal:5"),
    "forward raising": Case(nothing, f"{OWN}Raising", "RuntimeError: not today or ever"),
    "forward leaving": Case(nothing, f"{OWN}Leaving", "SystemExit: gone"),
    "text for images": Case(nothing, f"{OWN}Texting", "returns a str instead of images"),
    "bytes": Case(nothing, f"{OWN}Bytes", "outside of [-1, 1]"),
    "NaN images": Case(nothing, f"{OWN}Undefined", "values that are no numbers"),
    "oblong images": Case(nothing, f"{OWN}Oblong", "returns (8, 3, 32, 16)"),
    "printing": good(nothing, f"{OWN}Printing", "shape torch.Size([8, 5])"),
    "probabilities": good(nothing, f"{JUDGED}Probable", "the discriminator returns probabilities"),
    "(N, 1, 1, 1)": good(nothing, f"{JUDGED}Square"),
    "tuple": Case(nothing, f"{JUDGED}Pair", "it returns a tuple of 2"),
    "patches": Case(nothing, f"{JUDGED}Patches", "it judges patches, (8, 1, 4, 4)"),
    "classes": Case(nothing, f"{JUDGED}Classes", "it gives several numbers, (8, 10)"),
    "grey judge of colours": Case(nothing, f"{JUDGED}Grey", "images (8, 3, 32, 32) do not pass"),
}

CASES = {**WRONG_KINDS, **WEIGHTS, **OPTIONS, **PLACES, **PAIRS, **CLASSES}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty current directory, in which no test may take longer than `LIMIT_S`."""
    monkeypatch.chdir(tmp_path)
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail(f"still not done after {LIMIT_S} s"))
    signal.alarm(LIMIT_S)
    yield tmp_path
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_no_name_stands_for_two_cases() -> None:
    assert len(CASES) == sum(map(len, (WRONG_KINDS, WEIGHTS, OPTIONS, PLACES, PAIRS, CLASSES)))
    assert len(CASES) >= 100


@pytest.mark.parametrize("name", CASES)
def test_what_people_hand_over(here: Path, name: str) -> None:
    case = CASES[name]
    case.make()
    arguments = [*shlex.split(case.arguments), "--samples", "4", "--device", "cpu", "--json", "--out", "out"]
    result = CliRunner().invoke(main, arguments)
    assert isinstance(result.exception, SystemExit | None), "a traceback"
    assert result.exit_code == case.code, result.stderr
    assert case.words in result.stderr
    assert "Traceback" not in result.stderr
    assert not (here / "the-pickle-ran").exists()
    if case.code == 0:
        assert json.loads(result.stdout)["n_samples"] == 4
        assert "Error: " not in result.stderr
        return
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.endswith("\n")
    line = result.stderr[:-1]
    assert line.isprintable()  # so it is one line
    assert len(line) < 2200
    assert not (here / "out").exists()

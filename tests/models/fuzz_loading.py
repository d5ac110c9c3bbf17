"""Loads mutated copies of valid files and prints, a JSON line each, what came of it.

``python -m tests.models.fuzz_loading DIRECTORY COUNT SEED``: DIRECTORY has a file or directory of each kind
in `SOURCES`. One process opens them all, so a crash ends it and tells which copy it was; an alarm ends what
takes over 5 s. While a file is being opened an audit hook notes whatever runs a program, executes code,
resolves a pickle's name, opens a socket, or writes a file.
"""

import faulthandler
import json
import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import load
from tests.models.mutations import BY_KIND, Mutation

SOURCES = {
    "safetensors": "weights.safetensors",
    "theano": "release",
    "torch": "netG_epoch_24.pth",
    "torch-legacy": "netG_epoch_9.pth",
}
LIMIT_SECONDS = 5
RUNS_TRUE = b"cos\nsystem\n(X\x04\0\0\0truetR."
# The beginnings of audit events (docs.python.org/3/library/audit_events.html).
FORBIDDEN = (
    *(
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.fork",
        "os.kill",
        "os.startfile",
        "os.putenv",
    ),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink"),
    *("os.truncate", "shutil.", "tempfile.", "subprocess.", "socket.", "urllib.", "webbrowser.", "pty."),
    *("pickle.find_class", "code.__new__", "function.__new__", "ctypes.dlopen", "builtins.breakpoint"),
    *("sys.addaudithook", "sys.settrace", "sys.setprofile"),
)


class TookTooLong(BaseException):
    """No importer may catch this and go on."""


class Watch:
    """An audit hook that notes what must not happen while a file is being opened."""

    def __init__(self, own: tuple[str, ...]) -> None:
        self.own = own
        self.on = False
        self.seen: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event.startswith(FORBIDDEN):
            self.seen.append(f"{event} {arguments!r:.200}")
        elif event == "exec" and not self.is_own(getattr(arguments[0], "co_filename", "?")):
            self.seen.append(f"exec of {arguments[0]!r:.200}")
        elif event == "open" and self.writes(arguments):
            self.seen.append(f"open for writing {arguments!r:.200}")

    def is_own(self, filename: str) -> bool:
        """A module of Python, of a package or of this repository, imported late."""
        return filename.startswith(("<frozen ", *self.own))

    @staticmethod
    def writes(arguments: tuple[Any, ...]) -> bool:
        _, mode, flags = arguments
        by_mode = isinstance(mode, str) and any(letter in mode for letter in "wax+")
        return by_mode or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


def options(kind: str, index: int) -> dict[str, Any]:
    """Theano's networks would all be calibrated, which takes a while; one in twenty shows that it works."""
    return {"batchnorm": "batch"} if kind == "theano" and index % 20 else {}


def attempt(path: Path, watch: Watch, **arguments: Any) -> dict[str, Any]:
    watch.seen.clear()
    faulthandler.dump_traceback_later(3 * LIMIT_SECONDS, exit=True)
    signal.alarm(LIMIT_SECONDS)
    start = time.perf_counter()
    watch.on = True
    try:
        gan = load(path, **arguments)
        outcome, line = ("opened" if isinstance(gan, Gan) else f"gave a {type(gan).__name__}"), ""
    except InputError as error:
        outcome, line = "refused", str(error)
    except TookTooLong:
        outcome, line = "took too long", traceback.format_exc()
    except BaseException as error:
        outcome, line = f"raised {type(error).__name__}", traceback.format_exc()
    finally:
        watch.on = False
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
    seconds = time.perf_counter() - start
    return {"outcome": outcome, "line": line, "seconds": seconds, "events": list(watch.seen)}


def target(original: Path, random: Random) -> Path:
    return random.choice(sorted(original.iterdir())) if original.is_dir() else original


def main(directory: Path, count: int, seed: int) -> None:
    torch.set_num_threads(1)
    signal.signal(signal.SIGALRM, raise_too_long)
    watch = Watch((sys.prefix, sys.base_prefix, str(Path(__file__).parents[2])))
    sys.addaudithook(watch)
    kinds = list(SOURCES)
    paths = {kind: directory / name for kind, name in SOURCES.items()}
    for kind, path in paths.items():
        load(path, **options(kind, 0))  # torch imports parts of itself when they are first needed
    report(control=what_is_seen_of(lambda: pickle.loads(RUNS_TRUE), watch))
    before = peak_bytes()
    for kind, path in paths.items():
        report(kind=kind, mutation="none", **attempt(path, watch, **options(kind, 0)))
    contents = {kind: target(path, Random(seed)).read_bytes() for kind, path in paths.items()}
    for index in range(count):
        random = Random(f"{seed} {index}")
        kind = kinds[index % len(kinds)]
        mutation: Mutation = random.choice(BY_KIND[kind])
        spoiled = target(paths[kind], random)
        content = spoiled.read_bytes()
        changed = content
        while changed == content:
            changed = mutation(random, content, contents[random.choice(kinds)])
        try:
            spoiled.write_bytes(changed)
            result = attempt(paths[kind], watch, **options(kind, index))
        finally:
            spoiled.write_bytes(content)
        report(kind=kind, mutation=mutation.__name__, index=index, **result)
    report(bytes=peak_bytes() - before)


def what_is_seen_of(action: Callable[[], object], watch: Watch) -> list[str]:
    watch.on = True
    action()
    watch.on = False
    return list(watch.seen)


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def raise_too_long(number: int, frame: object) -> None:
    raise TookTooLong


def report(**fields: Any) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

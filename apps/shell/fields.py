"""The values that every page shares."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.shell.field import Field, choice, number, whole, words
from dcgan_viz.errors import InputError

MOST_PICKS = 24
MOST_SAMPLES = 240


@dataclass(frozen=True)
class Pick:
    """A sample that a person picked: the one with this number among those of this seed."""

    seed: int
    number: int

    def __str__(self) -> str:
        return f"{self.seed}.{self.number}"


def _picks(text: str) -> tuple[Pick, ...]:
    if not re.fullmatch(r"(?:[0-9]{1,10}\.[0-9]{1,4}(?:,[0-9]{1,10}\.[0-9]{1,4})*)?", text):
        raise InputError("give samples as SEED.NUMBER, with commas between them")
    found = dict.fromkeys(Pick(*map(int, part.split("."))) for part in text.split(",") if part)
    if len(found) > MOST_PICKS or any(p.seed >= 2**32 or p.number >= MOST_SAMPLES for p in found):
        raise InputError(f"give at most {MOST_PICKS} samples, numbered below {MOST_SAMPLES}")
    return tuple(found)


CHECKPOINT = words("checkpoint", "rooms", r"[^\x00-\x1f]{1,300}")
ARCH = words("arch")
DEVICE = words("device", "auto", r"auto|cpu|mps|cuda(:[0-9]{1,2})?")
SEED = whole("seed", 0, 0, 2**32 - 1)
BATCHNORM = choice("batchnorm", "file", ("file", "running", "calibrated", "batch"))
PRIOR = choice("prior", "file", ("file", "uniform", "normal"))
TRUNCATION = number("truncation", 1.0, 0.05, 1.0)
PICKS: Field[tuple[Pick, ...]] = Field("picks", (), _picks, lambda picks: ",".join(map(str, picks)))


def choose_checkpoint(reference: str, arch: str = "") -> None:
    """Look at other networks, as their own file has them: no setting of those before is carried over."""
    CHECKPOINT.set(reference)
    BATCHNORM.set(BATCHNORM.default)
    PRIOR.set(PRIOR.default)
    ARCH.set(arch)

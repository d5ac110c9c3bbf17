"""What a report was made from, in words: the same on the title page and in index.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.provenance import package_versions

_LONGEST_PATH = 48


@dataclass(frozen=True)
class Fact:
    """A name and what is known under it."""

    name: str
    value: str


def facts_of(bench: Bench) -> tuple[Fact, ...]:
    """What is known of a checkpoint."""
    gan = bench.gan
    prior = "" if gan.prior is None else f"{gan.prior.kind}, {gan.prior.size} numbers"
    colour = "colour" if gan.channels == 3 else "grey"
    return tuple(
        Fact(name, value)
        for name, value in (
            ("checkpoint", short_path(gan.provenance.path)),
            ("sha256", gan.provenance.sha256),
            ("read by", gan.provenance.importer),
            ("images", f"{gan.image_size} px, {colour}"),
            ("prior of z", prior),
            *((f"BatchNorm of the {name}", str(used)) for name, used in gan.batchnorm.items()),
            ("taken for granted", "; ".join(gan.provenance.assumptions)),
        )
        if value
    )


def run_facts(seeds: Sequence[int], images: str | None, command: str) -> tuple[Fact, ...]:
    """What is known of the run that made the report."""
    versions = ", ".join(f"{name} {version}" for name, version in package_versions().items())
    numbers = ", ".join(map(str, seeds))
    return tuple(
        Fact(name, value)
        for name, value in (
            ("seed" if len(seeds) == 1 else "seeds", numbers),
            ("real images", images or ""),
            ("command", command),
            ("versions", versions),
        )
        if value
    )


def short_path(path: str) -> str:
    """The end of a path, as much as fits on a line."""
    parts = PurePath(path).parts[-3:]
    text = "/".join(parts)
    return text if len(text) <= _LONGEST_PATH else f"…{text[-_LONGEST_PATH + 1 :]}"

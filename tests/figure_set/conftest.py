"""A report of parts whose numbers are known, made once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from dcgan_viz.figure_set import FigureSetSettings, Manifest, make_report
from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.models.loading import load
from tests.figure_set.fakes import Broken, Demanding, Drawing, Refusing, Square


@dataclass(frozen=True)
class Report:
    directory: Path
    manifest: Manifest

    def part(self, name):
        return next(part for part in self.manifest.parts if part["name"] == name)


DEFAULTS = FigureSetSettings()


def bench(checkpoint, settings=DEFAULTS, label=""):
    return Bench(load(checkpoint), ModelOptions(str(checkpoint)), settings, label)


@pytest.fixture(scope="session")
def report(tiny_checkpoint, tmp_path_factory):
    directory = tmp_path_factory.mktemp("report")
    settings = FigureSetSettings(seeds=(3, 5, 8))
    parts = (Square(), Broken(), Refusing(), Demanding(), Drawing())
    manifest = make_report(directory, [bench(tiny_checkpoint, settings)], settings, command="c", parts=parts)
    return Report(directory, manifest)

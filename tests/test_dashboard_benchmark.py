"""What the benchmark of the dashboard needs is told in one line where it is not there."""

import sys

import pytest
from click.testing import CliRunner

from benchmarks import dashboard


@pytest.mark.parametrize(("lacking", "told"), [("chromium", "no Chromium"), ("playwright", "dcgan_viz[dev]")])
def test_what_is_lacking_is_told_with_the_way_to_it(
    monkeypatch: pytest.MonkeyPatch, lacking: str, told: str
) -> None:
    monkeypatch.setattr(dashboard, "CHROMIUM", None if lacking == "chromium" else "chromium")
    monkeypatch.setitem(sys.modules, "playwright", None)
    result = CliRunner().invoke(dashboard.main, ["--turns", "1"])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert told in result.stderr

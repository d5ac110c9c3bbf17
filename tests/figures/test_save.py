import subprocess
import sys

import numpy as np
import pytest

from dcgan_viz.figures.save import save_figure
from dcgan_viz.figures.sheet import sheet_figure

FIGURE = sheet_figure(np.zeros((2, 8, 8, 3), np.uint8), "Samples", columns=2)


def test_all_four_files_are_written_and_named(tmp_path):
    paths = save_figure(FIGURE, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "figure.html", "figure.pdf", "figure.png", "figure.svg",
    ]  # fmt: skip
    assert sorted(paths) == sorted(tmp_path.iterdir())
    heads = {path.suffix: path.read_bytes()[:15] for path in paths}
    assert heads[".png"].startswith(b"\x89PNG")
    assert heads[".pdf"].startswith(b"%PDF")
    assert heads[".svg"].startswith(b"<?xml")
    assert heads[".html"].startswith(b"<!DOCTYPE html>")


def test_a_missing_directory_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="gone"):
        save_figure(FIGURE, tmp_path / "gone")


def test_describing_a_figure_imports_neither_renderer():
    script = (
        "import sys; import dcgan_viz.figures.removal, dcgan_viz.figures.sheet;"
        "sys.exit(' '.join(m for m in ('matplotlib', 'plotly') if m in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

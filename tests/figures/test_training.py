"""Figures of a run: their numbers are the record's."""

import numpy as np
import pytest

from dcgan_viz.data.training_log import LogLine
from dcgan_viz.figures.print.document import draw
from dcgan_viz.figures.spec import ImageGrid, LinePanel
from dcgan_viz.figures.training import snapshots_figure, training_figure
from dcgan_viz.output import strict_json
from dcgan_viz.training_curves import training_curves
from tests.figures.drawn import texts

PROVENANCE = {"checkpoint": {"path": "runs/a/weights.safetensors", "sha256": "ab" * 32}}


def record(n_scores=1, **names):
    means = {"epoch": 2.5, "loss_d": 1.25, "loss_g": 2.0, "logit_real": 1.0, "logit_fake": -3.0} | names
    lines = [LogLine(k, 1000 * k, {name: value * k for name, value in means.items()}) for k in range(1, 9)]
    scores = {f"frechet_{k}": 0.5 for k in range(n_scores)}
    lines += [LogLine(9 + k, 9000 + k, scores=dict.fromkeys(scores, 0.5 - 0.1 * k)) for k in range(2)]
    lines = [line for line in lines if line.means or line.scores]
    fields = strict_json(training_curves(lines).to_json())
    assert isinstance(fields, dict)
    return {**fields, "provenance": PROVENANCE}


def test_curves_hold_the_numbers_of_the_record():
    figure = training_figure(record())
    losses, logits, score = (placed.panel for placed in figure.panels)
    assert isinstance(losses, LinePanel)
    assert isinstance(logits, LinePanel)
    assert isinstance(score, LinePanel)
    assert [curve.y[0] for curve in losses.curves] == [1.25, 2.0]
    assert losses.curves[0].x == tuple(range(1, 9))  # thousands of images
    assert losses.from_zero
    assert not logits.from_zero
    assert logits.curves[1].y[-1] == -24.0
    assert score.curves[0].y == pytest.approx((0.5, 0.4))
    assert score.references[0].value == pytest.approx(0.4)
    assert "0.500 at step 9, 0.400 at its best, step 10" in figure.subtitle
    assert "9,001 images, 20.0 epochs" in figure.subtitle
    assert "abababababab" in figure.caption


@pytest.mark.parametrize(("n_scores", "places"), [
    (0, [(0, 0), (0, 6)]),
    (1, [(0, 0), (0, 4), (0, 8)]),
    (2, [(0, 0), (0, 6), (1, 0), (1, 6)]),
])  # fmt: skip
def test_panels_fill_their_rows(n_scores, places):
    figure = training_figure(record(n_scores))
    assert [(placed.row, placed.column) for placed in figure.panels] == places
    draw(figure)


def test_a_run_without_losses_has_its_scores():
    fields = record()
    figure = training_figure({**fields, "curves": {}})
    (score,) = figure.panels
    assert score.panel.title == "Fréchet 0"


def test_snapshots_are_rows_with_their_numbers():
    pictures = [np.full((2, 3, 16, 16), shade, np.float32) for shade in (-1.0, 1.0)]
    fields = {
        "n_samples": 2,
        "n_snapshots": 5,
        "snapshots": [
            {"step": 10, "images_seen": 1600, "scores": {"frechet": 0.5}, "change": None},
            {"step": 20, "images_seen": 320_000, "scores": {}, "change": 2.0},
        ],
        "skipped": [{"step": 15, "reason": "torn"}],
        "provenance": {"seed": 3, **PROVENANCE},
    }
    figure = snapshots_figure(fields, pictures)
    grid = figure.panels[0].panel
    assert isinstance(grid, ImageGrid)
    assert [row.label for row in grid.rows] == ["2k images", "320k images"]
    assert [row.detail.split("\n") for row in grid.rows] == [
        ["step 10", "score 0.500"],
        ["step 20", "change 2.000"],
    ]
    assert [int(row.images.mean()) for row in grid.rows] == [0, 255]
    assert figure.caption.startswith("2 of 5 snapshots, 2 z;")
    assert "Step 15 left out: torn." in figure.caption
    assert "Seed 3." in figure.caption
    assert "320k images" in {text.get_text() for text in texts(draw(figure))}

"""Write a figure in all its forms."""

from __future__ import annotations

from pathlib import Path

from dcgan_viz.figures.print import document as paper
from dcgan_viz.figures.screen import document as screen
from dcgan_viz.figures.spec import Figure


def save_figure(figure: Figure, directory: Path, stem: str = "figure") -> tuple[Path, ...]:
    """Write a figure as PNG, SVG, PDF and HTML; equal figures give equal files.

    Parameters
    ----------
    figure
        What to show.
    directory
        An existing directory; the caller sees to it that it appears whole or not at all.
    stem
        Name of the files without their ending.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    return (*paper.save(figure, directory, stem), *screen.save(figure, directory, stem))

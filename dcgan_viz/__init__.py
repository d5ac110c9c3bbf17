"""Looks inside DCGANs: the experiments of Radford et al. (2016), each with its control.

``load`` opens a checkpoint; every analysis takes the ``Gan`` that it returns. The import is cheap: torch
is imported by the first use of ``load``, and drawing libraries by the commands that draw.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan_viz.models.loading import load

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def __getattr__(name: str) -> object:
    if name == "load":
        from dcgan_viz.models.loading import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

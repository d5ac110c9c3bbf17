"""Looks inside DCGANs: the experiments of Radford et al. (2016), each with its control.

``load`` opens a checkpoint, ``Gan`` takes networks that are in memory; every analysis takes a ``Gan``. The
import is cheap: torch comes with the first use of these names, drawing libraries with the commands that draw.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan
    from dcgan_viz.models.loading import load
    from dcgan_viz.models.prior import Prior

__version__ = "0.1.0"
__all__ = ["Gan", "Prior", "__version__", "load"]

_HOMES = {
    "Gan": "dcgan_viz.models.gan",
    "Prior": "dcgan_viz.models.prior",
    "load": "dcgan_viz.models.loading",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

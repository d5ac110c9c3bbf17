"""Which statistics a network's BatchNorm layers use: the fact that every result has to state."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm

from dcgan_viz.errors import InputError

Mode = Literal["running", "batch", "calibrated"]
MODES = get_args(Mode)
OF_THE_BATCH = "discriminator: no running statistics; those of the batch, without real images"


@dataclass(frozen=True)
class Statistics:
    """Mean and variance that BatchNorm layers normalise with.

    Parameters
    ----------
    mode : {"running", "batch", "calibrated", "none"}
        ``running``: those in the file, from training. ``batch``: of the batch that happens to be run, so that
        an image depends on its neighbours. ``calibrated``: estimated anew on ``n`` inputs. ``none``: the
        network has no BatchNorm.
    n : int
        Inputs of the calibration.
    seed : int or None
        Of their draw.
    data : str
        What they are: "prior", or a data set's name.
    note : str
        What the file says about its running statistics.

    Examples
    --------
    >>> str(Statistics("calibrated", n=2560, seed=0, data="prior"))
    'calibrated on 2560 inputs (prior), seed 0'
    """

    mode: Literal["running", "batch", "calibrated", "none"]
    n: int = 0
    seed: int | None = None
    data: str = ""
    note: str = ""

    def __str__(self) -> str:
        if self.mode == "calibrated":
            return f"calibrated on {self.n} inputs ({self.data}), seed {self.seed}"
        words = {"running": "running statistics", "batch": "statistics of the batch", "none": "no BatchNorm"}
        return words[self.mode] + (f" ({self.note})" if self.note else "")

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dictionary that JSON can hold."""
        return {**asdict(self), "words": str(self)}

    @classmethod
    def found_in(cls, network: nn.Module, note: str = "") -> Statistics:
        """What a network in eval mode uses as it is.

        Raises
        ------
        InputError
            If some of its layers have running statistics and others have none.
        """
        layers = batchnorm_layers(network)
        if not layers:
            return cls("none")
        without = [name for name, layer in layers.items() if layer.running_mean is None]
        if not without:
            return cls("running", note=note)
        if len(without) < len(layers):
            raise InputError(
                f"layer {without[0]!r}: it has no running statistics while other BatchNorm layers have; "
                "use track_running_stats for all or for none"
            )
        return cls("batch")


def batchnorm_layers(network: nn.Module) -> dict[str, BatchNorm]:
    """All BatchNorm layers of a network, by name."""
    return {name: module for name, module in network.named_modules() if isinstance(module, BatchNorm)}

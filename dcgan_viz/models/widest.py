"""How wide a network is where it is widest, and how many inputs it may therefore be given at once."""

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

MOST_INPUTS = 250
MOST_NUMBERS = 2**27  # that the widest layer may hold of so many: half a gigabyte of float32
FEW_NUMBERS = 2**25  # of fewer, each of which keeps all cores busy by itself


class Widest(TorchFunctionMode):
    """Notes the largest tensor of a batch while it is active, in this thread alone.

    Parameters
    ----------
    n : int
        Inputs in the batch; tensors of another length, such as weights, are not of it.

    Attributes
    ----------
    numbers : int
        In the largest tensor, for one input.
    """

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n, self.numbers = n, 0

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run a function of torch, and note the size of what it returns."""
        output = func(*args, **(kwargs or {}))
        if isinstance(output, Tensor) and output.ndim > 1 and len(output) == self.n:
            self.numbers = max(self.numbers, output.numel() // self.n)
        return output


def batch_size(widest: int) -> int:
    """How many inputs to run through a network at once.

    Parameters
    ----------
    widest : int
        Numbers that its widest layer holds for one input.

    Examples
    --------
    >>> batch_size(128 * 64 * 64), batch_size(8 * 1024 * 1024), batch_size(64 * 1024 * 1024)
    (250, 4, 2)
    """
    if widest * MOST_INPUTS <= MOST_NUMBERS:
        return MOST_INPUTS
    return fitting(MOST_INPUTS, widest)


def fitting(n: int, widest: int) -> int:
    """So many inputs of a few as a wide network is to be given at once, but two at least.

    Parameters
    ----------
    n : int
        Inputs that there are.
    widest : int
        As for `batch_size`.
    """
    return max(2, min(n, FEW_NUMBERS // max(widest, 1)))

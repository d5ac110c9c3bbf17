"""The logit behind a probability: what went into the sigmoid that made it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


class SigmoidCalls(TorchFunctionMode):
    """Keeps what goes into sigmoids while it is active, in this thread alone.

    A probability of 1 has no logit left; before the sigmoid it still has.
    """

    _FUNCTIONS = (torch.sigmoid, Tensor.sigmoid, torch.special.expit, nn.functional.sigmoid)
    _IN_PLACE = (torch.sigmoid_, Tensor.sigmoid_)

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[tuple[Tensor, Tensor]] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run a function of torch, and note it if it is a sigmoid."""
        kwargs = kwargs or {}
        if func not in (*self._FUNCTIONS, *self._IN_PLACE):
            return func(*args, **kwargs)
        argument = args[0] if args else kwargs["input"]
        argument = argument.clone() if func in self._IN_PLACE else argument
        output = func(*args, **kwargs)
        self._calls.append((argument, output))
        return output

    def gave(self, count: int) -> bool:
        """Whether a sigmoid gave so many numbers."""
        return any(result.numel() == count for _, result in self._calls)

    def argument_of(self, output: Tensor) -> Tensor | None:
        """What went into the sigmoid that made a tensor, or a view of it; None if none did."""
        for argument, result in reversed(self._calls):
            if result.data_ptr() == output.data_ptr() and result.numel() == output.numel():
                return argument
        return None

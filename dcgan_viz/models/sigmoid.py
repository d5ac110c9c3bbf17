"""The logit behind a probability: what went into the sigmoid that made it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


class SigmoidCalls(TorchFunctionMode):
    """Keeps what goes into sigmoids, and what comes from tanh, while it is active, in this thread alone.

    A probability of 1 has no logit left; before the sigmoid it still has.
    """

    _FUNCTIONS = (torch.sigmoid, Tensor.sigmoid, torch.special.expit, nn.functional.sigmoid)
    _IN_PLACE = (torch.sigmoid_, Tensor.sigmoid_)
    _TANH = (torch.tanh, Tensor.tanh, nn.functional.tanh, torch.tanh_, Tensor.tanh_)

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[tuple[Tensor, Tensor]] = []
        self._tanhs: list[tuple[Tensor, int]] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run a function of torch, and note it if it is a sigmoid or tanh."""
        kwargs = kwargs or {}
        if func in self._TANH:
            output = func(*args, **kwargs)
            self._tanhs.append((output, _version(output)))
            return output
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
            if _is_same(result, output):
                return argument
        return None

    def is_of_tanh(self, output: Tensor) -> bool:
        """Whether a tanh made a tensor, or what it is a view of, and nothing was done to it since."""
        return any(
            _is_same(result, output) and _version(output) == version for result, version in self._tanhs
        )


def _is_same(one: Tensor, other: Tensor) -> bool:
    return one.data_ptr() == other.data_ptr() and one.numel() == other.numel()


def _version(tensor: Tensor) -> int:
    # How often it was written to, which torch does not count in inference mode.
    return 0 if tensor.is_inference() else tensor._version

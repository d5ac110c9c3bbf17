"""Convolutions that multiply back only what is not zero.

The gradient of one position of a map is zero outside of a window that grows from layer to layer. Torch's
backward pass of a convolution multiplies the zeros, too: three quarters of all there is to multiply, for the
last convolution of a DCGAN's discriminator.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode


class WindowedConvolutions(TorchFunctionMode):
    """A context in which convolutions with fixed weights pass gradients back window by window.

    Values and gradients are those that they have without it, up to rounding. It acts in this thread alone.

    Examples
    --------
    >>> images, weight = torch.randn(2, 3, 32, 32, requires_grad=True), torch.randn(4, 3, 5, 5)
    >>> with WindowedConvolutions():
    ...     one = F.conv2d(images, weight, stride=2)[:, 1, 6, 6].sum()
    >>> (gradient,) = torch.autograd.grad(one, images)
    >>> torch.allclose(gradient[0, :, 12:17, 12:17], weight[1]), gradient.count_nonzero().item()
    (True, 150)
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run a function of torch."""
        if func is torch.conv2d:
            how = _How.of(*args, **(kwargs or {}))
            if how is not None:
                return _Convolution.apply(*how.tensors, how)
        return func(*args, **(kwargs or {}))


class _How:
    """A call of torch.conv2d that can be taken back in windows."""

    def __init__(self, tensors: tuple[Tensor, Tensor, Tensor | None], numbers: tuple[Any, ...]) -> None:
        self.tensors = tensors
        self.stride, self.padding, self.dilation = map(_pair, numbers[:3])
        self.groups: int = numbers[3]

    @classmethod
    def of(
        cls,
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> "_How | None":
        """The call, or None where it is torch's own affair."""
        learns = weight.requires_grad or (bias is not None and bias.requires_grad)
        if learns or not input.requires_grad or input.ndim != 4 or isinstance(padding, str):
            return None
        return cls((input, weight, bias), (stride, padding, dilation, groups))


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, input: Tensor, weight: Tensor, bias: Tensor | None, how: _How) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.shape, ctx.how = input.shape, how
        return torch.conv2d(input, weight, bias, how.stride, how.padding, how.dilation, how.groups)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        ((weight,), (gradient,), how) = ctx.saved_tensors, gradients, ctx.how
        touched = gradient.abs().amax(dim=1) != 0  # (N, H, W); NaN counts as touched
        if not touched.any():
            return gradient.new_zeros(ctx.shape), None, None, None
        rows, columns = _Span.of(touched.any(dim=2)), _Span.of(touched.any(dim=1))
        window = gradient.permute(0, 2, 3, 1)[_at(rows, columns)].permute(0, 3, 1, 2)
        maps = (window.abs().amax(dim=(0, 2, 3)) != 0).nonzero()[:, 0]
        if how.groups == 1 and 2 * len(maps) < len(weight):  # a single filter's, as a rule
            window, weight = window[:, maps], weight[maps]
        back = F.conv_transpose2d(window, weight, None, how.stride, 0, 0, how.groups, how.dilation)
        return _placed(back, rows, columns, ctx.shape, how, gradient), None, None, None


class _Span:
    """Where along one axis something is touched, input by input: first positions (N,) and a common length."""

    def __init__(self, first: Tensor, size: int) -> None:
        self.first, self.size = first, size

    @classmethod
    def of(cls, touched: Tensor) -> "_Span":
        """Of flags (N, L)."""
        length = touched.shape[1]
        first = touched.int().argmax(dim=1)
        last = length - 1 - touched.flip(1).int().argmax(dim=1)
        size = int(torch.where(touched.any(dim=1), last - first + 1, 1).max())
        return cls(first.clamp(max=length - size), size)

    def scaled(self, stride: int, size: int) -> "_Span":
        """The positions that a convolution reads for these."""
        return _Span(self.first * stride, size)


def _at(rows: _Span, columns: _Span) -> tuple[Tensor, Tensor, Tensor]:
    """Indices of windows of maps (N, H, W, C)."""
    device = rows.first.device
    inputs = torch.arange(len(rows.first), device=device)[:, None, None]
    ys = rows.first[:, None, None] + torch.arange(rows.size, device=device)[None, :, None]
    xs = columns.first[:, None, None] + torch.arange(columns.size, device=device)[None, None, :]
    return inputs, ys, xs


def _placed(
    back: Tensor, rows: _Span, columns: _Span, shape: torch.Size, how: _How, gradient: Tensor
) -> Tensor:
    """Windows set into zeros of the shape of the convolution's input."""
    (n, channels, height, width), (above, left) = shape, how.padding
    canvas = gradient.new_zeros(n, height + 2 * above, width + 2 * left, channels)
    spans = rows.scaled(how.stride[0], back.shape[2]), columns.scaled(how.stride[1], back.shape[3])
    canvas[_at(*spans)] = back.permute(0, 2, 3, 1)
    return canvas[:, above : above + height, left : left + width].permute(0, 3, 1, 2)


def _pair(value: Any) -> tuple[int, int]:
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    return (values[0], values[0]) if len(values) == 1 else (values[0], values[1])

"""How gradients pass back through LeakyReLU and ReLU: rules that hold for as long as a context lasts.

captum and its like hook modules of class nn.ReLU, and see neither LeakyReLU nor a functional call. Here the
calls of torch's functions are intercepted, which every form of an activation ends in.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from dcgan_viz.errors import InputError

RULES = {
    "strict": "1[x>0] max(g, 0): guided backprop as written",
    "slope": "(1[x>0] + a 1[x<=0]) max(g, 0): with the leak's own derivative",
    "deconvnet": "max(g, 0)",
    "plain": "the gradient",
}

_RELUS = {F.relu: False, torch.relu: False, Tensor.relu: False, torch.relu_: True, Tensor.relu_: True}
_LEAKY_RELUS = {F.leaky_relu: False, torch._C._nn.leaky_relu: False, torch._C._nn.leaky_relu_: True}
_OTHERS = {  # those at the end of the list may be activations that are written by hand
    "celu", "elu", "gelu", "glu", "hardsigmoid", "hardswish", "hardtanh", "logsigmoid", "mish", "prelu",
    "relu6", "rrelu", "selu", "sigmoid", "silu", "softplus", "softsign", "tanh", "tanhshrink", "threshold",
    "clamp", "clamp_min", "clip", "maximum", "where",
}  # fmt: skip


class Guided(TorchFunctionMode):
    """A context in which activations pass gradients back by a rule, in this thread alone.

    It acts on LeakyReLU and ReLU as modules, reused or not, in place or not, and as functions. The forward
    pass returns what it returns without it. Both passes belong inside.

    Parameters
    ----------
    rule : {"strict", "slope", "deconvnet", "plain"}
        For LeakyReLU with slope a (0 for ReLU), what it reads x, and the gradient g that reaches it:

        ========= ===============================
        strict    1[x>0] max(g, 0)
        slope     (1[x>0] + a 1[x<=0]) max(g, 0)
        deconvnet max(g, 0)
        plain     (1[x>0] + a 1[x<=0]) g
        ========= ===============================

    Attributes
    ----------
    n_guided : int
        Activations through which a gradient has passed by the rule.
    others : Counter of str
        Calls of activations that there is no rule for, by name.

    Raises
    ------
    InputError
        If the rule is unknown.

    References
    ----------
    strict: Springenberg et al. (2014), arXiv 1412.6806. deconvnet: Zeiler and Fergus (2013), arXiv 1311.2901.

    Examples
    --------
    >>> x = torch.tensor([-1.0, 2.0], requires_grad=True)
    >>> with Guided("strict") as guided:
    ...     torch.autograd.grad(F.leaky_relu(x, 0.2).sum(), x)[0].tolist(), guided.n_guided
    ([0.0, 1.0], 1)
    """

    def __init__(self, rule: str = "strict") -> None:
        super().__init__()
        if rule not in RULES:
            raise InputError(f"rule {rule!r}: there is none of that name; choose from {', '.join(RULES)}")
        self.rule = rule
        self.others: Counter[str] = Counter()
        self._n_calls = 0
        self._passed: set[int] = set()

    @property
    def n_guided(self) -> int:
        """Activations through which a gradient has passed by the rule."""
        return len(self._passed)

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Run a function of torch; an activation with the rule as its backward pass."""
        kwargs = kwargs or {}
        if func in _RELUS:
            given = dict(zip(("input", "inplace"), args, strict=False)) | kwargs
            return self._rectify(given["input"], None, given.get("inplace", _RELUS[func]))
        if func in _LEAKY_RELUS:
            given = dict(zip(("input", "negative_slope", "inplace"), args, strict=False)) | kwargs
            in_place = given.get("inplace", _LEAKY_RELUS[func])
            return self._rectify(given["input"], given.get("negative_slope", 0.01), in_place)
        name = getattr(func, "__name__", "").rstrip("_")
        if name in _OTHERS and any(isinstance(one, Tensor) and one.requires_grad for one in args):
            self.others[name] += 1
        return func(*args, **kwargs)

    def _rectify(self, x: Tensor, slope: float | None, in_place: bool) -> Tensor:
        self._n_calls += 1
        rectified: Tensor = _Rectifier.apply(x, slope, in_place, self.rule, self._n_calls, self._passed)
        return rectified


class _Rectifier(torch.autograd.Function):
    """LeakyReLU, or ReLU where there is no slope, with a rule for its backward pass."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, slope: float | None, in_place: bool, rule: str, number: int, passed: set[int]
    ) -> Tensor:
        """Rectify; the same values as torch's own."""
        ctx.slope, ctx.rule, ctx.number, ctx.passed = slope or 0.0, rule, number, passed
        signed = x.clone() if in_place and ctx.slope < 0 else x
        y = F.relu(x, in_place) if slope is None else F.leaky_relu(x, slope, in_place)
        # What torch itself keeps: the network may overwrite the other, which is above 0 at the same places.
        ctx.save_for_backward(y if slope is None or (in_place and slope >= 0) else signed)
        if in_place:
            ctx.mark_dirty(x)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None, None, None]:
        """Apply the rule."""
        (x,), (gradient,) = ctx.saved_tensors, gradients
        ctx.passed.add(ctx.number)
        # The copy is overwritten: fresh memory would cost more than the arithmetic.
        gradient = gradient.clone() if ctx.rule == "plain" else gradient.clamp(min=0)
        if ctx.rule == "strict":
            torch.ops.aten.threshold_backward(gradient, x, 0, grad_input=gradient)
        elif ctx.rule != "deconvnet":
            torch.ops.aten.leaky_relu_backward(gradient, x, ctx.slope, False, grad_input=gradient)
        return gradient, None, None, None, None, None


def is_rectifier(func: Callable[..., Any]) -> bool:
    """Whether a function of torch is one of those that `Guided` acts on."""
    return func in _RELUS or func in _LEAKY_RELUS

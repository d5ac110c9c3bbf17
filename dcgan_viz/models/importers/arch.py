"""What a person says about a network whose file does not: ``--arch``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import Literal, get_args

from dcgan_viz.errors import InputError

End = Literal["tanh", "sigmoid", "none"]
Activation = Literal["relu", "leaky"]
Norm = Literal["batch", "instance"]

MAX_KERNEL, MAX_STRIDE = 64, 16


@dataclass(frozen=True)
class Window:
    """How one convolution moves over its input.

    Attributes
    ----------
    kernel, stride, padding, output_padding : int
        As for ``nn.Conv2d`` and ``nn.ConvTranspose2d``, in pixels, the same along both axes.
    ordinary : bool
        Said of a layer in a generator: an ordinary convolution rather than a transposed one.
    """

    kernel: int
    stride: int
    padding: int
    output_padding: int = 0
    ordinary: bool = False

    def __str__(self) -> str:
        last = f"/{self.output_padding}" if self.output_padding else ""
        return f"{'c' if self.ordinary else ''}{self.kernel}/{self.stride}/{self.padding}{last}"

    def enlarged(self, size: int) -> int:
        """Side of what a transposed convolution makes of a map of this side."""
        return (size - 1) * self.stride - 2 * self.padding + self.kernel + self.output_padding

    def reduced(self, size: int) -> int:
        """Side of what a convolution makes of a map of this side."""
        return (size + 2 * self.padding - self.kernel) // self.stride + 1


def row(windows: tuple[Window, ...]) -> str:
    """Write windows as `Arch` reads them: ``4/1/0,4/2/1``."""
    return ",".join(map(str, windows))


@dataclass(frozen=True)
class Arch:
    """What is not in a state dict, with what DCGANs usually have.

    The syntax of ``--arch`` is ``key=value;key=value``, for instance
    ``g=4/1/0,3/2/1,4/2/1,4/2/1;d=4/2/1,4/2/1,3/2/1,4/1/0``.

    Attributes
    ----------
    g, d : tuple of Window
        Of the generator's and of the discriminator's convolutions, in the order in which they run:
        ``kernel/stride/padding`` or ``kernel/stride/padding/output_padding``, separated by commas. ``c3/1/1``
        in a generator is an ordinary convolution. Empty: from the kernel sizes.
    act : {"relu", "leaky"}
        The generator's hidden activation; the discriminator's is always LeakyReLU.
    end : {"tanh", "sigmoid", "none"}
        What the generator ends with.
    leak : float
        Slope of every LeakyReLU.
    eps : float
        Of every BatchNorm.
    norm : {"batch", "instance"}
        What layers with gains and shifts and without running statistics are.
    nz : int
        Size of z; 0: as the first layer takes.
    given : frozenset of str
        Keys that a person gave; the others may be read from the file's statistics.

    Raises
    ------
    InputError
        If a value is not possible.

    Examples
    --------
    >>> Arch.parse("g=4/1/0,5/2/2/1;leak=0.01").g[1].output_padding
    1
    """

    g: tuple[Window, ...] = ()
    d: tuple[Window, ...] = ()
    act: Activation = "relu"
    end: End = "tanh"
    leak: float = 0.2
    eps: float = 1e-5
    norm: Norm = "batch"
    nz: int = 0
    given: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        choices = {"act": get_args(Activation), "end": get_args(End), "norm": get_args(Norm)}
        for name, possible in choices.items():
            if (value := getattr(self, name)) not in possible:
                raise InputError(f"--arch {name}={value}: not known; use one of {', '.join(possible)}")
        if not (math.isfinite(self.leak) and math.isfinite(self.eps) and self.eps > 0):
            raise InputError(f"--arch leak={self.leak};eps={self.eps}: use finite numbers, eps above 0")

    @classmethod
    def parse(cls, text: str) -> Arch:
        """Read the command line's ``--arch``.

        Raises
        ------
        InputError
            If the text does not follow the syntax.
        """
        values: dict[str, object] = {}
        known = [field.name for field in fields(cls) if field.name != "given"]
        for item in filter(None, (part.strip() for part in text.split(";"))):
            key, found, value = (part.strip() for part in item.partition("="))
            if not found or key not in known:
                raise InputError(
                    f"--arch {item!r}: not understood; write key=value with one of {', '.join(known)}, for "
                    "instance g=4/1/0,4/2/1,4/2/1,4/2/1"
                )
            if key in values:
                raise InputError(f"--arch {text!r}: {key} is given twice; give it once")
            values[key] = _value(key, value)
        return cls(**values, given=frozenset(values))  # type: ignore[arg-type]  # each is of its field's type, or __post_init__ says so


def _value(key: str, text: str) -> object:
    if key in ("g", "d"):
        return tuple(_window(key, part.strip()) for part in text.split(","))
    if key in ("leak", "eps"):
        try:
            return float(text)
        except ValueError:
            raise InputError(f"--arch {key}={text}: not a number; write for instance {key}=0.2") from None
    if key == "nz":
        if not re.fullmatch(r"[1-9][0-9]{0,6}", text):
            raise InputError(f"--arch nz={text}: not the size of a z; write for instance nz=100")
        return int(text)
    return text


def _window(key: str, text: str) -> Window:
    match = re.fullmatch(r"(c?)([0-9]{1,3})/([0-9]{1,3})/([0-9]{1,3})(?:/([0-9]{1,3}))?", text)
    if match is None:
        raise InputError(
            f"--arch {key}: {text!r} is no kernel/stride/padding[/output_padding]; write for instance 4/2/1"
        )
    kernel, stride, padding, output_padding = (int(part or 0) for part in match.groups()[1:])
    ordinary = bool(match[1])
    if not (1 <= kernel <= MAX_KERNEL and 1 <= stride <= MAX_STRIDE and padding < MAX_KERNEL):
        raise InputError(
            f"--arch {key}: {text}: use a kernel from 1 to {MAX_KERNEL}, a stride from 1 to {MAX_STRIDE}"
        )
    if output_padding and (output_padding >= stride or key == "d" or ordinary):
        raise InputError(
            f"--arch {key}: {text}: output padding is for transposed convolutions and below their stride"
        )
    return Window(kernel, stride, padding, output_padding, ordinary)

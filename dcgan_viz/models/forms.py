"""How foreign networks want to be called, found out by calling them."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.modes import device_of, trying
from dcgan_viz.models.sigmoid import SigmoidCalls
from dcgan_viz.models.widest import Widest, fitting

Range = tuple[float, float]
UNIT_RANGE: Range = (-1.0, 1.0)  # what images are inside this package

_SIZES_TRIED = (28, 32, 48, 64, 96, 128, 256)  # px, of a discriminator that comes alone
_N_TRIED = 8
_N_FIRST = 2  # of them, since a file may say anything of how wide a layer is
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_LABELS = re.compile(r"(y|c|cls|lbls?|.*labels?|class.*|cond.*|digits?)$")
_OUTSIDE = 1e-3  # how far images may leave their range


@dataclass(frozen=True)
class GeneratorForm:
    """What a generator takes and gives.

    Attributes
    ----------
    z_dims : {2, 4}
        It takes z as (N, nz) or as (N, nz, 1, 1).
    image_size : int
        Side of its images in pixels.
    channels : int
        1 or 3.
    value_range : (float, float)
        What stands for black and white.
    noisy : bool
        The same z gives different images.
    widest : int
        Numbers that its widest layer holds for one z.
    """

    z_dims: int
    image_size: int
    channels: int
    value_range: Range
    noisy: bool
    widest: int

    def z_input(self, z: Tensor) -> Tensor:
        """A copy of z (N, nz) in the shape that the generator takes, which may work on it in place."""
        return z.clone() if self.z_dims == 2 else z[:, :, None, None].clone()

    def images(self, output: Tensor) -> Tensor:
        """Bring what the generator returns into [-1, 1]."""
        low, high = self.value_range
        return output if self.value_range == UNIT_RANGE else (output - low) * (2 / (high - low)) - 1


@dataclass(frozen=True)
class DiscriminatorForm:
    """What a discriminator takes and gives.

    Attributes
    ----------
    image_size : int
    channels : int
    value_range : (float, float)
        What stands for black and white.
    is_probability : bool
        It ends with a sigmoid, before which the logits are taken.
    widest : int
        Numbers that its widest layer holds for one image; 0 where it was not looked for.
    """

    image_size: int
    channels: int
    value_range: Range
    is_probability: bool
    widest: int = 0

    def image_input(self, images: Tensor) -> Tensor:
        """A copy of images in [-1, 1], in its range; the discriminator may work on it in place."""
        low, high = self.value_range
        return images.clone() if self.value_range == UNIT_RANGE else (images + 1) * ((high - low) / 2) + low

    def logits(self, discriminator: nn.Module, images: Tensor) -> Tensor:
        """Logits (N,) of images (N, C, H, W) in [-1, 1]."""
        if not self.is_probability:
            return discriminator(self.image_input(images)).flatten()
        with SigmoidCalls() as calls:
            output = discriminator(self.image_input(images))
        logits = calls.argument_of(output)
        assert logits is not None, "the sigmoid that was there when the form was found"
        return logits.flatten()


def generator_form(generator: nn.Module, nz: int, value_range: Range | None = None) -> GeneratorForm:
    """Try a generator, and look at what it draws.

    Parameters
    ----------
    generator : nn.Module
        Left as it is, in mode and random state.
    nz : int
        Size of z.
    value_range : (float, float), optional
        Of its images; by default (0, 1) where a sigmoid makes them or no value is negative, else (-1, 1).

    Raises
    ------
    InputError
        If it takes no such z, or what it returns are not square images with 1 or 3 channels in that range.
    """
    name = f"generator {type(generator).__name__}"
    _check_module(name, generator)
    device = device_of(generator)
    z = torch.empty(_N_TRIED, nz).uniform_(-1, 1, generator=torch.Generator().manual_seed(0)).to(device)
    with trying(generator), Widest(_N_FIRST) as layers:
        _try_z(name, generator, z[:_N_FIRST])
    z = z[: fitting(_N_TRIED, layers.numbers)]
    with trying(generator), SigmoidCalls() as calls:
        z_dims, output = _try_z(name, generator, z)
        again = generator(z.clone() if z_dims == 2 else z[:, :, None, None].clone())
    if output.shape[1] not in (1, 3) or output.shape[2] != output.shape[3]:
        raise InputError(
            f"{name}: it returns {_shape(output)}; images have 1 or 3 channels here and are square, "
            "wrap it in a class that returns such"
        )
    if not output.isfinite().all():
        raise InputError(f"{name}: it returns values that are no numbers; use other weights")
    if value_range is None:
        # Of what is not a tanh's alone: a few of its images may well be brighter than grey.
        is_positive = bool(output.min() >= 0) and bool(0 < output.max() <= 1 + _OUTSIDE)
        is_positive = is_positive and not calls.is_of_tanh(again)
        value_range = (0.0, 1.0) if is_positive or calls.argument_of(again) is not None else UNIT_RANGE
    low, high = value_range
    if output.min() < low - _OUTSIDE or output.max() > high + _OUTSIDE:
        raise InputError(
            f"{name}: its images go from {output.min():.3g} to {output.max():.3g}, outside of "
            f"[{low:g}, {high:g}]; give Gan(value_range=...) or end it with tanh or sigmoid"
        )
    noisy = not torch.allclose(output, again, atol=1e-5)
    return GeneratorForm(z_dims, output.shape[2], output.shape[1], value_range, noisy, layers.numbers)


def discriminator_form(
    discriminator: nn.Module, image_size: int = 0, channels: int = 0, value_range: Range = UNIT_RANGE
) -> DiscriminatorForm:
    """Try a discriminator, and look at what it says.

    Parameters
    ----------
    discriminator : nn.Module
        Left as it is, in mode and random state.
    image_size, channels : int
        Of its images; where they are 0, the usual ones are tried.
    value_range : (float, float)
        Of its images.

    Raises
    ------
    InputError
        If it takes no such images, or does not return one number an image.
    """
    name = f"discriminator {type(discriminator).__name__}"
    _check_module(name, discriminator)
    channels = channels or _first_channels(discriminator)
    sizes = (image_size,) if image_size else _SIZES_TRIED
    refusals = []
    for size in sizes:
        random = torch.Generator().manual_seed(0)
        images = torch.empty(_N_TRIED, channels, size, size).uniform_(-1, 1, generator=random)
        form = DiscriminatorForm(size, channels, value_range, False)
        try:
            images = images.to(device_of(discriminator))
            with trying(discriminator), Widest(_N_FIRST) as layers:
                discriminator(form.image_input(images[:_N_FIRST]))
            images = images[: fitting(_N_TRIED, layers.numbers)]
            with trying(discriminator), SigmoidCalls() as calls:
                output = discriminator(form.image_input(images))
        except (Exception, SystemExit) as error:  # a foreign forward may raise anything
            refusals.append(f"images {_shape(images)} do not pass ({_words(error)})")
            continue
        if (refusal := _not_logits(output, len(images))) is None:
            is_probability = calls.argument_of(output) is not None
            if not is_probability and calls.gave(len(images)) and ((output >= 0) & (output <= 1)).all():
                raise InputError(
                    f"{name}: it returns probabilities, but not as its sigmoid made them, so that the logits "
                    "cannot be taken before that; return the sigmoid's own result, or the logits"
                )
            return DiscriminatorForm(size, channels, value_range, is_probability, layers.numbers)
        refusals.append(refusal)
    raise InputError(
        f"{name}: {refusals[0]}; it has to return one logit an image, "
        + ("wrap it in a class that does" if image_size else "or give Gan(image_size=..., channels=...)")
    )


def refuse_conditional(module: nn.Module, name: str) -> None:
    """Check that a network can be called with its input alone.

    Parameters
    ----------
    module : nn.Module
    name : str
        What the error calls it.

    Raises
    ------
    InputError
        If its forward needs more, such as labels, or takes nothing.
    """
    if type(module).forward is nn.Module.forward:
        raise InputError(f"{name}: has no forward(); give a network that maps z or images")
    try:
        parameters = inspect.signature(module.forward).parameters.values()
    except (TypeError, ValueError):  # written in C: calling it will tell
        return
    required = [p for p in parameters if p.default is p.empty and p.kind in _POSITIONAL]
    keywords = [p for p in parameters if p.default is p.empty and p.kind is p.KEYWORD_ONLY]
    needed = [*required[1:], *keywords]
    if needed:
        listed = ", ".join(p.name for p in [*required, *keywords])
        missing = " and ".join(p.name for p in needed)
        raise InputError(
            f"{name}: conditional: forward({listed}) needs {missing}; wrap it in a class that fixes them"
        )
    if not any(p.kind in (*_POSITIONAL, p.VAR_POSITIONAL) for p in parameters):
        raise InputError(f"{name}: its forward() takes no input; give a network that maps z or images")


def first_z_size(generator: nn.Module) -> int | None:
    """Size of z as a generator's first layer with weights has it; None if it has no such layer."""
    for module in generator.modules():
        if isinstance(module, nn.Linear):
            return module.in_features
        if isinstance(module, nn.ConvTranspose2d | nn.Conv2d):
            return module.in_channels
    return None


def _try_z(name: str, generator: nn.Module, z: Tensor) -> tuple[int, Tensor]:
    first = next((m for m in generator.modules() if isinstance(m, nn.Linear | nn.ConvTranspose2d)), None)
    forms = {2: z, 4: z[:, :, None, None]}
    order = (4, 2) if isinstance(first, nn.ConvTranspose2d) else (2, 4)
    refusals = []
    for dims in order:
        try:
            output = generator(forms[dims].clone())
        except (Exception, SystemExit) as error:  # a foreign forward may raise anything
            refusals.append(_words(error))
            continue
        if isinstance(output, Tensor) and output.ndim == 4 and len(output) == len(z):
            return dims, output
        refusals.append(f"returns {_described(output)} instead of images (N, C, H, W)")
    raise InputError(
        f"{name}: it takes z neither as {_shape(forms[2])} nor as {_shape(forms[4])}: {refusals[0]}; "
        + (
            "perhaps it is conditional: it needs labels; wrap it in a class that fixes them"
            if _takes_labels(generator)
            else "perhaps labels are joined to z; give the size of z alone, --prior normal:SIZE"
            if any(isinstance(module, nn.Embedding) for module in generator.modules())
            else "check the size of the prior, or wrap it in a class that takes z (N, nz) and returns images"
        )
    )


def _takes_labels(generator: nn.Module) -> bool:
    try:
        _, *others = inspect.signature(generator.forward).parameters
    except (TypeError, ValueError):  # no input, or written in C
        others = []
    return any(_LABELS.match(name.lower()) for name in others)


def _check_module(name: str, network: nn.Module) -> None:
    if not isinstance(network, nn.Module):
        raise InputError(f"{name}: not a torch.nn.Module; give the network itself")
    if isinstance(network, torch.jit.ScriptModule):
        raise InputError(
            f"{name}: TorchScript, whose layers cannot be looked at; give the network it was made of"
        )
    if hasattr(network, "_orig_mod"):
        raise InputError(f"{name}: compiled, so that its layers cannot be looked at; give its _orig_mod")
    for weight, tensor in network.named_parameters():
        if tensor.is_floating_point() and tensor.dtype != torch.float32:
            kind = str(tensor.dtype).removeprefix("torch.")
            raise InputError(f"{name}: {weight} is {kind}, analyses run in float32; call .float() on it")
        if tensor.is_meta:
            raise InputError(f"{name}: {weight} has a shape but no numbers (device 'meta'); give it weights")
        if not tensor.isfinite().all():
            raise InputError(f"{name}: {weight} holds values that are no numbers; use other weights")
    refuse_conditional(network, name)


def _not_logits(output: object, n: int) -> str | None:
    """What is wrong with a discriminator's answer to n images, or None."""
    if not isinstance(output, Tensor):
        return f"it returns {_described(output)}"
    if output.numel() == n and output.shape[:1] == (n,):
        return None if output.isfinite().all() else "it returns values that are no numbers"
    what = "judges patches" if output.ndim == 4 and output.shape[1] == 1 else "gives several numbers"
    return f"it {what}, {_shape(output)} for {n} images"


def _first_channels(discriminator: nn.Module) -> int:
    for module in discriminator.modules():
        if isinstance(module, nn.Conv2d):
            return module.in_channels
    return 3


def _described(output: object) -> str:
    if isinstance(output, Tensor):
        return _shape(output)
    if isinstance(output, tuple | list):
        return f"a {type(output).__name__} of {len(output)}"
    return f"a {type(output).__name__}"


def _shape(tensor: Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))})"


def _words(error: BaseException) -> str:
    text = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(":")
    return text if len(text) <= 120 else f"{text[:117]}..."

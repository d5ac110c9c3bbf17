"""A network rebuilt from its parameters: named layers that run one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor, nn

from dcgan_viz.errors import InputError


class Chain(nn.Module):
    """A generator or a discriminator as a row of layers.

    Parameters
    ----------
    role : str
        "generator" or "discriminator".
    layers : sequence of (str, nn.Module)
        Dotted names, and the layers in the order in which they run. ``state_dict()`` and ``named_modules()``
        have these names; what stands before a dot becomes an ``nn.Sequential``.
    image_size : int
        Side of the images in px.
    channels : int
        Colour channels of the images.

    Raises
    ------
    InputError
        If a name cannot be a module's.

    Examples
    --------
    >>> chain = Chain("generator", [("main.0", nn.ConvTranspose2d(8, 3, 4)), ("main.1", nn.Tanh())], 4, 3)
    >>> [name for name, _ in chain.named_modules() if name]
    ['main', 'main.0', 'main.1']
    """

    def __init__(
        self, role: str, layers: Sequence[tuple[str, nn.Module]], image_size: int, channels: int
    ) -> None:
        super().__init__()
        self.role, self.image_size, self.channels = role, image_size, channels
        for name, layer in layers:
            _put(self, name, layer)
        names = [name for name, _ in layers]
        self._wide = isinstance(layers[0][1], nn.Linear)
        # Blocks run as blocks, so that whoever looks at one sees its result, unless their layers interleave.
        self._path = None if list(_leaves(self)) == names else names

    def forward(self, x: Tensor) -> Tensor:
        """Run the layers.

        Parameters
        ----------
        x : Tensor
            z (N, nz) or (N, nz, 1, 1) for a generator, images (N, C, H, W) for a discriminator.

        Returns
        -------
        Tensor
            images (N, C, H, W), or logits (N,).
        """
        if self.role == "generator":
            x = x.flatten(1)  # (N, nz)
            x = x if self._wide else x[:, :, None, None]
        layers = self.children() if self._path is None else map(self.get_submodule, self._path)
        for layer in layers:
            x = layer(x)
        if self.role == "generator":
            return x
        if x[0].numel() != 1:
            raise InputError(
                f"the discriminator judges images of {self.image_size}x{self.image_size} px and makes "
                f"{x[0].numel()} numbers of these; resize them"
            )
        return x.flatten()


def _put(root: nn.Module, name: str, layer: nn.Module) -> None:
    place = root
    *blocks, last = name.split(".")
    try:
        for block in blocks:
            if block not in place._modules:
                place.add_module(block, nn.Sequential())
            place = place.get_submodule(block)
        if not isinstance(place, nn.Sequential | Chain) or last in place._modules:
            raise KeyError(f"{name} and another layer stand for the same place")
        place.add_module(last, layer)
    except (KeyError, AttributeError) as error:
        raise InputError(f"layer {name!r}: not a name that a module can have ({error}); rename it") from error


def _leaves(module: nn.Module) -> Iterator[str]:
    for name, inner in module.named_modules():
        if name and not isinstance(inner, nn.Sequential):
            yield name

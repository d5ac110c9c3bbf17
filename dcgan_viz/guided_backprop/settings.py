"""What is shown of a discriminator's filters, and on how much it rests."""

from dataclasses import dataclass

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.rules import RULES


@dataclass(frozen=True)
class GuidedSettings:
    """Settings of `guided_backprop`.

    Attributes
    ----------
    layer : str or None
        A convolution of the discriminator; None for the last one with more than one map.
    filters : tuple of int or None
        Numbers of its filters; None for the first six.
    rule : {"strict", "slope", "deconvnet", "plain"}
        How gradients pass back through activations; see `dcgan_viz.guided_backprop.rules.Guided`.
    n_top : int
        Images that are shown of each filter, those with the largest responses.
    n_measured : int
        Images that its selectivity is measured on, again those with the largest responses.
    """

    layer: str | None = None
    filters: tuple[int, ...] | None = None
    rule: str = "strict"
    n_top: int = 6
    n_measured: int = 100

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise InputError(
                f"rule {self.rule!r}: there is none of that name; choose from {', '.join(RULES)}"
            )
        if self.filters is not None and not self.filters:
            raise InputError("filters: none; give at least one number, or leave them out for the first six")
        for name in ("n_top", "n_measured"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} {getattr(self, name)}: has to be at least 1")

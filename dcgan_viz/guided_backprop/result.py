"""What `guided_backprop` found, in the words of ``result.json``."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from dcgan_viz.guided_backprop.selectivity import LEAST_MEASURED, ClassSelectivity, answers_to
from dcgan_viz.guided_backprop.similarity import Similarity
from dcgan_viz.models.receptive_field import Box


@dataclass(frozen=True)
class Peak:
    """Where a filter responds most in an image.

    Attributes
    ----------
    image : int
        Number of the image, from 0.
    response : float
    y, x : int
        Position in the filter's map.
    """

    image: int
    response: float
    y: int
    x: int

    def to_json(self) -> dict[str, object]:
        """One entry of ``top``."""
        return dict(vars(self))


@dataclass(frozen=True)
class Filter:
    """One filter.

    Attributes
    ----------
    index : int
        Its number in the layer.
    dead : bool
        It responds to no image, or to all alike, or nothing comes through to the image: nothing is shown.
    n_measured : int
        Images that the selectivity is measured on.
    top : tuple of Peak
        The images with the largest responses, largest first. Fewer than asked for where no more respond.
    control : tuple of Peak
        The randomly initialised network's filter of the same number in the same images.
    selectivity : dict of str to ClassSelectivity
        By class; empty where no masks are known.
    maps, control_maps : Tensor (T, C, H, W)
        Guided maps of the top images.
    boxes, control_boxes : tuple of (x0, y0, x1, y1)
        What the positions see, in pixels of the image; empty where it could not be followed.
    """

    index: int
    dead: bool
    n_measured: int
    top: tuple[Peak, ...]
    control: tuple[Peak, ...]
    selectivity: dict[str, ClassSelectivity]
    maps: Tensor
    control_maps: Tensor
    boxes: tuple[Box, ...]
    control_boxes: tuple[Box, ...]

    @classmethod
    def silent(cls, index: int, nothing: Tensor) -> Filter:
        """A dead one, with maps (0, C, H, W)."""
        return cls(index, True, 0, (), (), {}, nothing, nothing, (), ())

    @property
    def answers_to(self) -> str | None:
        """The class it answers to, where there is one and enough images say so; see `answers_to`."""
        return answers_to(self.selectivity) if self.n_measured >= LEAST_MEASURED else None

    def to_json(self) -> dict[str, object]:
        """One entry of ``filters``."""
        return {
            "index": self.index,
            "top": [peak.to_json() for peak in self.top],
            "selectivity": {name: one.to_json() for name, one in self.selectivity.items()},
            "dead": self.dead,
            "answers_to": self.answers_to,
            "n_measured": self.n_measured,
            "random_top": [peak.to_json() for peak in self.control],
            "receptive_fields": [list(box) for box in self.boxes],
        }


@dataclass(frozen=True)
class Audit:
    """How far captum, which makes one map at a time, is from what is shown.

    Attributes
    ----------
    n_maps : int
        How many maps were made again: one of each filter, that of the largest response.
    response_difference, map_difference : float
        Largest difference of a response and of a map, over the largest value that captum has there.
    """

    n_maps: int
    response_difference: float
    map_difference: float

    def to_json(self) -> dict[str, object]:
        """The field ``captum``."""
        return dict(vars(self))


@dataclass(frozen=True)
class GuidedResult:
    """All that `guided_backprop` found.

    Attributes
    ----------
    layer : str
        The convolution, by its resolved name.
    chosen_by : str
        "named", or the rule that chose it.
    shape : tuple of int
        Of its maps, (C, H, W).
    rule : str
        How gradients passed back.
    n_images : int
        Real images that were looked at.
    source : str
        Where they are from.
    n_guided : int
        Activations that the rule governs, from the filters' own down to the image.
    unguided : dict of str to int
        Other activations on the way, which kept their gradients.
    filters : tuple of Filter
    dead : tuple of int
        All filters of the layer that respond to no image, or to all alike.
    similarity : tuple of Similarity
        Of trained and random guided maps, by layer.
    statistics : dict of str to str
        BatchNorm of the trained network and of the random one, in words.
    receptive_field : (int, int) or None
        Height and width in pixels of what a position sees.
    audit : Audit or None
        By captum; None where it has no name for the layer, or nothing is shown.
    images : Tensor (N, C, H, W), uint8
    """

    layer: str
    chosen_by: str
    shape: tuple[int, int, int]
    rule: str
    n_images: int
    source: str
    n_guided: int
    unguided: dict[str, int]
    filters: tuple[Filter, ...]
    dead: tuple[int, ...]
    similarity: tuple[Similarity, ...]
    statistics: dict[str, str]
    receptive_field: tuple[int, int] | None
    audit: Audit | None
    images: Tensor

    def to_json(self) -> dict[str, object]:
        """The fields of ``result.json``."""
        return {
            "layer": self.layer,
            "layer_chosen_by": self.chosen_by,
            "layer_shape": self.shape,
            "rule": self.rule,
            "n_images": self.n_images,
            "images": self.source,
            "n_guided": self.n_guided,
            "unguided": self.unguided,
            "filters": [one.to_json() for one in self.filters],
            "dead_filters": self.dead,
            "similarity_trained_random": [one.to_json() for one in self.similarity],
            "statistics": self.statistics,
            "receptive_field": self.receptive_field,
            "captum": None if self.audit is None else self.audit.to_json(),
        }

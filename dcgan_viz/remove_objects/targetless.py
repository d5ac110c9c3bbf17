"""How close pictures without a target come to real ones that never had it."""

from dataclasses import dataclass

from torch import Tensor

from dcgan_viz.data.distances import frechet_distance


@dataclass(frozen=True)
class TargetlessDistance:
    """Fréchet distances on the judge's features to real rooms without the target, all from as many images.

    Attributes
    ----------
    edited : float
        Of samples that had the target, after the edit.
    untouched : float
        Of samples that never had it.
    real_split : float
        Of other real rooms without it.
    n_images : int
        Images on each side: the distance depends on how many there are, so it is the same for all three.
    """

    edited: float
    untouched: float
    real_split: float
    n_images: int

    @classmethod
    def unknown(cls) -> "TargetlessDistance":
        """Without real pictures, or a judge to compare them by: no number."""
        nan = float("nan")
        return cls(nan, nan, nan, 0)

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return dict(vars(self))


def targetless_distance(edited: Tensor, untouched: Tensor, real: Tensor) -> TargetlessDistance:
    """Compare features (N, F) of edited, untouched and real images; see `TargetlessDistance`.

    Parameters
    ----------
    edited, untouched : Tensor (N, F)
        Of the judge.
    real : Tensor (M, F)
        Of real rooms without the target; one half is the reference, the other half the real split.
    """
    reference, other = real[0::2], real[1::2]
    n = min(len(edited), len(untouched), len(reference), len(other))
    nan = float("nan")
    if n < 2:
        return TargetlessDistance(nan, nan, nan, n)
    return TargetlessDistance(
        edited=frechet_distance(edited[:n], reference[:n]),
        untouched=frechet_distance(untouched[:n], reference[:n]),
        real_split=frechet_distance(other[:n], reference[:n]),
        n_images=n,
    )

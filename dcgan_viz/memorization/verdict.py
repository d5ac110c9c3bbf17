"""What the numbers support, in one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from dcgan_viz.memorization.comparison import Comparison, Share

CLOSER, ALIKE, FARTHER = "closer than held-out", "as far as held-out", "farther than held-out"
_SPACES = {"pixels": "in pixels", "features": "in D's features"}


@dataclass(frozen=True)
class Verdict:
    """What the numbers support.

    Attributes
    ----------
    word : {"closer than held-out", "as far as held-out", "farther than held-out"}
        How samples lie to the training images. Closer in any space is closer; farther is farther in all.
    copies : bool
        Closer, and to training images alone: where samples are as near to held-out images, something else
        than copying makes them near.
    sentence : str
    """

    word: str
    copies: bool
    sentence: str

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return dict(vars(self))


def verdict(comparisons: Mapping[str, Comparison], n_training: int, is_split: bool) -> Verdict:
    """Say what the comparisons support, and no more.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        By space.
    n_training : int
        Training images that were looked at.
    is_split : bool
        Whether the held-out images may have been trained on, too.

    Returns
    -------
    Verdict
    """
    closer = {name: one for name, one in comparisons.items() if one.is_closer}
    if closer:
        return _closer(closer)
    farther = all(one.is_farther for one in comparisons.values())
    how = "farther from" if farther else "no closer to"
    ranks = ", ".join(f"{_share(one.closer)} {_SPACES[name]}" for name, one in comparisons.items())
    sentence = (
        f"Samples lie {how} the {n_training:,} training images looked at than held-out images do (a sample "
        f"is the closer of two with probability {ranks}; 0.5 is alike), and no more of them are very close: "
        "no sign that the generator repeats them"
    )
    if is_split:
        sentence += "; but training may have seen the held-out images, too, and then copying would not show"
    return Verdict(FARTHER if farther else ALIKE, False, f"{sentence}.")


def _closer(closer: Mapping[str, Comparison]) -> Verdict:
    """The verdict on the spaces in which samples lie closer."""
    as_a_whole = any(one.closer.is_above_chance for one in closer.values())
    evidence = ", ".join(_evidence(name, one) for name, one in closer.items())
    start = (
        f"{'Samples' if as_a_whole else 'Some samples'} lie closer to training images than held-out images do"
    )
    copying = [one for one in closer.values() if one.nearest_is_training.is_above_chance]
    share = (copying or list(closer.values()))[0].nearest_is_training
    often = f"({_share(share)}, chance {share.chance:.2f})"
    if copying:
        end = f"and their nearest real image is a training image more often than chance has it {often}: "
        end += "the generator repeats training images"
    else:
        end = f"but their nearest real image is a training image no more often than chance has it {often}: "
        end += "too little detail explains that as well as copying"
    return Verdict(CLOSER, bool(copying), f"{start} ({evidence}), {end}.")


def _evidence(name: str, one: Comparison) -> str:
    """What makes samples closer in a space: all of them, or some."""
    if one.closer.is_above_chance:
        return f"a sample is the closer of two with probability {_share(one.closer)} {_SPACES[name]}"
    return f"{_share(one.very_close)} of them closer than 95 % of the held-out images {_SPACES[name]}"


def _share(share: Share) -> str:
    return f"{share.value:.2f} [{share.ci95[0]:.2f}, {share.ci95[1]:.2f}]"

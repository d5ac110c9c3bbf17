"""Notices when the discriminator has won for good."""

from __future__ import annotations

LOGIT_FAKE = -8.0  # D gives generated images a chance of exp(-8), 1 in 3,000, of being real
LOSS_D = 0.02  # D is right on both kinds but for 1 % each: real images do not confuse it either
WINDOW_IMAGES = 20_000


class CollapseWatch:
    """Warns once an episode when D has been beyond reach for a whole window of images.

    D is far ahead for a moment in many healthy runs, above all at the start, and the logistic loss lets G
    catch up. Where every log interval of a long window says so, it does not: real and generated images no
    longer overlap, and D's gradient points G nowhere in particular (Arjovsky and Bottou 2017, arXiv
    1701.04862).

    Examples
    --------
    >>> watch = CollapseWatch(window_images=2_000)
    >>> [watch.warning(n_images=1_000, loss_d=0.001, logit_fake=-12.0) is not None for _ in range(3)]
    [False, True, False]
    """

    def __init__(self, window_images: int = WINDOW_IMAGES) -> None:
        self.window_images = window_images
        self._beyond_reach = 0
        self._warned = False

    def warning(self, n_images: int, loss_d: float, logit_fake: float) -> str | None:
        """Take in one log interval.

        Parameters
        ----------
        n_images : int
            Real images in it.
        loss_d, logit_fake : float
            Means over it.

        Returns
        -------
        str or None
            One line when the window has just filled.
        """
        if not (loss_d < LOSS_D and logit_fake < LOGIT_FAKE):
            self._beyond_reach, self._warned = 0, False
            return None
        self._beyond_reach += n_images
        if self._warned or self._beyond_reach < self.window_images:
            return None
        self._warned = True
        return (
            f"the discriminator has won for {self._beyond_reach} images (loss_d {loss_d:.3g}, mean logit on "
            f"generated images {logit_fake:.1f}); lower --lr-d, or start again with another --seed"
        )

"""Whether an object moves as the position on an axis does: Spearman's rank correlation."""

import numpy as np

LEAST_SEEN = 2 / 3  # of the positions, at which an object has to be seen for a correlation to be told


def spearman(positions: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Spearman's correlation between position and centre, for each walk.

    Parameters
    ----------
    positions : ndarray (T,)
    centres : ndarray (M, T)
        NaN where the object is not seen.

    Returns
    -------
    ndarray (M,)
        From -1 to 1 over the positions where the object is seen; NaN where these are fewer than two thirds
        of all; 0 where the object stands still.

    Examples
    --------
    >>> spearman(np.arange(3.0), np.array([[1.0, 5.0, 9.0], [2.0, 2.0, 2.0]])).tolist()
    [1.0, 0.0]
    """
    from scipy.stats import rankdata  # comes with scikit-learn

    found = np.full(len(centres), np.nan)
    for walk, row in enumerate(centres):
        seen = np.isfinite(row)
        if seen.sum() < max(2, LEAST_SEEN * len(positions)):
            continue
        ranks = np.stack([rankdata(positions[seen]), rankdata(row[seen])])
        spread = ranks.std(axis=1)
        found[walk] = np.corrcoef(ranks)[0, 1] if spread.all() else 0.0
    return found

"""One seed from a person, many independent streams."""

import hashlib


def derived_seed(seed: int, *purpose: object) -> int:
    """A seed of its own for each purpose, so that no two random streams are the same.

    Parameters
    ----------
    seed : int
        What ``--seed`` gave.
    *purpose : object
        Words and numbers that name the stream.

    Returns
    -------
    int
        In [0, 2**48).

    Examples
    --------
    >>> derived_seed(0, "control", "main.8") == derived_seed(0, "control", "main.5")
    False
    """
    digest = hashlib.sha256(" ".join(map(str, (*purpose, seed))).encode()).digest()
    return int.from_bytes(digest[:6], "big")

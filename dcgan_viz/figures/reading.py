"""Numbers of a result.json as figures take them: what is missing, infinite or NaN is `None`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dcgan_viz.figures.spec import Interval, Value


def value(number: float | None) -> Value:
    """Read a number.

    Examples
    --------
    >>> value(1), value(float("nan")), value(None)
    (1.0, None, None)
    """
    return float(number) if number is not None and math.isfinite(number) else None


def interval(ends: Sequence[float | None] | None) -> Interval:
    """Read [low, high]; `None` where either end is missing.

    Examples
    --------
    >>> interval([0.1, 0.2]), interval([0.1, None]), interval(None)
    ((0.1, 0.2), None, None)
    """
    low, high = (value(end) for end in ends or (None, None))
    return None if low is None or high is None else (low, high)

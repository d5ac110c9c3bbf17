"""How numbers are written in a figure. The same number reads the same in print and on the screen."""

from __future__ import annotations

from dcgan_viz.figures.spec import Interval, Value

TIMES = "\N{MULTIPLICATION SIGN}"
MISSING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def number(value: Value, digits: int = 2) -> str:
    """Write a number with `digits` decimals, or with as many as its first digit needs.

    Parameters
    ----------
    value
        The number; `None` is written as a dash.
    digits
        Decimals, as long as they do not round a number that is not 0 to 0.

    Returns
    -------
    str

    Examples
    --------
    >>> number(0.914), number(0.0042), number(0.0), number(1234.5), number(None) == MISSING
    ('0.91', '0.004', '0.00', '1,234', True)
    """
    if value is None:
        return MISSING
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", MINUS)
    text = f"{value:.{digits}f}"
    while float(text) == 0 and value != 0 and digits < 4:
        digits += 1
        text = f"{value:.{digits}f}"
    return text.replace("-", MINUS)


def interval(ends: Interval, digits: int = 2) -> str:
    """Write an interval, "[0.03, 0.05]", or nothing where there is none.

    Examples
    --------
    >>> interval((0.031, 0.052)), interval(None)
    ('[0.03, 0.05]', '')
    """
    return "" if ends is None else f"[{number(ends[0], digits)}, {number(ends[1], digits)}]"


def with_interval(value: Value, ends: Interval, digits: int = 2) -> str:
    """Write a number and its interval, "0.04 [0.03, 0.05]".

    Examples
    --------
    >>> with_interval(0.04, (0.031, 0.052))
    '0.04 [0.03, 0.05]'
    """
    return f"{number(value, digits)} {interval(ends, digits)}".rstrip()


def significant(value: Value, digits: int = 3) -> str:
    """Write a number of unknown scale with `digits` significant digits, never with an exponent.

    Examples
    --------
    >>> significant(12.345), significant(0.01234), significant(123456.0), significant(2.0)
    ('12.3', '0.0123', '123,456', '2.00')
    """
    if value is None:
        return MISSING
    if value == 0:
        return "0"
    magnitude = int(f"{abs(value):.{digits - 1}e}".split("e")[1])
    return f"{value:,.{min(max(0, digits - 1 - magnitude), 6)}f}".replace("-", MINUS)


def tick(value: float) -> str:
    """Write a round number on an axis, without an exponent.

    Examples
    --------
    >>> tick(0.25), tick(2.0), tick(2500.0), tick(0.00005)
    ('0.25', '2', '2,500', '0.00005')
    """
    return f"{value:,.8f}".rstrip("0").rstrip(".").replace("-", MINUS)


def count(n: int, noun: str) -> str:
    """Write how many there are of what has a regular plural.

    Examples
    --------
    >>> count(1, "map"), count(2048, "map")
    ('1 map', '2,048 maps')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def shape(sizes: tuple[int, ...]) -> str:
    """Write the shape (C, H, W) of a layer as "128 maps, 16x16".

    Examples
    --------
    >>> shape((128, 16, 16)) == f"128 maps, 16{TIMES}16"
    True
    """
    if len(sizes) == 3:
        return f"{count(sizes[0], 'map')}, {sizes[1]}{TIMES}{sizes[2]}"
    return TIMES.join(str(size) for size in sizes)

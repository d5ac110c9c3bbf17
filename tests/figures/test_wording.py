import doctest

import pytest

from dcgan_viz.figures import images, provenance, sheet, wording
from dcgan_viz.figures.wording import interval, number, significant, tick


@pytest.mark.parametrize("module", [images, provenance, sheet, wording])
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("value", [0.05, 0.004, 0.9951, 1.0, 2.21, 3.0, 12.345, 999.99, 0.00031])
def test_a_written_number_is_within_half_of_its_last_digit(value):
    text = number(value)
    decimals = len(text.split(".")[1])
    assert abs(float(text) - value) <= 0.5 * 10**-decimals
    assert float(text) > 0


def test_negative_numbers_have_a_minus_and_missing_ones_a_dash():
    assert number(-0.5) == "\N{MINUS SIGN}0.50"
    assert number(None) == significant(None) == "\N{EN DASH}"
    assert interval(None) == ""


@pytest.mark.parametrize("exponent", range(-4, 6))
def test_significant_digits_never_use_an_exponent(exponent):
    value = 2.7182818 * 10.0**exponent
    text = significant(value)
    assert "e" not in text
    assert float(text.replace(",", "")) == pytest.approx(value, rel=0.005)


@pytest.mark.parametrize("value", [0.0, 0.2, 0.25, 1.0, 75.0, 0.000025, 10000.0])
def test_ticks_are_exact(value):
    assert float(tick(value).replace(",", "")) == value
    assert "e" not in tick(value)

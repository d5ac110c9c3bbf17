"""Shares and means over cases, with bootstrap intervals."""

from dataclasses import dataclass

import numpy as np

from dcgan_viz.seeds import derived_seed

N_BOOTSTRAP = 2000
Interval = tuple[float, float]


@dataclass(frozen=True)
class Mean:
    """A mean over cases.

    Attributes
    ----------
    value : float
        NaN over no case.
    ci95 : (float, float)
        Bootstrap over cases.
    """

    value: float
    ci95: Interval

    @classmethod
    def over(cls, values: np.ndarray, seed: int) -> "Mean":
        """The mean of values (N,) or (N, D): N cases are drawn again, each with all its D draws.

        What is NaN does not count.
        """
        table = values.astype(float).reshape(len(values), values[0].size if len(values) else 1)
        cases = table[np.isfinite(table).all(axis=1)].mean(axis=1)
        if not len(cases):
            return cls.unknown()
        random = np.random.default_rng(derived_seed(seed, "bootstrap"))
        again = cases[random.integers(len(cases), size=(N_BOOTSTRAP, len(cases)))].mean(axis=1)
        low, high = np.quantile(again, (0.025, 0.975))
        return cls(float(cases.mean()), (float(low), float(high)))

    @classmethod
    def unknown(cls) -> "Mean":
        """Of nothing."""
        nan = float("nan")
        return cls(nan, (nan, nan))

    def to_json(self, name: str) -> dict[str, object]:
        """The value under a name, and its interval under ``name_ci95``."""
        return {name: self.value, f"{name}_ci95": self.ci95}

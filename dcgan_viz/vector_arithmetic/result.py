"""What `vector_arithmetic` found, in the words of ``result.json``."""

from dataclasses import dataclass

from dcgan_viz.vector_arithmetic.cases import Cases, OwnVerdict
from dcgan_viz.vector_arithmetic.pictures import RecipePictures
from dcgan_viz.vector_arithmetic.rates import Mean
from dcgan_viz.vector_arithmetic.recipe import Recipe
from dcgan_viz.vector_arithmetic.turn import Turn


@dataclass(frozen=True, eq=False)
class ArithmeticResult:
    """All that `vector_arithmetic` found.

    Attributes
    ----------
    recipe : Recipe
        From which the pictures can be made again.
    exemplars_by : str
        Who chose them: "annotator", the recipe's file, or "the order of the sheet" where nobody did.
    judge : dict
        Who measured, and what is known about it; with a ``reason`` where nobody did.
    pictures : RecipePictures
    own : OwnVerdict or None
        On the recipe's own sum.
    cases : Cases or None
        None where nobody measured.
    turn : Turn or None
    """

    recipe: Recipe
    exemplars_by: str
    judge: dict[str, object]
    pictures: RecipePictures
    own: OwnVerdict | None
    cases: Cases | None
    turn: Turn | None

    def to_json(self) -> dict[str, object]:
        """The fields of ``result.json``."""
        return {
            "recipe": self.recipe.to_json(),
            "exemplars_by": self.exemplars_by,
            "judge": self.judge,
            **self._rates(),
            "norms": self.pictures.norms.to_json(),
            "own_sum": None if self.own is None else dict(vars(self.own)),
            "cases": None if self.cases is None else self.cases.to_json(),
            "turn": None if self.turn is None else self.turn.to_json(),
        }

    def _rates(self) -> dict[str, object]:
        """The numbers that matter most, on top."""
        if self.cases is None:
            return {"success_rate": None, "success_rate_control": None, "n_cases": 0}
        seed, verdicts = self.cases.seed, self.cases.verdicts
        return {
            **Mean.over(verdicts["result"].success, seed).to_json("success_rate"),
            **Mean.over(verdicts["control"].success, seed).to_json("success_rate_control"),
            **self.cases.above_control.to_json("success_rate_above_control"),
            "n_cases": len(self.cases.vectors.seeds),
        }

"""What the library makes of a recipe, kept for who asks again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apps.shell import budget
from apps.shell.bench import Bench
from apps.shell.cache import PICTURES
from apps.shell.downloads import provenance
from apps.shell.jobs import Job
from apps.shell.timed import Timed, timed
from apps.shell.turns import turn
from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.figures.arithmetic_view import ArithmeticView
from dcgan_viz.models.gan import Gan
from dcgan_viz.output import strict_json
from dcgan_viz.vector_arithmetic.analysis import choose_recipe, vector_arithmetic
from dcgan_viz.vector_arithmetic.command import write_run
from dcgan_viz.vector_arithmetic.pictures import RecipePictures, draw_recipe
from dcgan_viz.vector_arithmetic.recipe import Recipe
from dcgan_viz.vector_arithmetic.recipe_file import parse_recipe, recipe_bytes
from dcgan_viz.vector_arithmetic.result import ArithmeticResult
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings
from dcgan_viz.vector_arithmetic.turn import Turn, take_turn

RECIPE_FILE = "recipe.json"
"""What the recipe is called when it is taken home, and in what the command says of it then."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """A result, and how the command finds it.

    Attributes
    ----------
    found : Timed of ArithmeticResult
    options : tuple of str
        Of the command that finds the same.
    """

    found: Timed[ArithmeticResult]
    options: tuple[str, ...]

    @property
    def result(self) -> ArithmeticResult:
        """What was found."""
        return self.found.result

    @property
    def view(self) -> ArithmeticView:
        """What figures read of it."""
        return view_of(self.result)

    def command(self, bench: Bench) -> str:
        """The command line that repeats it, beside the recipe."""
        return command(bench, *self.options)

    def write(self, bench: Bench, directory: Path) -> None:
        """Write the folder that the command writes."""
        noted = provenance(bench, self.command(bench), self.found.duration_s)
        write_run(directory, bench.gan, self.result, noted)


def command(bench: Bench, *options: str) -> str:
    """The command line that replays the downloaded recipe."""
    return bench.command("vector-arithmetic", "--recipe", RECIPE_FILE, *options, seed=False)


def pictures(bench: Bench, recipe: Recipe) -> RecipePictures:
    """Exemplars, means and sums.

    Raises
    ------
    InputError
        If they are more than a page may hold, or the recipe is of other networks.
    """
    n_exemplars = sum(map(len, recipe.concepts.values()))
    n = 2 * n_exemplars + len(recipe.concepts) + recipe.n_neighbours + 2
    budget.check(bench.gan, n, "pictures of a recipe", "take fewer exemplars or neighbours")
    content = recipe_bytes(recipe)

    def make() -> RecipePictures:
        with turn():
            return draw_recipe(bench.gan, parse_recipe(content, RECIPE_FILE))

    return PICTURES.get(("recipe", bench.key, content), make)


def walks(bench: Bench, recipe: Recipe) -> Turn:
    """The turn on fresh z.

    Raises
    ------
    InputError
        If its pictures are more than a page may hold.
    """
    settings = ArithmeticSettings()
    n_steps = recipe.turn.n_steps if recipe.turn is not None else 0
    budget.check(bench.gan, settings.n_strips * n_steps, "pictures of a turn", "take fewer positions")
    content = recipe_bytes(recipe)

    def make() -> Turn:
        with turn():
            found = parse_recipe(content, RECIPE_FILE)
            return take_turn(bench.gan, found, None, settings.n_walks, settings.n_strips)

    return PICTURES.get(("turn", bench.key, content), make)


def unmeasured(bench: Bench, recipe: Recipe) -> Outcome:
    """All of it, but no judge."""
    settings = ArithmeticSettings(judge="none")
    return _computed(bench.gan, recipe, settings, ("--judge", "none"))


def measured(job: Job, gan: Gan, recipe: Recipe, n_cases: int) -> Outcome:
    """All of it, with the judge; in a job."""
    settings = ArithmeticSettings(n_cases=n_cases, n_walks=n_cases)
    return _computed(job.own(gan), recipe, settings, ("--cases", str(n_cases)), job)


def chosen(job: Job, gan: Gan, settings: ArithmeticSettings, seed: int) -> Recipe | InputError:
    """What the annotator chooses, or why it cannot; in a job."""
    job.step = "it looks at the sheet, and tries its draws on rooms"
    try:
        return choose_recipe(job.own(gan), load_segmenter("annotator", gan.device), settings, seed)
    except InputError as error:
        return error


def view_of(result: ArithmeticResult) -> ArithmeticView:
    """What figures read of a result."""
    fields = strict_json(result.to_json())
    assert isinstance(fields, dict)
    return ArithmeticView.from_json(fields)


def shown(recipe: Recipe, found: RecipePictures) -> ArithmeticView:
    """What figures read of a sum that nobody measured."""
    judge: dict[str, object] = {"name": "none", "reason": ""}

    return view_of(ArithmeticResult(recipe, RECIPE_FILE, judge, found, None, None, None))


def _computed(
    gan: Gan, recipe: Recipe, settings: ArithmeticSettings, options: tuple[str, ...], job: Job | None = None
) -> Outcome:
    def compute() -> ArithmeticResult:
        return vector_arithmetic(
            gan,
            settings,
            recipe.seed,
            recipe=recipe,
            exemplars_by=RECIPE_FILE,
            progress=iter
            if job is None
            else lambda steps: job.progress(steps, "Choosing on more sheets, looking"),
        )

    return Outcome(timed(compute), options)

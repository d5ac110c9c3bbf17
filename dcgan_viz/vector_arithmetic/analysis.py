"""Arithmetic on z (section 6.3.2 of the paper), with evidence."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dcgan_viz.data.segmenter import Segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.vector_arithmetic.case_vectors import CaseVectors, draw_cases
from dcgan_viz.vector_arithmetic.cases import Cases, OwnVerdict, measure_cases
from dcgan_viz.vector_arithmetic.exemplars import Sheets, choose, too_few
from dcgan_viz.vector_arithmetic.looks import Looks, looks_at
from dcgan_viz.vector_arithmetic.pictures import RecipePictures, draw_recipe
from dcgan_viz.vector_arithmetic.recipe import Recipe, TurnRecipe, target_expression
from dcgan_viz.vector_arithmetic.result import ArithmeticResult
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings
from dcgan_viz.vector_arithmetic.turn import Turn, take_turn
from dcgan_viz.vector_arithmetic.turn_exemplars import choose_turn

Step = Callable[[], None]
Progress = Callable[[Sequence[Step]], Iterable[Step]]
ANNOTATOR = "annotator"
FIRST_SAMPLES = "the order of the sheet"
TURNED = "bed"  # what the annotator's turn moves from the left to the right


def choose_recipe(gan: Gan, annotator: Segmenter, settings: ArithmeticSettings, seed: int) -> Recipe:
    """Let the annotator choose exemplars on the sheet of a seed.

    Parameters
    ----------
    gan : Gan
        Of rooms.
    annotator : Segmenter
    settings : ArithmeticSettings
    seed : int

    Returns
    -------
    Recipe
        For putting ``settings.target`` into rooms without, and with ``settings.turn`` for moving the bed.

    Raises
    ------
    InputError
        If there are too few exemplars on the sheet.
    """
    gan.require_generator("vector_arithmetic")
    assert gan.prior is not None
    sheets = Sheets.of(gan, annotator, [seed], settings.sheet_size)
    chosen = choose(gan, annotator, sheets, settings.target, settings.n_exemplars, rescale=settings.rescale)
    if not chosen:
        raise too_few(sheets, settings.target, settings.n_exemplars)
    expression = target_expression(settings.target)
    concepts = dict(zip(expression, chosen[0].concepts, strict=True))
    turn = None
    if settings.turn:
        turn = _turn(settings, f"{TURNED} left", f"{TURNED} right", TURNED)
        left, right = choose_turn(gan, annotator, sheets, settings.n_turn_exemplars, turn)
        concepts |= {turn.start: left, turn.end: right}
    return _recipe(gan, settings, seed, concepts, expression, settings.target, turn)


def arbitrary_recipe(gan: Gan, settings: ArithmeticSettings, seed: int) -> Recipe:
    """The first samples of the sheet as concepts, for a GAN whose samples nobody has looked at.

    What the sum means is open; how steady it is under noise, and what the same sum of pictures looks like,
    can be seen all the same.

    Parameters
    ----------
    gan : Gan
    settings : ArithmeticSettings
    seed : int

    Returns
    -------
    Recipe
        Of concepts named by the numbers of their exemplars.
    """
    gan.require_generator("vector_arithmetic")
    n = settings.n_exemplars
    names = [f"samples {k * n} to {(k + 1) * n - 1}" for k in range(3)]
    concepts = {name: tuple(range(k * n, (k + 1) * n)) for k, name in enumerate(names)}
    turn = _turn(settings, names[1], names[0]) if settings.turn else None
    sized = replace(settings, sheet_size=max(settings.sheet_size, 3 * n))
    return _recipe(gan, sized, seed, concepts, dict(zip(names, "+-+", strict=True)), "", turn)


def _is_annotators(recipe: Recipe, gan: Gan, annotator: Segmenter) -> bool:
    """Whether the annotator chooses the same exemplars: a replay then says so, as the first run did."""
    turn = recipe.turn
    if not recipe.target or (turn is not None and turn.target != TURNED):
        return False
    n = len(recipe.concepts[recipe.target])
    settings = ArithmeticSettings(
        target=recipe.target,
        n_exemplars=n,
        n_turn_exemplars=n if turn is None else len(recipe.concepts[turn.start]),
        sheet_size=recipe.sheet_size,
        rescale=recipe.rescale,
        turn=turn is not None,
        turn_rescale=turn is None or turn.rescale,
        reach=ArithmeticSettings.reach if turn is None else turn.reach,
        n_steps=ArithmeticSettings.n_steps if turn is None else turn.n_steps,
    )
    try:
        return choose_recipe(gan, annotator, settings, recipe.seed).concepts == recipe.concepts
    except InputError:
        return False


def _turn(settings: ArithmeticSettings, start: str, end: str, target: str = "") -> TurnRecipe:
    return TurnRecipe(start, end, settings.reach, settings.n_steps, settings.turn_rescale, target)


def _recipe(
    gan: Gan,
    settings: ArithmeticSettings,
    seed: int,
    concepts: dict[str, tuple[int, ...]],
    expression: dict[str, str],
    target: str,
    turn: TurnRecipe | None,
) -> Recipe:
    assert gan.prior is not None
    return Recipe(
        seed=seed,
        sheet_size=settings.sheet_size,
        z_size=gan.prior.size,
        checkpoint_sha256=gan.provenance.sha256,
        prior=gan.prior.kind,
        concepts=concepts,
        expression=expression,
        noise=settings.noise,
        n_neighbours=settings.n_neighbours,
        rescale=settings.rescale,
        target=target,
        turn=turn,
    )


def vector_arithmetic(
    gan: Gan,
    settings: ArithmeticSettings,
    seed: int,
    *,
    recipe: Recipe | None = None,
    exemplars_by: str = "recipe",
    progress: Progress = iter,
) -> ArithmeticResult:
    """Add and subtract concepts, turn what can be turned, and let a judge say what came of it.

    Parameters
    ----------
    gan : Gan
        Any generator.
    settings : ArithmeticSettings
    seed : int
        Of the sheet and of all else that is drawn, where there is no recipe.
    recipe : Recipe, optional
        Exemplars that somebody chose; by default the annotator chooses where the GAN draws rooms, and
        elsewhere the first samples are taken (`arbitrary_recipe`).
    exemplars_by : str
        Who chose those of the recipe, for the record, unless the annotator chooses the very same.
    progress : callable
        Gets the steps and yields them again, showing how far the work is.

    Returns
    -------
    ArithmeticResult

    Raises
    ------
    InputError
        If the recipe belongs to another checkpoint, or the sheet has too few exemplars.

    References
    ----------
    Radford, Metz and Chintala (2015), arXiv 1511.06434, section 6.3.2, figures 7 and 8.
    """
    gan.require_generator("vector_arithmetic")
    if recipe is not None:
        recipe.check(gan)
    work = _Work(gan, settings, seed, looks_at(gan, settings.judge), recipe, exemplars_by)
    for step in progress(work.steps()):
        step()
    return work.result()


class _Work:
    """The steps of an analysis, and what they have found so far."""

    def __init__(
        self,
        gan: Gan,
        settings: ArithmeticSettings,
        seed: int,
        looks: Looks | None,
        recipe: Recipe | None,
        exemplars_by: str,
    ) -> None:
        self.gan, self.settings, self.seed, self.looks = gan, settings, seed, looks
        self._recipe, self._exemplars_by = recipe, exemplars_by
        self._pictures: RecipePictures | None = None
        self._vectors: CaseVectors | None = None
        self._own: OwnVerdict | None = None
        self._cases: Cases | None = None
        self._turn: Turn | None = None

    @property
    def recipe(self) -> Recipe:
        assert self._recipe is not None
        return self._recipe

    def steps(self) -> list[Step]:
        return [self.choose, self.draw, self.draw_cases, self.measure_cases, self.turn]

    def choose(self) -> None:
        if self._recipe is not None:
            if self.looks is not None and _is_annotators(self._recipe, self.gan, self.looks.annotator):
                self._exemplars_by = ANNOTATOR
            self._recipe = self._recipe if self.settings.turn else self._recipe.without_turn()
        elif self.looks is not None:
            self._recipe = choose_recipe(self.gan, self.looks.annotator, self.settings, self.seed)
            self._exemplars_by = ANNOTATOR
        else:
            self._recipe = arbitrary_recipe(self.gan, self.settings, self.seed)
            self._exemplars_by = FIRST_SAMPLES

    def draw(self) -> None:
        self._pictures = draw_recipe(self.gan, self.recipe)

    def draw_cases(self) -> None:
        if self.looks is None or not self.recipe.target:
            return
        settings, n = self.settings, len(self.recipe.concepts[self.recipe.target])
        self._vectors = draw_cases(
            self.gan, self.looks, self.recipe, n, settings.n_cases, settings.n_control_draws
        )
        if not self._vectors.seeds:
            raise InputError(
                f"target {self.recipe.target!r}: none of {self._vectors.n_sheets} sheets of "
                f"{self.recipe.sheet_size} samples has {n} exemplars with it and {2 * n} without, so that "
                "nothing can be measured; choose from a larger sheet, or give --judge none"
            )

    def measure_cases(self) -> None:
        if self.looks is None or self._vectors is None or self._pictures is None:
            return
        self._cases = measure_cases(self.gan, self.looks.judge, self.recipe, self._vectors)
        if self._pictures.sum is not None:
            self._own = OwnVerdict.of(self.looks.judge, self.recipe.target, self._pictures.sum)

    def turn(self) -> None:
        if self.recipe.turn is not None:
            judge = None if self.looks is None else self.looks.judge
            self._turn = take_turn(
                self.gan, self.recipe, judge, self.settings.n_walks, self.settings.n_strips
            )

    def result(self) -> ArithmeticResult:
        assert self._pictures is not None
        return ArithmeticResult(
            self.recipe,
            self._exemplars_by,
            self._judge(),
            self._pictures,
            self._own,
            self._cases,
            self._turn,
        )

    def _judge(self) -> dict[str, object]:
        measured = self._cases is not None or (self._turn is not None and self._turn.measure is not None)
        if self.looks is not None and measured:
            return {**self.looks.judge.metadata, "name": "rooms"}
        if self.looks is not None:
            reason = "the recipe names no target that the judge could look for"
        elif self.settings.judge == "none":
            reason = "no judge was asked for"
        else:
            reason = "the GAN was not trained on rooms"
        return {"name": "none", "reason": reason}

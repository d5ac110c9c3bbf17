"""Which patterns a discriminator's filters answer to (section 6.2 of the paper), with a control."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch

from dcgan_viz.guided_backprop.audit import audit
from dcgan_viz.guided_backprop.look import Look
from dcgan_viz.guided_backprop.portrait import portrait
from dcgan_viz.guided_backprop.real_images import RealImages
from dcgan_viz.guided_backprop.result import Filter, GuidedResult
from dcgan_viz.guided_backprop.settings import GuidedSettings
from dcgan_viz.guided_backprop.similarity import Similarity
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.receptive_field import receptive_fields

Step = Callable[[], None]
Progress = Callable[[Sequence[Step]], Iterable[Step]]


def guided_backprop(
    gan: Gan, real: RealImages, settings: GuidedSettings, seed: int, *, progress: Progress = iter
) -> GuidedResult:
    """Show what a discriminator's filters answer to, beside those of a randomly initialised one.

    Parameters
    ----------
    gan : Gan
        Any, with a discriminator that has convolutions and LeakyReLU or ReLU in some form.
    real : RealImages
        Among which the largest responses are looked for; they also calibrate the random network's BatchNorm.
    settings : GuidedSettings
    seed : int
        Of the random network's weights and of the bootstrap.
    progress : callable
        Gets the steps and yields them again, showing how far the work is.

    Returns
    -------
    GuidedResult

    Raises
    ------
    InputError
        If there is no discriminator, no such layer or filter, no activation that could be guided, or there
        are fewer images than are to be shown.

    References
    ----------
    Radford, Metz and Chintala (2015), arXiv 1511.06434, section 6.2 and figure 5. The rule is that of
    Springenberg et al. (2014), arXiv 1412.6806; the random network as a control is that of Adebayo et al.
    (2018), arXiv 1810.03292.
    """
    with _undisturbed(gan):
        return _seen(Look.at(gan, real, settings, seed), progress)


def look_again(look: Look, *, progress: Progress = iter) -> GuidedResult:
    """As `guided_backprop`, for a look that perhaps knows some of it already.

    Parameters
    ----------
    look : Look
        With its settings and its seed; see `Look.again`.
    progress : callable
        As there.
    """
    with _undisturbed(look.gan):
        return _seen(look, progress)


@contextmanager
def _undisturbed(gan: Gan) -> Iterator[None]:
    # A foreign network may draw noise of its own.
    forked = torch.random.fork_rng(devices=[gan.device] if gan.device.type == "cuda" else [])
    with forked, torch.inference_mode(False), torch.enable_grad():
        yield


def _seen(look: Look, progress: Progress) -> GuidedResult:
    settings, real = look.settings, look.real
    n_guided, unguided = look.trained.check(look.convolution, settings.rule)
    filters: list[Filter] = []
    alike: list[Similarity] = []
    steps: list[Step] = [look.respond, look.draw_control]
    for convolution in look.found:
        if convolution.shape[0] > 1 or convolution == look.convolution:
            steps.append(partial(lambda one: alike.append(look.compare(one)), convolution))
    for index in look.filters:
        steps.append(partial(lambda one: filters.append(portrait(look, one)), index))
    for step in progress(steps):
        step()

    name = look.convolution.response
    fields = receptive_fields(look.trained.network, look.example, [name], "discriminator")
    return GuidedResult(
        layer=look.convolution.name,
        chosen_by="last convolution with more than one map" if settings.layer is None else "named",
        shape=look.convolution.shape,
        rule=settings.rule,
        n_images=len(real),
        source=real.source,
        n_guided=n_guided,
        unguided=dict(unguided),
        filters=tuple(filters),
        dead=tuple(look.dead(look.convolution)),
        similarity=tuple(alike),
        statistics=look.statistics,
        receptive_field=fields.get(name),
        audit=audit(look, filters),
        images=real.images,
    )

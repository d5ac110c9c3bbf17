"""How much there is to do: what an analysis counts by its ticks."""

from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.lesson import edit_layers
from dcgan_viz.remove_objects.methods import dose_counts
from dcgan_viz.remove_objects.probe import N_FITS
from dcgan_viz.remove_objects.settings import METHODS, RemovalSettings


def n_ticks(bench: Experiment, settings: RemovalSettings) -> int:
    """How often `remove_objects` calls its ``tick``: before each fit, and before edited pictures are drawn.

    It is less where a layer's boxes leave no position outside, or a probe fires in fewer than two images, so
    that its control has no draw.

    Parameters
    ----------
    bench : Experiment
        See `dcgan_viz.remove_objects.lesson.bench_of`.
    settings : RemovalSettings

    Raises
    ------
    InputError
        If there is no such layer, or it has fewer maps than are to be dropped.
    """
    layers = edit_layers(bench, settings)
    edit = 1 + settings.n_draws  # and its control
    in_sweeps = 1 + settings.n_sweep_draws
    fitted = {layers[name].name for name in settings.methods}
    total = edit * len(settings.methods)  # in the boxes; see `focus`
    if bench.measures_areas:
        total += edit * len(settings.methods)  # on fresh samples
    else:
        total += len(settings.methods)  # controls that nobody measures are not drawn
        fitted.add(layers["local"].name)  # says which samples are shown
    if not settings.quick:
        fitted |= {layer.name for layer in bench.hidden}
        total += in_sweeps * len(settings.methods) * len(bench.hidden)  # in the boxes
        if bench.measures_areas:
            total += in_sweeps * len(METHODS) * len(bench.hidden)
            if "drop" in settings.methods:
                total += in_sweeps * len(dose_counts(layers["drop"].shape[0]))
    return total + N_FITS * len(fitted - bench.fitted)

"""What is shown of filters, once more by captum: single layer activations and neuron gradients."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dcgan_viz.guided_backprop.look import Look
from dcgan_viz.guided_backprop.result import Audit, Filter
from dcgan_viz.guided_backprop.rules import Guided
from dcgan_viz.models.hooks import Place
from dcgan_viz.models.trace import run_of


def audit(look: Look, filters: Sequence[Filter]) -> Audit | None:
    """Let captum repeat the largest response of each filter, and its guided map.

    Its layer activations are right in any network; its neuron gradients are, too, and follow the rule inside
    of `Guided`. Nothing of the batches, the windows or the reading of positions is shared with it.

    Parameters
    ----------
    look : Look
        After its other steps.
    filters : sequence of Filter

    Returns
    -------
    Audit or None
        None where no filter lives, or where captum cannot name the layer: it takes modules that run once.
    """
    module = _module(look)
    shown = [one for one in filters if not one.dead]
    if module is None or not shown:
        return None
    responses, maps = [], []
    for one in shown:
        response, guided = _by_captum(look, module, one)
        responses.append((torch.tensor([one.top[0].response]), response))
        maps.append((one.maps[0], guided))
    return Audit(len(shown), _difference(responses), _difference(maps))


def _module(look: Look) -> nn.Module | None:
    place = Place.parse(look.convolution.response)
    module = look.trained.network.get_submodule(place.module)
    calls = [call for call in run_of(look.trained.network, look.example) if call.module is module]
    return module if len(calls) == 1 else None


def _by_captum(look: Look, module: nn.Module, one: Filter) -> tuple[Tensor, Tensor]:
    """A filter's response (1,) at its largest, and the guided map (C, H, W) there."""
    from captum.attr import LayerActivation, NeuronGradient

    def logits(images: Tensor) -> Tensor:
        answer: Tensor = look.trained.network(look.gan.image_input(images))
        return answer

    peak = one.top[0]
    inputs = look.trained.inputs(torch.tensor([peak.image])).requires_grad_()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it sets hooks
        activations = LayerActivation(logits, module).attribute(inputs)
        with Guided(look.settings.rule):
            gradient = NeuronGradient(logits, module).attribute(inputs, (one.index, peak.y, peak.x))
    response = activations[0, one.index, peak.y, peak.x]
    return response.detach().float().cpu().reshape(1), gradient[0].detach().float().cpu()


def _difference(pairs: Sequence[tuple[Tensor, Tensor]]) -> float:
    """The largest difference of pairs of tensors, each over the largest value of its second."""
    return max(float((one - other).abs().max() / other.abs().max()) for one, other in pairs)

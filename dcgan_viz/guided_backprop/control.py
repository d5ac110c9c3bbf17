"""The control: a network of the same architecture that has learnt nothing."""

from threading import Lock
from typing import TypeVar

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm
from torch.nn.utils import parametrize, remove_spectral_norm, remove_weight_norm
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

from dcgan_viz.models.hooks import copy_of
from dcgan_viz.models.modes import device_of
from dcgan_viz.models.networks import initialise

_INITIALISED = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, BatchNorm)
_STD = 0.02
_drawing = Lock()  # torch's own generator is one for all threads
_Network = TypeVar("_Network", bound=nn.Module)


def randomised(network: _Network, seed: int) -> _Network:
    """A copy of a network with weights drawn anew.

    As `initialise` draws them. Other layers start afresh by their own ``reset_parameters``; where a class has
    none, what has two axes or more is drawn from N(0, 0.02), and the rest stays. Weights that are computed
    from others (spectral or weight normalisation) become plain ones: their scale is all that this changes.

    Parameters
    ----------
    network : nn.Module
        Left as it is.
    seed : int
    """
    random = copy_of(network).cpu()  # the same draws on every device
    for module in list(random.modules()):
        _make_plain(module)
        if isinstance(module, BatchNorm) and module.num_batches_tracked is None:  # calibrated by `calibrate`
            module.num_batches_tracked = torch.tensor(0)
    with _drawing, torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        for module in random.modules():
            if not isinstance(module, _INITIALISED):
                _restart(module)
    initialise(random, seed)
    return random.to(device_of(network))


def _make_plain(module: nn.Module) -> None:
    if parametrize.is_parametrized(module):
        # remove_parametrizations would change the class, which the original shares
        names = [name for name, _ in module.get_submodule("parametrizations").named_children()]
        values = {name: getattr(module, name).detach().clone() for name in names}
        module.__class__ = parametrize.type_before_parametrizations(module)
        del module.parametrizations
        for name, value in values.items():
            module.register_parameter(name, nn.Parameter(value))
    for hook in list(module._forward_pre_hooks.values()):
        if isinstance(hook, SpectralNorm):
            remove_spectral_norm(module, hook.name)
        elif isinstance(hook, WeightNorm):
            remove_weight_norm(module, hook.name)


def _restart(module: nn.Module) -> None:
    own = list(module.parameters(recurse=False))
    reset = getattr(module, "reset_parameters", None)
    if own and callable(reset):
        reset()
    else:
        for parameter in own:
            if parameter.ndim > 1:
                parameter.copy_(torch.empty(parameter.shape).normal_(0.0, _STD))

"""Weights that matter and running statistics of use, for networks that nobody trained."""

import torch
from torch import nn


def used(network: nn.Module, *shape: int, seed: int = 0, forward: str = "forward") -> nn.Module:
    """Random weights and norms, and the statistics of a few training batches; then eval mode."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            if tensor.ndim > 1:
                narrow = tensor.numel() / max(tensor.shape[:2])
                tensor.normal_(0, 1.5 * narrow**-0.5, generator=random)
            elif "bias" in name:
                tensor.normal_(0, 0.3, generator=random)
            else:
                tensor.uniform_(0.5, 1.5, generator=random)
        network.train()
        for _ in range(3):
            getattr(network, forward)(torch.randn(8, *shape, generator=random))
    return network.eval()

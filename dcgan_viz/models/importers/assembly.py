"""Layers made from a layout's parameters, with the parameterless ones between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor, nn

from dcgan_viz.models.importers.arch import Arch, Window
from dcgan_viz.models.importers.chain import Chain
from dcgan_viz.models.importers.geometry import Plan
from dcgan_viz.models.importers.layout import Layout
from dcgan_viz.models.importers.norms import Modules, norm_size
from dcgan_viz.models.importers.weighted import Weighted


def assemble(modules: Modules, layout: Layout, plan: Plan, arch: Arch) -> tuple[Chain, tuple[str, ...]]:
    """Build the network that a layout and a plan describe.

    Parameters
    ----------
    modules : mapping
        As in `parameters.Parameters`; the tensors become the network's own.
    layout : Layout
    plan : Plan
    arch : Arch

    Returns
    -------
    Chain, tuple of str
        In eval mode; and what was taken for granted about its layers.
    """
    rows = _Rows(modules, layout, arch)
    windows = iter(plan.windows)
    for index, weight in enumerate(layout.weights):
        window = next(windows) if weight.kernel else None
        after = layout.weights[index + 1] if index + 1 < len(layout.weights) else None
        rows.add(weight, _weighted(modules[weight.name], weight, window), after)
    chain = Chain(layout.role, rows.layers, plan.image_size, layout.channels)
    return chain.eval(), tuple(rows.notes())


@dataclass
class _Rows:
    """Layers so far, and the places of those that a file has no parameters of."""

    modules: Modules
    layout: Layout
    arch: Arch
    layers: list[tuple[str, nn.Module]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    straight: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)

    def add(self, weight: Weighted, layer: nn.Module, after: Weighted | None) -> None:
        """Append a weighted layer and all that comes before the next one."""
        self.layers.append((weight.name, layer))
        reshape = self._reshape(weight, after)
        norm = self.layout.norms.get(weight.name)
        if norm is None:
            self._close(weight, weight.name, after, reshape)
            return
        own = self.modules[norm]
        size = norm_size("", norm, own)
        per_map = weight.kernel > 0 or size != weight.n_out
        early = None
        if per_map and not weight.kernel:
            early, reshape = reshape, None
        room = self._room(weight.name, norm)
        active = after is not None and room is not None and room > (early is not None)
        if active:
            self._between(weight, weight.name, norm, early)
            self.early.append(norm)
        elif early is not None:
            self._place(weight, weight.name, "_maps", early)
        self.layers.append((norm, _norm(own, size, per_map, self.arch)))
        if not active:
            self._close(weight, norm, after, reshape)
        elif after is not None:
            if (self._room(norm, after.name) or 0) > (reshape is not None):
                self.silent.append(norm)
            if reshape is not None:
                self._place(weight, norm, "_flat" if weight.kernel else "_maps", reshape)

    def _close(
        self, weight: Weighted, before: str, after: Weighted | None, reshape: nn.Module | None
    ) -> None:
        if after is not None:
            self._between(weight, before, after.name, reshape)
        elif self.layout.role == "generator" and self.arch.end != "none":
            self._place(weight, before, "_act", nn.Tanh() if self.arch.end == "tanh" else nn.Sigmoid())

    def notes(self) -> list[str]:
        """What was taken for granted, a clause each."""
        role = self.layout.role
        notes = []
        if self.early:
            notes.append(
                f"{role}: activations before {', '.join(self.early)}, where the file's numbers leave room"
            )
        if self.straight:
            notes.append(f"{role}: no activation after {', '.join(self.straight)}, where they leave none")
        if self.silent:
            notes.append(f"{role}: more room after {', '.join(self.silent)}, taken for dropout")
        return notes

    def _between(self, weight: Weighted, before: str, after: str, reshape: nn.Module | None) -> None:
        room = self._room(before, after)
        free = None if room is None else room - (reshape is not None)
        if free is None or free > 0:
            self._place(weight, before, "_act", self._activation())
            before = self.layers[-1][0]
        else:
            self.straight.append(before)
        if free is not None and free > 1:
            self.silent.append(before)
        if reshape is not None:
            self._place(weight, before, "_flat" if weight.kernel else "_maps", reshape)

    def _activation(self) -> nn.Module:
        if self.layout.role == "generator" and self.arch.act == "relu":
            return nn.ReLU()
        return nn.LeakyReLU(self.arch.leak)

    def _reshape(self, weight: Weighted, after: Weighted | None) -> nn.Module | None:
        if after is None or bool(weight.kernel) == bool(after.kernel):
            return None
        if weight.kernel:
            return nn.Flatten()
        return nn.Unflatten(1, (after.n_in, self.layout.side, self.layout.side))

    def _place(self, weight: Weighted, before: str, suffix: str, layer: nn.Module) -> None:
        self.layers.append((self._name(weight, before, suffix), layer))

    def _name(self, weight: Weighted, before: str, suffix: str) -> str:
        parent, number = _split(before)
        taken = set(self.modules) | {name for name, _ in self.layers}
        if number is not None and not self._is_list(parent):
            name = f"{parent}.{number + 1}" if parent else str(number + 1)
            if not any(other == name or other.startswith(f"{name}.") for other in taken):
                return name
        name = f"{weight.name}{suffix}"
        while name in taken:
            name += "_"
        return name

    def _room(self, before: str, after: str) -> int | None:
        """How many layers without parameters are between two; None where the names do not say."""
        (parent, number), (other, last) = _split(before), _split(after)
        if number is None or last is None or parent != other or last <= number or self._is_list(parent):
            return None
        return last - number - 1

    def _is_list(self, parent: str) -> bool:
        # Numbers without any gap leave no room for a single activation: a ModuleList, not a Sequential.
        numbers = [number for name in self.modules for own, number in [_split(name)] if own == parent]
        known = sorted(number for number in numbers if number is not None)
        convolutions = [weight for weight in self.layout.weights if _split(weight.name)[0] == parent]
        return len(convolutions) > 1 and known == list(range(known[0], known[0] + len(known)))


def _split(name: str) -> tuple[str, int | None]:
    parent, _, last = name.rpartition(".")
    return parent, int(last) if last.isdecimal() and last.isascii() else None


def _weighted(own: Mapping[str, Tensor], weight: Weighted, window: Window | None) -> nn.Module:
    bias = "bias" in own
    layer: nn.Module
    if window is None:
        layer = nn.Linear(weight.n_in, weight.n_out, bias=bias, device="meta")
    else:
        move = (window.kernel, window.stride, window.padding)
        if weight.kind == "ordinary":
            layer = nn.Conv2d(weight.n_in, weight.n_out, *move, bias=bias, device="meta")
        else:
            layer = nn.ConvTranspose2d(
                weight.n_in, weight.n_out, *move, window.output_padding, bias=bias, device="meta"
            )
    return _filled(layer, own)


def _norm(own: Mapping[str, Tensor], size: int, per_map: bool, arch: Arch) -> nn.Module:
    affine, tracked = "weight" in own, "running_mean" in own
    layer: nn.Module
    if per_map and not tracked and arch.norm == "instance":
        layer = nn.InstanceNorm2d(size, arch.eps, affine=affine, device="meta")
    else:
        kind = nn.BatchNorm2d if per_map else nn.BatchNorm1d
        layer = kind(size, arch.eps, affine=affine, track_running_stats=tracked, device="meta")
    return _filled(layer, own)


def _filled(layer: nn.Module, own: Mapping[str, Tensor]) -> nn.Module:
    for name in dict(layer.named_parameters()):
        setattr(layer, name, nn.Parameter(own[name]))
    for name in dict(layer.named_buffers()):
        setattr(layer, name, own.get(name))  # the count of batches may be absent
    return layer

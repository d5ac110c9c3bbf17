"""State dicts of DCGANs that others trained: pytorch/examples' dcgan and the tutorials that follow it.

A state dict has the weights and their names. The order of layers is read from the shapes (`layout`), strides
from kernel sizes (`geometry`), places of activations from gaps in the numbering (`assembly`). What cannot be
read is assumed and said, or asked for (``--arch``, whose syntax is `arch.Arch`'s).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers import Imported, Request
from dcgan_viz.models.importers.arch import Arch, row
from dcgan_viz.models.importers.assembly import assemble
from dcgan_viz.models.importers.bundle import Entry, entries
from dcgan_viz.models.importers.chain import Chain
from dcgan_viz.models.importers.epochs import Files, files_of, has_networks
from dcgan_viz.models.importers.fit import Verdict
from dcgan_viz.models.importers.fit import verdict as verdict_of
from dcgan_viz.models.importers.geometry import MARGIN, Plan, Row, choose, given, plans
from dcgan_viz.models.importers.layout import Layout, lay_out
from dcgan_viz.models.importers.parameters import Parameters, parameters
from dcgan_viz.models.importers.strangers import OWN_CLASS
from dcgan_viz.models.prior import Prior
from dcgan_viz.models.reading import kind_of, read_content

_KINDS = {"torch", "torch-legacy", "safetensors"}
_ROLES = ("generator", "discriminator")
_NOISE_AND_TEN_LABELS = {74, 110, 138}  # 64, 100 or 128 numbers, and a label of ten classes


@dataclass(frozen=True)
class _Network:
    """A network that was understood."""

    path: Path
    entry: Entry
    parameters: Parameters
    layout: Layout

    @property
    def source(self) -> str:
        return self.entry.source(self.path)

    @property
    def row(self) -> Row:
        convolutions = self.layout.convolutions
        return Row(
            self.layout.role,
            tuple(weight.kernel for weight in convolutions),
            tuple(weight.kind == "ordinary" for weight in convolutions),
            self.layout.side,
            self.layout.linear,
            self.layout.channels,
            tuple(weight.n_out for weight in convolutions),
        )


class StateDictImporter:
    """Reads state dicts of DCGANs, alone, as a pair, or in a checkpoint's dictionary."""

    name = "pytorch-state-dict"

    def recognises(self, request: Request) -> bool:
        """A file of torch.save or a safetensors file, or a directory of files named as networks are."""
        try:
            if request.path.is_dir():
                return has_networks(request.path)
        except OSError:
            return False
        return kind_of(request.path) in _KINDS

    def read(self, request: Request) -> Imported:
        """Rebuild the networks.

        Parameters
        ----------
        request : Request
            ``arch`` is what `arch.Arch.parse` takes, ``step`` the number in the names of a directory's files.

        Raises
        ------
        InputError
            If no network of a known kind is in the file, or what is missing cannot be told from the rest.
        """
        arch = Arch.parse(request.arch or "")
        files = files_of(request)
        contents = {path: read_content(path) for path in (files.main, files.partner) if path is not None}
        return imported(files, contents, arch)


def imported(files: Files, contents: Mapping[Path, object], arch: Arch) -> Imported:
    """Rebuild the networks from what files hold.

    Parameters
    ----------
    files : Files
    contents : mapping of Path to object
        What is in each, as `reading.read_torch` gives it.
    arch : Arch

    Raises
    ------
    InputError
        As `StateDictImporter.read`.
    """
    networks, notes = _chosen(files, contents, arch)
    _check_together(networks, arch)
    rows = [network.row for network in networks]
    options = [_options(network, arch) for network in networks]
    verdict = _by_statistics(networks, options, arch)
    archs = dict.fromkeys(_ROLES, arch)
    if verdict is not None:
        options[0], archs["generator"] = list(verdict.plans), verdict.arch
    chosen = choose([network.source for network in networks], options, rows)
    chains: dict[str, Chain] = {}
    words: dict[str, str] = {}
    for network, plan, plans_ in zip(networks, chosen, options, strict=True):
        role = network.layout.role
        chains[role], said = assemble(network.parameters.modules, network.layout, plan, archs[role])
        notes += [_strides(network, plan, arch), *_other_sizes(networks, plan, plans_)]
        notes += [f"{role}: {note}" for note in network.parameters.notes]
        sure = verdict.note if verdict is not None and role == "generator" else ""
        notes += [*said, _activations(role, archs[role], sure), *_norms(network, arch, words)]
    metadata: dict[str, Any] = {
        "image_size": chosen[0].image_size,
        "channels": rows[0].channels,
        "geometry": {n.layout.role: row(plan.windows) for n, plan in zip(networks, chosen, strict=True)},
        "networks": {network.layout.role: network.entry.name for network in networks},
        **_numbers(contents[files.main]),
    }
    read = tuple(dict.fromkeys([files.main, *(network.path for network in networks)]))
    return Imported(
        generator=chains.get("generator"),
        discriminator=chains.get("discriminator"),
        prior=_prior(networks[0], verdict),
        files=read,
        assumptions=tuple(notes),
        metadata=metadata,
        image_size=chosen[0].image_size,
        prior_from=_prior_from(verdict),
        batchnorm=words,
    )


def _chosen(files: Files, contents: Mapping[Path, object], arch: Arch) -> tuple[list[_Network], list[str]]:
    """The generator and the discriminator that were meant, in this order, and why these."""
    understood: dict[Path, list[_Network]] = {}
    refused: list[tuple[Path, Entry, InputError]] = []
    for path, content in contents.items():
        understood[path] = []
        for entry in _entries(path, content, lenient=path == files.partner and not files.asked):
            try:
                understood[path].append(_understood(path, entry, arch))
            except InputError as error:
                refused.append((path, entry, error))
    _raise_if_needed(files, understood, refused)
    notes = list(files.notes)
    networks = []
    for role in _ROLES:
        # A named partner is asked for its discriminator first, the main file for its generator.
        order = list(understood)
        if role == "discriminator" and files.asked:
            order.reverse()
        for path in order:
            if of_role := [network for network in understood[path] if network.layout.role == role]:
                network, note = _single(of_role)
                networks.append(network)
                notes += note
                break
    notes += [f"left out: {error}" for _, _, error in refused]
    return networks, notes


def _entries(path: Path, content: object, lenient: bool) -> tuple[Entry, ...]:
    try:
        return entries(str(path), content)
    except InputError:
        if lenient:
            return ()
        raise


def _understood(path: Path, entry: Entry, arch: Arch) -> _Network:
    source = entry.source(path)
    found = parameters(source, entry.tensors)
    return _Network(path, entry, found, lay_out(source, found.modules, arch.g))


def _raise_if_needed(
    files: Files,
    understood: Mapping[Path, Sequence[_Network]],
    refused: Sequence[tuple[Path, Entry, InputError]],
) -> None:
    """Raise what was refused where it was, as far as can be told, what the person wanted."""
    roles = {path: {network.layout.role for network in networks} for path, networks in understood.items()}
    everything = set().union(*roles.values())
    asked = [item for item in refused if item[0] == files.main or files.asked]
    for path, entry, error in asked:
        if not roles[path] or (entry.role and entry.role not in roles[path]):
            raise error
    if asked and "generator" not in everything:
        raise asked[0][2]
    if files.partner is not None and files.asked and len(everything) < 2:
        has = " and a ".join(sorted(everything))
        raise InputError(
            f"{files.partner}: a pair is a generator and a discriminator, here is only a {has}; give both"
        )


def _single(networks: Sequence[_Network]) -> tuple[_Network, list[str]]:
    if len(networks) == 1:
        return networks[0], []
    role = networks[0].layout.role
    averaged = [network for network in networks if network.entry.averaged]
    names = ", ".join(network.entry.name for network in networks)
    if len(averaged) != 1:
        raise InputError(
            f"{networks[0].path}: several {role}s in it ({names}); save the state_dict() of one by itself"
        )
    others = ", ".join(network.entry.name for network in networks if network is not averaged[0])
    return averaged[0], [f"{averaged[0].entry.name}, the averaged {role}, rather than {others}"]


def _check_together(networks: Sequence[_Network], arch: Arch) -> None:
    first = networks[0]
    if first.layout.role == "generator":
        nz = first.layout.weights[0].n_in
        name = first.layout.weights[0].name
        if arch.nz not in (0, nz):
            raise InputError(
                f"{first.source}: {name} takes z of size {nz}, not --arch nz={arch.nz}; leave that out"
            )
        if nz in _NOISE_AND_TEN_LABELS and arch.nz != nz:
            raise InputError(
                f"{first.source}: {name} takes {nz} numbers, as {nz - 10} of noise and a label of 10 classes "
                f"would: then it is conditional: it needs labels; {OWN_CLASS}; if all are noise, say "
                f"--arch nz={nz}"
            )
    elif arch.g or arch.nz:
        raise InputError(
            f"{first.source}: a discriminator, to which --arch g= and nz= say nothing; leave them out"
        )
    if arch.d and networks[-1].layout.role != "discriminator":
        raise InputError(f"{first.source}: a generator alone, to which --arch d= says nothing; leave it out")
    channels = [network.layout.channels for network in networks]
    if len(set(channels)) > 1:
        raise InputError(
            f"{networks[1].source}: takes images of {channels[1]} channels, the generator draws "
            f"{channels[0]}; give networks of one training"
        )


def _options(network: _Network, arch: Arch) -> list[Plan]:
    windows = arch.g if network.layout.role == "generator" else arch.d
    return given(network.source, network.row, windows) if windows else plans(network.row)


def _strides(network: _Network, plan: Plan, arch: Arch) -> str:
    role = network.layout.role
    said = arch.g if role == "generator" else arch.d
    why = "as --arch says" if said else "from kernel sizes"
    return f"{role}: kernel/stride/padding {why}: {row(plan.windows)} ({plan.image_size} px)"


def _other_sizes(networks: Sequence[_Network], plan: Plan, plans_: Sequence[Plan]) -> list[str]:
    # A discriminator's strides may lead from several sizes to one number, and only a generator tells which.
    if len(networks) > 1 or networks[0].layout.role == "generator":
        return []
    sizes = {other.image_size for other in plans_ if other.windows == plan.windows} - {plan.image_size}
    notes = []
    if sizes:
        listed = ", ".join(map(str, sorted(sizes)[:4]))
        notes.append(f"discriminator: images of {listed} px would pass as well")
    near = [other for other in plans_ if other.windows != plan.windows and other.cost <= plan.cost + MARGIN]
    if near:
        way = f"'d={row(near[0].windows)}' ({near[0].image_size} px)"
        notes.append(f"discriminator: it could also be --arch {way}; its generator's file would tell")
    return notes


def _by_statistics(networks: Sequence[_Network], options: Sequence[list[Plan]], arch: Arch) -> Verdict | None:
    """What the generator's running statistics say; None where there are none."""
    first = networks[0]
    norms, modules = first.layout.norms.values(), first.parameters.modules
    if first.layout.role != "generator" or not options[0]:
        return None
    if not norms or not all("running_mean" in modules[norm] for norm in norms):
        return None
    try:
        default = choose(["" for _ in networks], options, [network.row for network in networks])[0]
    except InputError:
        default = None
    return verdict_of(modules, first.layout, options[0], arch, default)


def _prior(first: _Network, verdict: Verdict | None) -> Prior | None:
    if first.layout.role != "generator":
        return None
    return Prior("normal" if verdict is None else verdict.prior, first.layout.weights[0].n_in)


def _prior_from(verdict: Verdict | None) -> str:
    if verdict is not None and verdict.prior == "uniform":
        return "by the spread of its first layer, in the BatchNorm statistics"
    return "as pytorch/examples draws z"


def _activations(role: str, arch: Arch, sure: str) -> str:
    if role == "discriminator":
        return f"discriminator: LeakyReLU {arch.leak:g}; returns logits, without a sigmoid"
    hidden = "ReLU" if arch.act == "relu" else f"LeakyReLU {arch.leak:g}"
    end = "nothing" if arch.end == "none" else arch.end
    return f"generator: {hidden}, {end} at its end" + (f", {sure}" if sure else "")


def _norms(network: _Network, arch: Arch, words: dict[str, str]) -> list[str]:
    role, modules = network.layout.role, network.parameters.modules
    norms = list(network.layout.norms.values())
    if not norms:
        return []
    tracked = [norm for norm in norms if "running_mean" in modules[norm]]
    if len(tracked) not in (0, len(norms)):
        stray = next(norm for norm in norms if norm not in tracked)
        raise InputError(
            f"{network.source}: {stray}.running_mean is missing while {tracked[0]} has one; save the whole "
            "state_dict"
        )
    if tracked:
        words[role] = _batches([modules[norm].get("num_batches_tracked") for norm in tracked])
        return [f"{role}: BatchNorm eps {arch.eps:g}"]
    if arch.norm == "instance":
        return [f"{role}: InstanceNorm, as --arch says, eps {arch.eps:g}"]
    return [
        f"{role}: no running statistics: BatchNorm over the batch, eps {arch.eps:g} (InstanceNorm would look "
        "the same: --arch norm=instance)"
    ]


def _batches(counts: Sequence[Tensor | None]) -> str:
    known = [int(count) for count in counts if count is not None]
    return f"from the file, after {max(known)} batches" if known else "from the file"


def _numbers(content: object) -> dict[str, int]:
    if not isinstance(content, Mapping):
        return {}
    return {key: value for key in ("epoch", "step", "global_step") if type(value := content.get(key)) is int}

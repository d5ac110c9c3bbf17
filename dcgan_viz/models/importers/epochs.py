"""Files that belong together: the networks of one step of a training, by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers import Request

_SUFFIXES = {".pth", ".pt", ".ckpt", ".bin", ".tar", ".safetensors", ".weights"}
_NAMES = (
    ("netG", "netD"),
    ("generator", "discriminator"),
    ("Generator", "Discriminator"),
    ("gen", "disc"),
    ("G", "D"),
)
_WORD = {word: re.compile(rf"(?<![A-Za-z]){word}(?![A-Za-z])") for pair in _NAMES for word in pair}


@dataclass(frozen=True)
class Files:
    """What is to be read.

    Attributes
    ----------
    main : Path
        Has to hold a network.
    partner : Path or None
        The other network's file.
    asked : bool
        Whether a person named the partner, rather than its being found beside the main file.
    notes : tuple of str
        Why these.
    """

    main: Path
    partner: Path | None = None
    asked: bool = False
    notes: tuple[str, ...] = ()


def files_of(request: Request) -> Files:
    """Find the files that a request is about.

    Parameters
    ----------
    request : Request
        A file, or a directory with files such as ``netG_epoch_N.pth`` and ``netD_epoch_N.pth``.

    Raises
    ------
    InputError
        If a directory has none, or not the step.
    """
    main, notes = request.path, []
    if main.is_dir():
        main, said = _of_step(main, request.step)
        notes.append(said)
    elif request.step is not None:
        raise InputError(f"{main}: one file, so there is no step {request.step!r} in it; leave --step out")
    partner = request.discriminator_path
    if partner is not None:
        if partner.is_dir():
            partner, said = _of_step(partner, request.step, prefer=1)
            notes.append(said)
        return Files(main, partner, True, tuple(notes))
    partner = next((path for path in _partners(main) if path.is_file()), None)
    if partner is not None:
        notes.append(f"{partner.name} lies beside {main.name}, taken as its pair")
    return Files(main, partner, False, tuple(notes))


def has_networks(directory: Path) -> bool:
    """Whether a directory has files whose names say that they are a generator or a discriminator."""
    return any(_role(path) is not None for path in directory.iterdir())


def _role(path: Path) -> int | None:
    """0 for a generator's name, 1 for a discriminator's, None for any other."""
    if path.suffix not in _SUFFIXES:
        return None
    for pair in _NAMES:
        for role, word in enumerate(pair):
            if _WORD[word].search(path.stem):
                return role
    return None


def _partners(path: Path) -> list[Path]:
    """Where the other network would be, by the name."""
    if path.suffix not in _SUFFIXES:
        return []
    stems = [
        _WORD[word].sub(other, path.stem)
        for pair in _NAMES
        for word, other in (pair, pair[::-1])
        if _WORD[word].search(path.stem)
    ]
    return [path.with_name(stem + path.suffix) for stem in stems]


def _of_step(directory: Path, step: str | None, prefer: int = 0) -> tuple[Path, str]:
    try:
        listed = sorted(path for path in directory.iterdir() if _role(path) is not None)
    except OSError as error:
        raise InputError(f"{directory}: {error.strerror}; give a directory that you may read") from error
    files = [path for path in listed if _role(path) == prefer] or listed
    if not files:
        raise InputError(
            f"{directory}: no netG_epoch_N.pth or the like in it; give a file, or a directory with such"
        )
    numbered = {number: path for path in files if (number := _number(path)) is not None}
    if step is not None and step != "latest":
        if not re.fullmatch(r"[0-9]{1,12}", step) or int(step) not in numbered:
            known = ", ".join(map(str, sorted(numbered)[-8:])) or "none with a number"
            raise InputError(f"{directory}: no step {step!r} in it; use latest, or one of {known}")
        return numbered[int(step)], f"{numbered[int(step)].name}, as asked for"
    if numbered:
        last = max(numbered)
        return numbered[last], f"{numbered[last].name}, the latest of {len(numbered)}"
    if len(files) > 1:
        names = ", ".join(path.name for path in files[:6])
        raise InputError(
            f"{directory}: several networks ({names}) and no numbers to tell the latest; give one file"
        )
    return files[0], f"{files[0].name}, the only one"


def _number(path: Path) -> int | None:
    numbers = re.findall(r"[0-9]{1,12}", path.stem)
    return int(numbers[-1]) if numbers else None

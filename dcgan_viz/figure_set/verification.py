"""Whether a report is what its manifest says, and whether it comes out the same again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dcgan_viz.figure_set.manifest import Manifest, hashes
from dcgan_viz.output import RESULT_NAME

RELATIVE_TOLERANCE = 0.02
ABSOLUTE_TOLERANCE = 0.02
PIXEL_TOLERANCE = 2.0  # mean absolute difference in grey levels of 255
_DIGITS = 12
_MOST_NAMED = 5  # numbers of one part


@dataclass(frozen=True)
class Verdict:
    """What a verification found.

    Attributes
    ----------
    differences : tuple of str
        A line each; none where all is equal.
    n_files, n_numbers, n_pictures : int
        How many were compared.
    is_exact : bool
        Whether numbers and pixels had to be the very same: the machine is of the same kind, with the same
        versions.
    """

    differences: tuple[str, ...]
    n_files: int = 0
    n_numbers: int = 0
    n_pictures: int = 0
    is_exact: bool = True

    def to_json(self) -> dict[str, Any]:
        """The fields, and the tolerances where they were used."""
        exact = self.is_exact
        return {
            "differences": list(self.differences),
            "n_files": self.n_files,
            "n_numbers": self.n_numbers,
            "n_pictures": self.n_pictures,
            "exact": exact,
            "tolerance": None if exact else {
                "relative": RELATIVE_TOLERANCE,
                "absolute": ABSOLUTE_TOLERANCE,
                "grey_levels": PIXEL_TOLERANCE,
            },
        }  # fmt: skip


def verify(
    directory: Path,
    checkpoints: Callable[[Manifest], Sequence[Mapping[str, Any]]],
    remake: Callable[[Manifest, Path], Manifest],
    scratch: Path,
    machine: Mapping[str, Any],
    packages: Mapping[str, str],
) -> Verdict:
    """Compare a report with its manifest, and with the same report made again.

    Parameters
    ----------
    directory : Path
        With index.html and manifest.json.
    checkpoints : callable
        Opens the checkpoints of a manifest, and gives what they hold now as in ``Manifest.checkpoints``.
    remake : callable
        Makes the report of a manifest again in an empty directory.
    scratch : Path
        That directory; it is made.
    machine, packages : Mapping
        Of here and now; numbers and pixels have to be the very same where those of the manifest are equal.

    Returns
    -------
    Verdict
        Where a file or the manifest itself was changed, or a checkpoint is another, that is named; then the
        report is made again all the same, unless a checkpoint is another.

    Raises
    ------
    InputError
        If there is no manifest, or a checkpoint cannot be opened.
    """
    manifest, sound = Manifest.read(directory)
    found = [] if sound else ["manifest.json: changed since it was written (its checksum is another)"]
    found += _changed_files(directory, manifest.files)
    found += _records_that_disagree(directory, manifest)
    others = list(_changed_checkpoints(manifest.checkpoints, checkpoints(manifest)))
    n_files = len(manifest.files)
    if others:
        return Verdict((*found, *others, "numbers and pixels not compared: another checkpoint"), n_files)
    scratch.mkdir()
    again = remake(manifest, scratch)
    is_exact = manifest.machine == dict(machine) and manifest.packages == dict(packages)
    n_numbers = n_pictures = 0
    for before, after in _paired(manifest.parts, again.parts, found):
        name = _part_name(before)
        if before["status"] != after["status"]:
            found.append(f"{name}: {after['status']} now ({after['reason']}), {before['status']} then")
            continue
        n_here, differences = _compare_numbers(before["numbers"], after["numbers"], is_exact)
        n_numbers += n_here
        found += _first_lines(name, differences)
        if before["pixels"]:
            n_pictures += 1
            found += _compare_pixels(name, before, after, directory, scratch, is_exact)
    return Verdict(tuple(found), n_files, n_numbers, n_pictures, is_exact)


def _part_name(entry: Mapping[str, Any]) -> str:
    return f"{entry['name']} of {entry['checkpoint']}" if entry["checkpoint"] else str(entry["name"])


def _changed_files(directory: Path, noted: Mapping[str, str]) -> list[str]:
    here = hashes(directory)
    lines = [f"{name}: missing" for name in sorted(set(noted) - set(here))]
    lines += [f"{name}: not in the manifest" for name in sorted(set(here) - set(noted))]
    for name in sorted(set(noted) & set(here)):
        if here[name] != noted[name]:
            now, then = here[name][:_DIGITS], noted[name][:_DIGITS]
            lines.append(f"{name}: changed (sha256 {now} now, {then} in the manifest)")
    return lines


def _records_that_disagree(directory: Path, manifest: Manifest) -> Iterator[str]:
    """Parts whose own record names another seed or another number than the manifest."""
    for part in manifest.parts:
        try:
            record = json.loads((directory / part["directory"] / RESULT_NAME).read_bytes())
            seed, own = record["provenance"]["seed"], {key: record[key] for key in part["numbers"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue  # named among the files
        if not part["directory"]:
            continue
        if seed != manifest.seed:
            yield f"{_part_name(part)}: seed {seed} in its result.json, {manifest.seed} in the manifest"
        _, lines = _compare_numbers(part["numbers"], own, is_exact=True, now="in its result.json")
        yield from _first_lines(_part_name(part), lines)


def _first_lines(name: str, lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{name}: {line}" for line in lines[:_MOST_NAMED])
    if len(lines) > _MOST_NAMED:
        yield f"{name}: {len(lines) - _MOST_NAMED} more numbers differ"


def _changed_checkpoints(
    noted: Sequence[Mapping[str, Any]], here: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    if len(noted) != len(here):
        yield f"{len(here)} checkpoints given, {len(noted)} in the manifest"
    for before, after in zip(noted, here, strict=False):
        if before["sha256"] != after["sha256"]:
            yield (
                f"checkpoint {after['path']}: another one (sha256 {after['sha256'][:_DIGITS]} now, "
                f"{before['sha256'][:_DIGITS]} in the manifest)"
            )
        elif before["batchnorm"] != after["batchnorm"]:
            yield f"checkpoint {after['path']}: its BatchNorm statistics are of another mode now"


def _paired(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], found: list[str]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give the parts of both by name; those that only one has are noted."""
    theirs = {(entry["name"], entry["checkpoint"]): entry for entry in after}
    ours = {(entry["name"], entry["checkpoint"]): entry for entry in before}
    for key, entry in ours.items():
        if key in theirs:
            yield entry, theirs[key]
        else:
            found.append(f"{_part_name(entry)}: not made again")
    found += [f"{_part_name(entry)}: not in the manifest" for key, entry in theirs.items() if key not in ours]


def _compare_numbers(
    before: object, after: object, is_exact: bool, where: str = "", now: str = "now"
) -> tuple[int, list[str]]:
    """Compare two JSON values: how many numbers and words were compared, and a line each that differs."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = list(dict.fromkeys([*before, *after]))
        parts = [(before.get(key), after.get(key), f"{where}.{key}" if where else key) for key in keys]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        parts = [(a, b, f"{where}[{index}]") for index, (a, b) in enumerate(zip(before, after, strict=True))]
    else:
        same = _equal(before, after, is_exact)
        return 1, [] if same else [f"{where} {after} {now}, {before} in the manifest"]
    compared = [_compare_numbers(a, b, is_exact, place, now) for a, b, place in parts]
    return sum(n for n, _ in compared), [line for _, lines in compared for line in lines]


def _equal(before: object, after: object, is_exact: bool) -> bool:
    numbers = isinstance(before, int | float) and isinstance(after, int | float)
    if is_exact or not numbers or isinstance(before, bool) or isinstance(after, bool):
        return before == after
    assert isinstance(before, int | float)
    assert isinstance(after, int | float)
    return abs(before - after) <= ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * abs(before)


def _compare_pixels(
    name: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    directory: Path,
    scratch: Path,
    is_exact: bool,
) -> list[str]:
    if before["pixels"] == after["pixels"]:
        return []
    ours, theirs = (
        root / entry["directory"] / "figure.png" for root, entry in ((directory, before), (scratch, after))
    )
    apart = _grey_levels_apart(ours, theirs)
    if not is_exact and apart is not None and apart <= PIXEL_TOLERANCE:
        return []
    how = "of another size" if apart is None else f"{apart:.3f} grey levels of 255 apart on average"
    return [f"{name}: the pixels of its figure differ from those drawn again ({how})"]


def _grey_levels_apart(one: Path, other: Path) -> float | None:
    """Mean absolute difference of two pictures; None where they cannot be laid over one another."""
    try:
        a, b = (np.asarray(Image.open(path).convert("RGB"), dtype=np.int16) for path in (one, other))
    except OSError:
        return None
    return float(np.abs(a - b).mean()) if a.shape == b.shape else None

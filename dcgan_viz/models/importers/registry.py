"""Which importers there are: the project's own, and those that other packages bring."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers import Imported, Importer, Request

T = TypeVar("T")

ENTRY_POINT_GROUP = "dcgan_viz.importers"

_BUILT_IN = (
    "dcgan_viz.models.importers.snapshot:SnapshotImporter",
    "dcgan_viz.models.importers.theano:TheanoImporter",
    "dcgan_viz.models.importers.state_dict:StateDictImporter",
)


def importers() -> Iterator[Importer]:
    """All importers in the order in which they are asked: those of other packages first.

    Another package knows its own files better than the general readers here, which would take any state dict
    for theirs.

    Raises
    ------
    InputError
        If another package's importer cannot be loaded.
    """
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        yield _Guarded(_loaded(point), point)
    for place in _BUILT_IN:
        module, _, name = place.partition(":")
        yield getattr(importlib.import_module(module), name)()


def _loaded(point: EntryPoint) -> Importer:
    try:
        found = point.load()
        importer: Importer = found() if isinstance(found, type) else found
        assert importer.name
    except Exception as error:  # foreign code: whatever it raises is its own
        raise _failure(point, "it does not load", error) from error
    return importer


class _Guarded:
    """Another package's importer, whose defects are said to be its own."""

    def __init__(self, importer: Importer, point: EntryPoint) -> None:
        self.name = importer.name
        self._importer, self._point = importer, point

    def recognises(self, request: Request) -> bool:
        """Ask it."""
        return bool(self._asked(self._importer.recognises, request))

    def read(self, request: Request) -> Imported:
        """Let it read."""
        return self._asked(self._importer.read, request)

    def _asked(self, function: Callable[[Request], T], request: Request) -> T:
        try:
            return function(request)
        except (InputError, OSError):
            raise
        except Exception as error:
            raise _failure(self._point, f"it fails on {request.path}", error) from error


def _failure(point: EntryPoint, what: str, error: Exception) -> InputError:
    package = point.dist.name if point.dist is not None else point.value
    said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return InputError(
        f"importer {point.name!r} of {package}: {what} ({said}); update or uninstall that package"
    )

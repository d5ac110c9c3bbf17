"""Which importers there are: the project's own, and those that other packages bring."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers import Importer

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
        yield _loaded(point)
    for place in _BUILT_IN:
        module, _, name = place.partition(":")
        yield getattr(importlib.import_module(module), name)()


def _loaded(point: EntryPoint) -> Importer:
    try:
        found = point.load()
        importer: Importer = found() if isinstance(found, type) else found
        assert importer.name
    except Exception as error:  # foreign code: whatever it raises is its own
        package = point.dist.name if point.dist is not None else point.value
        raise InputError(
            f"importer {point.name!r} of {package}: it does not load ({type(error).__name__}: {error}); "
            "update or uninstall that package"
        ) from error
    return importer

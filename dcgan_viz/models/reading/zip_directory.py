"""The directory of a zip that torch.save wrote, checked before anything else touches the file."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.files import damaged, one_line, opened

MAX_ENTRIES = 10_000
MAX_DIRECTORY_BYTES = 2 * 2**20

# APPNOTE.TXT 4.3: the fixed parts of the end records and of a local header.
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_CHUNK = 2**20


@dataclass(frozen=True)
class Entry:
    """A file in a zip."""

    size: int
    """In bytes."""
    begin: int
    """Where in the zip its bytes begin."""
    crc: int
    """The CRC-32 of its bytes, or 0 where the writer left it out."""


@dataclass(frozen=True)
class Directory:
    """The entries of a zip under one folder, all stored, inside the file, and apart from each other."""

    top: str
    """The one top folder, without a slash."""
    entries: Mapping[str, Entry]
    """By name, with the top folder."""

    @property
    def pickle_name(self) -> str:
        """The entry with the pickled object."""
        return f"{self.top}/data.pkl"

    @property
    def holds_code(self) -> bool:
        """Whether this is a TorchScript archive, of which the entries' places and kinds were not checked."""
        return _holds_code(self.top, self.entries)

    @classmethod
    def read(cls, path: Path) -> Directory:
        """Read and check a zip's directory.

        Parameters
        ----------
        path : Path
            A zip file.

        Returns
        -------
        Directory
            Its entries.

        Raises
        ------
        InputError
            If the archive is not what torch.save writes: damaged, compressed, encrypted, with entries that
            overlap, or names that lead out of the one folder.
        """
        with opened(path) as (file, size):
            start = _start_of_directory(path, file, size)
            file.seek(0)
            try:
                with zipfile.ZipFile(file) as archive:
                    infos = archive.infolist()
            except Exception as error:  # a mutated directory makes zipfile raise a dozen different types
                raise damaged(path, error) from error
            _check_names(path, [info.orig_filename for info in infos])
            top = infos[0].filename.partition("/")[0]
            begins = dict.fromkeys((info.filename for info in infos), 0)
            if not _holds_code(top, begins):  # that would be compressed in part, and is refused anyway
                for info in infos:
                    _check_entry(path, info)
                begins = _places(path, file, infos, start)
        entries = {info.filename: Entry(info.file_size, begins[info.filename], info.CRC) for info in infos}
        return cls(top, entries)

    def check_contents(self, path: Path, file: BinaryIO) -> None:
        """Compare the bytes of each entry with its checksum; torch.load does not.

        Parameters
        ----------
        path : Path
            The zip, for messages.
        file : BinaryIO
            The same, open.

        Raises
        ------
        InputError
            If one differs.
        """
        for name, entry in self.entries.items():
            file.seek(entry.begin)
            found, left = 0, entry.size
            while left > 0 and (chunk := file.read(min(left, _CHUNK))):
                found, left = zlib.crc32(chunk, found), left - len(chunk)
            if entry.crc not in (0, found):
                raise damaged(path, f"the bytes of {name[:80]} do not match their checksum")


def _holds_code(top: str, names: Iterable[str]) -> bool:
    return any(name.startswith((f"{top}/constants.pkl", f"{top}/code/")) for name in names)


def _start_of_directory(path: Path, file: BinaryIO, size: int) -> int:
    """Find where the directory begins, and that it is small: zipfile reads and parses all of it at once."""
    file.seek(max(0, size - _END.size))
    tail = file.read(_END.size)
    if len(tail) < _END.size or not tail.startswith(b"PK\5\6"):
        raise damaged(path, "a zip archive without its directory at the end")
    _, _, _, _, count, length, start, comment = _END.unpack(tail)
    end = size - _END.size
    if end >= _LOCATOR64.size:
        file.seek(end - _LOCATOR64.size)
        magic, _, place, _ = _LOCATOR64.unpack(file.read(_LOCATOR64.size))
        if magic == b"PK\6\7":
            end = end - _LOCATOR64.size - _END64.size
            if place != end:
                raise damaged(path, "a zip directory out of place")
            file.seek(place)
            magic, _, _, _, _, _, _, count, length, start = _END64.unpack(file.read(_END64.size))
            if magic != b"PK\6\6":
                raise damaged(path, "a zip directory out of place")
    if comment or start + length != end:
        raise damaged(path, "a zip directory out of place")
    if not 0 < count <= MAX_ENTRIES or length > MAX_DIRECTORY_BYTES:
        raise InputError(
            f"{path}: a zip archive of {count} entries with {length} bytes of directory, not what torch.save "
            "writes; save a state_dict() alone"
        )
    return start


def _check_names(path: Path, names: list[str]) -> None:
    def refused(name: str, what: str) -> InputError:
        return InputError(
            f"{path}: a zip archive with {what} ({one_line(ascii(name[:80]))}), not what torch.save writes; "
            "save the state_dict() again"
        )

    seen, tops = set(), set()
    for name in names:
        parts = name.split("/")
        if name.startswith("/") or re.match(r"[A-Za-z]:", name) or "\\" in name or {"..", "."} & set(parts):
            raise refused(name, "a name that leads out of it")
        if not name.isprintable() or "" in parts[:-1] or not parts[0]:
            raise refused(name, "a name that is none")
        if len(parts) < 2:
            raise refused(name, "an entry outside its folder")
        if name in seen:
            raise refused(name, "an entry twice")
        seen.add(name)
        tops.add(parts[0])
        if len(tops) > 1:
            raise refused(name, "more than one folder")
    if not names:
        raise refused("", "no entries")


def _check_entry(path: Path, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise InputError(f"{path}: an encrypted zip archive; save the state_dict() again")
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        raise InputError(
            f"{path}: a zip archive with a compressed entry ({info.filename[:80]}), torch.save writes stored "
            "ones; save the state_dict() again"
        )


def _places(path: Path, file: BinaryIO, infos: list[zipfile.ZipInfo], start: int) -> dict[str, int]:
    """Find each entry's bytes, behind a header of its own name and before the next entry."""
    free = 0
    places = {}
    for info in sorted(infos, key=lambda info: info.header_offset):
        if not free <= info.header_offset <= start - _LOCAL.size:
            raise damaged(path, f"{info.filename[:80]} overlaps another entry, or lies outside the file")
        file.seek(info.header_offset)
        fields = _LOCAL.unpack(file.read(_LOCAL.size))
        magic, method, name_bytes, extra_bytes = fields[0], fields[3], fields[9], fields[10]
        name = file.read(name_bytes)
        expected = info.filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
        if (magic, method, name) != (b"PK\3\4", zipfile.ZIP_STORED, expected):
            raise damaged(path, f"{info.filename[:80]} is called otherwise in its own header")
        places[info.filename] = info.header_offset + _LOCAL.size + name_bytes + extra_bytes
        free = places[info.filename] + info.file_size
        if free > start:
            raise damaged(path, f"{info.filename[:80]} reaches beyond the end of the file")
    return places

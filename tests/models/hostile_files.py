"""Files that are made to do harm, and what a reader should say of each."""

import os
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

from tests.models import foreign_files as foreign
from tests.models.foreign_files import (
    Creates,
    Maker,
    call,
    group,
    integer,
    mapping,
    raw,
    sparse,
    storage,
    stream,
    tensor,
    text,
)

NUMBERS = struct.pack("<6f", 1, 2, 3, 4, 5, 6)
GOOD = mapping(w=tensor(storage("0", 6), (2, 3), (3, 1)))
ONE = storage("0", 1)


def pickled(content: bytes, **storages: bytes) -> Maker:
    return lambda path: foreign.write_zip(path, content, **(storages or {"_0": NUMBERS}))


def legacy(content: bytes, **storages: bytes) -> Maker:
    return lambda path: foreign.write_legacy(path, content, **(storages or {"_0": NUMBERS}))


def runs_in_a_zip(protocol: int) -> Maker:
    return lambda path: foreign.write_zip(path, pickle.dumps({"w": Creates(path)}, protocol)[2:-1])


def runs_in_a_legacy_file(path: Path) -> None:
    foreign.write_legacy(path, pickle.dumps([Creates(path)], 2)[2:-1])


def runs_before_the_object(path: Path) -> None:
    path.write_bytes(foreign.MAGIC + pickle.dumps(Creates(path), 2))


def runs_after_the_object(path: Path) -> None:
    path.write_bytes(foreign.LEGACY_HEAD + stream(b"}") + pickle.dumps(Creates(path), 2))


def runs_in_a_pickle(protocol: int) -> Maker:
    return lambda path: path.write_bytes(pickle.dumps([Creates(path)], protocol))


def archive(names: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Maker:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", compression) as file:
            file.writestr("archive/data.pkl", stream(GOOD))
            for name, content in names.items():
                file.writestr(name, content)

    return make


def twice(path: Path) -> None:
    archive({"archive/data/0": NUMBERS, "archive/data/1": NUMBERS})(path)
    path.write_bytes(path.read_bytes().replace(b"data/1", b"data/0"))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("archive/data.pkl", stream(GOOD))
        with file.open("archive/data/0", "w", force_zip64=True) as entry:
            for _ in range(300):
                entry.write(bytes(2**20))


def patched(before: bytes, after: bytes, at: int = -1) -> Maker:
    """A good archive in whose directory (or local headers too, at 0) some bytes are others."""

    def make(path: Path) -> None:
        pickled(GOOD)(path)
        content = path.read_bytes()
        start = content.index(b"PK\1\2") if at else 0
        changed = content[start:].replace(before, after)
        assert changed != content[start:]
        path.write_bytes(content[:start] + changed)

    return make


def field(signature: bytes, offset: int, value: bytes) -> Maker:
    """A good archive with another value in each of the records of one kind."""

    def make(path: Path) -> None:
        pickled(GOOD)(path)
        content = bytearray(path.read_bytes())
        place = content.find(signature)
        assert place > 0 or signature == b"PK\3\4"
        while place >= 0:
            content[place + offset : place + offset + len(value)] = value
            place = content.find(signature, place + 4)
        path.write_bytes(content)

    return make


def overlapping(path: Path) -> None:
    """Two entries of one name length whose directory entries lead to the same bytes."""
    pickled(GOOD, _0=NUMBERS, _1=NUMBERS)(path)
    content = bytearray(path.read_bytes())
    first, second = (
        content.index(b"archive/data/" + key, content.index(b"PK\1\2")) - 46 for key in (b"0", b"1")
    )
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    path.write_bytes(content)


def around(before: bytes = b"", after: bytes = b"") -> Maker:
    def make(path: Path) -> None:
        pickled(GOOD)(path)
        path.write_bytes(before + path.read_bytes() + after)

    return make


def many_entries(path: Path) -> None:
    archive({f"archive/data/{number}": b"" for number in range(12_000)})(path)


def vast_directory(path: Path) -> None:
    """A directory of 1 GB, all there, though made of holes."""
    pickled(GOOD)(path)
    content = path.read_bytes()
    with path.open("r+b") as file:
        start = content.index(b"PK\1\2")
        file.truncate(start + 2**30)
        file.seek(0, os.SEEK_END)
        file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 2**30, start, 0))


def nested(push: bytes, wrap: bytes, count: int) -> bytes:
    return push + wrap * count


def doubling(levels: int, pair: bytes = b"\x86") -> bytes:
    """A pair of a pair of a pair, each of twice the same: 2 ** levels values in few bytes."""
    return b"K\1" + (b"q\0h\0" + pair) * levels


def doubling_dictionaries(levels: int) -> bytes:
    return b"}" + b"".join(b"q\0}(" + text("a") + b"h\0" + text("b") + b"h\0u" for _ in range(levels))


def tar_and_pickle(path: Path) -> None:
    """A file of torch.save before 1.6 whose first block is a tar header too."""
    head = tarfile.TarInfo("x").tobuf()
    blank = head[15:148] + b" " * 8 + head[156:]
    block = foreign.MAGIC + b"\x80\x02T" + struct.pack("<I", 476) + bytes(133 - 7)
    block = block.ljust(148, b"\0") + b" " * 8 + blank[141:]
    block = block[:124] + b"00000000000\0" + block[136:512]
    checksum = b"%06o\0 " % sum(block)
    path.write_bytes(block[:148] + checksum + block[156:])


def without_end(path: Path) -> None:
    pickled(GOOD)(path)
    path.write_bytes(path.read_bytes().replace(b"u.PK", b"uNPK"))


NOT_TORCH = "not what torch.save writes"

TORCH: dict[str, tuple[Maker, str]] = {
    "runs": (
        runs_in_a_zip(2),
        "needs 'posix.system'), which can run code when opened; save its state_dict()",
    ),
    "runs_protocol_0": (runs_in_a_zip(0), "truncated or damaged"),
    "runs_protocol_4": (runs_in_a_zip(4), "needs 'posix.system'"),
    "runs_protocol_5": (runs_in_a_zip(5), "needs 'posix.system'"),
    "runs_legacy": (runs_in_a_legacy_file, "needs 'posix.system'"),
    "runs_before": (runs_before_the_object, "needs 'posix.system'"),
    "runs_after": (runs_after_the_object, "needs 'posix.system'"),
    "runs_pickle_0": (runs_in_a_pickle(0), "needs 'posix.system'"),
    "runs_pickle_2": (runs_in_a_pickle(2), "needs 'posix.system'"),
    "runs_pickle_5": (runs_in_a_pickle(5), "needs 'posix.system'"),
    "eval": (pickled(call("builtins.eval", text("1"))), "needs 'builtins.eval'"),
    "eval_of_python_2": (pickled(call("__builtin__.eval", text("1"))), "needs 'builtins.eval'"),
    "inst": (pickled(b"(" + text("ls") + b"ios\nsystem\n"), "needs 'os.system'"),
    "dotted": (pickled(call("torch._utils._rebuild_tensor.__globals__", b"N")), "__globals__'"),
    "through_torch": (pickled(b"ctorch\nserialization.os.system\n"), "needs 'torch.serialization.os.system'"),
    "with_a_line": (pickled(b"c a\tb\nc d\n"), r"needs '.a\tb c d')"),
    "from_the_memo": (
        pickled(text("os") + b"q\0" + text("system") + b"q\1" + b"h\0h\1\x93"),
        "needs 'os.system'",
    ),
    "unresolvable": (pickled(b"]K\1\x93"), "needs 'a name that cannot be told'"),
    "extension": (pickled(b"\x82\7"), "needs 'extension 7'"),
    "source_code": (
        legacy(group(text("module"), b"ctorch\nFloatStorage\n", text("/tmp/a.py"), text("x"), b"N") + b"Q"),
        "needs 'a class with its source code'",
    ),
    "new_object": (pickled(b"ccollections\nOrderedDict\n)\x81"), "a step NEWOBJ, which no state dict needs"),
    "vast_bytearray": (pickled(call("builtins.bytearray", integer(10**12))), "needs 'builtins.bytearray'"),
    "vast_tensor": (pickled(call("torch.FloatTensor", integer(10**11))), "needs 'torch.FloatTensor'"),
    "strange_codec": (pickled(call("_codecs.encode", text("a"), text("zip"))), "a strange encoding"),
    "too_many_steps": (pickled(b"N0" * 400_000 + b"N"), "more than 300000 steps"),
    "too_many_steps_at_once": (pickled(b"(" + b"N" * 2_000_000 + b"t"), "more than 300000 steps"),
    "deep_tuples": (pickled(nested(b")", b"\x85", 1_000_000)), "tuples in tuples, more than 50 deep"),
    "deep_tuple_as_key": (pickled(b"}" + nested(b")", b"\x85", 49) + b"K\1s"), "neither text nor number"),
    "deep_tuples_in_lists": (pickled(nested(b")", b"\x85" * 9 + b"](K\2e\x86", 20_000)), "more than 50 deep"),
    "deep_lists": (pickled(b"]" * 140_000 + b"a" * 139_999), "more than 50 deep"),
    "list_in_itself": (pickled(b"]q\0h\0a"), "or one in itself"),
    "dictionary_in_itself": (pickled(b"}q\0" + text("a") + b"h\0s"), "or one in itself"),
    "doubling": (pickled(doubling(45)), "more than 50 deep or one in itself"),
    "doubling_deeper": (pickled(doubling(51)), "tuples in tuples, more than 50 deep"),
    "doubling_key": (pickled(b"}" + doubling(49) + b"K\1s"), "neither text nor number"),
    "doubling_key_of_pairs": (
        pickled(b"ccollections\nOrderedDict\n](" + doubling(45) + b"K\1\x86e\x85R"),
        "neither text nor number",
    ),
    "doubling_in_a_set": (pickled(b"c__builtin__\nset\n](" + doubling(45) + b"e\x85R"), "neither text nor"),
    "doubling_dictionaries": (pickled(doubling_dictionaries(45)), "more than 50 deep"),
    "doubling_called": (pickled(doubling(45) + b")R"), "it calls what is no function"),
    "doubling_storage": (pickled(doubling(45) + b"Q"), "a class with its source code"),
    "pairs_again_and_again": (
        pickled(
            b"ccollections\nOrderedDict\nq\0]q\1("
            + b"K\1K\1\x86" * 40_000
            + b"e(h\1\x85q\2"
            + b"h\0h\2R" * 40_000
            + b"t"
        ),
        "a pickle that repeats itself",
    ),
    "bytes_again_and_again": (
        pickled(
            b"c_codecs\nencode\nq\0"
            + text("a" * 1_000_000)
            + text("latin1")
            + b"\x86q\1]("
            + b"h\0h\1R" * 50_000
            + b"e"
        ),
        "a pickle that repeats itself",
    ),
    "vast_text_claimed": (pickled(b"X\xff\xff\xff\xff" + b"a" * 100), "its pickle breaks off"),
    "vast_bytes_claimed": (pickled(b"\x8e" + struct.pack("<Q", 2**62) + b"a"), "its pickle breaks off"),
    "vast_number_claimed": (pickled(b"\x8b" + struct.pack("<i", 2**31 - 1) + b"a"), "its pickle breaks off"),
    "negative_number_claimed": (pickled(b"\x8b\xff\xff\xff\xffa"), "its pickle breaks off"),
    "vast_digits": (pickled(b"L" + b"9" * 1_000_000 + b"L\n"), "its pickle breaks off"),
    "vast_number": (pickled(b"\x8b" + struct.pack("<i", 8_000_000) + b"\7" * 8_000_000), "does not open"),
    "vast_text": (pickled(text("a" * 2_000_000)), "a pickled text of 2000000 bytes"),
    "vast_pickle": (pickled(text("a" * 17 * 2**20)), "bytes of pickle, the limit is 16777216"),
    "no_end": (without_end, "its pickle breaks off"),
    "empty_stack": (pickled(b"0"), "its pickle breaks off"),
    "no_mark": (pickled(b"K\1t"), "its pickle breaks off"),
    "unknown_memo": (pickled(b"h\7"), "nothing is remembered as 7"),
    "unknown_opcode": (pickled(b"\xff"), "its pickle breaks off"),
    "odd_items": (pickled(b"}(K\1K\2K\3u"), "no dictionary"),
    "items_of_a_list": (pickled(b"](K\1K\2u"), "no dictionary"),
    "append_to_a_number": (pickled(b"K\1K\2a"), "no list"),
    "unprintable_key": (pickled(mapping(**{"a\nb": b"K\1"})), "unprintable"),
    "half_a_character": (pickled(mapping(**{"a\ud800": b"K\1"})), "unprintable"),
    "long_key": (pickled(mapping(**{"a" * 1000: b"K\1"})), "more than 512 characters"),
    "a_class_alone": (pickled(b"ccollections\nOrderedDict\n"), "that is no tensor"),
    "a_storage_alone": (pickled(storage("0", 6)), "that is no tensor"),
    "expanded": (
        pickled(tensor(ONE, (10**12,), (0,)), _0=bytes(4)),
        "of shape (1000000000000,) in a storage of 4",
    ),
    "expanded_together": (
        pickled(b"](" + tensor(ONE, (3000,), (0,)) * 9 + b"e", _0=bytes(4)),
        "save clones of expanded tensors",
    ),
    "overflowing": (pickled(tensor(ONE, (2**62, 2**62), (0, 0)), _0=bytes(4)), "in a storage of 4 bytes"),
    "beyond": (pickled(tensor(storage("0", 6), (2, 3), (4, 1))), "of shape (2, 3) in a storage of 24 bytes"),
    "offset_beyond": (pickled(tensor(storage("0", 6), (1,), (1,), 6)), "in a storage of 24 bytes"),
    "negative_offset": (
        pickled(tensor(storage("0", 6), (1,), (1,), -1)),
        "without storage, shape or strides",
    ),
    "negative_size": (pickled(tensor(storage("0", 6), (-1,), (1,))), "without storage, shape or strides"),
    "negative_stride": (
        pickled(tensor(storage("0", 6), (2,), (-1,), 1)),
        "without storage, shape or strides",
    ),
    "too_many_axes": (pickled(tensor(storage("0", 6), (1,) * 99, (1,) * 99)), "without storage, shape"),
    "axes_disagree": (pickled(tensor(storage("0", 6), (1, 1), (1,))), "without storage, shape"),
    "vast_storage": (pickled(tensor(storage("0", 10**12), (1,), (1,))), "claims 4000000000000 bytes"),
    "vast_storage_legacy": (
        legacy(tensor(storage("0", 10**12, last=b"N"), (1,), (1,))),
        "claims 4000000000000 bytes",
    ),
    "vast_storage_claimed_twice_legacy": (
        lambda path: path.write_bytes(
            foreign.LEGACY_HEAD
            + stream(tensor(storage("0", 10**11, last=b"N"), (1,), (1,)))
            + stream(b"]" + text("0") + b"a")
            + struct.pack("<q", 10**11)
        ),
        "claims 400000000000 bytes",
    ),
    "missing_storage": (pickled(tensor(storage("7", 6), (1,), (1,))), "storage 7 claims 24 bytes"),
    "missing_storage_legacy": (
        legacy(tensor(storage("7", 6, last=b"N"), (1,), (1,))),
        "its list of storages",
    ),
    "storage_elsewhere": (pickled(tensor(storage("../version", 1), (1,), (1,))), "claims 4 bytes"),
    "view_of_a_storage": (
        legacy(tensor(storage("0", 6, last=group(text("0"), b"K\0", b"K\2")), (1,), (1,))),
        "a view of a storage",
    ),
    "two_sizes": (
        pickled(b"](" + tensor(storage("0", 6), (1,), (1,)) + tensor(storage("0", 60), (1,), (1,)) + b"e"),
        "two sizes or types",
    ),
    "complex": (
        pickled(tensor(storage("0", 3, "torch\nComplexFloatStorage"), (1,), (1,))),
        "a complex tensor",
    ),
    "quantised": (pickled(call("torch._utils._rebuild_qtensor", storage("0", 6))), "a quantised tensor"),
    "sparse": (pickled(call("torch._utils._rebuild_sparse_tensor", b"N", b"N")), "a sparse tensor"),
    "meta": (pickled(call("torch._utils._rebuild_meta_tensor_no_storage", b"N")), "a meta tensor"),
    "subclass": (pickled(call("torch._tensor._rebuild_from_type_v2", b"N")), "of a class of its own"),
    "attributes": (
        pickled(call("torch._utils._rebuild_parameter_with_state", b"N")),
        "attributes of its own",
    ),
    "parent_folder": (archive({"archive/../../evil": b""}), "a name that leads out of it"),
    "parent_folder_first": (archive({"../evil": b""}), "a name that leads out of it"),
    "absolute": (archive({"/etc/evil": b""}), "a name that leads out of it"),
    "drive": (archive({"C:/evil": b""}), "a name that leads out of it"),
    "backslash": (archive({"archive\\..\\evil": b""}), "a name that leads out of it"),
    "nul_in_a_name": (patched(b"byteorder", b"byte\0rder", 0), "a name that is none"),
    "two_folders": (archive({"other/data.pkl": b""}), "more than one folder"),
    "outside_the_folder": (archive({"evil": b""}), "an entry outside its folder"),
    "twice": (twice, "an entry twice"),
    "compressed": (archive({"archive/data/0": NUMBERS}, zipfile.ZIP_DEFLATED), "a compressed entry"),
    "bomb": (bomb, "a compressed entry"),
    "encrypted": (field(b"PK\1\2", 8, b"\1\0"), "an encrypted zip archive"),
    "overlapping": (overlapping, "overlaps another entry"),
    "called_otherwise": (patched(b"data/0", b"data/9"), "is called otherwise"),
    "size_beyond": (field(b"PK\1\2", 20, struct.pack("<LL", 10**6, 10**6)), "beyond the end of the file"),
    "sizes_differ": (field(b"PK\1\2", 24, struct.pack("<L", 10**6)), "a compressed entry"),
    "offset_of_a_header": (field(b"PK\1\2", 42, struct.pack("<L", 2**31)), "outside the file"),
    "no_local_header": (field(b"PK\3\4", 0, b"PK\3\5"), "is called otherwise"),
    "many_entries": (many_entries, NOT_TORCH),
    "entries_claimed": (field(b"PK\5\6", 8, b"\xfe\xff\xfe\xff"), NOT_TORCH),
    "vast_directory": (vast_directory, NOT_TORCH),
    "vast_directory_claimed": (
        field(b"PK\5\6", 12, struct.pack("<L", 2**31)),
        "a zip directory out of place",
    ),
    "comment": (around(after=b"more"), "without its directory at the end"),
    "no_directory": (raw(b"PK\3\4" + bytes(22) + b"\x10\0\0\0archive/data.pkl"), "without its directory"),
    "no_directory_nor_name": (raw(b"PK\3\4" + bytes(26) + b"archive/data.pkl"), "not one that torch.save"),
    "wrong_checksum": (field(b"PK\1\2", 16, b"\1\2\3\4"), "do not match their checksum"),
    "tar_and_pickle": (tar_and_pickle, "a tar archive and a pickle in one"),
    "unknown_protocol": (raw(foreign.MAGIC + stream(b"K\1")), "an unknown protocol"),
    "keys_of_no_list": (raw(foreign.LEGACY_HEAD + stream(b"}") + stream(b"K\1")), "list of storages is none"),
    "keys_of_lists": (raw(foreign.LEGACY_HEAD + stream(b"}") + stream(b"](]e")), "list of storages is none"),
    "joblib": (
        raw(b"ZF" + b"0x00" + bytes(30)),
        "a compressed joblib pickle, which can run code when opened",
    ),
    "too_large": (sparse(b"PK\3\4", 5 * 2**30), "more than the 4294967296 that a checkpoint may have"),
}

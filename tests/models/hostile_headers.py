"""Safetensors files and arrays whose headers are made to do harm, and what a reader should say of each."""

import json
import struct
from pathlib import Path

import numpy as np

from tests.models.foreign_files import Creates, Maker, raw, sparse


def header(length: int, content: bytes = b"{", size: int = 0) -> Maker:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(struct.pack("<Q", length) + content)
            file.truncate(max(size, 8 + len(content)))

    return make


def tensors(text: str, size: int = 8) -> Maker:
    return lambda path: path.write_bytes(struct.pack("<Q", len(text)) + text.encode() + bytes(size))


def entry(name: str = "w", dtype: str = "F32", shape: object = (2,), offsets: object = (0, 8)) -> str:
    return f'"{name}":' + json.dumps({"dtype": dtype, "shape": shape, "data_offsets": offsets})


def npy(text: str, data: int = 24, version: int = 1, length: int | None = None) -> Maker:
    count = struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
    return raw(b"\x93NUMPY" + bytes([version, 0]) + count + text.encode() + bytes(data))


def of_numpy(descr: str = "'<f4'", shape: str = "(2, 3)", **more: int) -> Maker:
    return npy(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n", **more)


def runs_in_an_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.array([Creates(path)], dtype=object), allow_pickle=True)


SAFETENSORS: dict[str, tuple[Maker, str]] = {
    "header_of_2_gb": (header(2 * 2**30, size=3 * 2**30), "a header of 2147483648 bytes, the limit is"),
    "header_of_2_gb_claimed": (header(2 * 2**30), "a header of 2147483648 bytes in a file of 9"),
    "header_of_2_gb_of_nothing": (header(2 * 2**30, bytes(8), 3 * 2**30), "not a safetensors file"),
    "header_of_2_to_the_63": (header(2**63 + 1), "in a file of 9"),
    "no_header": (header(0, b""), "not a safetensors file"),
    "empty_header": (header(0), "not a safetensors file"),
    "not_json": (tensors("{torn"), "its header"),
    "not_utf8": (raw(struct.pack("<Q", 6) + b'{"\xff":1}'), "its header"),
    "a_list": (tensors('{"a":1}'.replace("{", "{", 1)), "not a safetensors file"),
    "deep_json": (tensors('{"a":' * 100_000), "its header"),
    "deep_lists": (tensors('{"a":' + "[" * 1_000_000), "its header"),
    "many_objects": (tensors("{" + ",".join(f'"{i}":{{}}' for i in range(180_000)) + "}"), "at most 20000"),
    "many_lists": (tensors('{"a":[' + "[]," * 690_000 + "[]]}"), "not a safetensors file"),
    "long_number": (tensors('{"a":' + "9" * 10_000 + "}"), "its header"),
    "twice": (tensors("{" + entry() + "," + entry() + "}"), "'w' is there twice"),
    "metadata_twice": (tensors('{"__metadata__":{"a":"1","a":"2"},' + entry() + "}"), "'a' is there twice"),
    "metadata_of_numbers": (tensors('{"__metadata__":{"a":1},' + entry() + "}"), "not a safetensors file"),
    "overlapping": (tensors("{" + entry() + "," + entry("v") + "}"), "not a safetensors file"),
    "beyond": (tensors("{" + entry(shape=[200], offsets=[0, 800]) + "}"), "not a safetensors file"),
    "vast": (tensors("{" + entry(shape=[10**12], offsets=[0, 4 * 10**12]) + "}"), "not a safetensors file"),
    "overflowing": (
        tensors("{" + entry(shape=[2**62, 2**62], offsets=[0, 0]) + "}"),
        "not a safetensors file",
    ),
    "shape_disagrees": (tensors("{" + entry(shape=[3]) + "}"), "not a safetensors file"),
    "negative": (tensors("{" + entry(shape=[-2]) + "}"), "not a safetensors file"),
    "backwards": (tensors("{" + entry(offsets=[8, 0]) + "}"), "not a safetensors file"),
    "unknown_type": (tensors("{" + entry(dtype="F33") + "}"), "not a safetensors file"),
    "complex": (tensors("{" + entry(dtype="C64", shape=[1]) + "}"), "a complex tensor"),
    "trailing": (tensors("{" + entry() + "}", 16), "not a safetensors file"),
    "unprintable_name": (tensors("{" + entry("a\\nb") + "}"), "unprintable"),
    "too_large": (header(100, size=5 * 2**30), "more than the 4294967296"),
}

NPY: dict[str, tuple[Maker, str]] = {
    "objects": (runs_in_an_array, "an array of Python objects, which can run code when opened"),
    "records": (of_numpy("[('a', '<f4')]"), "not of numbers"),
    "texts": (of_numpy("'<U1'"), "not of numbers"),
    "sub_arrays": (of_numpy("('<f4', (2,))"), "not of numbers"),
    "too_short": (of_numpy(data=23), "asks for"),
    "too_long": (of_numpy(data=25), "asks for"),
    "vast": (of_numpy(shape="(1000000, 1000000)"), "of float32 asks for 40000000000"),
    "overflowing": (of_numpy(shape=f"({2**62}, {2**62})"), "asks for"),
    "negative": (of_numpy(shape="(-2, 3)"), "an impossible shape"),
    "truths": (of_numpy(shape="(True, 6)", data=24), "truncated or damaged"),
    "many_axes": (of_numpy(shape="(" + "1, " * 99 + ")", data=4), "an impossible shape"),
    "vast_header": (npy("{", version=2, length=2**32 - 1), "a numpy header of 4294967295 bytes"),
    "vast_header_of_holes": (
        sparse(b"\x93NUMPY\2\0\xff\xff\xff\x7f", 3 * 2**30),
        "a numpy header of 2147483647",
    ),
    "long_header": (npy("{" + " " * 60_000), "a numpy header of 60001 bytes"),
    "deep_header": (npy("(" * 4000), "truncated or damaged"),
    "minus_signs": (npy("-" * 4000 + "1"), "truncated or damaged"),
    "code": (npy("__import__('os').system('touch ran')\n"), "truncated or damaged"),
    "unknown_version": (npy("{}", version=9), "version [9, 0]"),
    "no_header": (raw(b"\x93NUMPY"), "a numpy header"),
}

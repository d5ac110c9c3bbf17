"""Pickle's stack machine, with stand-ins for everything that a stream would make or call."""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading import calls
from dcgan_viz.models.reading.files import check_name, damaged, one_line
from dcgan_viz.models.reading.names import (
    DTYPES,
    MAX_DIMENSIONS,
    STORAGES,
    Function,
    Stand,
    Storage,
    StorageType,
    foreign,
    is_count,
)

MAX_OPCODES = 300_000
MAX_ARGUMENT = 2**20
MAX_WORK = 2 * MAX_ARGUMENT
MAX_DEPTH = 50


class Group(tuple):
    """A tuple that knows how many are in each other."""

    depth: int


@dataclass
class Machine:
    """Pickle's stack machine over stand-ins."""

    path: Path
    max_tensor_bytes: int
    stack: list[object] = field(default_factory=list)
    marks: list[list[object]] = field(default_factory=list)
    memo: dict[int, object] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)
    tensor_bytes: int = 0
    work: int = 0
    beyond_torch: str = ""

    def run(self, stream: BinaryIO) -> object:
        """Follow a stream to its end and return what is on top then."""
        try:
            for count, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
                name = opcode.name
                if count >= MAX_OPCODES:
                    raise InputError(
                        f"{self.path}: a pickle of more than {MAX_OPCODES} steps; save the state_dict() alone"
                    )
                if isinstance(argument, str | bytes | bytearray) and len(argument) > MAX_ARGUMENT:
                    raise InputError(
                        f"{self.path}: a pickled text of {len(argument)} bytes, the limit is {MAX_ARGUMENT}; "
                        "save the state_dict() alone"
                    )
                if name not in TORCH_OPCODES and not self.beyond_torch:
                    self.beyond_torch = f"protocol {opcode.proto} ({name})"
                if name == "STOP":
                    return self.stack.pop()
                if name not in _STEPS:
                    raise damaged(self.path, f"its pickle has a step {name}, which no state dict needs")
                _STEPS[name](self, argument)
        except InputError:
            raise
        except KeyError as error:
            raise damaged(self.path, f"its pickle breaks off: nothing is remembered as {error}") from error
        except (ValueError, IndexError, TypeError, OverflowError) as error:
            raise damaged(self.path, f"its pickle breaks off: {one_line(error, 80)}") from error
        raise damaged(self.path, "its pickle has no end")

    def push(self, value: object) -> None:
        """Push a value."""
        self.stack.append(value)

    def mark(self) -> None:
        """Begin a group."""
        self.marks.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[object]:
        """End a group and return what is in it."""
        items, self.stack = self.stack, self.marks.pop()
        return items

    def pop(self) -> None:
        """Drop the top, or an empty group."""
        if self.stack:
            self.stack.pop()
        else:
            self.pop_mark()

    def drop_mark(self) -> None:
        """Drop a group."""
        self.pop_mark()

    def make_dict(self) -> None:
        """Push a dictionary of a group."""
        items = self.pop_mark()
        self.push(Stand("dict"))
        self.set_items(items)

    def remember(self, place: int) -> None:
        """Put the top into the memo."""
        self.memo[place] = self.stack[-1]

    def tuple_of(self, items: list[object]) -> None:
        """Push a tuple, unless it is one of a tuple of a tuple of ..."""
        group = Group(items)
        group.depth = 1 + max((item.depth for item in items if isinstance(item, Group)), default=0)
        if group.depth > MAX_DEPTH:
            raise InputError(
                f"{self.path}: tuples in tuples, more than {MAX_DEPTH} deep; save the state_dict() alone"
            )
        self.push(group)

    def take(self, count: int) -> list[object]:
        """Remove the last values from the stack."""
        return [self.stack.pop() for _ in range(count)][::-1]

    def append(self, items: list[object]) -> None:
        """Append to the list on top."""
        target = self.stack[-1]
        if type(target) is not list:
            raise damaged(self.path, "it appends to what is no list")
        target.extend(items)

    def set_items(self, items: list[object]) -> None:
        """Set items, key and value by turns, of the dictionary on top."""
        if len(items) % 2 or not isinstance(self.stack[-1], Stand) or "dict" not in self.stack[-1].kind:
            raise damaged(self.path, "it sets items of what is no dictionary")
        self.check_keys(items[::2])

    def check_keys(self, keys: Iterable[object]) -> None:
        """Refuse keys but texts and numbers: hashing a tuple of tuples of tuples would take for ever."""
        for key in keys:
            self.spend(1)
            if isinstance(key, str):
                check_name(self.path, key)
            elif not (key is None or type(key) is float or (isinstance(key, int) and abs(key) < 2**64)):
                raise damaged(self.path, "a dictionary with a key that is neither text nor number")

    def spend(self, work: int) -> None:
        """Count what torch.load would do for a single opcode: a short stream may ask for a lot of it."""
        self.work += work
        if self.work > MAX_WORK:
            raise InputError(f"{self.path}: a pickle that repeats itself; save the state_dict() alone")

    def add_to_set(self, items: list[object]) -> None:
        """Add to the set on top."""
        if self.stack[-1] != Stand("set"):
            raise damaged(self.path, "it adds to what is no set")
        self.check_keys(items)

    def find(self, name: str) -> None:
        """Push the stand-in of a name, or refuse it."""
        name = name.replace("__builtin__.", "builtins.", 1)
        if name in DTYPES:
            self.push(DTYPES[name])
        elif name in STORAGES:
            self.push(StorageType(STORAGES[name]))
        elif name in calls.CALLS:
            self.push(Function(name))
        else:
            raise foreign(self.path, name)

    def find_on_stack(self) -> None:
        """Push the stand-in of a name that was built on the stack."""
        name, module = self.stack.pop(), self.stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise foreign(self.path, "a name that cannot be told")
        self.find(f"{module}.{name}")

    def call(self) -> None:
        """Replace a function and its arguments by what it would make of them."""
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(function, Function) or not isinstance(arguments, tuple):
            raise damaged(self.path, "it calls what is no function")
        self.push(calls.CALLS[function.name](self, arguments))

    def build(self) -> None:
        """Take the attributes of a state dict, `_metadata` for one."""
        state = self.stack.pop()
        if self.stack[-1] != Stand("ordered dict") or state not in (Stand("dict"), Stand("ordered dict")):
            raise damaged(self.path, "it gives attributes to what has none")

    def load_storage(self) -> None:
        """Replace a persistent id by the storage that it means."""
        pid = self.stack.pop()
        if not isinstance(pid, tuple) or not 5 <= len(pid) <= 6 or pid[0] != "storage":
            raise foreign(self.path, "a class with its source code")
        storage_type, key, location, numel = pid[1:5]
        if not (isinstance(storage_type, StorageType) and isinstance(key, str) and isinstance(location, str)):
            raise damaged(self.path, "a storage without type, key or place")
        if not is_count(numel) or len(key) > 64 or not key.isprintable():
            raise damaged(self.path, "a storage of no size")
        if pid[5:] not in ((), (None,)):
            raise InputError(f"{self.path}: holds a view of a storage; save clones of its tensors")
        storage = Storage(key, storage_type.dtype, numel)
        known = self.storages.setdefault(key, storage)
        if known != storage and (known.nbytes or storage.nbytes):
            raise damaged(self.path, f"storage {key} has two sizes or types")
        self.push(storage)

    def tensor(self, arguments: tuple[object, ...], dtype: torch.dtype | None = None) -> Stand:
        """Check that a tensor lies inside its storage, and that all together are no more than the file."""
        storage, offset, size, stride = arguments[:4]
        if (
            not isinstance(storage, Storage)
            or not is_count(offset)
            or not isinstance(size, tuple)
            or not isinstance(stride, tuple)
            or not len(size) == len(stride) <= MAX_DIMENSIONS
            or not all(map(is_count, size + stride))
        ):
            raise damaged(self.path, "a tensor without storage, shape or strides")
        itemsize = (dtype or storage.dtype).itemsize
        numel = math.prod(size)
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        if numel and (last + 1) * itemsize > storage.nbytes:
            raise damaged(self.path, f"a tensor of shape {size} in a storage of {storage.nbytes} bytes")
        self.tensor_bytes += numel * itemsize
        if self.tensor_bytes > self.max_tensor_bytes:
            raise InputError(
                f"{self.path}: a tensor of shape {size} in a storage of {storage.nbytes} bytes: with it, the "
                f"tensors take more than the {self.max_tensor_bytes} bytes that such a file may; save clones "
                "of expanded tensors"
            )
        return Stand("tensor")


Step = Callable[[Machine, Any], None]

# What torch's weights-only unpickler knows (torch/_weights_only_unpickler.py).
_TORCH_STEPS: dict[str, Step] = {
    **dict.fromkeys(
        ("BININT", "BININT1", "BININT2", "BINFLOAT", "BINUNICODE", "LONG1", "SHORT_BINSTRING"), Machine.push
    ),
    "PROTO": lambda machine, _: None,
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_DICT": lambda machine, _: machine.push(Stand("dict")),
    "EMPTY_SET": lambda machine, _: machine.push(Stand("set")),
    "MARK": lambda machine, _: machine.mark(),
    "TUPLE": lambda machine, _: machine.tuple_of(machine.pop_mark()),
    "TUPLE1": lambda machine, _: machine.tuple_of(machine.take(1)),
    "TUPLE2": lambda machine, _: machine.tuple_of(machine.take(2)),
    "TUPLE3": lambda machine, _: machine.tuple_of(machine.take(3)),
    "APPEND": lambda machine, _: machine.append(machine.take(1)),
    "APPENDS": lambda machine, _: machine.append(machine.pop_mark()),
    "SETITEM": lambda machine, _: machine.set_items(machine.take(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.pop_mark()),
    "BINPUT": Machine.remember,
    "LONG_BINPUT": Machine.remember,
    "BINGET": lambda machine, place: machine.push(machine.memo[place]),
    "LONG_BINGET": lambda machine, place: machine.push(machine.memo[place]),
    "GLOBAL": lambda machine, name: machine.find(name.replace(" ", ".", 1)),
    "REDUCE": lambda machine, _: machine.call(),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": lambda machine, _: machine.load_storage(),
}
TORCH_OPCODES = {*_TORCH_STEPS, "STOP"}
# The others that lead to the first name that a foreign pickle needs.
_STEPS: dict[str, Step] = {
    **_TORCH_STEPS,
    **dict.fromkeys(
        (
            "INT",
            "LONG",
            "LONG4",
            "FLOAT",
            "STRING",
            "BINSTRING",
            "UNICODE",
            "SHORT_BINUNICODE",
            "BINUNICODE8",
        ),
        Machine.push,
    ),
    **dict.fromkeys(
        ("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
        Machine.push,
    ),
    "FRAME": lambda machine, _: None,
    "PUT": Machine.remember,
    "MEMOIZE": lambda machine, _: machine.remember(len(machine.memo)),
    "GET": lambda machine, place: machine.push(machine.memo[place]),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "POP": lambda machine, _: machine.pop(),
    "POP_MARK": lambda machine, _: machine.drop_mark(),
    "LIST": lambda machine, _: machine.push(machine.pop_mark()),
    "DICT": lambda machine, _: machine.make_dict(),
    "ADDITEMS": lambda machine, _: machine.add_to_set(machine.pop_mark()),
    "STACK_GLOBAL": lambda machine, _: machine.find_on_stack(),
    "INST": lambda machine, name: machine.find(name.replace(" ", ".", 1)),
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), lambda machine, code: machine.find(f"extension {code}")),
}

"""Ways to spoil a file, each from a random number generator of its own."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes, bytes], bytes]
"""Takes the file and one of another kind, gives back what is left of it."""

EXTREMES = (
    0,
    1,
    2,
    127,
    128,
    255,
    2**15,
    2**16 - 1,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**40,
    2**62,
    2**63 - 1,
    2**64 - 1,
)
# Pickle's opcodes, and some that call what a state dict does not.
OPCODES = b"(.012FIJKLMNPQRSTUVXabcdegfijlopqrstu}" + bytes(range(0x80, 0x96))
CALLS = (
    b"cos\nsystem\n(X\x0a\x00\x00\x00touch ran1tR0",
    b"c__builtin__\neval\n(X\x01\x00\x00\x001tR0",
    b"X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x930",
    b"ctorch\nload\n0",
    b"cbuiltins\nbytearray\n(J\xff\xff\xff\x7ftR0",
    b"(X\x04\x00\x00\x00trueios\nsystem\n0",
    b"\x82\x01",
)
WORDS = (
    b"F32",
    b"F64",
    b"I64",
    b"U8",
    b"<f4",
    b"<f8",
    b"|O",
    b"<U9",
    b"Float",
    b"Double",
    b"Long",
    b"True",
    b"False",
)
RECORDS = {b"PK\1\2": 46, b"PK\3\4": 30, b"PK\5\6": 22, b"PK\6\6": 56, b"PK\6\7": 20}


def place(random: Random, content: bytes) -> int:
    """Somewhere, half of the time near the beginning or the end, where the structure is."""
    region = min(len(content), 1024)
    near = random.randrange(3)
    if near == 0:
        return random.randrange(region)
    return len(content) - 1 - random.randrange(region if near == 1 else len(content))


def flip_bits(random: Random, content: bytes, other: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        changed[place(random, content)] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut_off(random: Random, content: bytes, other: bytes) -> bytes:
    return content[: random.choice((place(random, content), random.randrange(64)))]


def cut_out(random: Random, content: bytes, other: bytes) -> bytes:
    begin = place(random, content)
    return content[:begin] + content[begin + random.choice((1, 4, 8, 64, 1000)) :]


def insert(random: Random, content: bytes, other: bytes) -> bytes:
    begin = place(random, content)
    return content[:begin] + random.randbytes(random.choice((1, 4, 8, 64, 1000))) + content[begin:]


def repeat(random: Random, content: bytes, other: bytes) -> bytes:
    begin = place(random, content)
    return content[: begin + random.choice((8, 100, 5000))] + content[begin:]


def blank(random: Random, content: bytes, other: bytes) -> bytes:
    begin, length = place(random, content), random.choice((1, 8, 64, 1000))
    return content[:begin] + random.choice((b"\0", b"\xff", b" ")) * length + content[begin + length :]


def swap_head(random: Random, content: bytes, other: bytes) -> bytes:
    length = random.choice((2, 4, 8, 16, 64, 512, 4096))
    return other[:length] + content[length:]


def swap_tail(random: Random, content: bytes, other: bytes) -> bytes:
    length = random.choice((2, 22, 98, 512, 4096, 10**6))
    return content[: -len(other[-length:])] + other[-length:]


def splice(random: Random, content: bytes, other: bytes) -> bytes:
    return content[: place(random, content)] + other[place(random, other) :]


def extreme_number(random: Random, content: bytes, other: bytes) -> bytes:
    size, begin = random.choice((1, 2, 4, 8)), place(random, content)
    number = random.choice(EXTREMES) % 256**size
    return content[:begin] + number.to_bytes(size, random.choice(("little", "big"))) + content[begin + size :]


def other_digits(random: Random, content: bytes, other: bytes) -> bytes:
    """Another number where one is written out, as in the headers of safetensors and of numpy."""
    digits = [k for k, byte in enumerate(content[:4096]) if byte in b"0123456789"]
    if not digits:
        return flip_bits(random, content, other)
    begin = random.choice(digits)
    new = random.choice((b"0", b"9", b"-1", b"99999999999999999999", b"1e9", b"2.5", b"null"))
    return content[:begin] + new[: random.choice((1, len(new)))] + content[begin + 1 :]


def other_word(random: Random, content: bytes, other: bytes) -> bytes:
    found = [word for word in WORDS if word in content]
    if not found:
        return flip_bits(random, content, other)
    return content.replace(random.choice(found), random.choice(WORDS), random.choice((1, -1)))


def zip_field(random: Random, content: bytes, other: bytes) -> bytes:
    """Another number in one of the records of a zip."""
    signature = random.choice(list(RECORDS))
    found = [k for k in range(len(content)) if content.startswith(signature, k)]
    if not found:
        return extreme_number(random, content, other)
    begin, size = random.choice(found) + random.randrange(4, RECORDS[signature]), random.choice((1, 2, 4, 8))
    number = random.choice((*EXTREMES, random.randrange(len(content)))) % 256**size
    return content[:begin] + number.to_bytes(size, "little") + content[begin + size :]


def pickle_steps(random: Random, content: bytes, other: bytes) -> bytes:
    """Other opcodes in the pickle; the checksum of a zip is made to match."""
    if content.startswith(b"PK"):
        return repacked(content, lambda pickled: steps(random, pickled))
    begin = content.rfind(b"\x80\x02}") if content.startswith(b"\x80") else -1
    return (
        flip_bits(random, content, other) if begin < 0 else content[:begin] + steps(random, content[begin:])
    )


def steps(random: Random, pickled: bytes) -> bytes:
    changed = bytearray(pickled)
    for _ in range(random.choice((1, 1, 2, 5))):
        begin = random.randrange(2, min(len(changed), 3000))
        way = random.randrange(6)
        if way == 0:
            changed[begin] = random.choice(OPCODES)
        elif way == 1:
            changed[begin:begin] = bytes(random.choices(OPCODES, k=random.choice((1, 2, 5))))
        elif way == 2:
            changed[begin : begin + random.choice((1, 2, 9))] = b""
        elif way == 3:
            changed[begin] = random.choice((0, 1, 255, random.randrange(256)))
        elif way == 4:
            changed[2:2] = random.choice(CALLS)
        else:
            names = [
                name for name in (b"Float", b"cpu", b"storage", b"_v2", b"OrderedDict") if name in changed
            ]
            changed = changed.replace(
                random.choice(names or [b"\x80"]), random.choice((b"", b"x", b"Byte", b"QInt8")), 1
            )
    return bytes(changed)


def repacked(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(result, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, change(data) if name.endswith("data.pkl") else data)
    return result.getvalue()


def json_field(random: Random, content: bytes, other: bytes) -> bytes:
    """Another value somewhere in the header of a safetensors file, whose length is made to match."""
    (length,) = struct.unpack("<Q", content[:8])
    if length > len(content):
        return other_digits(random, content, other)
    header = json.loads(content[8 : 8 + length])
    if random.random() < 0.4:
        text = header["__metadata__"]["dcgan_viz"]
        described = json.loads(text)
        change_json(random, described)
        header["__metadata__"]["dcgan_viz"] = json.dumps(described)
    else:
        change_json(random, header)
    encoded = json.dumps(header).encode()
    return struct.pack("<Q", len(encoded)) + encoded + content[8 + length :]


def change_json(random: Random, value: dict | list) -> None:
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = random.choice(keys)
    inner = value[key]
    if isinstance(inner, dict | list) and inner and random.random() < 0.8:
        change_json(random, inner)
    elif isinstance(value, dict) and random.random() < 0.2:
        value[random.choice(("", "a\nb", "\ud800", "x" * 2000, "__metadata__", "main.0.weight"))] = value.pop(
            key
        )
    elif random.random() < 0.2:
        del value[key]
    else:
        value[key] = random.choice(
            (None, True, -1, 0, 3, 2**31, 2**63, 1e308, "", "F16", "\n", [], {}, [[]], "9" * 99)
        )


EVERYWHERE: tuple[Mutation, ...] = (
    flip_bits,
    flip_bits,
    cut_off,
    cut_out,
    insert,
    repeat,
    blank,
    swap_head,
    swap_tail,
    splice,
    extreme_number,
)
BY_KIND: dict[str, tuple[Mutation, ...]] = {
    "safetensors": (*EVERYWHERE, other_digits, other_word, *[json_field] * 5),
    "torch": (*EVERYWHERE, other_word, *[zip_field] * 5, *[pickle_steps] * 5),
    "torch-legacy": (*EVERYWHERE, other_word, *[pickle_steps] * 8),
    "theano": (*EVERYWHERE, *[other_digits] * 3, *[other_word] * 2),
}

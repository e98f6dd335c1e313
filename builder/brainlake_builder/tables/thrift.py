"""Thrift's compact protocol with its types, so that what is read can be changed and written again byte for byte."""

from dataclasses import dataclass
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


@dataclass
class Value:
    """A value and its type: an integer, bytes, a list of values, or a struct as its values by field number."""

    kind: int
    content: Any


Struct = dict[int, Value]


@dataclass
class Sequence:
    """Elements of a list, all of one type."""

    kind: int
    elements: list[Any]


def read_struct(data: bytes, at: int = 0) -> tuple[Struct, int]:
    """The struct that begins at a place in trusted bytes, and where it ends."""
    struct: Struct = {}
    number = 0
    while head := data[at]:
        at += 1
        if delta := head >> 4:
            number += delta
        else:
            number, at = _read_integer(data, at)
        kind = head & 15
        content, at = (None, at) if kind in (TRUE, FALSE) else _read(data, at, kind)
        struct[number] = Value(kind, content)
    return struct, at + 1


def write_struct(struct: Struct) -> bytes:
    """A struct as it was read, or as it was changed."""
    out = bytearray()
    last = 0
    for number, value in struct.items():
        delta = number - last
        out += bytes([delta << 4 | value.kind]) if 0 < delta < 16 else bytes([value.kind]) + _integer(number)
        if value.kind not in (TRUE, FALSE):
            out += _written(value.kind, value.content)
        last = number
    return bytes(out) + b"\0"


def _read(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in (TRUE, FALSE, BYTE):  # truth values inside lists are bytes
        return data[at], at + 1
    if kind in (I16, I32, I64):
        return _read_integer(data, at)
    if kind == DOUBLE:
        return data[at : at + 8], at + 8
    if kind == BINARY:
        n, at = _read_varint(data, at)
        return data[at : at + n], at + n
    if kind == LIST:
        head, at = data[at], at + 1
        n = head >> 4
        if n == 15:
            n, at = _read_varint(data, at)
        elements = []
        for _ in range(n):
            element, at = _read(data, at, head & 15)
            elements.append(element)
        return Sequence(head & 15, elements), at
    if kind == STRUCT:
        return read_struct(data, at)
    raise ValueError(f"Parquet's footers hold no value of kind {kind}")


def _written(kind: int, content: Any) -> bytes:
    if kind in (TRUE, FALSE, BYTE):
        return bytes([content])
    if kind in (I16, I32, I64):
        return _integer(content)
    if kind == DOUBLE:
        return bytes(content)
    if kind == BINARY:
        return _varint(len(content)) + bytes(content)
    if kind == LIST:
        n = len(content.elements)
        head = bytes([n << 4 | content.kind]) if n < 15 else bytes([0xF0 | content.kind]) + _varint(n)
        return head + b"".join(_written(content.kind, element) for element in content.elements)
    return write_struct(content)


def _read_integer(data: bytes, at: int) -> tuple[int, int]:
    value, at = _read_varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _integer(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)

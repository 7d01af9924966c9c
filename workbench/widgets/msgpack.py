"""MessagePack read into plain values: only what is needed to show a payload that may be hostile."""

from __future__ import annotations

__all__ = ["NotMessagePack", "decode"]

import struct
from collections.abc import Callable
from typing import Any, Final

_DEEPEST: Final = 32
_MOST: Final = 10_000
_STRUCTS: Final = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
    0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
}  # fmt: skip
_SIZED: Final = {
    0xC4: ("bin", 1), 0xC5: ("bin", 2), 0xC6: ("bin", 4),
    0xC7: ("ext", 1), 0xC8: ("ext", 2), 0xC9: ("ext", 4),
    0xD9: ("str", 1), 0xDA: ("str", 2), 0xDB: ("str", 4),
    0xDC: ("array", 2), 0xDD: ("array", 4), 0xDE: ("map", 2), 0xDF: ("map", 4),
}  # fmt: skip
_PLAIN: Final = {0xC0: None, 0xC2: False, 0xC3: True}


class NotMessagePack(Exception):
    """The bytes are no MessagePack, or not one value of it alone."""


def decode(data: bytes) -> Any:
    """Read one value.

    Parameters
    ----------
    data
        All of it; what is left over is an error.

    Returns
    -------
    object
        Numbers, texts, bytes, lists and dicts; an extension is a dict of its type and bytes. Keys of maps
        that are no plain values become their text.

    Raises
    ------
    NotMessagePack
        Also for values deeper than 32, or with more than 10,000 members.
    """
    reader = _Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise NotMessagePack(f"{len(data) - reader.at} bytes follow the value")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._members = 0

    def value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise NotMessagePack("too deep")
        first = self._take(1)[0]
        if first <= 0x7F:  # noqa: PLR2004 - the format's own numbers, here and below
            return first
        if first >= 0xE0:  # noqa: PLR2004
            return first - 0x100
        if first in _PLAIN:
            return _PLAIN[first]
        if first in _STRUCTS:
            form = _STRUCTS[first]
            return struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return self._long(first, depth)

    def _long(self, first: int, depth: int) -> Any:
        if first <= 0x8F:  # noqa: PLR2004
            return self._map(first & 0x0F, depth)
        if first <= 0x9F:  # noqa: PLR2004
            return self._array(first & 0x0F, depth)
        if first <= 0xBF:  # noqa: PLR2004
            return self._text(first & 0x1F)
        if 0xD4 <= first <= 0xD8:  # noqa: PLR2004
            return self._extension(1 << (first - 0xD4))
        if first not in _SIZED:
            raise NotMessagePack(f"0x{first:02x} begins no value")
        kind, width = _SIZED[first]
        size = int.from_bytes(self._take(width), "big")
        made: dict[str, Callable[[], Any]] = {
            "bin": lambda: self._take(size),
            "ext": lambda: self._extension(size),
            "str": lambda: self._text(size),
            "array": lambda: self._array(size, depth),
            "map": lambda: self._map(size, depth),
        }
        return made[kind]()

    def _take(self, size: int) -> bytes:
        if self.at + size > len(self._data):
            raise NotMessagePack("it ends too early")
        self.at += size
        return self._data[self.at - size : self.at]

    def _text(self, size: int) -> str:
        try:
            return self._take(size).decode()
        except UnicodeDecodeError as error:
            raise NotMessagePack("a text is not UTF-8") from error

    def _extension(self, size: int) -> dict[str, Any]:
        kind = int.from_bytes(self._take(1), "big", signed=True)
        return {"extension": kind, "data": self._take(size)}

    def _array(self, size: int, depth: int) -> list[Any]:
        self._count(size)
        return [self.value(depth + 1) for _ in range(size)]

    def _map(self, size: int, depth: int) -> dict[Any, Any]:
        self._count(size)
        made = {}
        for _ in range(size):
            key = self.value(depth + 1)
            made[key if isinstance(key, str | int | bytes) else repr(key)] = self.value(depth + 1)
        return made

    def _count(self, size: int) -> None:
        self._members += size
        if self._members > _MOST:
            raise NotMessagePack("too many members")

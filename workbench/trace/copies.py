"""Safe copies of anything that a hook may hold: plain, bounded, and never the reason why a hook fails.

A copy is a tree of ``dict``, ``list`` and leaves (``None``, numbers, ``str``, ``bytes``, dates ...). What is
not plain data becomes an :class:`Opaque` leaf that holds its text; what is too long becomes a :class:`Cut`
leaf that holds its beginning.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import itertools
import sys
import uuid
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

__all__ = [
    "LEAF_LIMIT", "MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Copier", "Cut", "Opaque", "copy_of", "holds",
    "same",
]  # fmt: skip

LEAF_LIMIT = 64 * 1024
"""Characters of a text, or bytes of a blob, that a copy keeps."""

MAX_NODES = 5_000
"""Members of all dicts and lists together that one copy keeps."""

MAX_DEPTH = 50
"""How deep dicts and lists may stand in one another."""

MAX_BYTES = 1024 * 1024
"""Approximate size of one copy; what comes after is left out, with a note."""

_NODE_BYTES = 64
_KEPT_AS_IS = frozenset(
    {
        type(None),
        bool,
        int,
        float,
        complex,
        dt.datetime,
        dt.date,
        dt.time,
        dt.timedelta,
        decimal.Decimal,
        uuid.UUID,
    }
)
_LEAVES = _KEPT_AS_IS | {str, bytes}


@dataclasses.dataclass(frozen=True, slots=True)
class Opaque:
    """What stands in a copy for something that is not plain data.

    Attributes
    ----------
    text
        What ``repr`` said, or a note in angle brackets that says why there is none.
    type
        Name of the value's class; empty for a note.
    """

    text: str
    type: str = ""

    def __repr__(self) -> str:
        return self.text


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """The beginning of a text or blob that was too long to keep.

    Attributes
    ----------
    head
        The first 65536 characters or bytes.
    size
        Full length, in characters or bytes.
    mark
        Hash of the whole value, so that a change behind the cut is still seen.
    """

    head: str | bytes
    size: int
    mark: int

    def __repr__(self) -> str:
        unit = "characters" if isinstance(self.head, str) else "bytes"
        return f"{self.head!r}... (cut: {len(self.head)} of {self.size} {unit})"


def copy_of(value: object) -> Any:
    """Return a safe copy of `value`; never raises an `Exception`, whatever the value does."""
    return Copier().copy(value)


class Copier:
    """Copies values into one common budget of members and bytes.

    Attributes
    ----------
    size
        Approximate bytes that the copies made so far occupy.
    whole
        Whether nothing was too long, too deep or too much to be copied.
    """

    __slots__ = ("_nodes", "_open", "size", "whole")

    def __init__(self) -> None:
        self.size = 0
        self.whole = True
        self._nodes = 0
        self._open: set[int] = set()

    def copy(self, value: object) -> Any:
        """Return a safe copy of `value`."""
        kind = type(value)
        if kind is str:
            return self._leaf(value)  # type: ignore[arg-type]  # mypy does not narrow by `is`
        if kind in _KEPT_AS_IS:
            self.size += sys.getsizeof(value) if kind is int else 32
            return value
        try:
            # The usual kinds first: asking for Mapping costs more than copying a small dict.
            return self._container(value) if kind in (dict, list, tuple) else self._copy(value)
        except Exception as error:  # noqa: BLE001 - a hostile value must not break the hook that got it
            return Opaque(f"<{_class_name(value)} that cannot be read: {type(error).__name__}>")

    def _copy(self, value: object) -> Any:
        if isinstance(value, str) and not isinstance(value, enum.Enum):
            return self._leaf(str.__str__(value))
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self._blob(value)
        if isinstance(value, (list, tuple, Mapping)) or _is_record(value):
            return self._container(value)
        if isinstance(value, (set, frozenset)):
            members = sorted(_text_of(member) for member in value)
            return self._opaque(value, "{" + ", ".join(members) + "}" if members else "set()")
        return self._opaque(value, _text_of(value))

    def _leaf(self, text: str) -> str | Cut:
        self.size += 49 + min(len(text), LEAF_LIMIT)
        if len(text) <= LEAF_LIMIT:
            return text
        self.whole = False
        return Cut(text[:LEAF_LIMIT], len(text), hash(text))

    def _blob(self, value: bytes | bytearray | memoryview) -> bytes | Cut:
        blob = value if type(value) is bytes else bytes(value)
        self.size += 33 + min(len(blob), LEAF_LIMIT)
        if len(blob) <= LEAF_LIMIT:
            return blob
        self.whole = False
        return Cut(blob[:LEAF_LIMIT], len(blob), hash(blob))

    def _opaque(self, value: object, text: str) -> Opaque:
        text = (
            text if len(text) <= LEAF_LIMIT else f"{text[:LEAF_LIMIT]}... (cut: {LEAF_LIMIT} of {len(text)})"
        )
        self.size += 49 + len(text)
        return Opaque(text, _class_name(value))

    def _container(self, value: Any) -> Any:
        identity = id(value)
        if identity in self._open:
            return Opaque(f"<the {_class_name(value)} that this stands in>")
        if len(self._open) >= MAX_DEPTH:
            self.whole = False
            return Opaque(f"<{_class_name(value)} left out: deeper than {MAX_DEPTH}>")
        self._open.add(identity)
        try:
            if isinstance(value, (list, tuple)):
                return self._list(value)
            return self._dict(value)
        finally:
            self._open.discard(identity)

    def _list(self, value: list[Any] | tuple[Any, ...]) -> list[Any]:
        copied: list[Any] = []
        for member in _some(value):
            if self._full():
                copied.append(Opaque(f"<{len(value) - len(copied)} more left out: the copy is full>"))
                break
            copied.append(self.copy(member))
        return copied

    def _dict(self, value: Any) -> dict[Any, Any]:
        copied: dict[Any, Any] = {}
        is_mapping = type(value) is dict or isinstance(value, Mapping)
        size = len(value) if is_mapping else 0
        for key, member in _some(value.items()) if is_mapping else _fields(value):
            if self._full():
                copied["..."] = Opaque(f"<{max(size - len(copied), 1)} more left out: the copy is full>")
                break
            copied[self._key(key)] = self.copy(member)
        return copied

    def _key(self, key: object) -> Any:
        """Keys stay what they are where they are plain, and become text where not."""
        if type(key) in _KEPT_AS_IS:
            return key
        if isinstance(key, str) and not isinstance(key, enum.Enum):
            self.size += 49 + len(key)
            return str.__str__(key)
        return _text_of(key)

    def _full(self) -> bool:
        self._nodes += 1
        self.size += _NODE_BYTES
        if self._nodes <= MAX_NODES and self.size <= MAX_BYTES:
            return False
        self.whole = False
        return True


def holds(copy: Any, value: object) -> bool:
    """Tell whether a copy of a value would surely be the same as one made before, without making it.

    Parameters
    ----------
    copy
        Made before, of whatever it was.
    value
        What might have to be copied. False where it is not plain data through and through.
    """
    kind = type(copy)
    if kind is dict:
        if not (isinstance(value, dict) and type(value).items is dict.items and len(value) == len(copy)):
            return False
        return all(
            itertools.starmap(partial(_holds_member, copy), list(dict.items(value)))
        )  # at once: `_some`
    if kind is list:
        if not isinstance(value, list | tuple):
            return False
        entries = list(value)
        return len(entries) == len(copy) and all(map(holds, copy, entries))
    return kind is type(value) and kind in _LEAVES and (copy is value or bool(copy == value))


def _holds_member(copy: dict[Any, Any], key: object, member: object) -> bool:
    if type(key) is not str or key not in copy:
        return False
    known = copy[key]
    if type(known) is type(member) and type(member) in _LEAVES:  # as most are
        return known is member or bool(known == member)
    return holds(known, member)


def same(one: Any, other: Any) -> bool:
    """Whether two copies hold the same: types count (``1`` is not ``True``), and a NaN equals itself."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            key in other and same(member, other[key]) for key, member in one.items()
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - only a NaN differs from itself


def _some(members: Iterable[Any]) -> list[Any]:
    """Take what may be needed into a list of its own, at once: another thread may change the original."""
    return list(itertools.islice(members, MAX_NODES + 1))


def _is_record(value: object) -> bool:
    return (
        dataclasses.is_dataclass(value) and not isinstance(value, type) and type(value) not in (Opaque, Cut)
    )


def _fields(value: Any) -> list[tuple[str, Any]]:
    return [
        (field.name, getattr(value, field.name))
        for field in dataclasses.fields(value)
        if hasattr(value, field.name)
    ]


def _text_of(value: object) -> str:
    try:
        return str.__str__(repr(value))
    except Exception as error:  # noqa: BLE001 - see Copier.copy
        return f"<{_class_name(value)} whose repr raised {type(error).__name__}>"


def _class_name(value: object) -> str:
    return type(value).__name__

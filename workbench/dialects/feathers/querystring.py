"""Nested query strings as `qs` reads them, which Feathers' REST clients write (R83, wire tables).

``a[b]=1`` is an object, ``a[]=1``, ``a[0]=1`` and ``a=1&a=2`` are lists; every leaf is a text. Nesting ends
at depth 5, what is left is one key; a list of more than 20 entries becomes an object with its indexes as
keys. Names that every JavaScript object has are dropped, as qs does to protect them.
"""

from __future__ import annotations

__all__ = ["parse", "parse_query"]

import re
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_to_bytes

DEPTH: Final = 5
LIST_LIMIT: Final = 20
PARAMETER_LIMIT: Final = 1000
_SHORT: Final = 512  # characters of a query that is remembered

_BRACKETS: Final = re.compile(r"\[[^\[\]]*\]")
_INDEX: Final = re.compile(r"0|[1-9]\d*")
_PROTECTED: Final = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)


class _Sparse(dict[int, Any]):
    """A list while it is put together: entries by index, holes allowed."""

    def append(self, value: Any) -> None:
        self[max(self, default=-1) + 1] = value


def parse(text: str) -> dict[str, Any]:
    """Read a query string.

    Parameters
    ----------
    text
        What stands behind the question mark, as it was sent. Beyond 1,000 parameters the rest is ignored.

    """
    whole: dict[Any, Any] = {}
    pairs = _pairs(text)
    if "[" not in text and "%5" not in text and _PROTECTED.isdisjoint(pairs):  # nothing is nested
        return {key: _finished(value) for key, value in pairs.items() if key}
    for key, value in pairs.items():
        path = _path(key)
        if path:
            merged = _merge(whole, _nested(path, value))
            whole = merged if isinstance(merged, dict) else whole
    return {str(key): _finished(value) for key, value in whole.items()}


def parse_query(text: str) -> dict[str, Any]:
    """Read the query of a URL as `parse` does: clients ask the same few things again and again.

    The short ones are remembered, other than what a form holds. What is given is the caller's own.
    """
    if len(text) >= _SHORT:
        return parse(text)
    whole, flat = _remembered(text)
    return whole.copy() if flat else {key: _fresh(value) for key, value in whole.items()}


@lru_cache(maxsize=512)
def _remembered(text: str) -> tuple[dict[str, Any], bool]:
    whole = parse(text)
    return whole, all(isinstance(value, str) for value in whole.values())


def _fresh(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {key: _fresh(entry) for key, entry in value.items()}
    return [_fresh(entry) for entry in value]


def _pairs(text: str) -> dict[str, Any]:
    """Split into keys and values; the values of a repeated key are a list."""
    pairs: dict[str, Any] = {}
    if "%5" in text:
        text = text.replace("%5B", "[").replace("%5b", "[").replace("%5D", "]").replace("%5d", "]")
    for part in text.split("&")[:PARAMETER_LIMIT]:
        if not part:
            continue
        bracket = part.find("]=")
        cut = part.find("=") if bracket < 0 else bracket + 1
        key, value = (part, "") if cut < 0 else (part[:cut], part[cut + 1 :])
        key, value = _decoded(key), _decoded(value)
        pairs[key] = _joined(pairs[key], value) if key in pairs else value
    return pairs


def _joined(first: Any, second: Any) -> Any:
    made = first if isinstance(first, _Sparse) else _Sparse({0: first})
    made.append(second)
    return made


def _decoded(text: str) -> str:
    """Undo percent-encoding; a text that is not encoded UTF-8 stays as it is."""
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return text
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        return text


def _path(key: str) -> list[str]:
    """Take a key apart: ``a[b][]`` is a, [b], []. Empty: the key is dropped."""
    if not key:
        return []
    first = _BRACKETS.search(key)
    opened = key.find("[") if first is None else -1
    if opened > 0:  # never closed: the rest is one key
        return [] if key[:opened] in _PROTECTED else [key[:opened], f"[{key[opened:]}]"]
    parent = key if first is None else key[: first.start()]
    if parent in _PROTECTED:
        return []
    path = [parent] if parent else []
    end = len(parent)
    while first is not None and len(path) - bool(parent) < DEPTH:
        if first.group()[1:-1] in _PROTECTED:
            return []
        path.append(first.group())
        end = first.end()
        first = _BRACKETS.search(key, end)
    if first is not None:
        path.append(f"[{key[first.start() :]}]")
    return path


def _nested(path: list[str], value: Any) -> Any:
    for segment in reversed(path):
        bare = segment[1:-1] if segment.startswith("[") and segment.endswith("]") else segment
        if segment == "[]":
            value = value if isinstance(value, _Sparse) else _Sparse({0: value})
        elif bare != segment and _INDEX.fullmatch(bare) and int(bare) <= LIST_LIMIT:
            value = _Sparse({int(bare): value})
        else:
            value = {bare: value}
    return value


def _merge(target: Any, source: Any) -> Any:
    if not isinstance(source, dict):
        return _merge_leaf(target, source)
    if not isinstance(target, dict):
        made = _Sparse({0: target})
        if isinstance(source, _Sparse):
            for value in source.values():
                made.append(value)
        else:
            made.append(source)
        return made
    if isinstance(target, _Sparse) and isinstance(source, _Sparse):
        return _merge_lists(target, source)
    if isinstance(target, _Sparse):
        target = {str(index): value for index, value in target.items()}
    for key, value in source.items():
        name = str(key)
        target[name] = _merge(target[name], value) if name in target else value
    return target


def _merge_leaf(target: Any, source: Any) -> Any:
    if isinstance(target, _Sparse):
        target.append(source)
        return target
    return _Sparse({0: target, 1: source})


def _merge_lists(target: _Sparse, source: _Sparse) -> _Sparse:
    for index, value in source.items():
        if index not in target:
            target[index] = value
        elif isinstance(target[index], dict) and isinstance(value, dict):
            target[index] = _merge(target[index], value)
        else:
            target.append(value)
    return target


def _finished(value: Any) -> Any:
    """Close the holes of lists; those that are too long become objects."""
    if isinstance(value, _Sparse):
        entries = [_finished(value[index]) for index in sorted(value)]
        if len(entries) > LIST_LIMIT or any(index > LIST_LIMIT for index in value):
            return {str(index): entry for index, entry in zip(sorted(value), entries, strict=True)}
        return entries
    if isinstance(value, dict):
        return {str(key): _finished(entry) for key, entry in value.items()}
    return value

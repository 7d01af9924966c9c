"""JSON as it goes to clients: compact, and nothing in it that JavaScript could not read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import orjson

__all__ = ["to_json"]

Default = Callable[[Any], Any]

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def to_json(value: Any, default: Default | None = None) -> bytes:
    """Write a value as compact UTF-8.

    Numbers that JSON does not have (NaN, infinities) become null, as in JavaScript; half a surrogate pair is
    escaped, so that the text has a form in UTF-8; keys that are no texts are written as `json` writes them.

    Parameters
    ----------
    value
        What to write.
    default
        Gives what stands for an object that JSON has no form for, or raises `TypeError`.

    Raises
    ------
    TypeError
        For an object without a form.
    ValueError, RecursionError
        For a value that holds itself.
    """
    try:
        return orjson.dumps(value, default, _OPTIONS)
    except TypeError:  # keys, whole numbers or texts that orjson refuses, or what nobody can write
        return _slowly(value, default)


def _slowly(value: Any, default: Default | None) -> bytes:
    try:
        text = _encode(value, default)
    except ValueError:  # a number that JSON does not have, or a value that holds itself
        text = _encode(_finite(value, default), default)
    return text.encode("utf-8", "backslashreplace")


def _encode(value: Any, default: Default | None) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=default)


def _finite(value: Any, default: Default | None) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(member, default) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(member, default) for member in value]
    if isinstance(value, str | int | None) or default is None:
        return value
    return _finite(default(value), default)

"""JSON as Feathers' clients get it: compact, and nothing in it that JavaScript could not read."""

from __future__ import annotations

__all__ = ["dumps", "first_set", "loads", "truthy"]

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

loads = json.loads


def dumps(value: Any, **_: Any) -> str:
    """Write a value; other arguments are there for libraries that bring their own and are ignored.

    Numbers that JSON does not have (NaN, infinities) become null, as in JavaScript; half a surrogate pair is
    escaped, so that the text has a form in UTF-8.
    """
    try:
        text = _encode(value)
    except ValueError:  # a number that JSON does not have, or a value that holds itself
        text = _encode(_finite(value))
    return text if text.isascii() or _is_whole(text) else json.dumps(loads(text), separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(member) for member in value]
    return value if isinstance(value, str | int | None) else _finite(_plain(value))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_FORMS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Mapping, dict),
    ((datetime, date), lambda moment: moment.isoformat()),
    ((set, frozenset, tuple), list),
    (Decimal, float),
    (UUID, str),
)


def _plain(value: Any) -> Any:
    """Give what stands for an object that JSON has no form for."""
    for method in ("tolist", "to_json"):  # arrays and numbers of numpy and pandas; whatever says so itself
        if hasattr(value, method):
            return getattr(value, method)()
    for kinds, form in _FORMS:
        if isinstance(value, kinds):
            return form(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON: {value!r}")


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain).encode
"""Made once: an encoder for each call costs as much as a small answer."""


def truthy(value: Any) -> bool:
    """Tell whether JavaScript takes a value for true: an empty object or list is a value like any other."""
    return bool(value) or isinstance(value, Mapping | list | tuple)


def first_set(*values: Any) -> Any:
    """Give the first value that is truthy, else the last."""
    return next((value for value in values[:-1] if truthy(value)), values[-1])

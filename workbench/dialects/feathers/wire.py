"""JSON as Feathers' clients get it: compact, and with whole numbers as JavaScript writes them."""

from __future__ import annotations

__all__ = ["dumps", "first_set", "loads", "truthy"]

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

loads = json.loads


def dumps(value: Any, **_: Any) -> str:
    """Write a value as `JSON.stringify` does: null for what is no finite number, half characters escaped.

    Other arguments are there for libraries that bring their own and are ignored.
    """
    try:
        text = _write(value)
    except ValueError:  # NaN and infinities, which no client can read, or a circle
        text = _write(_finite(value))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.dumps(_finite(value), separators=(",", ":"), default=_plain)
    return text


def _write(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value


def _plain(value: Any) -> Any:
    """Give what stands for an object that JSON has no form for."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON: {value!r}")


def truthy(value: Any) -> bool:
    """Tell whether JavaScript takes a value for true: an empty object or list is a value like any other."""
    return bool(value) or isinstance(value, Mapping | list | tuple)


def first_set(*values: Any) -> Any:
    """Give the first value that is truthy, else the last."""
    return next((value for value in values[:-1] if truthy(value)), values[-1])

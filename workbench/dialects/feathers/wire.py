"""JSON as Feathers' clients get it: compact, and nothing in it that JavaScript could not read."""

from __future__ import annotations

__all__ = ["dumps", "encoded", "first_set", "loads", "truthy"]

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from workbench.server.json_text import to_json

loads = json.loads


def dumps(value: Any, **_: Any) -> str:
    """Write a value; other arguments are there for libraries that bring their own and are ignored."""
    return encoded(value).decode()


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


def encoded(value: Any) -> bytes:
    """Write a value as UTF-8; see `workbench.server.json_text`."""
    return to_json(value, _plain)


def truthy(value: Any) -> bool:
    """Tell whether JavaScript takes a value for true: an empty object or list is a value like any other."""
    return bool(value) or isinstance(value, Mapping | list | tuple)


def first_set(*values: Any) -> Any:
    """Give the first value that is truthy, else the last."""
    return next((value for value in values[:-1] if truthy(value)), values[-1])

"""JSON as it goes over the wire: strict in, compact out."""

from __future__ import annotations

__all__ = ["dump", "formatted", "parse"]

import json
from datetime import date, datetime, time
from typing import Any


def parse(text: str) -> Any:
    """Read JSON.

    Raises
    ------
    ValueError
        For anything that JavaScript's JSON.parse refuses too, and for nesting too deep to be read.

    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def dump(value: Any) -> str:
    """Write JSON as JSON.stringify does: compact, letters as they are.

    Dates become ISO text; a lone surrogate is escaped, since it has no UTF-8.
    """
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_plain)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), default=_plain)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def formatted(kind: str, data: dict[str, Any] | None = None, uid: Any = None) -> str:
    """Write a message of the server: its type first, the client's uid last where there is one."""
    message = {"type": kind, **(data or {})}
    if uid is not None:
        message["uid"] = uid
    return dump(message)

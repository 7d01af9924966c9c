"""Feathers: services, and hooks around, before, after and on errors of their methods."""

from __future__ import annotations

__all__ = [
    "BadGateway",
    "BadRequest",
    "Conflict",
    "FeathersError",
    "Forbidden",
    "GeneralError",
    "Gone",
    "LengthRequired",
    "MemoryService",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotAuthenticated",
    "NotFound",
    "NotImplemented",
    "PaymentError",
    "SqlService",
    "Timeout",
    "TooManyRequests",
    "Unavailable",
    "Unprocessable",
]

from importlib import import_module
from typing import TYPE_CHECKING, Any

from workbench.dialects.feathers.errors import (
    BadGateway,
    BadRequest,
    Conflict,
    FeathersError,
    Forbidden,
    GeneralError,
    Gone,
    LengthRequired,
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    NotFound,
    NotImplemented,  # noqa: A004  # the name that Feathers has for it
    PaymentError,
    Timeout,
    TooManyRequests,
    Unavailable,
    Unprocessable,
)
from workbench.dialects.feathers.memory import MemoryService

if TYPE_CHECKING:
    from workbench.dialects.feathers.sql import SqlService

_LATE = {
    "SqlService": "sql",
}
"""Module of each name whose libraries are loaded when it is first asked for."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    globals()[name] = value  # the next look-up does not come here
    return value

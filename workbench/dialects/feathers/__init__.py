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
    "Resolver",
    "SqlService",
    "Timeout",
    "TooManyRequests",
    "Unavailable",
    "Unprocessable",
    "Validator",
    "get_data_validator",
    "get_validator",
    "query_property",
    "query_syntax",
    "resolve",
    "resolve_data",
    "resolve_external",
    "resolve_query",
    "resolve_result",
    "validate_data",
    "validate_query",
    "virtual",
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
    from workbench.dialects.feathers.resolver_hooks import (
        resolve_data,
        resolve_external,
        resolve_query,
        resolve_result,
    )
    from workbench.dialects.feathers.resolvers import Resolver, resolve, virtual
    from workbench.dialects.feathers.schema import (
        Validator,
        get_data_validator,
        get_validator,
        query_property,
        query_syntax,
        validate_data,
        validate_query,
    )
    from workbench.dialects.feathers.sql import SqlService

_LATE = {
    "Resolver": "resolvers",
    "SqlService": "sql",
    "Validator": "schema",
    "get_data_validator": "schema",
    "get_validator": "schema",
    "query_property": "schema",
    "query_syntax": "schema",
    "resolve": "resolvers",
    "resolve_data": "resolver_hooks",
    "resolve_external": "resolver_hooks",
    "resolve_query": "resolver_hooks",
    "resolve_result": "resolver_hooks",
    "validate_data": "schema",
    "validate_query": "schema",
    "virtual": "resolvers",
}
"""Module of each name whose libraries are loaded when it is first asked for."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    globals()[name] = value  # the next look-up does not come here
    return value

"""Feathers: services, and hooks around, before, after and on errors of their methods."""

from __future__ import annotations

__all__ = [
    "DIALECT",
    "ERRORS",
    "Application",
    "AuthenticationService",
    "BadGateway",
    "BadRequest",
    "Channel",
    "Conflict",
    "Feathers",
    "FeathersError",
    "Forbidden",
    "GeneralError",
    "Gone",
    "HookContext",
    "JWTStrategy",
    "LengthRequired",
    "LocalStrategy",
    "MemoryService",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotAuthenticated",
    "NotFound",
    "NotImplemented",
    "PaymentError",
    "Resolver",
    "Service",
    "SqlService",
    "Timeout",
    "TooManyRequests",
    "Unavailable",
    "Unprocessable",
    "Validator",
    "authenticate",
    "feathers",
    "get_data_validator",
    "get_validator",
    "hash_password",
    "password_hash",
    "protect",
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

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from workbench.dialects.base import Mount, Ready
from workbench.dialects.feathers.app import OPTIONS, FeathersApp, feathers
from workbench.dialects.feathers.application import Application
from workbench.dialects.feathers.channels import Channel
from workbench.dialects.feathers.context import HookContext
from workbench.dialects.feathers.errors import (
    ERRORS,
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
from workbench.dialects.feathers.points import POINTS
from workbench.dialects.feathers.ready import READY
from workbench.dialects.feathers.service import Service
from workbench.dialects.feathers.written import FeathersWritten
from workbench.engine.points import Point

if TYPE_CHECKING:
    from workbench.dialects.feathers.authentication import (
        AuthenticationService,
        JWTStrategy,
        LocalStrategy,
        authenticate,
        hash_password,
        password_hash,
        protect,
    )
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
    "AuthenticationService": "authentication",
    "JWTStrategy": "authentication",
    "LocalStrategy": "authentication",
    "authenticate": "authentication",
    "hash_password": "authentication",
    "password_hash": "authentication",
    "protect": "authentication",
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


class Feathers:
    """The dialect, as the registry and the bench know it."""

    name = "feathers"
    points: tuple[Point, ...] = POINTS
    open_names = False
    ready: tuple[Ready, ...] = READY
    options: Mapping[str, str] = OPTIONS
    written = FeathersWritten

    def application(self, mount: Mount, options: dict[str, Any]) -> FeathersApp:
        """Make the application of a mount."""
        return FeathersApp(mount, options)


DIALECT = Feathers()

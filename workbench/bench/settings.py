"""The options of a bench: which are the server's, which the dialect's, and what they become."""

from __future__ import annotations

__all__ = ["UnknownOption", "check_server_options", "dialect_options", "server_options", "with_token"]

import secrets
from collections.abc import Mapping
from typing import Any

from workbench.dialects.base import Dialect
from workbench.engine.errors import WorkbenchError, near
from workbench.server.options import ServerOptions


class UnknownOption(WorkbenchError):
    """An option that neither the server nor the dialect knows."""


def dialect_options(dialect: Dialect, options: Mapping[str, Any], *, alone: bool = False) -> dict[str, Any]:
    """Take the dialect's own options out of all that were given.

    Parameters
    ----------
    dialect
        Its options win over server options of the same name.
    options
        As given to the bench or to a mount.
    alone
        Whether server options are out of place, as in a mount.

    Raises
    ------
    UnknownOption
        For a name that nobody knows; says which ones are near.
    """
    who = "mount" if alone else "bench"
    allowed = set(dialect.options) | (set() if alone else ServerOptions.names())
    for name in options:
        if name not in allowed:
            hint = " (it belongs to the bench, not to a mount)" if name in ServerOptions.names() else ""
            known = near(name, allowed if alone else {"name", *allowed})
            raise UnknownOption(f"A {who} of {dialect.name} has no option {name!r}{hint}{known}")
    return {name: value for name, value in options.items() if name in dialect.options}


def check_server_options(options: Mapping[str, Any]) -> None:
    """Refuse what a start cannot change: the dialect's options are fixed once its application is made."""
    for name in options:
        if name not in ServerOptions.names():
            hint = near(name, ServerOptions.names())
            raise UnknownOption(f"A start takes server options, and {name!r} is none{hint}")


def server_options(dialect: Dialect, options: Mapping[str, Any]) -> ServerOptions:
    """Make the server's options of those that are not the dialect's.

    Raises
    ------
    InvalidOption
        For a value that the server cannot work with.
    """
    return ServerOptions(
        **with_token({name: value for name, value in options.items() if name not in dialect.options})
    )


def with_token(options: dict[str, Any]) -> dict[str, Any]:
    """Turn ``token=True`` into a token made up now, and ``token=False`` into none."""
    token = options.get("token")
    if token is True:
        return {**options, "token": secrets.token_urlsafe(16)}
    if token is False:
        return {**options, "token": None}
    return options

"""What transports do about authentication: headers of requests, and of sockets as they connect."""

from __future__ import annotations

__all__ = ["authenticate_connection", "parse_authentication"]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.context import Context
from workbench.dialects.feathers.authentication.lookup import default_authentication


async def parse_authentication(app: Any, headers: Mapping[str, str]) -> dict[str, Any] | None:
    """Give what goes into `params.authentication` of a request; None without any, and without a service.

    Parameters
    ----------
    app
        The application.
    headers
        Of the request, with names in lower case.
    """
    auth = default_authentication(app)
    if auth is None:
        return None
    told = auth.configuration
    found: dict[str, Any] | None = await auth.parse(
        headers, *(told.get("parse_strategies") or told["auth_strategies"])
    )
    return found


async def authenticate_connection(app: Any, connection: Any) -> None:
    """Log a socket in by the headers of its handshake, where they have authentication.

    Parameters
    ----------
    app
        The application.
    connection
        The connection's object, with `headers`; it gets `authentication` and the entity.

    Raises
    ------
    FeathersError
        Where the authentication does not hold; the socket is refused.
    """
    found = await parse_authentication(app, connection.get("headers") or {})
    if found is not None:
        connection["authentication"] = found
        service = app.service(default_authentication(app).path)
        await service.create(found, Context(provider="socketio", connection=connection))

"""The hook that lets only known callers in, and those of the authentication service itself."""

from __future__ import annotations

__all__ = ["authenticate", "connection_hook", "event_hook"]

from collections.abc import Awaitable, Callable
from typing import Any

from workbench.dialects.context import Context
from workbench.dialects.feathers.authentication.lookup import default_authentication
from workbench.dialects.feathers.errors import NotAuthenticated
from workbench.engine.errors import WorkbenchError

Hook = Callable[..., Awaitable[Any]]


def authenticate(*strategies: str, service: str | None = None) -> Hook:
    """Make a hook, around or before, that calls from outside only pass with valid authentication.

    It puts what the strategy found into the params: `authentication`, and the entity, usually `user`. Calls
    from inside pass without any.

    Parameters
    ----------
    *strategies
        Names of the strategies that count, usually "jwt".
    service
        Path of the authentication service; None is the only one.

    Raises
    ------
    WorkbenchError
        Without a strategy.

    """
    if not strategies or not all(isinstance(name, str) for name in strategies):
        raise WorkbenchError(
            'The authenticate hook needs the name of a strategy, such as authenticate("jwt")'
        )

    async def authenticate(context: Any, next: Any = None) -> None:  # noqa: A002  # Feathers' name
        params = context.params
        auth = default_authentication(context.app, service)
        _refuse_places(context, auth)
        if params.get("authenticated") is not True:
            given = params.get("authentication")
            if given:
                inside = Context({n: v for n, v in params.items() if n not in ("provider", "authentication")})
                found = await auth.authenticate(given, inside, *strategies)
                known = {name: value for name, value in found.items() if name != "accessToken"}
                context.params = Context(params, **known, authenticated=True)
            elif params.get("provider"):
                raise NotAuthenticated("Not authenticated")
        if next is not None:
            await next()

    return authenticate


def connection_hook(event: str) -> Hook:
    """Make the around hook that tells the strategies of a login or logout over a socket."""

    async def connection(context: Any, next: Any) -> None:  # noqa: A002  # Feathers' name
        await next()
        held = context.params.get("connection")
        if held is not None:
            await default_authentication(context.app, context.path).handle_connection(
                event, held, context.get("result")
            )

    connection.__name__ = f"{event}_connection"
    return connection


def event_hook(event: str) -> Hook:
    """Make the around hook that emits "login" or "logout" on the application, for calls from outside."""

    async def emit(context: Any, next: Any) -> None:  # noqa: A002  # Feathers' name
        await next()
        result = context.get("result")
        if context.params.get("provider") and result:
            context.app.emit(event, result, context.params, context)

    emit.__name__ = f"emit_{event}"
    return emit


def _refuse_places(context: Any, auth: Any) -> None:
    """Say what is wrong with where the hook stands."""
    if context.get("type") not in (None, "before", "around"):
        raise NotAuthenticated("The authenticate hook must be used as a before hook")
    if auth is None or not callable(getattr(auth, "authenticate", None)):
        raise NotAuthenticated("Could not find a valid authentication service")
    if context.path == auth.path:
        raise NotAuthenticated("The authenticate hook does not need to be used on the authentication service")

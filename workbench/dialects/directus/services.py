"""What extensions find in their context's services (R67, R68)."""

from __future__ import annotations

__all__ = ["make_services"]

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.dialects.context import Context
from workbench.dialects.directus.client import Client
from workbench.dialects.directus.items import ItemsService
from workbench.dialects.directus.points import ACTION
from workbench.dialects.directus.wire import dump
from workbench.engine.errors import UnknownHook, WorkbenchError, near

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp

_FILTER = ("user", "role")


def make_services(app: DirectusApp) -> Context:
    """Make the services of an application: classes, as Directus has them.

    Parameters
    ----------
    app
        The application.
    """

    class WebSocketService:
        """Reaches the signed-in clients of the WebSocket endpoint."""

        def clients(self) -> set[Client]:
            """Give the live set of clients."""
            return app.clients

        def broadcast(self, message: Any, filter: Mapping[str, Any] | None = None) -> None:  # noqa: A002 - its name there
            """Send a message to all clients, or to those of a user or of a role.

            Parameters
            ----------
            message
                Text as it is, anything else as JSON.
            filter
                With ``user``, ``role``; both have to fit where both are given. None or empty: everybody.
            """
            wanted = _wanted(filter or {})
            text = message if isinstance(message, str) else dump(message)
            app.mount.post(_broadcast, app.clients, text, wanted)

        def on(self, event: str, function: Callable[..., Any]) -> None:
            """Have a function called for a WebSocket event: its name without ``websocket.``."""
            app.registrar(ACTION)(f"websocket.{event}", function)

        def off(self, event: str, function: Callable[..., Any]) -> None:
            """Have it called no more; nothing happens where it was not."""
            board, key = app.mount.board, app.mount.key(ACTION)
            for row in board.state.of(key):
                if row.hook.lane == f"websocket.{event}" and row.hook.function == function:
                    try:
                        board.remove(row.hook.id, author=app.mount.author())
                    except UnknownHook:  # somebody was faster
                        return

    class Items(ItemsService):
        """The items of one collection: ``ItemsService("messages", accountability=...)``."""

        def __init__(
            self, collection: str, *, accountability: Mapping[str, Any] | None = None, schema: Any = None
        ) -> None:
            del schema  # there is one
            super().__init__(app, collection, accountability=accountability)

    Items.__name__ = Items.__qualname__ = "ItemsService"
    return Context(WebSocketService=WebSocketService, ItemsService=Items)


def _wanted(filter: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002 - as above
    for name in filter:
        if name not in _FILTER:
            raise WorkbenchError(f"broadcast picks by user and role, not {name!r}{near(str(name), _FILTER)}")
    return {name: value for name, value in filter.items() if value is not None}


def _broadcast(clients: set[Client], text: str, wanted: Mapping[str, Any]) -> None:
    for client in list(clients):
        who: Mapping[str, Any] = client.accountability or {}
        if all(who.get(name) == value for name, value in wanted.items()):
            client.send(text)

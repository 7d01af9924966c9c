"""A connection to a document from this process, without a client (68, 69)."""

from __future__ import annotations

__all__ = ["DirectConnection"]

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Self

from workbench.dialects.hocuspocus.errors import DocumentRefused
from workbench.dialects.hocuspocus.payloads import DisconnectPayload, Origin
from workbench.server.messages import Headers, Query

if TYPE_CHECKING:
    from workbench.dialects.context import Context
    from workbench.dialects.hocuspocus.app import Hocuspocus
    from workbench.dialects.hocuspocus.document import Document


class DirectConnection:
    """Holds a document in memory until it is disconnected; may be used on any loop, by `await`.

    Attributes
    ----------
    document
        The document; None when disconnected.
    context
        What onChange and onStoreDocument are told.
    """

    def __init__(self, app: Hocuspocus, document: Document, context: Context) -> None:
        self.document: Document | None = document
        self.context = context
        self._app = app
        self._origin = Origin("local", context=context)
        document.direct_connections_count += 1

    def transact(self, function: Callable[[Document], object]) -> Awaitable[None]:
        """Change the document in one transaction, on the bench's loop.

        Parameters
        ----------
        function
            Takes the document; no `async def`.

        Raises
        ------
        DocumentRefused
            After `disconnect`.
        """
        return self._app.on_loop(self._transact(function))

    async def _transact(self, function: Callable[[Document], object]) -> None:
        if self.document is None:
            raise DocumentRefused("This direct connection is closed; open another one.")
        self.document.transact(function, self._origin)

    def disconnect(self, *, unload_immediately: bool = True) -> Awaitable[None]:
        """Let the document go; the second time nothing happens.

        Parameters
        ----------
        unload_immediately
            True: it is stored now, even without a change, and unloaded where nobody else uses it. False: it
            stays loaded until its debounced store has run.
        """
        return self._app.on_loop(self._disconnect(unload_immediately))

    async def _disconnect(self, at_once: bool) -> None:
        document, self.document = self.document, None
        if document is None:
            return
        app = self._app
        document.direct_connections_count -= 1
        if document.is_destroyed:  # the server has stopped meanwhile
            return
        await app.registry.store(document, self.context, self._origin, at_once=at_once)
        storing = app.registry.stores.get(document)
        if storing is None or document.get_connections_count() or storing.locked:
            return
        data = DisconnectPayload(
            context=self.context,
            document_name=document.name,
            instance=app,
            request_headers=Headers(),
            request_parameters=Query(),
            socket_id="server",
            clients_count=0,
            document=document,
        )
        await app.run("onDisconnect", data, app.plans)
        if at_once:
            await app.registry.unloaded(document)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.disconnect()

    def __repr__(self) -> str:
        return f"<direct connection to {self.document!r}>"

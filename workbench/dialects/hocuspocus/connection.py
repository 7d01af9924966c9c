"""A client's connection to one document; a socket may hold several (15, 29, 67)."""

from __future__ import annotations

__all__ = ["DocumentConnection"]

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from workbench.dialects.hocuspocus.errors import RESET_CONNECTION, CloseEvent, reason_of
from workbench.dialects.hocuspocus.handling import handle, handle_sync
from workbench.dialects.hocuspocus.payloads import ConnectionConfig, DisconnectPayload, Origin
from workbench.dialects.hocuspocus.wire import Frames, MalformedFrame, Reader
from workbench.server.links import OPEN
from workbench.server.messages import Request

if TYPE_CHECKING:
    from workbench.dialects.context import Context
    from workbench.dialects.hocuspocus.app import Hocuspocus
    from workbench.dialects.hocuspocus.document import Document
    from workbench.dialects.hocuspocus.link import HocuspocusLink


class DocumentConnection:
    """One client of one document, as hooks see it. Its methods may be called on any thread.

    Attributes
    ----------
    document
        What it is connected to.
    context
        What hooks put into the context, with what onTokenSync added (quirk Q09 is mended).
    read_only
        Whether changes of this client are refused; may be changed at any time (50).
    config
        What onConnect and onAuthenticate decided.
    socket_id
        The same for all documents of one socket (21).
    session_id
        What the client put behind the document's name; None where it uses no sessions.
    provider_version
        What the client said; None where it said nothing.
    request
        The one that asked for the WebSocket.
    origin
        That of its changes.
    is_fresh
        Whether hook `connected` has not begun yet.
    """

    def __init__(
        self,
        link: HocuspocusLink,
        document: Document,
        address: str,
        session: str | None,
        context: Context,
        config: ConnectionConfig,
        provider_version: str | None,
    ) -> None:
        self.link = link
        self.document = document
        self.context = context
        self.config = config
        self.read_only = config.read_only
        self.session_id = session
        self.provider_version = provider_version
        self.socket_id = link.socket_id
        self.request: Request = link.request
        self.frames = Frames(address)
        self.origin = Origin("connection", connection=self)
        self._queue: deque[bytes] = deque()
        self._handling: asyncio.Task[None] | None = None
        self.is_fresh = True
        document.add_connection(self)
        if document.awareness.states:
            self.send(self.frames.awareness(document.awareness.encode()))

    @property
    def app(self) -> Hocuspocus:
        """The application that it belongs to."""
        return self.link.app

    @property
    def number(self) -> int:
        """The socket's number in the trace."""
        return self.link.connection

    # Sending --------------------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Send a frame; a socket that has ended takes this connection with it. On the loop only."""
        if self.link.state == OPEN:
            self.link.send(frame)
        else:
            self.close()

    def send_stateless(self, payload: str) -> None:
        """Send a stateless message to this client alone."""
        self.app.post(self._tell, f"stateless {payload[:80]!r}", self.frames.stateless(payload))

    def request_token(self) -> None:
        """Ask the client for its token, which then comes to onTokenSync (65)."""
        self.app.post(self._tell, "a question for the token", self.frames.token_request())

    def _tell(self, what: str, frame: bytes) -> None:
        self.app.moment("sent", what, connection=self.number)
        self.send(frame)

    def close(self, event: CloseEvent | None = None) -> None:
        """End the connection to this document; the socket stays (60).

        Parameters
        ----------
        event
            Its reason goes to the client.
        """
        self.app.post(self.leave, "Server closed the connection" if event is None else event.reason)

    def leave(self, reason: str | None) -> None:
        """Leave the document, with a close frame unless `reason` is None. On the loop only."""
        if self not in self.document.connections:
            return
        if reason is not None:
            self.document.flush()  # what was gathered goes out before the close frame
        self.document.remove_connection(self)
        self.link.left(self)
        self.app.spawn(self._disconnected(), "onDisconnect", self.number)
        if reason is not None and self.link.state == OPEN:
            self._tell(f"close: {reason}", self.frames.close(reason))

    async def _disconnected(self) -> None:
        """Run onDisconnect when the frames that were here have been handled (36)."""
        if self._handling is not None:
            await asyncio.wait({self._handling})
        document = self.document
        data = DisconnectPayload(
            context=self.context,
            **self.about(),
            clients_count=document.get_connections_count(),
            document=document,
        )
        try:
            await self.app.run("onDisconnect", data, self.link.plans)
        except Exception as error:  # noqa: BLE001  # the original ends here, and the document stays for ever
            self.app.escaped(error, "onDisconnect", self.number)
        self.app.one_left(document)

    def about(self) -> dict[str, Any]:
        """Give the members that most payloads of a connection have, without the context."""
        return {"document_name": self.document.name, **self.link.about}

    # Receiving ------------------------------------------------------------------------------------

    def receive(self, frame: bytes, body: Reader | None = None) -> None:
        """Handle a frame, those of one connection one after the other (29).

        Parameters
        ----------
        frame
            The whole frame.
        body
            Its reader, behind the address, where the caller has one: a sync frame around which no hook
            waits is handled at once then.
        """
        if body is not None and self._handling is None and self.link.is_plain:
            try:
                if handle_sync(self, body):
                    return
            except Exception as error:  # noqa: BLE001  # whatever the client did
                self._refuse(error)
                return
        self._queue.append(frame)
        if self._handling is None:
            self._handling = self.app.loop.create_task(self._handle_all())

    async def _handle_all(self) -> None:
        queue = self._queue
        try:
            while queue:
                try:
                    await handle(self, queue[0])
                except Exception as error:  # noqa: BLE001  # whatever a hook or the client did
                    self._refuse(error)
                    queue.clear()
                else:
                    queue.popleft()
        finally:
            self._handling = None

    def _refuse(self, error: Exception) -> None:
        """Close this document alone, with the error's reason (30, 32, 34)."""
        if isinstance(error, MalformedFrame):
            self.app.mount.note(error, point="frame", connection=self.number)
        self.leave(reason_of(error, RESET_CONNECTION.reason))

    def __repr__(self) -> str:
        return f"<connection c{self.number} to {self.frames.address!r}>"

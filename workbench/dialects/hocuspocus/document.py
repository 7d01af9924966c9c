"""One document in memory: a pycrdt document with its connections, its awareness and its broadcasts (51).

A document belongs to the bench's loop. pycrdt would let a second thread join the first one's transaction, so
every way in asks for a transaction first, and gets none on another thread.
"""

from __future__ import annotations

__all__ = ["Document", "Listener"]

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pycrdt import Array, Doc, Map, Text, Transaction, XmlFragment, merge_updates

from workbench.dialects.hocuspocus.awareness import Awareness, Changed
from workbench.dialects.hocuspocus.deletions import holds_nothing_new
from workbench.dialects.hocuspocus.payloads import Origin
from workbench.dialects.hocuspocus.settings import Settings
from workbench.dialects.hocuspocus.wire import UPDATE, Frames
from workbench.engine.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.dialects.hocuspocus.connection import DocumentConnection

_CHECK = 3.0  # seconds between looks for clients that have fallen silent


class Listener(Protocol):
    """Who hears of what happens to a document."""

    def document_changed(self, document: Document, update: bytes, origin: Origin | None) -> None:
        """A transaction has changed something, after loading."""

    def awareness_changed(self, document: Document, changed: Changed, origin: Any) -> None:
        """Somebody's awareness changed."""

    def broadcasts_stateless(self, document: Document, payload: str) -> None:
        """A stateless message is about to be broadcast."""

    def sent(self, document: Document, what: str, count: int) -> None:
        """Something was sent to a number of connections."""

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the loop."""


class Document(Doc[Any]):
    """A document that is loading or loaded; everything of pycrdt's `Doc`, on the bench's loop.

    Parameters
    ----------
    name
        The document's name, without any session.
    listener
        Who is told of changes.
    settings
        For the batching of broadcasts.
    options
        For pycrdt's `Doc`.

    Attributes
    ----------
    connections
        The connections that are registered, in the order of their coming; the values mean nothing.
    direct_connections_count
        How many direct connections are open.
    is_loading
        True until onLoadDocument has passed; changes of that time cause no hooks (27).
    awareness
        What its clients say of themselves.
    """

    def __init__(
        self, name: str, listener: Listener, settings: Settings, options: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(**(options or {}))
        self.name = name
        self.connections: dict[DocumentConnection, None] = {}
        self._speakers: dict[int, DocumentConnection] = {}  # by which connection a client spoke last
        self.direct_connections_count = 0
        self.is_loading = True
        self.is_destroyed = False
        self.awareness = Awareness(self.client_id, self._awareness_changed)
        self._listener = listener
        self._flush_delay = settings.flush_delay
        self._flush_max_bytes = settings.flush_max_bytes
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._origin: Origin | None = None
        self._noted: list[tuple[bytes, Origin | None]] = []
        self._updates: list[bytes] = []
        self._bytes = 0
        self._clients: dict[int, None] = {}
        self._flush: asyncio.Handle | None = None
        self._aside = 0
        self._observing = self.observe(self._observed)
        self._checking = self._loop.call_later(_CHECK, self._check)

    # Reading and writing ------------------------------------------------------------------------

    def transaction(self, origin: Any = None) -> Transaction:
        """Give a transaction, as pycrdt does.

        Raises
        ------
        WorkbenchError
            On another thread than the loop's.
        """
        if threading.get_ident() != self._thread:
            raise WorkbenchError(
                f"The document {self.name!r} is touched on the bench's loop only; elsewhere, open it by "
                f"await bench.open_direct_connection({self.name!r}) and use its transact."
            )
        return super().transaction(origin)

    def get_map(self, name: str) -> Map[Any]:
        """Give a root as a map; it is made where there is none."""
        found: Map[Any] = self.get(name, type=Map)
        return found

    def get_text(self, name: str) -> Text:
        """Give a root as a text; it is made where there is none."""
        found: Text = self.get(name, type=Text)
        return found

    def get_array(self, name: str) -> Array[Any]:
        """Give a root as an array; it is made where there is none."""
        found: Array[Any] = self.get(name, type=Array)
        return found

    def get_xml_fragment(self, name: str) -> XmlFragment:
        """Give a root as an XML fragment; it is made where there is none."""
        found: XmlFragment = self.get(name, type=XmlFragment)
        return found

    def transact(self, function: Callable[[Document], object], origin: Origin | None = None) -> None:
        """Call a function that changes the document, as one transaction.

        Parameters
        ----------
        function
            Takes the document; no `async def`, since nothing may come between.
        origin
            What onChange is told as `transaction_origin`.
        """
        outer, self._origin = self._origin, origin
        try:
            with self.transaction():
                function(self)
        finally:
            self.settle()
            self._origin = outer

    def apply(self, update: bytes, origin: Origin | None) -> None:
        """Apply an update, and tell who is to be told.

        Raises
        ------
        ValueError
            When it cannot be decoded; nothing has changed then.
        """
        outer, self._origin = self._origin, origin
        try:
            self.apply_update(update)
        finally:
            self.settle()
            self._origin = outer

    def merge(self, documents: Doc[Any] | Iterable[Doc[Any]]) -> Document:
        """Take over all content of other documents."""
        for document in [documents] if isinstance(documents, Doc) else documents:
            self.apply(document.get_update(), None)
        return self

    def is_empty(self, name: str) -> bool:
        """Whether a root has never held anything."""
        return name not in self.keys()

    def holds(self, update: bytes) -> bool:
        """Whether an update would change nothing; deletions count as changes (49).

        Raises
        ------
        ValueError
            When it cannot be decoded.
        """
        return holds_nothing_new(update, self.get_state(), self.get_update(self.get_state()))

    # Changes --------------------------------------------------------------------------------------

    def _observed(self, event: Any) -> None:
        """Note a change; the document cannot be read in here, so all else waits until it can."""
        if not self._noted and self._origin is None:
            self._loop.call_soon(self.settle)  # somebody writes by pycrdt's own means
        self._noted.append((event.update, self._origin))

    def settle(self) -> None:
        """Tell of the changes that have been made so far, and broadcast them."""
        noted, self._noted = self._noted, []
        for update, origin in noted:
            if self.is_destroyed:
                return
            if not self.is_loading:
                self._listener.document_changed(self, update, origin)
            self._broadcast_update(update)

    def _awareness_changed(self, changed: Changed, origin: Any) -> None:
        connection = origin.connection if isinstance(origin, Origin) else None
        if connection in self.connections:
            self._speakers.update(dict.fromkeys([*changed.added, *changed.updated], connection))
        for client in changed.removed:
            self._speakers.pop(client, None)
        if not self.is_loading:
            self._listener.awareness_changed(self, changed, origin)
        if self._flush_delay is False:
            self._broadcast_awareness(changed)
            return
        self._clients.update(dict.fromkeys(changed))
        self._plan_flush()

    def _check(self) -> None:
        self._checking = self._loop.call_later(_CHECK, self._check)
        self.awareness.expire()

    # Broadcasts -----------------------------------------------------------------------------------

    def _broadcast_update(self, update: bytes) -> None:
        if self._flush_delay is False:
            self._send_update(update)
            return
        self._updates.append(update)
        self._bytes += len(update)
        if self._bytes >= self._flush_max_bytes:
            self.flush()
        else:
            self._plan_flush()

    def _plan_flush(self) -> None:
        """Gather for a fixed window; a delay of 0 gathers what comes in this turn of the loop."""
        if self._flush is None:
            later = self._flush_delay
            self._flush = (
                self._loop.call_later(later, self.flush)
                if later
                else self._loop.call_soon(self._flush_in_turn)
            )

    async def step_aside(self) -> None:
        """Let what was begun take its first step, in the same turn as far as broadcasts are concerned."""
        self._aside += 1
        try:
            await asyncio.sleep(0)
        finally:
            self._aside -= 1

    def _flush_in_turn(self) -> None:
        """Send what is gathered, unless the turn in which it came is not over."""
        if self._aside:
            self._flush = self._loop.call_soon(self._flush_in_turn)
        else:
            self.flush()

    def flush(self) -> None:
        """Send at once what is gathered: changes merged into one, awareness as it is now."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if self._updates:
            updates, self._updates, self._bytes = self._updates, [], 0
            self._send_update(updates[0] if len(updates) == 1 else merge_updates(*updates))
        if self._clients:
            clients, self._clients = self._clients, {}
            self._broadcast_awareness(clients)

    def _send_update(self, update: bytes) -> None:
        self._broadcast(f"an update of {len(update):,} bytes", lambda frames: frames.sync(UPDATE, update))

    def _broadcast_awareness(self, clients: Iterable[int]) -> None:
        body = self.awareness.encode(clients)
        self._broadcast("awareness", lambda frames: frames.awareness(body))

    def _broadcast(
        self,
        what: str,
        frame: Callable[[Frames], bytes],
        among: Callable[[DocumentConnection], bool] | None = None,
    ) -> None:
        """Send to all connections, the sender included; those of one address share one frame (51)."""
        made: dict[str, bytes] = {}
        chosen = [one for one in self.connections if among is None or among(one)]
        for connection in chosen:
            frames = connection.frames
            ready = made.get(frames.address)
            if ready is None:
                ready = made[frames.address] = frame(frames)
            connection.send(ready)
        if chosen:
            self._listener.sent(self, what, len(chosen))

    def broadcast_stateless(
        self, payload: str, among: Callable[[DocumentConnection], bool] | None = None
    ) -> None:
        """Send a stateless message to the document's connections, from any thread.

        Parameters
        ----------
        payload
            The message.
        among
            Chooses the connections that get it; None: all.
        """
        self._listener.post(self._broadcast_stateless, payload, among)

    def _broadcast_stateless(self, payload: str, among: Callable[[DocumentConnection], bool] | None) -> None:
        self._listener.broadcasts_stateless(self, payload)
        self._broadcast(f"stateless {payload[:80]!r}", lambda frames: frames.stateless(payload), among)

    # Connections ------------------------------------------------------------------------------------

    def add_connection(self, connection: DocumentConnection) -> None:
        """Register a connection."""
        self.connections[connection] = None

    def remove_connection(self, connection: DocumentConnection) -> None:
        """Let a connection go, with the awareness of its clients (55)."""
        if connection in self.connections:
            mine = [client for client, speaker in self._speakers.items() if speaker is connection]
            self.awareness.remove(mine, None)
            del self.connections[connection]

    def get_connections(self) -> list[DocumentConnection]:
        """List the connections of clients."""
        return list(self.connections)

    def get_connections_count(self) -> int:
        """Count connections, direct ones included."""
        return len(self.connections) + self.direct_connections_count

    def destroy(self) -> None:
        """Send what is gathered, let the awareness go (47), and hear nothing any more."""
        self.flush()
        self._flush_delay = False
        self.awareness.destroy()
        self._checking.cancel()
        self.is_destroyed = True
        self.unobserve(self._observing)

    def __repr__(self) -> str:
        return f"<Document {self.name!r}: {self.get_connections_count()} connected>"

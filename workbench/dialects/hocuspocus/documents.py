"""The documents in memory: loaded once, stored until it worked, unloaded when nobody is left (25 to 48)."""

from __future__ import annotations

__all__ = ["Documents"]

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from workbench.dialects.context import Context
from workbench.dialects.hocuspocus.awareness import Changed
from workbench.dialects.hocuspocus.document import Document
from workbench.dialects.hocuspocus.errors import (
    RESET_CONNECTION,
    DocumentRefused,
    SkipFurtherHooks,
    UnsavedDocuments,
)
from workbench.dialects.hocuspocus.payloads import (
    AfterUnloadPayload,
    AwarenessUpdatePayload,
    BeforeUnloadPayload,
    BroadcastStatelessPayload,
    ChangePayload,
    ConnectionConfig,
    CreateDocumentPayload,
    LoadDocumentPayload,
    Origin,
    StoreDocumentPayload,
)
from workbench.dialects.hocuspocus.storing import Storing
from workbench.server.messages import Headers, Query

if TYPE_CHECKING:
    from workbench.dialects.hocuspocus.app import Hocuspocus
    from workbench.engine.views import ConnectionPlans

_Last = tuple[Context, Origin | None, int]  # of the last change: context, origin, how many were connected

_KEPT_REFUSALS = 20
_LAST_WORD = 0.5  # seconds that afterUnloadDocument gets when the server stops
_WITHOUT_REQUEST: dict[str, Any] = {
    "request_headers": Headers(),
    "request_parameters": Query(),
    "socket_id": "",
}


class Documents:
    """The register of documents; everything here happens on the loop.

    Parameters
    ----------
    app
        Whose hooks run.

    Attributes
    ----------
    loaded
        By name.
    refused
        The newest documents that could not be loaded: when, and why.
    """

    def __init__(self, app: Hocuspocus) -> None:
        self._app = app
        self.loaded: dict[str, Document] = {}
        self.stores: dict[Document, Storing] = {}
        self.refused: dict[str, tuple[float, str]] = {}
        self._loading: dict[str, asyncio.Task[Document]] = {}
        self._unloading: dict[Document, asyncio.Task[None]] = {}

    # Loading --------------------------------------------------------------------------------------

    async def load(
        self,
        name: str,
        *,
        context: Context,
        config: ConnectionConfig,
        about: Mapping[str, Any],
        plans: ConnectionPlans,
    ) -> Document:
        """Give a document; whoever comes while it loads shares the first one's load (26).

        Raises
        ------
        DocumentRefused
            For a blank name (22).
        Exception
            What a hook raised; the document is not kept (28).
        """
        if not name.strip():
            raise DocumentRefused("A document's name must not be empty")
        loading = self._loading.get(name)
        if loading is None:
            if name in self.loaded:
                return self.loaded[name]
            loading = self._app.loop.create_task(self._load(name, context, config, dict(about), plans))
            self._loading[name] = loading
            loading.add_done_callback(lambda task: self._ended(name, task))
        return await asyncio.shield(loading)

    def _ended(self, name: str, task: asyncio.Task[Document]) -> None:
        del self._loading[name]
        if not task.cancelled():
            error = task.exception()
            if error is not None:
                self.refused.pop(name, None)
                self.refused[name] = (time.time(), str(error) or type(error).__name__)
                while len(self.refused) > _KEPT_REFUSALS:
                    del self.refused[next(iter(self.refused))]

    async def _load(
        self,
        name: str,
        context: Context,
        config: ConnectionConfig,
        about: dict[str, Any],
        plans: ConnectionPlans,
    ) -> Document:
        app = self._app
        members = {**about, "context": context, "document_name": name, "connection_config": config}
        options = await app.run("onCreateDocument", CreateDocumentPayload(**members), plans)
        wanted = options if isinstance(options, Mapping) else {}
        document = Document(name, self, app.settings, {**app.settings.document_options, **wanted})
        data = LoadDocumentPayload(**members, document=document)
        try:
            await app.run("onLoadDocument", data, plans)
            kept = app.recovery.read(name)
            if kept is not None:
                document.apply(kept, None)
        except BaseException:
            document.destroy()
            raise
        self.stores[document] = Storing(
            app.settings,
            lambda last: self._store(document, last),
            lambda: self.unload_unused(document),
            lambda error, pause: self._not_stored(document, error, pause),
        )
        document.settle()  # what hooks wrote by pycrdt's own means belongs to the load (27)
        document.is_loading = False
        try:
            await app.run("afterLoadDocument", data, plans)
        except BaseException:
            self._forget(document)
            raise
        self.loaded[name] = document
        self.refused.pop(name, None)
        if kept is not None:
            self.stores[document].changed((context, None, 0))
        return document

    def _forget(self, document: Document) -> None:
        document.destroy()
        self.stores.pop(document).end()

    # What happens to documents ----------------------------------------------------------------------

    def document_changed(self, document: Document, update: bytes, origin: Origin | None) -> None:
        """Run onChange, which nobody waits for, and arm the store (37, 39, 40)."""
        app = self._app
        connection = None if origin is None else origin.connection
        context = Context() if origin is None else _context_of(origin)
        plans = app.plans if connection is None else connection.link.plans
        if app.wants("onChange", plans):
            about = {**_WITHOUT_REQUEST, "instance": app} if connection is None else connection.link.about
            data = ChangePayload(
                context=context,
                document_name=document.name,
                **about,
                clients_count=document.get_connections_count(),
                document=document,
                connection=connection,
                update=update,
                transaction_origin=origin,
            )
            app.fire("onChange", data, plans)
        storing = self.stores.get(document)
        if storing is not None and (origin is None or origin.stores):
            storing.changed((context, origin, document.get_connections_count()))

    def _last(
        self, document: Document, context: Context, origin: Origin | None, clients_count: int
    ) -> StoreDocumentPayload:
        return StoreDocumentPayload(
            clients_count=clients_count,
            document=document,
            document_name=document.name,
            instance=self._app,
            last_context=context,
            last_transaction_origin=origin,
        )

    def awareness_changed(self, document: Document, changed: Changed, origin: Any) -> None:
        """Run onAwarenessUpdate, which nobody waits for."""
        connection = origin.connection if isinstance(origin, Origin) else None
        plans = self._app.plans if connection is None else connection.link.plans
        if not self._app.wants("onAwarenessUpdate", plans):
            return
        data = AwarenessUpdatePayload(
            document=document,
            document_name=document.name,
            instance=self._app,
            awareness=document.awareness,
            states=_listed(document.awareness.states),
            added=changed.added,
            updated=changed.updated,
            removed=changed.removed,
            transaction_origin=origin,
            connection=connection,
        )
        self._app.fire("onAwarenessUpdate", data, plans)

    def broadcasts_stateless(self, document: Document, payload: str) -> None:
        """Run beforeBroadcastStateless, which cannot stop it."""
        data = BroadcastStatelessPayload(document, document.name, payload)
        self._app.fire("beforeBroadcastStateless", data, self._app.plans)

    def sent(self, document: Document, what: str, count: int) -> None:
        """Note a broadcast among the moments."""
        self._app.moment(
            "sent", f"{document.name}: {what} to {count} {'client' if count == 1 else 'clients'}"
        )

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the loop."""
        self._app.post(function, *args)

    # Storing --------------------------------------------------------------------------------------

    async def _store(self, document: Document, last: _Last) -> bool:
        """Run the hooks of a store; False where another instance stores it (44)."""
        app, payload = self._app, self._last(document, *last)
        with suppress(SkipFurtherHooks):
            await app.run("onStoreDocument", payload, app.plans)
            await app.run("afterStoreDocument", payload, app.plans)
            app.moment("stage", f"{document.name}: stored")
            app.recovery.forget(document.name)
            return True
        return False

    def _not_stored(self, document: Document, error: Exception, pause: float) -> None:
        self._app.moment("stage", f"{document.name}: not stored, next try in {pause:g} s")
        self._app.noted(error, "onStoreDocument")

    async def store(self, document: Document, context: Context, origin: Origin, *, at_once: bool) -> None:
        """Store for a direct connection that ends: at once, or after the debounce (68, 69)."""
        last = (context, origin, document.get_connections_count())
        if at_once:
            await self.stores[document].store(last)
        else:
            self.stores[document].arm(last)

    def flush(self) -> None:
        """Run all waiting stores at once."""
        for storing in self.stores.values():
            storing.run_now()

    # Unloading ------------------------------------------------------------------------------------

    def one_left(self, document: Document) -> None:
        """Store and unload when the last one has left (42)."""
        storing = self.stores.get(document)
        if storing is None or document.get_connections_count() > 0:
            return
        if storing.waiting:
            if self._app.settings.unload_immediately:
                storing.run_now()
        else:
            self.unload_unused(document)

    def unload_unused(self, document: Document) -> None:
        """Begin to unload a document where nobody uses it and nothing of it is unsaved."""
        if self._unused(document) and document not in self._unloading:
            task = self._app.spawn(self._unload(document), "beforeUnloadDocument")
            self._unloading[document] = task
            task.add_done_callback(lambda _: self._unloading.pop(document, None))

    async def unloaded(self, document: Document) -> None:
        """Unload a document where it is unused, and wait for it."""
        self.unload_unused(document)
        task = self._unloading.get(document)
        if task is not None:
            await asyncio.wait({task})

    def _unused(self, document: Document) -> bool:
        storing = self.stores.get(document)
        known = self.loaded.get(document.name) is document
        return known and storing is not None and not storing.busy and document.get_connections_count() == 0

    async def _unload(self, document: Document) -> None:
        app = self._app
        try:
            data = BeforeUnloadPayload(document, document.name, app)
            await app.run("beforeUnloadDocument", data, app.plans)
        except Exception as error:  # noqa: BLE001  # it keeps the document (46)
            app.noted(error, "beforeUnloadDocument")
            return
        if not self._unused(document):
            return
        await self._end(document)

    async def _end(self, document: Document) -> None:
        self.loaded.pop(document.name, None)
        self._forget(document)
        await asyncio.sleep(0)  # the last onAwarenessUpdate begins first (47)
        await self._app.run(
            "afterUnloadDocument", AfterUnloadPayload(document.name, self._app), self._app.plans
        )

    def close_connections(self, name: str | None = None) -> None:
        """Close the connections of a document, or all; direct ones stay."""
        for document in list(self.loaded.values()):
            if name is None or document.name == name:
                for connection in document.get_connections():
                    connection.close(RESET_CONNECTION)

    async def finish(self, seconds: float) -> UnsavedDocuments | None:
        """Store everything for the last time; what stays unsaved is kept in files and named.

        Parameters
        ----------
        seconds
            How long that may take, over all documents.
        """
        documents = list(self.loaded.values())
        tries = {document: asyncio.ensure_future(self.stores[document].last_try()) for document in documents}
        if tries:
            await asyncio.wait(tries.values(), timeout=seconds)
        unsaved = [document for document, task in tries.items() if not (_done(task) and task.result())]
        for document in unsaved:
            self._app.recovery.keep(document.name, document.get_update())
        for document in documents:
            tries[document].cancel()
            if self.loaded.get(document.name) is document:  # not unloaded by its last client's leaving
                with suppress(Exception):
                    await asyncio.wait_for(self._end(document), _LAST_WORD)
        return (
            UnsavedDocuments([one.name for one in unsaved], str(self._app.recovery.folder))
            if unsaved
            else None
        )


def _done(task: asyncio.Future[bool]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _context_of(origin: Origin) -> Context:
    if origin.connection is not None:
        return origin.connection.context
    return origin.context if isinstance(origin.context, Context) else Context(origin.context or {})


def _listed(states: Mapping[int, Any]) -> list[dict[str, Any]]:
    """Write the states as the original does: one mapping for each client, its number among the rest."""
    return [
        {"client_id": client, **(state if isinstance(state, Mapping) else {"state": state})}
        for client, state in states.items()
    ]

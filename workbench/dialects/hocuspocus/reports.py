"""What the documents panel shows."""

from __future__ import annotations

__all__ = ["Reports"]

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as TookTooLong
from typing import TYPE_CHECKING

from workbench.dialects.hocuspocus.document import Document
from workbench.dialects.hocuspocus.storing import Storing
from workbench.dialects.hocuspocus.text import content_of
from workbench.dialects.reports import DocumentReport

if TYPE_CHECKING:
    from workbench.dialects.hocuspocus.app import Hocuspocus

_PATIENCE = 0.25  # seconds that a panel waits for the loop before it gets the report before


class Reports:
    """Reports of all documents, made on the loop and given to any thread.

    Parameters
    ----------
    app
        Whose documents.
    """

    def __init__(self, app: Hocuspocus) -> None:
        self._app = app
        self._newest: list[DocumentReport] = []
        self._contents: dict[Document, tuple[bytes, str]] = {}

    def all(self) -> Sequence[DocumentReport]:
        """List the documents; a busy loop gives the list from before."""
        loop = self._app.running_loop
        if loop is None:
            return []
        if _here(loop):
            self._make()
        else:
            made = asyncio.run_coroutine_threadsafe(self._make_there(), loop)
            try:
                made.result(_PATIENCE)
            except TookTooLong:
                made.cancel()
        return self._newest

    async def _make_there(self) -> None:
        self._make()

    def _make(self) -> None:
        registry = self._app.registry
        loaded = [self._of(document, registry.stores[document]) for document in registry.loaded.values()]
        self._contents = {document: self._contents[document] for document in registry.loaded.values()}
        refused = [
            self._refused(name, reason)
            for name, (_, reason) in registry.refused.items()
            if name not in registry.loaded
        ]
        self._newest = [*loaded, *refused]

    def _of(self, document: Document, storing: Storing) -> DocumentReport:
        settings = self._app.settings
        return DocumentReport(
            name=document.name,
            connections=[
                {
                    "connection": connection.number,
                    "label": _named(connection.context.get("user")),
                    "read_only": connection.read_only,
                }
                for connection in document.get_connections()
            ],
            awareness=[
                {"client": client, "state": state} for client, state in document.awareness.states.items()
            ],
            state=storing.state,
            due=storing.due,
            debounce=settings.debounce,
            max_debounce=settings.max_debounce,
            changes=storing.changes,
            stores=storing.stores,
            unsaved=storing.unsaved,
            reason=storing.reason,
            content=self._content(document),
        )

    def _refused(self, name: str, reason: str) -> DocumentReport:
        settings = self._app.settings
        return DocumentReport(
            name=name,
            connections=[],
            awareness=[],
            state="refused",
            due=None,
            debounce=settings.debounce,
            max_debounce=settings.max_debounce,
            changes=[],
            stores=[],
            unsaved=0,
            reason=reason,
            content="",
        )

    def _content(self, document: Document) -> str:
        """Write the content again only where it has changed; the state with its deletions says whether."""
        state = document.get_state()
        mark = state + document.get_update(state)
        known = self._contents.get(document)
        if known is None or known[0] != mark:
            known = self._contents[document] = (mark, content_of(document))
        return known[1]


def _named(user: object) -> str:
    """Name who was let in: what onAuthenticate returned as `user`, often a text, or a mapping with a name."""
    if isinstance(user, Mapping):
        user = next((user[key] for key in ("name", "id") if user.get(key) is not None), None)
    return "" if user is None else str(user)


def _here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False

"""Documents in a database: fetched when loaded, stored whole (the original's `database` and `sqlite`)."""

from __future__ import annotations

__all__ = ["Database"]

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, MetaData, String, Table, delete, insert, select

from workbench.dialects.hocuspocus.payloads import LoadDocumentPayload, StoreDocumentPayload
from workbench.engine.awaiting import must_await
from workbench.store import Database as Store

Fetch = Callable[[LoadDocumentPayload], bytes | Awaitable[bytes | None] | None]
Keep = Callable[[StoreDocumentPayload, bytes], object]

_TABLE = Table(
    "documents",
    MetaData(),
    Column("name", String(255), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)


class Database:
    """Keeps documents in one table of a database, or by two functions of your own.

    Parameters
    ----------
    url
        As SQLAlchemy writes it; None: a SQLite file named after the bench.
    fetch
        Takes the load's payload and gives the content, or None for a new document.
    store
        Takes the store's payload and the whole content.
    name
        Gives the name for the file.
    """

    extension_name = "database"

    def __init__(
        self,
        url: str | None = None,
        *,
        fetch: Fetch | None = None,
        store: Keep | None = None,
        name: Callable[[], str] = lambda: "documents",
    ) -> None:
        self._url = url
        self._name = name
        self._fetch = fetch or self._select
        self._keep = store or self._replace
        self._opened: Store | None = None

    async def on_load_document(self, data: LoadDocumentPayload) -> bytes | None:
        """Fetch the content of a document."""
        found = self._fetch(data)
        return await found if must_await(found) else found  # type: ignore[misc,return-value]

    async def on_store_document(self, data: StoreDocumentPayload) -> None:
        """Store the content of a document."""
        done = self._keep(data, data.document.get_update())
        if must_await(done):
            await done  # type: ignore[misc]

    async def on_destroy(self) -> None:
        """Let go of the database; the next load opens it again."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await asyncio.to_thread(opened.close)

    async def _select(self, data: LoadDocumentPayload) -> bytes | None:
        wanted = select(_TABLE.c.data).where(_TABLE.c.name == data.document_name)
        return await self._database().run(lambda connection: _first(connection, wanted))

    async def _replace(self, data: StoreDocumentPayload, content: bytes) -> None:
        name = data.document_name

        def replace(connection: Connection) -> None:
            connection.execute(delete(_TABLE).where(_TABLE.c.name == name))
            connection.execute(insert(_TABLE).values(name=name, data=content))

        await self._database().run(replace)

    def _database(self) -> Store:
        if self._opened is None:
            self._opened = Store(self._url or f"sqlite:///{_file_name(self._name())}.sqlite")
            self._opened.run_blocking(_TABLE.metadata.create_all)
        return self._opened


def _first(connection: Connection, wanted: Any) -> bytes | None:
    row = connection.execute(wanted).first()
    return None if row is None else bytes(row[0])


def _file_name(name: str) -> str:
    return "".join(one if one.isalnum() or one in "-_" else "-" for one in name) or "documents"

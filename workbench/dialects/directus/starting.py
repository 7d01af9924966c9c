"""How an application begins: tables, init hooks step by step, `server.start`, schedules (R14 to R17)."""

from __future__ import annotations

__all__ = ["Startup"]

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sql

from workbench.dialects.directus.accounts import Accounts
from workbench.dialects.directus.events import KNOWN
from workbench.dialects.directus.points import INIT, SCHEDULE
from workbench.dialects.directus.schedules import Scheduler
from workbench.engine.awaiting import must_await
from workbench.engine.errors import WorkbenchError
from workbench.engine.points import Named, Section
from workbench.trace.connections import NO_CONNECTION

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp


class Startup:
    """The start and the end of one application.

    Parameters
    ----------
    app
        The application.
    accounts
        Whose tables are made with those of the collections.
    """

    def __init__(self, app: DirectusApp, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts
        self._begun: asyncio.Task[None] | None = None
        self._made: asyncio.Task[None] | None = None
        self._there = False  # the tables
        self._key = app.mount.key(SCHEDULE)
        self._scheduler = Scheduler(self._lines, self._fire, lambda: app.mount.loop)
        self._unsubscribe: Callable[[], None] = lambda: None

    def load(self, extensions: Iterable[Callable[..., Any]]) -> None:
        """Register the hooks of extensions; one that raises is left out and noted (R20)."""
        for extension in extensions:
            try:
                self._app.extensions.add(extension)
            except Exception as error:  # noqa: BLE001 - the others load
                name = getattr(extension, "__name__", "")
                self._app.mount.sink(error, point="extension", hook=name)

    def begin(self) -> None:
        """Begin, once for each time that the bench is served; on the loop."""
        if self._begun is None:
            self._begun = self._app.mount.loop.create_task(self._begin())

    def end(self) -> None:
        """Forget that it has begun; on the loop."""
        self._unsubscribe()
        self._scheduler.stop()
        self._app.emit_action("server.stop", {"server": self._app})
        for task in (self._begun, self._made):
            if task is not None:
                task.cancel()
        self._begun = self._made = None

    async def ready(self) -> None:
        """Wait until the start is over; requests do."""
        self.begin()
        if self._begun is not None and not self._begun.done():
            await asyncio.shield(self._begun)

    async def _begin(self) -> None:
        try:
            await self.tables()
        except Exception as error:  # noqa: BLE001 - each use of the database tells it again
            self._app.mount.sink(error, point="database")
        for event in KNOWN[INIT]:
            meta = {"program": self._app} if event.startswith("cli.") else {"app": self._app}
            await self._app.emitter.init(event, meta)
        self._app.emit_action("server.start", {"server": self._app})
        self._unsubscribe = self._app.mount.board.subscribe(
            lambda: self._app.mount.post(self._scheduler.look)
        )
        self._scheduler.start()

    # Tables ---------------------------------------------------------------------------------------

    async def tables(self) -> None:
        """Make the tables that are not there yet; others wait until it is done."""
        if self._there:
            return
        loop = asyncio.get_running_loop()
        if self._made is None or self._made.done() or self._made.get_loop() is not loop:
            self._made = loop.create_task(self._app.database_of_items.run(self._make))
        await asyncio.shield(self._made)

    def _make(self, connection: sql.Connection) -> None:
        self._accounts.prepare(connection)
        self._app.schema.metadata.create_all(connection)
        _complete(connection, self._app.schema.metadata)
        self._there = True

    # Schedules ------------------------------------------------------------------------------------

    def _lines(self) -> set[str]:
        return {row.hook.lane for row in self._app.mount.board.state.of(self._key)}

    def _fire(self, line: str) -> None:
        """Run what is due; an error is noted, and the next time comes all the same (R17)."""
        mount = self._app.mount
        title = f"{SCHEDULE} {line}"
        named = Named(mount.key(title), (Section(line, (line,)),), title)
        try:
            pending = mount.board.plan(self._key, named=named).fire(NO_CONNECTION)
        except Exception as error:  # noqa: BLE001
            self._app.fault(error, title, NO_CONNECTION)
            return
        if pending is not None and must_await(pending):
            self._app.run(self._finish(pending, title))

    async def _finish(self, pending: Any, title: str) -> None:
        try:
            await pending
        except Exception as error:  # noqa: BLE001
            self._app.fault(error, title, NO_CONNECTION)


def _complete(connection: sql.Connection, metadata: sql.MetaData) -> None:
    """Add the columns that a table of an earlier run has not; other differences are told."""
    there = sql.inspect(connection)
    for table in metadata.sorted_tables:
        known = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name in known:
                continue
            if column.primary_key:
                raise WorkbenchError(
                    f"The table {table.name} of this database has another key than {column.name}; "
                    "name another database, or drop the table"
                )
            kind = column.type.compile(dialect=connection.dialect)
            quote = connection.dialect.identifier_preparer.quote
            connection.exec_driver_sql(
                f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(column.name)} {kind}"
            )

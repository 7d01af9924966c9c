"""One SQL database as a server's loop uses it: each piece of work is a transaction on another thread.

SQLAlchemy's blocking drivers reach every database there is; threads keep them off the loop. SQLite gets one
thread, since it has one writer, and so its transactions come in the order in which they were asked for.
"""

from __future__ import annotations

__all__ = ["Database"]

import asyncio
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from workbench.engine.errors import WorkbenchError
from workbench.engine.rehearsal import refuse

_T = TypeVar("_T")
_THREADS = 4  # at once, for databases that take several writers
_BUSY = 5000  # milliseconds that SQLite waits for another process's lock


class Database:
    """A database behind a URL.

    Parameters
    ----------
    url
        As SQLAlchemy writes it: ``sqlite:///notes.db``, ``postgresql+psycopg://me@host/notes``. A plain
        ``sqlite://`` lives in memory, as long as this object.

    Raises
    ------
    WorkbenchError
        For a text that is no such URL, or a driver that is not installed.
    """

    def __init__(self, url: str | URL = "sqlite://") -> None:
        self.url = _parsed(url)
        sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(self.url, sqlite)
        self._threads = ThreadPoolExecutor(1 if sqlite else _THREADS, thread_name_prefix="workbench-sql")
        # A bench is dropped as often as it is closed; Python 3.13 warns of connections left open.
        weakref.finalize(self, self.engine.dispose)

    async def run(self, work: Callable[[Connection], _T]) -> _T:
        """Do a piece of work in one transaction, off the loop; what it returns.

        Parameters
        ----------
        work
            Called with a connection on a thread of the database's own. What it raises rolls everything back
            and is raised here. A caller that is cancelled leaves the transaction to end by itself.
        """
        refuse("A question to the database")
        return await asyncio.wrap_future(self._threads.submit(self._transaction, work))

    def run_blocking(self, work: Callable[[Connection], _T]) -> _T:
        """Do the same from plain code that may wait; never on a server's loop."""
        refuse("A question to the database")
        return self._threads.submit(self._transaction, work).result()

    def _transaction(self, work: Callable[[Connection], _T]) -> _T:
        with self.engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """Finish what was asked for and let go of the connections; a database in memory is gone then."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def _parsed(url: str | URL) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise WorkbenchError(
            f'A database is named by a URL such as "sqlite:///notes.db", not {url!r}'
        ) from None


def _engine(url: URL, sqlite: bool) -> Engine:
    options: dict[str, Any] = {}
    if sqlite and url.database in (None, "", ":memory:"):
        # one connection, so that all see the same tables
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    try:
        engine = create_engine(url, **options)
    except NoSuchModuleError:
        raise WorkbenchError(f"SQLAlchemy has no driver for {url.drivername!r} databases here") from None
    except ModuleNotFoundError as error:
        raise WorkbenchError(
            f"The database {url.render_as_string(hide_password=True)} needs the package {error.name!r}; "
            f"install it and try again"
        ) from None
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Make SQLite hold its promises: foreign keys, waiting for locks, and transactions around tables too."""
    connection.isolation_level = None  # the driver would otherwise commit before CREATE TABLE
    for pragma in ("foreign_keys=ON", f"busy_timeout={_BUSY}", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")

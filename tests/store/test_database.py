"""A database runs transactions off the loop, in order, and names what is wrong with a URL."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from workbench.engine.errors import WorkbenchError
from workbench.store import Database


def prepare(connection: Connection) -> None:
    """Make a table of numbers."""
    connection.execute(text("CREATE TABLE numbers (n INTEGER)"))


def add(number: int, connection: Connection) -> None:
    """Add a number."""
    connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": number})


def everything(connection: Connection) -> list[int]:
    """List the numbers in the order in which they came."""
    return [row[0] for row in connection.execute(text("SELECT n FROM numbers ORDER BY rowid"))]


def test_work_runs_on_another_thread_and_its_result_comes_back(tmp_path: Path) -> None:
    """The loop's thread never waits for the database."""
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")

    thread = asyncio.run(database.run(lambda _: threading.current_thread()))

    assert thread is not threading.current_thread()
    database.close()


@pytest.mark.parametrize("file", ["", "numbers.db"])
def test_transactions_of_sqlite_run_in_the_order_asked(file: str, tmp_path: Path) -> None:
    """A hundred writes that are started together are stored in the order of their start."""
    database = Database(f"sqlite:///{tmp_path / file}" if file else "sqlite://")

    async def use() -> list[int]:
        await database.run(prepare)
        await asyncio.gather(*(database.run(lambda c, n=n: add(n, c)) for n in range(100)))  # type: ignore[misc]
        return await database.run(everything)

    assert asyncio.run(use()) == list(range(100))
    database.close()


def test_work_that_raises_changes_nothing() -> None:
    """Tables made in a failed transaction are rolled back as well."""
    database = Database()

    def fail(connection: Connection) -> None:
        prepare(connection)
        raise KeyError("no")

    with pytest.raises(KeyError):
        database.run_blocking(fail)

    database.run_blocking(prepare)
    assert database.run_blocking(everything) == []
    database.close()


def test_a_file_outlives_the_object(tmp_path: Path) -> None:
    """What was stored is there for the next database of the same URL."""
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    first = Database(url)
    first.run_blocking(prepare)
    first.run_blocking(lambda connection: add(7, connection))
    first.close()

    second = Database(url)
    assert second.run_blocking(everything) == [7]
    second.close()


@pytest.mark.parametrize("file", ["", "numbers.db"])
def test_a_database_that_nobody_holds_closes_its_connections(file: str, tmp_path: Path) -> None:
    """A bench that is dropped leaves no open file, and no warning of one."""
    database = Database(f"sqlite:///{tmp_path / file}" if file else "sqlite://")
    closed: list[object] = []
    event.listen(database.engine, "close", lambda connection, _record: closed.append(connection))
    database.run_blocking(prepare)
    assert not closed

    del database
    gc.collect()

    assert len(closed) == 1


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("notes", "A database is named by a URL such as \"sqlite:///notes.db\", not 'notes'"),
        ("nosuch://x", "SQLAlchemy has no driver for 'nosuch' databases here"),
    ],
)
def test_a_bad_url_is_named(url: str, sentence: str) -> None:
    """The sentence says what came and what would do."""
    with pytest.raises(WorkbenchError, match="database") as caught:
        Database(url)

    assert str(caught.value) == sentence


def test_a_missing_driver_is_named_without_the_password() -> None:
    """Whoever reads the error learns what to install, and no secret."""
    with pytest.raises(WorkbenchError, match="needs the package") as caught:
        Database("mysql://me:hush@host/x")

    assert "hush" not in str(caught.value)

"""The service on SQL: one table of any database that SQLAlchemy reaches."""

from __future__ import annotations

__all__ = ["SqlService"]

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from workbench.dialects.feathers.adapter import AdapterService, Record, Store
from workbench.dialects.feathers.errors import BadRequest, GeneralError
from workbench.dialects.feathers.matching import kind_of
from workbench.dialects.feathers.query import Condition, Parsed
from workbench.dialects.feathers.sql_query import KINDS, compiled, order_of
from workbench.engine.errors import WorkbenchError, near
from workbench.store import Database

T = TypeVar("T")

_WHOLE = 2**63  # from here on a number is too large for an integer column


class SqlService(AdapterService):
    """A service over one table, which is made where it is missing.

    It answers every query as `MemoryService` does; the difference is that a table has columns, so a member
    that is none of them is refused, and a member that was not given is null.

    Parameters
    ----------
    table
        Name of the table.
    columns
        Its columns and the type of each: `str`, `int`, `float`, `bool`, or `dict` and `list` for JSON, which
        is stored but can not be compared with anything but null. The id may be among them, as `int` or `str`;
        otherwise it is a number that the database counts.
    database
        A `Database` that others use too, or a URL for one of its own; by default the file
        `feathers.db` in the working directory.
    id, paginate, multi, events
        As of `AdapterService`.

    Raises
    ------
    WorkbenchError
        For a type that is none of these, and a URL that is none.

    """

    def __init__(
        self,
        table: str,
        columns: Mapping[str, type],
        *,
        database: Database | str = "sqlite:///feathers.db",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.database = database if isinstance(database, Database) else Database(database)
        self.table = _table(table, {self.id: int, **columns}, self.id)
        self.fields = frozenset(self.table.columns.keys())
        self._made = False

    async def run(self, work: Callable[[Store], T]) -> T:
        """Do a piece of work in one transaction, on a thread of the database's."""
        try:
            if not self._made:
                await self._make()
            return await self.database.run(lambda connection: work(_Rows(self.table, self.id, connection)))
        except IntegrityError as error:
            raise BadRequest(f"The data breaks a rule of the table: {error.orig}") from error
        except UnicodeEncodeError as error:
            raise BadRequest("A text holds half of a character, which no database takes") from error
        except SQLAlchemyError as error:  # its text has the statement and all values in it
            raise GeneralError(f"The database can not do that: {type(error).__name__}") from error

    def key(self, id: Any) -> Any:  # noqa: A002  # the name that Feathers has for it
        """Give the id as its column has it: "1" finds 1."""
        text = str(int(id)) if isinstance(id, float) and id.is_integer() else str(id)
        if not isinstance(self.table.columns[self.id].type, sa.Integer):
            return text
        whole = len(text) < len(str(_WHOLE)) and text.removeprefix("-").isdecimal() and text.isascii()
        return int(text) if whole and str(int(text)) == text else None

    async def _make(self) -> None:
        """Make the table, in a transaction of its own: the first piece of work may fail."""

        def create(connection: sa.Connection) -> None:
            self.table.create(connection, checkfirst=True)

        try:
            await self.database.run(create)
        except SQLAlchemyError:  # somebody else has just made it
            await self.database.run(create)
        self._made = True


class _Rows:
    """The table, for one transaction."""

    def __init__(self, table: sa.Table, id_: str, connection: sa.Connection) -> None:
        self._table = table
        self._id = table.columns[id_]
        self._connection = connection

    def find(self, query: Parsed) -> list[Record]:
        chosen = sa.select(self._table).where(compiled(query.where, self._table))
        chosen = chosen.order_by(*order_of(query.sort, self._table), self._id)
        if query.limit is not None:
            chosen = chosen.limit(query.limit)
        elif query.skip:
            chosen = chosen.limit(_WHOLE - 1)  # some databases know no offset without a limit
        if query.skip:
            chosen = chosen.offset(query.skip)
        return [dict(row) for row in self._connection.execute(chosen).mappings()]

    def count(self, where: Condition) -> int:
        counted = sa.select(sa.func.count()).select_from(self._table).where(compiled(where, self._table))
        return int(self._connection.execute(counted).scalar_one())

    def insert(self, record: Record) -> Any:
        values = self._values(record)
        if values.get(self._id.name) in (None, ""):
            values.pop(self._id.name, None)
            if isinstance(self._id.type, sa.String):
                raise BadRequest(f"Invalid {self._id.name}: expected a text, and nothing came")
        done = self._connection.execute(sa.insert(self._table).values(**values))
        return done.inserted_primary_key[0]  # type: ignore[index]  # an insert of one row always has it

    def merge(self, ids: Sequence[Any], changes: Record) -> None:
        values = self._values(changes)
        if ids and values:
            same_id = self._id == sa.bindparam("the id")
            change = sa.update(self._table).where(same_id).values(**values)
            self._connection.execute(change, [{"the id": id_} for id_ in ids])

    def replace(self, id_: Any, record: Record) -> None:
        empty = dict.fromkeys(self._table.columns.keys())
        self.merge([id_], {**empty, **record, self._id.name: id_})

    def remove(self, ids: Sequence[Any]) -> None:
        if ids:
            same_id = self._id == sa.bindparam("the id")
            self._connection.execute(sa.delete(self._table).where(same_id), [{"the id": id_} for id_ in ids])

    def _values(self, record: Record) -> Record:
        """Check what is to be written; databases differ in what they take for a text or a number."""
        for name, value in record.items():
            column = self._table.columns.get(name)
            if column is None:
                hint = near(name, self._table.columns.keys())
                raise BadRequest(
                    f"Invalid data: the table {self._table.name} has no column {name}{hint}", {"field": name}
                )
            if value is not None and not _fits(value, column.type):
                whole = isinstance(column.type, sa.Integer)
                wanted = "whole number" if whole else KINDS[type(column.type)]
                came = str(value)[:20] if kind_of(value) == "number" else kind_of(value)
                raise BadRequest(f"Invalid data: expected {wanted} for {name}, not {came}", {"field": name})
        return {name: _stored(value, self._table.columns[name].type) for name, value in record.items()}


def _fits(value: Any, column: sa.types.TypeEngine[Any]) -> bool:
    kind, wanted = kind_of(value), KINDS[type(column)]
    if kind == "number" and isinstance(column, sa.Integer):
        return bool((isinstance(value, int) or value.is_integer()) and -_WHOLE <= value < _WHOLE)
    if kind == "number" and wanted == "number":
        return bool(abs(value) <= sys.float_info.max)
    return wanted in ("JSON", kind)


def _stored(value: Any, column: sa.types.TypeEngine[Any]) -> Any:
    """Give a number as its column has it: drivers refuse whole ones that are too large for an integer."""
    if kind_of(value) != "number" or isinstance(column, sa.JSON):
        return value
    return int(value) if isinstance(column, sa.Integer) else float(value)


def _table(name: str, columns: Mapping[str, type], id_: str) -> sa.Table:
    made = [_column(column, kind, column == id_) for column, kind in columns.items()]
    return sa.Table(name, sa.MetaData(), *made, sqlite_autoincrement=columns[id_] is int)


def _column(name: str, kind: type, key: bool) -> sa.Column[Any]:
    column_type = _TYPES.get(kind)
    if column_type is None or (key and kind not in (int, str)):
        known = "int or str" if key else ", ".join(known.__name__ for known in _TYPES)
        raise WorkbenchError(f"The column {name!r} has a type of {known}, not {kind!r}")
    if key and kind is str:
        column_type = sa.String(255)  # some databases have no index over texts without end
    return sa.Column(name, column_type, primary_key=key)


_TYPES: dict[type, sa.types.TypeEngine[Any]] = {
    str: sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    float: sa.Double(),
    bool: sa.Boolean(),
    dict: sa.JSON(none_as_null=True),
    list: sa.JSON(none_as_null=True),
}
"""Column types by what people write; texts are ordered by their code points wherever they are."""

"""Items: every read and write goes through filters, rights, the database and actions (R100 to R106)."""

from __future__ import annotations

__all__ = ["Change", "Ground", "ItemsService"]

import asyncio
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError, IntegrityError

from workbench.dialects.context import Context
from workbench.dialects.directus.accounts import Rights
from workbench.dialects.directus.emission import Emission
from workbench.dialects.directus.errors import Forbidden, InvalidPayload, RecordNotUnique
from workbench.dialects.directus.events import Emitter, settled
from workbench.dialects.directus.filters import Who
from workbench.dialects.directus.query import sanitize, select, with_keys
from workbench.dialects.directus.schema import Collection, Schema
from workbench.store import Database
from workbench.trace.connections import NO_CONNECTION

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to items, for their subscribers: one create, or the keys of an update or delete."""

    collection: str
    action: str
    keys: tuple[Any, ...]


class Ground(Protocol):
    """What services stand on."""

    @property
    def schema(self) -> Schema:
        """All collections."""

    @property
    def rights(self) -> Rights:
        """Who may do what."""

    @property
    def emitter(self) -> Emitter:
        """Whose hooks are asked."""

    async def database(self) -> Database:
        """Give the database, its tables made."""

    def context(self, accountability: Mapping[str, Any] | None) -> Context:
        """Make the context of an item's events."""

    def written(self, text: str, connection: int) -> None:
        """Note that something was written."""

    def changed(self, change: Change) -> None:
        """Tell the subscribers of a change."""


class ItemsService:
    """The items of one collection, as one person may use them.

    Parameters
    ----------
    ground
        What it stands on.
    collection
        Its name.
    accountability
        Who asks; None: the system itself, which may do everything.
    connection
        Of the client for whom this is done, for the trace.

    Raises
    ------
    DirectusError
        ``FORBIDDEN`` for a collection that is not there.
    """

    def __init__(
        self,
        ground: Ground,
        collection: str,
        *,
        accountability: Mapping[str, Any] | None = None,
        connection: int = NO_CONNECTION,
    ) -> None:
        found = ground.schema.get(collection)
        if found is None:
            raise Forbidden
        self._ground = ground
        self._connection = connection
        self.collection: Collection = found
        self.accountability = accountability

    # Reading --------------------------------------------------------------------------------------

    async def read_by_query(
        self, query: Mapping[str, Any] | None = None, *, emit_events: bool = True
    ) -> list[Row]:
        """Read items.

        Parameters
        ----------
        query
            fields, sort, limit (100 where none is given), offset, page, search, filter.
        emit_events
            False: without hooks.

        Returns
        -------
        list of dict
            What the read filters made of the rows.

        Raises
        ------
        DirectusError
            ``FORBIDDEN`` and ``INVALID_QUERY``; and whatever a filter raised.
        """
        asked = sanitize(query)
        if emit_events:
            asked = await self._filter("query", asked, {})
        self._check("read")
        if not isinstance(asked, Mapping):
            raise TypeError(f"A query is a mapping, not what the filters made of it: {asked!r}")
        rows: Any = await self._rows(asked)
        if emit_events:
            rows = await self._filter("read", rows, {"query": asked})
            self._action("read", {"payload": rows, "query": asked})
        return rows  # type: ignore[no-any-return]  # a filter may have put anything in their place

    async def _rows(self, query: Mapping[str, Any]) -> list[Row]:
        selection = select(query, self.collection, self._who())
        statement = selection.statement
        if statement is None:
            return []
        database = await self._ground.database()
        return await database.run(
            lambda connection: [dict(row) for row in connection.execute(statement).mappings()]
        )

    async def read_many(self, keys: Sequence[Any], query: Mapping[str, Any] | None = None) -> list[Row]:
        """Read those of these keys that are there, in the order of their keys."""
        known = [key for key in map(self._key, keys) if key is not None]
        if not known:
            return []
        return await self.read_by_query(with_keys(sanitize(query), self.collection, known))

    async def read_one(self, key: Any, query: Mapping[str, Any] | None = None) -> Row:
        """Read one item; ``FORBIDDEN`` where there is none."""
        rows = await self.read_many([key], query)
        if not rows:
            raise Forbidden
        return rows[0]

    async def read_singleton(self, query: Mapping[str, Any] | None = None) -> Row:
        """Read a singleton's item; its defaults before it is written (R97)."""
        asked = {**sanitize(query), "limit": 1}
        rows = await self.read_by_query(asked)
        if rows:
            return rows[0]
        defaults = self.collection.defaults()
        fields = select(asked, self.collection, self._who()).fields
        return {name: defaults[name] for name in fields}

    async def meta(self, query: Mapping[str, Any]) -> Row | None:
        """Count what a query's ``meta`` asks for; None where it asks for nothing (R75)."""
        wanted = query.get("meta")
        if not wanted:
            return None
        self._check("read")
        selection = select({**query, "fields": None}, self.collection, self._who())
        everything = sql.select(sql.func.count()).select_from(self.collection.table)
        statements = {"total_count": everything, "filter_count": everything.where(selection.where)}
        database = await self._ground.database()
        return await database.run(
            lambda connection: {name: connection.execute(statements[name]).scalar() for name in wanted}
        )

    # Creating -------------------------------------------------------------------------------------

    async def create_one(self, data: Mapping[str, Any], *, emit_events: bool = True) -> Any:
        """Create an item; its key."""
        return (await self.create_many([data], emit_events=emit_events))[0]

    async def create_many(self, items: Sequence[Mapping[str, Any]], *, emit_events: bool = True) -> list[Any]:
        """Create items in one transaction; their keys. Actions come once it is committed (R99)."""
        prepared = []
        for data in items:
            payload: Any = deepcopy(_mapping(data))
            if emit_events:
                payload = await self._filter("create", payload, {})
            self._check("create")
            prepared.append((payload, self.collection.completed(_mapping(payload))))
        keys: list[Any] = await self._write(
            lambda connection: [self._insert(connection, row) for _, row in prepared]
        )
        for key, (payload, _) in zip(keys, prepared, strict=True):
            self._note("row", [key])
            if emit_events:
                self._act("create", {"payload": payload, "key": key}, (key,))
        await asyncio.sleep(0)  # subscribers read first (R107)
        return keys

    def _insert(self, connection: sql.Connection, row: Row) -> Any:
        table, key = self.collection.table, self.collection.key.name
        if key in row and self._there(connection, [row[key]]):
            raise RecordNotUnique(self.collection.name, key, row[key])
        try:
            result = connection.execute(sql.insert(table).values(**row))
        except IntegrityError:
            if key not in row:
                raise
            raise RecordNotUnique(self.collection.name, key, row[key]) from None
        if key in row:
            return row[key]
        made = result.inserted_primary_key
        return None if made is None else made[0]

    # Updating -------------------------------------------------------------------------------------

    async def update_one(self, key: Any, data: Mapping[str, Any], *, emit_events: bool = True) -> Any:
        """Change one item; its key."""
        await self.update_many([key], data, emit_events=emit_events)
        return key

    async def update_many(
        self, keys: Sequence[Any], data: Mapping[str, Any], *, emit_events: bool = True
    ) -> list[Any]:
        """Make the same changes to items; their keys, sorted. ``FORBIDDEN`` where one is missing."""
        ordered = _sorted(keys)
        changes = [await self._changes(ordered, data, emit_events)]
        await self._update_all(changes, emit_events=emit_events)
        return ordered

    async def update_batch(
        self, items: Sequence[Mapping[str, Any]], *, emit_events: bool = True
    ) -> list[Any]:
        """Change items, each in its own way, in one transaction; their keys."""
        name = self.collection.key.name
        for data in items:
            if not isinstance(data, Mapping) or data.get(name) is None:
                raise InvalidPayload("Item in update misses primary key")
        changes = []
        for data in items:
            rest = {member: value for member, value in data.items() if member != name}
            changes.append(await self._changes([data[name]], rest, emit_events))
        await self._update_all(changes, emit_events=emit_events)
        return [data[name] for data in items]

    async def update_by_query(self, query: Mapping[str, Any], data: Mapping[str, Any]) -> list[Any]:
        """Change what a query finds, 100 items where it has no limit (R105); their keys."""
        keys = await self._keys_of(query)
        return await self.update_many(keys, data) if keys else []

    async def upsert_singleton(self, data: Mapping[str, Any]) -> Any:
        """Write a singleton's item, which may not be there yet (R97); its key."""
        keys = await self._keys_of({"limit": 1}, emit_events=False)
        return await self.update_one(keys[0], data) if keys else await self.create_one(data)

    async def _changes(
        self, keys: list[Any], data: Mapping[str, Any], emit_events: bool
    ) -> tuple[list[Any], Row, Any]:
        payload: Any = deepcopy(_mapping(data))
        if emit_events:
            payload = await self._filter("update", payload, {"keys": keys})
        self._check("update")
        row = self.collection.known(_mapping(payload))
        row.pop(self.collection.key.name, None)  # a key stays what it is (R106)
        return keys, row, payload

    def _update(self, connection: sql.Connection, keys: list[Any], row: Row) -> None:
        known = [self._key(key) for key in keys]
        if None in known or self._there(connection, known) < len(set(known)):
            raise Forbidden
        table = self.collection.table
        if row:
            mine = table.c[self.collection.key.name].in_(known)
            connection.execute(sql.update(table).where(mine).values(**row))

    async def _update_all(self, changes: list[tuple[list[Any], Row, Any]], *, emit_events: bool) -> None:
        def work(connection: sql.Connection) -> None:
            for keys, row, _ in changes:
                self._update(connection, keys, row)

        await self._write(work)
        for keys, _, payload in changes:
            self._note("row", keys)
            if emit_events:
                self._act("update", {"payload": payload, "keys": keys}, tuple(keys))
        await asyncio.sleep(0)  # subscribers read first (R107)

    # Deleting -------------------------------------------------------------------------------------

    async def delete_one(self, key: Any, *, emit_events: bool = True) -> Any:
        """Delete one item; its key."""
        await self.delete_many([key], emit_events=emit_events)
        return key

    async def delete_many(self, keys: Sequence[Any], *, emit_events: bool = True) -> list[Any]:
        """Delete items; the keys that the filters left of those given (R101)."""
        chosen: Any = list(keys)
        if emit_events:
            chosen = await self._filter("delete", chosen, {})
        self._check("delete")
        if not isinstance(chosen, (list, tuple)):
            raise TypeError(f"Keys are a list, not what the filters made of them: {chosen!r}")
        await self._write(lambda connection: self._delete(connection, chosen))
        self._note("deletion of", chosen)
        if emit_events:
            self._act("delete", {"payload": list(chosen), "keys": list(chosen)}, tuple(chosen))
        return list(chosen)

    async def delete_by_query(self, query: Mapping[str, Any]) -> list[Any]:
        """Delete what a query finds, 100 items where it has no limit (R105); their keys."""
        keys = await self._keys_of(query)
        return await self.delete_many(keys) if keys else []

    def _delete(self, connection: sql.Connection, keys: Sequence[Any]) -> None:
        known = [self._key(key) for key in keys]
        admin = self.accountability is None or self.accountability.get("admin")
        if None in known or (not admin and self._there(connection, known) < len(set(known))):
            raise Forbidden
        table = self.collection.table
        connection.execute(sql.delete(table).where(table.c[self.collection.key.name].in_(known)))

    # What all of them use -------------------------------------------------------------------------

    async def _keys_of(self, query: Mapping[str, Any], *, emit_events: bool = True) -> list[Any]:
        name = self.collection.key.name
        rows = await self.read_by_query({**sanitize(query), "fields": [name]}, emit_events=emit_events)
        return [row[name] for row in rows]

    def _key(self, key: Any) -> Any:
        """Read a key as one of the key's type; None for what can be none."""
        try:
            return self.collection.key.cast(key)
        except (ValueError, OverflowError):
            return None

    def _there(self, connection: sql.Connection, keys: Sequence[Any]) -> int:
        column = self.collection.table.c[self.collection.key.name]
        return connection.execute(sql.select(sql.func.count()).where(column.in_(keys))).scalar() or 0

    async def _write(self, work: Callable[[sql.Connection], Any]) -> Any:
        """Do a write in one transaction; hooks may put what the database refuses into other words."""
        database = await self._ground.database()
        try:
            return await database.run(work)
        except (RecordNotUnique, DBAPIError) as error:
            meta = {"client": database.url.get_backend_name()}
            told = await settled(self._ground.emitter.filter(("database.error",), error, meta))
            raise told if isinstance(told, Exception) else error from None

    def _who(self) -> Who:
        who = self.accountability or {}
        return Who(who.get("user"), who.get("role"), tuple(who.get("roles") or ()))

    def _check(self, action: str) -> None:
        if not self._ground.rights.allow(self.accountability, self.collection.name, action):
            raise Forbidden

    def _events(self, verb: str) -> tuple[str, str]:
        return f"items.{verb}", f"{self.collection.name}.items.{verb}"

    async def _filter(self, verb: str, payload: Any, meta: Row) -> Any:
        told = {**meta, "collection": self.collection.name}
        context = self._ground.context(self.accountability)
        emitter = self._ground.emitter
        return await settled(emitter.filter(self._events(verb), payload, told, context, self._connection))

    def _action(self, verb: str, meta: Row) -> None:
        told = {**meta, "collection": self.collection.name}
        context = self._ground.context(self.accountability)
        self._ground.emitter.action(self._events(verb), told, context, self._connection)

    def _act(self, verb: str, meta: Row, keys: tuple[Any, ...]) -> None:
        """Start the actions of a change, and tell its subscribers.

        The system's own handler stands last among those for the general event's exact name: a hook there that
        raises keeps it from starting (R11); patterns and the specific event come too late for that.
        """
        emission = Emission({**meta, "collection": self.collection.name})
        change = Change(self.collection.name, verb, keys)
        try:
            context = self._ground.context(self.accountability)
            self._ground.emitter.action(self._events(verb), emission, context, self._connection)
        except Exception:
            if emission.at is None or emission.at.lane != self._events(verb)[0]:
                self._ground.changed(change)
            raise
        self._ground.changed(change)

    def _note(self, what: str, keys: Sequence[Any]) -> None:
        if keys:
            shown = ", ".join(map(str, keys[:5])) + (" ..." if len(keys) > 5 else "")  # noqa: PLR2004
            self._ground.written(f"written: {self.collection.name} {what} {shown}", self._connection)


def _mapping(payload: Any) -> Mapping[str, Any]:
    """Refuse what a client, or a filter, made of an item that is none."""
    if payload is None:
        raise TypeError("there is no data")  # an ordinary error: the client hears nothing (R96)
    if not isinstance(payload, Mapping):
        raise InvalidPayload("An item has to be an object")
    return payload


def _sorted(keys: Sequence[Any]) -> list[Any]:
    """Sort keys as they came, numbers before text."""
    return sorted(keys, key=lambda key: (isinstance(key, str), key))

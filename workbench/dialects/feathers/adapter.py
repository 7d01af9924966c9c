"""Services over stores: what Feathers' database adapters have in common, written once.

A store keeps records and knows nothing of Feathers. The service reads the query, looks after pagination,
multi rules, ids and `$select`, and does each call as one piece of work on the store, whole or not at all.
"""

from __future__ import annotations

__all__ = ["AdapterService", "Record", "Store", "copied"]

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from workbench.dialects.feathers.errors import BadRequest, MethodNotAllowed, NotFound
from workbench.dialects.feathers.query import All, Compare, Condition, Parsed, limited, parse

Record = dict[str, Any]
T = TypeVar("T")


class Store(Protocol):
    """Records with ids, for the length of one piece of work."""

    def find(self, query: Parsed) -> list[Record]:
        """Give the records of a query with all their members, by id where it doesn't say how."""

    def count(self, where: Condition) -> int:
        """Count the records that fulfil a condition."""

    def insert(self, record: Record) -> Any:
        """Add a record, and give its id; without one in the record the store makes one."""

    def merge(self, ids: Sequence[Any], changes: Record) -> None:
        """Change some members of the records with these ids."""

    def replace(self, id_: Any, record: Record) -> None:
        """Change all members of a record but its id."""

    def remove(self, ids: Sequence[Any]) -> None:
        """Remove the records with these ids."""


class AdapterService:
    """A service with the six standard methods over a store.

    Parameters
    ----------
    id
        Name of the member that tells records apart.
    paginate
        `{"default": 10, "max": 50}` makes `find` give `{"total", "limit", "skip", "data"}`; None gives lists.
        `params["paginate"]` wins over it for one call from inside, False switches it off.
    multi
        Whether `create` takes lists, and `patch` and `remove` the id null, which stands for every record of
        the query: True, False, or the names of the methods that may.
    events
        Names of events that the service emits itself.

    """

    fields: Collection[str] | None = None
    """Names of the members that a record may have; None is any."""
    _multi_methods: ClassVar[tuple[str, ...]] = ("create", "patch", "remove")

    def __init__(
        self,
        *,
        id: str = "id",  # noqa: A002  # the name that Feathers has for it
        paginate: Mapping[str, int] | None = None,
        multi: bool | Sequence[str] = False,
        events: Sequence[str] = (),
    ) -> None:
        self.id = id
        self.paginate = paginate
        self.multi = frozenset((self._multi_methods if multi else ()) if isinstance(multi, bool) else multi)
        self.events = list(events)

    async def find(self, params: Mapping[str, Any] | None = None) -> Any:
        """Give the records of the query: a list, or a page where there is pagination."""
        given = (params or {}).get("paginate")
        paginate = self.paginate if given is None else given or None
        query = self._query(params)
        limit = limited(query.limit, paginate)
        page = Parsed(query.where, query.sort, query.skip, limit, query.select)

        def work(store: Store) -> Any:
            found = [] if limit == 0 else self._selected(store.find(page), query)
            if not paginate:
                return found
            return {"total": store.count(query.where), "limit": limit, "skip": query.skip, "data": found}

        return await self.run(work)

    async def get(self, id: Any, params: Mapping[str, Any] | None = None) -> Record:  # noqa: A002  # as above
        """Give one record, which also has to fulfil the query; NotFound where there is none."""
        query = self._query(params)
        return await self.run(lambda store: self._selected([self._one(store, id, query)], query)[0])

    async def create(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Add a record, or each of a list of them where `multi` allows it; all of them or none."""
        many = isinstance(data, list | tuple)
        if many:
            self._allow("create")
        query = Parsed(All(()), select=self._query(params).select)
        records = [self._record(one) for one in (data if many else [data])]

        def work(store: Store) -> Any:
            ids = [store.insert(record) for record in records]
            created = self._selected(self._with(store, ids), query)
            return created if many else created[0]

        return await self.run(work)

    async def update(self, id: Any, data: Any, params: Mapping[str, Any] | None = None) -> Record:  # noqa: A002
        """Replace one record; its id stays."""
        if id is None or isinstance(data, list | tuple):
            raise BadRequest("You can not replace multiple instances. Did you mean 'patch'?")
        query = self._query(params)
        record = self._record(data)

        def work(store: Store) -> Record:
            kept = self._one(store, id, query)[self.id]
            store.replace(kept, {**record, self.id: kept})
            return self._selected(self._with(store, [kept]), query)[0]

        return await self.run(work)

    async def patch(self, id: Any, data: Any, params: Mapping[str, Any] | None = None) -> Any:  # noqa: A002
        """Change members of one record, or with the id null of every record of the query, in a list."""
        if id is None:
            self._allow("patch")
        query = self._query(params)
        changes = {name: value for name, value in self._record(data).items() if name != self.id}

        def work(store: Store) -> Any:
            ids = self._ids(store, id, query)
            store.merge(ids, changes)
            patched = self._selected(self._with(store, ids), query)
            return patched if id is None else patched[0]

        return await self.run(work)

    async def remove(self, id: Any, params: Mapping[str, Any] | None = None) -> Any:  # noqa: A002
        """Remove one record, or with the id null every record of the query; give what was removed."""
        if id is None:
            self._allow("remove")
        query = self._query(params)

        def work(store: Store) -> Any:
            ids = self._ids(store, id, query)
            removed = self._selected(self._with(store, ids), query)
            store.remove(ids)
            return removed if id is None else removed[0]

        return await self.run(work)

    async def run(self, work: Callable[[Store], T]) -> T:
        """Do a piece of work on the store, whole or not at all."""
        raise NotImplementedError

    def key(self, id: Any) -> Any:  # noqa: A002  # as above
        """Give an id that came over a wire as the store has it; None where no record could have it."""
        raise NotImplementedError

    def _query(self, params: Mapping[str, Any] | None) -> Parsed:
        return parse((params or {}).get("query"), self.fields)

    def _allow(self, method: str) -> None:
        if method not in self.multi:
            raise MethodNotAllowed(f"Can not {method} multiple entries")

    def _record(self, data: Any) -> Record:
        """Give the members of what is to be written."""
        if data is None:
            return {}
        if not isinstance(data, Mapping):
            raise BadRequest(f"Invalid data: expected an object, not {type(data).__name__}")
        return dict(data)

    def _one(self, store: Store, id_: Any, query: Parsed) -> Record:
        key = self.key(id_)
        found = [] if key is None else store.find(Parsed(All((Compare(self.id, "$eq", key), query.where))))
        if not found:
            raise NotFound(f"No record found for id '{'null' if id_ is None else id_}'")
        return found[0]

    def _ids(self, store: Store, id_: Any, query: Parsed) -> list[Any]:
        """Give the ids that a call is about; as in Feathers, `$limit`, `$skip` and `$sort` do not count."""
        records = store.find(Parsed(query.where)) if id_ is None else [self._one(store, id_, query)]
        return [record[self.id] for record in records]

    def _with(self, store: Store, ids: Sequence[Any]) -> list[Record]:
        """Give records in the order of their ids."""
        found = {
            record[self.id]: record for record in store.find(Parsed(Compare(self.id, "$in", tuple(ids))))
        }
        return [found[id_] for id_ in ids]

    def _selected(self, records: list[Record], query: Parsed) -> list[Record]:
        """Keep the members that are wanted, and the id."""
        if query.select is None:
            return records
        names = dict.fromkeys((*query.select, self.id))
        return [{name: record[name] for name in names if name in record} for record in records]


def copied(value: Any) -> Any:
    """Copy lists and objects of JSON, so that changes to one leave the other alone."""
    if isinstance(value, Mapping):
        return {key: copied(part) for key, part in value.items()}
    return [copied(part) for part in value] if isinstance(value, list | tuple) else value

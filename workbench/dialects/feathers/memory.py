"""The in-memory service: a dict of records, for lessons, tests and first drafts."""

from __future__ import annotations

__all__ = ["MemoryService"]

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from workbench.dialects.feathers.adapter import AdapterService, Record, Store, copied
from workbench.dialects.feathers.errors import BadRequest
from workbench.dialects.feathers.matching import kind_of, matcher, sort_key
from workbench.dialects.feathers.query import All, Compare, Condition, Parsed

T = TypeVar("T")

_DIGITS = 19  # of the longest whole number that orders a record


class MemoryService(AdapterService):
    """A service whose records live as long as it does.

    Nested members are reached by `author.name`, and a list fulfils what one of its entries fulfils.

    Parameters
    ----------
    store
        Records to begin with, by their ids; they are copied.
    start_id
        The first id that is given; later ones count upwards from the highest there was. (Feathers' own memory
        adapter begins at 0 and databases at 1; here both begin at 1.)
    id, paginate, multi, events
        As of `AdapterService`.

    Attributes
    ----------
    begun
        `store` and `start_id` as they were given.

    """

    def __init__(
        self, *, store: Mapping[Any, Mapping[str, Any]] | None = None, start_id: int = 1, **options: Any
    ) -> None:
        super().__init__(**options)
        self.begun = dict(store or {}), start_id
        self._records = _Records(self.id, start_id)
        for id_, record in (store or {}).items():
            self._records.insert({self.id: id_, **record})

    @property
    def store(self) -> dict[Any, Record]:
        """A copy of the records by their ids."""
        return {record[self.id]: copied(record) for record in self._records.by_key.values()}

    async def run(self, work: Callable[[Store], T]) -> T:
        """Do a piece of work; it never waits, so nothing comes in between."""
        self._records.begin()
        try:
            return work(self._records)
        except BaseException:
            self._records.roll_back()
            raise

    def key(self, id: Any) -> Any:  # noqa: A002  # the name that Feathers has for it
        """Give the id as its record has it, whatever type it came as: "1" finds 1."""
        record = self._records.by_key.get(_key(id))
        return None if record is None else record[self.id]


class _Records:
    """Records by the text of their ids: whole numbers first, upwards, and then the others as they came.

    A stored record is never changed, only replaced, so the former one is all that it takes to go back.
    """

    def __init__(self, id_: str, next_id: int) -> None:
        self.id = id_
        self.next_id = next_id
        self.by_key: dict[str, Record] = {}
        self._before: list[tuple[str, Record | None]] = []

    def begin(self) -> None:
        self._before.clear()

    def roll_back(self) -> None:
        for key, record in reversed(self._before):
            if record is None:
                del self.by_key[key]
            else:
                self.by_key[key] = record

    def find(self, query: Parsed) -> list[Record]:
        found = self._matching(query.where)
        for name, direction in reversed(query.sort):
            path = name.split(".")
            found.sort(key=lambda record: sort_key(_at(record, path)), reverse=direction < 0)
        end = None if query.limit is None else query.skip + query.limit
        return [copied(record) for record in found[query.skip : end]]

    def count(self, where: Condition) -> int:
        return len(self._matching(where))

    def insert(self, record: Record) -> Any:
        given = record.get(self.id)
        if given is None or given == "":
            given = self.next_id
        elif kind_of(given) not in ("number", "string"):
            raise BadRequest(f"Invalid {self.id}: expected a number or a text, not {type(given).__name__}")
        key = _key(given)
        if key in self.by_key:
            raise BadRequest(f"There is a record with the {self.id} '{given}' already")
        last = next(reversed(self.by_key), None)
        self._put(key, {**record, self.id: given})
        place = _place(key)
        if place is not None:
            self.next_id = max(self.next_id, place + 1)
            if last is not None and (_place(last) is None or int(last) > place):
                self.by_key = dict(sorted(self.by_key.items(), key=_order))
        return given

    def merge(self, ids: Sequence[Any], changes: Record) -> None:
        for key in map(_key, ids):
            self._put(key, {**self.by_key[key], **changes})

    def replace(self, id_: Any, record: Record) -> None:
        self._put(_key(id_), record)

    def remove(self, ids: Sequence[Any]) -> None:
        for id_ in ids:
            del self.by_key[_key(id_)]

    def _put(self, key: str, record: Record) -> None:
        self._before.append((key, self.by_key.get(key)))
        self.by_key[key] = copied(record)

    def _matching(self, where: Condition) -> list[Record]:
        records = self._near(where)
        if where == All(()):
            return records
        fits = matcher(where)
        return [record for record in records if fits(record)]

    def _near(self, where: Condition) -> list[Record]:
        """Look a record up where the condition begins with its id, instead of going through all."""
        first = where.of[0] if isinstance(where, All) and where.of else where
        if isinstance(first, Compare) and first.field == self.id and first.operator == "$eq":
            record = self.by_key.get(_key(first.value))
            return [] if record is None else [record]
        return list(self.by_key.values())


def _key(id_: Any) -> str:
    """Give an id as JavaScript names a member: 1 and 1.0 are "1"."""
    return str(int(id_)) if isinstance(id_, float) and id_.is_integer() else str(id_)


def _place(key: str) -> int | None:
    """Give the number that a key is, None for any other text."""
    if len(key) > _DIGITS or not (key.isascii() and key.isdigit()):
        return None
    return int(key) if str(int(key)) == key else None


def _order(item: tuple[str, Record]) -> tuple[bool, int]:
    place = _place(item[0])
    return place is None, place or 0


def _at(record: Any, path: Sequence[str]) -> Any:
    for name in path:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record

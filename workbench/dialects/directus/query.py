"""Queries: read from JSON or from text as HTTP has it, checked, and turned into SQL (R76, spec d.3)."""

from __future__ import annotations

__all__ = ["DEFAULT_LIMIT", "Selection", "sanitize", "select", "with_keys"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from workbench.dialects.directus.errors import Forbidden, InvalidQuery
from workbench.dialects.directus.filters import Clause, Who, compile_filter, search_clause
from workbench.dialects.directus.schema import Collection
from workbench.dialects.directus.wire import parse

DEFAULT_LIMIT = 100
"""Rows that a query without a limit gives at most (R105)."""

_MOST = 2**31
_UNSUPPORTED = ("aggregate", "groupBy", "deep", "alias")
_META = ("total_count", "filter_count")


def sanitize(raw: Any) -> dict[str, Any]:
    """Bring a query into its one form: lists, numbers and objects instead of text.

    Parameters
    ----------
    raw
        What the client sent; None for nothing.

    Returns
    -------
    dict
        Those of fields, sort, limit, offset, page, search, filter and meta that were given; other members are
        dropped.

    Raises
    ------
    DirectusError
        ``INVALID_QUERY``, with the member and what it has to be.

    """
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise InvalidQuery("The query must be an object")
    for name in _UNSUPPORTED:
        if raw.get(name):
            raise InvalidQuery(f'"{name}" is not served here')
    readers = {
        "fields": _names,
        "sort": _names,
        "limit": _limit,
        "offset": _offset,
        "page": _page,
        "search": _search,
        "filter": _filter,
        "meta": _meta,
    }
    given = {name: read(name, raw[name]) for name, read in readers.items() if raw.get(name) is not None}
    return {name: value for name, value in given.items() if value is not None}


def _names(name: str, value: Any) -> list[str] | None:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise InvalidQuery(f'"{name}" must be a string or an array of strings')
    names = [part.strip() for one in values for part in one.split(",")]
    return [one for one in names if one] or None


def _number(name: str, value: Any, least: int) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or not _is_whole(text):
        raise InvalidQuery(f'"{name}" must be a number')
    number = int(float(text)) if len(text) > 15 or "." in text else int(text)  # noqa: PLR2004 - exact floats
    if number < least:
        raise InvalidQuery(f'"{name}" must be greater than or equal to {least}')
    if number > _MOST:
        raise InvalidQuery(f'"{name}" must be less than or equal to {_MOST}')
    return number


def _is_whole(text: str) -> bool:
    try:
        return len(text) < 40 and float(text).is_integer()  # noqa: PLR2004 - no number that means anything
    except (ValueError, OverflowError):
        return False


def _limit(name: str, value: Any) -> int:
    return _number(name, value, -1)


def _offset(name: str, value: Any) -> int:
    return _number(name, value, 0)


def _page(name: str, value: Any) -> int:
    return _number(name, value, 1)


def _search(name: str, value: Any) -> str:
    if isinstance(value, (dict, list, bool)):
        raise InvalidQuery(f'"{name}" must be a string')
    return str(value)


def _filter(name: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = parse(value)
        except ValueError:
            raise InvalidQuery("Invalid JSON for filter object") from None
    if not isinstance(value, Mapping):
        raise InvalidQuery(f'"{name}" must be of type object')
    return value


def _meta(name: str, value: Any) -> list[str] | None:
    names = _names(name, value) or []
    return list(_META) if "*" in names else [one for one in names if one in _META]


def with_keys(query: Mapping[str, Any], collection: Collection, keys: Sequence[Any]) -> dict[str, Any]:
    """Narrow a query to some keys; without a limit of its own it gives all of them (R73)."""
    mine = {collection.key.name: {"_in": list(keys)}}
    rules = query.get("filter")
    return {
        "limit": max(len(keys), 1),
        **query,
        "filter": {"_and": [rules, mine]} if rules else mine,
    }


@dataclass(frozen=True, slots=True)
class Selection:
    """A query as SQL.

    Attributes
    ----------
    fields
        Names of the fields in the order of the answer.
    statement
        What selects the rows; None where none are wanted (``limit: 0``).
    where
        The clause alone, for counts.

    """

    fields: tuple[str, ...]
    statement: sql.Select[Any] | None
    where: Clause


def select(query: Mapping[str, Any], collection: Collection, who: Who) -> Selection:
    """Turn a sanitized query into SQL.

    Parameters
    ----------
    query
        From `sanitize`, or what a hook made of it.
    collection
        What is read.
    who
        For ``$CURRENT_USER`` and the like.

    Raises
    ------
    DirectusError
        ``FORBIDDEN`` for a field that is not there, ``INVALID_QUERY`` for a filter that is none.

    """
    fields = _fields(query.get("fields") or ["*"], collection)
    where = sql.and_(sql.true(), compile_filter(query.get("filter") or {}, collection, who))
    if query.get("search"):
        where = sql.and_(where, search_clause(str(query["search"]), collection))
    limit = int(query.get("limit", DEFAULT_LIMIT))
    table = collection.table
    statement = sql.select(*(table.c[name] for name in fields)).where(where)
    statement = statement.order_by(*_order(query.get("sort") or [], collection))
    offset = int(query.get("offset", 0))
    if limit > 0:
        statement = statement.limit(limit)
        offset = offset or limit * (int(query.get("page", 1)) - 1)
    if offset:
        statement = statement.offset(offset)
    return Selection(fields, None if limit == 0 else statement, where)


def _fields(wanted: Sequence[str], collection: Collection) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for name in wanted:
        if name == "*":
            names.update(dict.fromkeys(collection.fields))
        elif name in collection.fields:
            names[name] = None
        else:
            raise Forbidden.field(str(name), collection.name)
    return tuple(names)


def _order(sort: Sequence[str], collection: Collection) -> list[Any]:
    columns = collection.table.c
    order = []
    for one in sort:
        name = one.removeprefix("-")
        if name not in collection.fields:
            raise Forbidden.field(name, collection.name)
        order.append(columns[name].desc() if one.startswith("-") else columns[name].asc())
    return [*order, columns[collection.key.name].asc()]

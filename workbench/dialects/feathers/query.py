"""Feathers' query syntax, read into a tree that stores can follow.

===============================  ===================================================================
part                             meaning
===============================  ===================================================================
``{"name": value}``              equal, of the same type; null also stands for a missing member
``$lt $lte $gt $gte``            compare numbers with numbers, texts with texts, booleans with booleans
``$ne $in $nin``                 not equal; equal to one, or to none, of a list
``{"$or": [...], "$and": [...]}``  one, or each, of several queries; they nest
``$limit $skip $sort $select``   how many, from which on, in which order (1 or -1), and which members
===============================  ===================================================================

Whatever else begins with a dollar is refused, and so is a part that makes no sense; the BadRequest names it.
Texts are no numbers: clients over REST send texts alone, and `validate_query` turns them into what a
schema says.
"""

from __future__ import annotations

__all__ = ["COMPARISONS", "All", "Compare", "Condition", "Either", "Parsed", "limited", "parse"]

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.dialects.feathers.errors import BadRequest
from workbench.engine.errors import near

COMPARISONS = frozenset({"$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$in", "$nin"})
"""What a `Compare` may do; `$eq` is what no operator at all means, and is not written in a query."""

_LISTS = frozenset({"$in", "$nin"})
_FILTERS = frozenset({"$limit", "$skip", "$sort", "$select"})
_DEEPEST = 50
"""Queries inside of queries; deeper ones are refused before they exhaust the stack."""


@dataclass(frozen=True, slots=True)
class Compare:
    """One member is compared with one value; `$in` and `$nin` have a tuple of values."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class All:
    """Each of the conditions holds; none at all always holds."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the conditions holds."""

    of: tuple[Condition, ...]


Condition = Compare | All | Either


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query as stores take it.

    Attributes
    ----------
    where
        What records have to fulfil.
    sort
        Members by which they are ordered, the first one first; 1 is upwards, -1 downwards.
    skip
        How many are left out at the beginning.
    limit
        How many there are at most; None is all of them.
    select
        The members that are wanted; None is every one.

    """

    where: Condition
    sort: tuple[tuple[str, int], ...] = ()
    skip: int = 0
    limit: int | None = None
    select: tuple[str, ...] | None = None


def parse(query: object, fields: Collection[str] | None = None) -> Parsed:
    """Read a query.

    Parameters
    ----------
    query
        `params.query` as it came; None is the empty one. It is hostile input.
    fields
        The members that records have; None where they may have any.

    Raises
    ------
    BadRequest
        For what is no query, with the part that is wrong.

    """
    if query is None:
        query = {}
    if not isinstance(query, Mapping):
        raise _refusal("query", "an object", query)
    reader = _Reader(fields)
    return Parsed(
        where=reader.conditions(query, 0, _FILTERS),
        sort=reader.sort(query.get("$sort")),
        skip=_whole("$skip", query.get("$skip")) or 0,
        limit=_whole("$limit", query.get("$limit")),
        select=reader.select(query.get("$select")),
    )


def limited(limit: int | None, paginate: Mapping[str, int] | None) -> int | None:
    """Give the number of records that pagination allows.

    Parameters
    ----------
    limit
        What the query asks for; None where it does not.
    paginate
        `default` and `max` of the service; None leaves the limit as it is. A missing one is the other.
    """
    if not paginate:
        return limit
    most = paginate.get("max", limit if limit is not None else paginate.get("default"))
    wanted = paginate.get("default", most) if limit is None else limit
    return wanted if most is None or wanted is None else min(wanted, most)


class _Reader:
    """Reads the parts of one query."""

    def __init__(self, fields: Collection[str] | None) -> None:
        self._fields = fields

    def conditions(
        self, query: Mapping[str, Any], depth: int, also: Collection[str] = frozenset()
    ) -> Condition:
        """Read what records have to fulfil; `also` names filters beside it that are read elsewhere."""
        if depth > _DEEPEST:
            raise BadRequest(f"Invalid query: more than {_DEEPEST} queries inside of each other")
        found: list[Condition] = []
        for key, value in _named(query):
            if key in ("$or", "$and"):
                found.append(self._group(key, value, depth))
            elif not key.startswith("$"):
                found += self._tests(self._known(key), value)
            elif key not in also:
                sentence = "Invalid query parameter" if depth else "Invalid filter value"
                raise BadRequest(f"{sentence} {key}", dict(query) if depth else None)
        return found[0] if len(found) == 1 else All(tuple(found))

    def sort(self, given: object) -> tuple[tuple[str, int], ...]:
        """Read `$sort`."""
        if given is None:
            return ()
        if not isinstance(given, Mapping):
            raise _refusal("$sort", "an object such as {name: 1}", given)
        return tuple((self._known(key), _direction(key, value)) for key, value in _named(given))

    def select(self, given: object) -> tuple[str, ...] | None:
        """Read `$select`."""
        if given is None:
            return None
        names = _listed(given)
        if names is None or not all(isinstance(name, str) for name in names):
            raise _refusal("$select", "a list of names", given)
        return tuple(self._known(name) for name in names)

    def _group(self, key: str, given: object, depth: int) -> Condition:
        queries = _listed(given)
        if not queries or not all(isinstance(query, Mapping) for query in queries):
            raise _refusal(key, "a list of one or more queries", given)
        conditions = tuple(self.conditions(query, depth + 1) for query in queries)
        return Either(conditions) if key == "$or" else All(conditions)

    def _tests(self, field: str, given: object) -> list[Compare]:
        if not isinstance(given, Mapping) or not any(key.startswith("$") for key, _ in _named(given)):
            return [Compare(field, "$eq", given)]
        return [_test(field, key, value, given) for key, value in given.items()]

    def _known(self, field: str) -> str:
        if self._fields is not None and field not in self._fields:
            raise BadRequest(f"Invalid query parameter {field}{near(field, self._fields)}")
        return field


def _test(field: str, operator: str, value: object, whole: Mapping[str, object]) -> Compare:
    if operator not in COMPARISONS or operator == "$eq":
        raise BadRequest(f"Invalid query parameter {operator}", {field: dict(whole)})
    if operator in _LISTS:
        values = _listed(value)
        value = (value,) if values is None else tuple(values)
    for part in value if isinstance(value, tuple) else (value,):
        if isinstance(part, Mapping) and any(key.startswith("$") for key, _ in _named(part)):
            raise BadRequest(
                f"Invalid query parameter {operator} of {field}: its value holds operators", {field: whole}
            )
    return Compare(field, operator, value)


def _named(given: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """List members whose names are texts; others can only come from inside."""
    for name in given:
        if not isinstance(name, str):
            raise _refusal("query", "names that are texts", name)
    return list(given.items())


def _whole(name: str, given: object) -> int | None:
    """Read a number of records, which over REST is a text."""
    if given is None:
        return None
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= len(str(2**63)):
        given = int(given)
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given < 2**63:
        raise _refusal(name, "a whole number from 0", given)
    return given


def _direction(field: str, given: object) -> int:
    if given in (1, "1") and given is not True:
        return 1
    if given in (-1, "-1"):
        return -1
    raise _refusal(f"$sort of {field}", "1 or -1", given)


def _listed(given: object) -> Sequence[Any] | None:
    """Give the entries of a list, None for anything else.

    Query strings turn lists of more than twenty entries into objects with the keys 0, 1, 2 ...: lists too.
    """
    if (
        isinstance(given, Mapping)
        and given
        and all(given.get(str(n), given) is not given for n in range(len(given)))
    ):
        return [given[str(n)] for n in range(len(given))]
    return given if isinstance(given, list | tuple) else None


def _refusal(name: str, expected: str, given: object) -> BadRequest:
    shown = repr(given)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"  # noqa: PLR2004  # a line of the client's log
    return BadRequest(f"Invalid query parameter {name}: expected {expected}, not {shown}", {name: given})

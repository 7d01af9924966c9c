"""Queries in Python: whether a record fulfils conditions, and which of two records comes first."""

from __future__ import annotations

__all__ = ["kind_of", "matcher", "same", "sort_key"]

from collections.abc import Callable, Iterator, Mapping
from operator import ge, gt, le, lt
from typing import Any

from workbench.dialects.feathers import query

_ORDERED = {"$lt": lt, "$lte": le, "$gt": gt, "$gte": ge}
_COMPARABLE = frozenset({"number", "string", "boolean"})
_RANK = {"null": 0, "number": 1, "string": 2, "boolean": 3, "array": 5, "object": 6}

Matcher = Callable[[Mapping[str, Any]], bool]


def kind_of(value: object) -> str:
    """Name the JSON type of a value: null, boolean, number, string, array, object; others by their class."""
    if value is None:
        return "null"
    if isinstance(value, bool):  # which Python takes for a number
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list | tuple):
        return "array"
    return "object" if isinstance(value, Mapping) else type(value).__name__


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal in JSON: 1 is 1.0, but neither true nor "1"."""
    kind = kind_of(one)
    if kind != kind_of(other):
        return False
    if kind == "array":
        return len(one) == len(other) and all(map(same, one, other))
    if kind == "object":
        return len(one) == len(other) and all(k in other and same(v, other[k]) for k, v in one.items())
    return bool(one == other)


def sort_key(value: object) -> tuple[Any, ...]:
    """Give what orders values of any type: null, numbers, texts, false and true, lists, objects."""
    kind = kind_of(value)
    rank = _RANK.get(kind, 4)
    if kind in _COMPARABLE:
        return rank, value
    if isinstance(value, list | tuple):
        return rank, [sort_key(part) for part in value]
    if isinstance(value, Mapping):
        return rank, [sort_key(value[key]) for key in sorted(value)]
    return rank, str(value)


def matcher(condition: query.Condition) -> Matcher:
    """Make a function that tells whether a record fulfils a condition."""
    if isinstance(condition, query.Compare):
        return _tester(condition)
    parts = [matcher(part) for part in condition.of]
    if isinstance(condition, query.All):
        return lambda record: all(part(record) for part in parts)
    return lambda record: any(part(record) for part in parts)


def values_at(record: Any, path: list[str]) -> Iterator[Any]:
    """Yield the values that a member has; a list stands for each of its entries, and then for itself.

    `author.name` goes into nested objects, and into the entries of lists on the way.
    """
    if isinstance(record, list | tuple):
        for entry in record:
            yield from values_at(entry, path)
        if not path:
            yield record
        elif path[0].isdigit() and int(path[0]) < len(record):
            yield from values_at(record[int(path[0])], path[1:])
    elif not path or record is None:
        yield record
    else:
        inside = isinstance(record, Mapping)
        yield from values_at(record.get(path[0]) if inside else None, path[1:])


def _tester(test: query.Compare) -> Matcher:
    operator = test.operator
    holds = _single(operator.replace("$ne", "$eq").replace("$nin", "$in"), test.value)
    wanted = operator not in ("$ne", "$nin")  # those two hold when no value of the member is equal
    path = test.field.split(".")
    if len(path) == 1:
        name = test.field

        def tell(record: Mapping[str, Any]) -> bool:
            value = record.get(name)
            if isinstance(value, list):
                return any(map(holds, values_at(value, []))) is wanted
            return holds(value) is wanted

        return tell
    return lambda record: any(map(holds, values_at(record, path))) is wanted


def _single(operator: str, wanted: Any) -> Callable[[Any], bool]:
    """Make the test of one value."""
    if operator == "$eq":
        return lambda value: same(value, wanted)
    if operator == "$in":
        plain = {(kind_of(one), one) for one in wanted if kind_of(one) in _COMPARABLE}
        rest = [one for one in wanted if kind_of(one) not in _COMPARABLE]

        def among(value: Any) -> bool:
            kind = kind_of(value)
            return (kind, value) in plain if kind in _COMPARABLE else any(same(value, one) for one in rest)

        return among
    compare, kind = _ORDERED[operator], kind_of(wanted)
    if kind in _COMPARABLE:
        return lambda value: kind_of(value) == kind and compare(value, wanted)
    # nothing is more or less than null, a list or an object; null alone is as much as null
    return lambda value: kind == "null" == kind_of(value) and operator in ("$lte", "$gte")

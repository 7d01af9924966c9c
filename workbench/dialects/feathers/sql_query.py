"""Queries in SQL, with the answers that the same query has in Python (`matching`).

Names only ever become columns that the table has, and values only ever become bound parameters.
"""

from __future__ import annotations

__all__ = ["KINDS", "compiled", "order_of"]

from operator import ge, gt, le, lt
from typing import Any

import sqlalchemy as sa

from workbench.dialects.feathers.errors import BadRequest
from workbench.dialects.feathers.matching import kind_of
from workbench.dialects.feathers.query import All, Compare, Condition

KINDS: dict[type, str] = {
    sa.Text: "string",
    sa.String: "string",
    sa.BigInteger: "number",
    sa.Double: "number",
    sa.Boolean: "boolean",
    sa.JSON: "JSON",
}
"""What JSON calls the values of a column type."""

_ORDERED = {"$lt": lt, "$lte": le, "$gt": gt, "$gte": ge}
_LARGEST = 2**63
_BOUND = 500
"""Values of one list; longer ones are several, since databases limit the parameters of a part."""

Where = sa.ColumnElement[bool]


def compiled(condition: Condition, table: sa.Table) -> Where:
    """Give the condition as a WHERE clause of a table.

    Raises
    ------
    BadRequest
        Where a JSON column is compared with anything but null.
    """
    if isinstance(condition, Compare):
        return _test(condition, table.columns[condition.field])
    parts = [compiled(part, table) for part in condition.of]
    if isinstance(condition, All):
        return sa.and_(sa.true(), *parts)
    return sa.or_(sa.false(), *parts)


def order_of(sort: tuple[tuple[str, int], ...], table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """Give the ORDER BY of a query: null comes before every value, whatever the database would do."""
    order: list[sa.ColumnElement[Any]] = []
    for name, direction in sort:
        column = table.columns[name]
        if isinstance(column.type, sa.JSON):
            raise BadRequest(f"Invalid query parameter $sort: {name} holds JSON, which has no order here")
        parts = (sa.case((column.is_(None), 0), else_=1), column)
        order += [part.asc() if direction > 0 else part.desc() for part in parts]
    return order


def _test(test: Compare, column: sa.Column[Any]) -> Where:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    if test.operator in ("$eq", "$in"):
        return _among(column, values)
    if test.operator in ("$ne", "$nin"):
        return sa.not_(_among(column, values))
    (value,) = values
    _comparable(column, value)
    if value is None:  # null alone is as much as null
        return column.is_(None) if test.operator in ("$lte", "$gte") else sa.false()
    if kind_of(value) != KINDS[type(column.type)]:
        return sa.false()
    return sa.and_(column.is_not(None), _ORDERED[test.operator](column, _bound(value, column)))


def _among(column: sa.Column[Any], values: tuple[Any, ...]) -> Where:
    """Give whether a column has one of some values: true or false, never unknown, so it can be denied."""
    kind = KINDS[type(column.type)]
    for value in values:
        _comparable(column, value)
    alike = [_bound(value, column) for value in values if kind_of(value) == kind]
    parts: list[Where] = [
        sa.and_(column.is_not(None), column.in_(alike[start : start + _BOUND]))
        for start in range(0, len(alike), _BOUND)
    ]
    if None in values:
        parts.append(column.is_(None))
    return sa.or_(sa.false(), *parts)


def _comparable(column: sa.Column[Any], value: Any) -> None:
    if isinstance(column.type, sa.JSON) and value is not None:
        raise BadRequest(
            f"Invalid query parameter {column.name}: it holds JSON, which is compared with null alone"
        )


def _bound(value: Any, column: sa.Column[Any]) -> Any:
    """Give a value as a parameter; fractions and huge numbers are compared with whole ones as they are."""
    if kind_of(value) != "number":
        return sa.literal(value, column.type)
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        value = float(value) if abs(value) < 10**300 else float("inf") * (1 if value > 0 else -1)
    return sa.literal(value, sa.Double() if isinstance(value, float) else sa.BigInteger())

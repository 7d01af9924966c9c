"""Conditions become WHERE clauses of known columns and bound values, for any database."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from workbench.dialects.feathers.query import parse
from workbench.dialects.feathers.sql_query import compiled, order_of

TABLE = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("text", sa.Text()),
    sa.Column("n", sa.BigInteger()),
    sa.Column("on", sa.Boolean()),
)
DIALECTS: list[sa.Dialect] = [kind.dialect() for kind in (sqlite, postgresql, mysql)]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    "query",
    [{"text": "s3cret"}, {"n": {"$gte": 4711}}, {"text": {"$nin": ["s3cret", None]}}, {"on": {"$lt": True}}],
)
def test_values_are_bound(dialect: sa.Dialect, query: Any) -> None:
    """None of them stands in the statement."""
    statement = str(sa.select(TABLE).where(compiled(parse(query).where, TABLE)).compile(dialect=dialect))

    assert "s3cret" not in statement
    assert "4711" not in statement


@pytest.mark.parametrize(
    "query", [{"n": "1"}, {"n": True}, {"text": 1}, {"on": 1}, {"n": {"$gt": "1"}}, {"n": [1]}]
)
def test_a_value_of_another_type_is_never_sent(query: Any) -> None:
    """Databases would convert it, each in its own way."""
    clause = compiled(parse(query).where, TABLE).compile(dialect=DIALECTS[1])

    assert "things" not in str(clause)


def test_null_is_first_whatever_the_database_does() -> None:
    """The order says so itself."""
    first, second = order_of((("n", -1),), TABLE)

    assert "CASE WHEN (things.n IS NULL)" in str(first)
    assert str(second) == "things.n DESC"

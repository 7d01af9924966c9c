"""Queries: whatever a client sends is understood or refused, and never more than that."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sql
from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.directus.errors import DirectusError
from workbench.dialects.directus.filters import Who
from workbench.dialects.directus.query import sanitize, select, with_keys
from workbench.dialects.directus.schema import Schema

SCHEMA = Schema(
    {"messages": {"text": "string", "likes": "integer", "fine": "boolean", "more": "json", "price": "float"}}
)
MESSAGES = SCHEMA["messages"]
ENGINE = sql.create_engine("sqlite://")
SCHEMA.metadata.create_all(ENGINE)
CODES = {"INVALID_QUERY", "FORBIDDEN"}

WORDS = st.sampled_from(
    [
        "id", "text", "likes", "fine", "more", "price", "*", "-id", "_and", "_or", "_eq", "_neq", "_in",
        "_between", "_null", "_contains", "_gt", "_empty", "$NOW", "$CURRENT_USER", "$CURRENT_ROLES", "1", "",
        "a,b", "'; --", "%",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
QUERIES = st.dictionaries(
    st.sampled_from(["fields", "sort", "limit", "offset", "page", "search", "filter", "meta", "deep", "x"]),
    VALUES,
)


@given(VALUES | QUERIES)
def test_any_query_is_run_or_refused(raw: Any) -> None:
    """Any JSON at all is a query that the database takes, or an error that the client sees."""
    try:
        selection = select(sanitize(raw), MESSAGES, Who("u", "r", ("r",)))
    except DirectusError as refused:
        known = refused.code in CODES
        assert known, refused  # noqa: PT017 - most queries are none
        return
    if selection.statement is not None:
        with ENGINE.connect() as connection:
            connection.execute(selection.statement).all()


def test_sanitized() -> None:
    """Text as HTTP has it becomes lists, numbers and objects; other members are dropped."""
    assert sanitize(None) == sanitize({}) == sanitize({"fields": "", "sort": None, "x": 1}) == {}
    as_text = {
        "fields": "id, text",
        "sort": ["-id,text"],
        "limit": "2",
        "offset": 3.0,
        "page": "1",
        "filter": '{"a":1}',
        "search": 5,
        "meta": "*",
    }
    assert sanitize(as_text) == {
        "fields": ["id", "text"],
        "sort": ["-id", "text"],
        "limit": 2,
        "offset": 3,
        "page": 1,
        "filter": {"a": 1},
        "search": "5",
        "meta": ["total_count", "filter_count"],
    }


@pytest.mark.parametrize(
    "raw",
    [
        [], "x", {"limit": 2**40}, {"limit": "1" * 50}, {"limit": []}, {"search": {}}, {"filter": 4},
        {"aggregate": {"count": "*"}}, {"fields": [4]},
    ],
)  # fmt: skip
def test_refused(raw: Any) -> None:
    """What cannot be understood is an INVALID_QUERY."""
    with pytest.raises(DirectusError) as refused:
        sanitize(raw)
    assert refused.value.code == "INVALID_QUERY"


def test_keys_narrow_a_query() -> None:
    """The keys are and-ed to the filter; without a limit of its own the query gives all of them (R73)."""
    assert with_keys({}, MESSAGES, [1, 2]) == {"limit": 2, "filter": {"id": {"_in": [1, 2]}}}
    narrowed = with_keys({"limit": 1, "filter": {"text": "x"}}, MESSAGES, [1])
    assert narrowed == {"limit": 1, "filter": {"_and": [{"text": "x"}, {"id": {"_in": [1]}}]}}


def test_pages_and_limits() -> None:
    """No limit gives 100, 0 none at all, -1 everything, pages count from 1."""

    def text(query: dict[str, Any]) -> str:
        statement = select(sanitize(query), MESSAGES, Who()).statement
        return "" if statement is None else str(statement.compile(compile_kwargs={"literal_binds": True}))

    assert "LIMIT 100" in text({})
    assert text({"limit": 0}) == ""
    assert "LIMIT" not in text({"limit": -1})
    assert "LIMIT 10 OFFSET 20" in text({"limit": 10, "page": 3})
    assert "OFFSET 5" in text({"limit": 10, "page": 3, "offset": 5})

"""Queries are read whole, or refused with the name of the part that is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.feathers.errors import BadRequest, FeathersError
from workbench.dialects.feathers.query import All, Compare, Either, Parsed, limited, parse


def test_plain_members_are_equalities() -> None:
    """All of them have to hold."""
    assert parse({"a": 1, "b": None}).where == All((Compare("a", "$eq", 1), Compare("b", "$eq", None)))


def test_an_empty_query_wants_everything() -> None:
    """As no query does."""
    assert parse({}) == parse(None) == Parsed(All(()))


def test_operators_become_tests() -> None:
    """Several of one member all have to hold."""
    assert parse({"n": {"$gt": 1, "$lte": 5}}).where == All((Compare("n", "$gt", 1), Compare("n", "$lte", 5)))


def test_groups_nest() -> None:
    """`$or` in `$and` in `$or`."""
    query = {"$or": [{"$and": [{"a": 1}, {"$or": [{"b": 1}, {"c": 1}]}]}, {"d": 1}]}

    inner = Either((Compare("b", "$eq", 1), Compare("c", "$eq", 1)))
    assert parse(query).where == Either((All((Compare("a", "$eq", 1), inner)), Compare("d", "$eq", 1)))


def test_filters_are_read_from_texts() -> None:
    """Over REST every leaf is a text."""
    parsed = parse({"$limit": "10", "$skip": "5", "$sort": {"a": "-1", "b": "1"}, "$select": ["a"]})

    assert parsed == Parsed(All(()), (("a", -1), ("b", 1)), 5, 10, ("a",))


@pytest.mark.parametrize("key", ["$in", "$nin"])
def test_lists_of_values(key: str) -> None:
    """One value stands for a list of it, and an object with the keys 0, 1 ... is a list of a query string."""
    long = {str(n): n for n in range(30)}

    assert parse({"a": {key: [1, 2]}}).where == Compare("a", key, (1, 2))
    assert parse({"a": {key: "x"}}).where == Compare("a", key, ("x",))
    assert parse({"a": {key: long}}).where == Compare("a", key, tuple(range(30)))


def test_an_object_without_operators_is_a_value() -> None:
    """It is compared as a whole."""
    assert parse({"a": {"b": 1}}).where == Compare("a", "$eq", {"b": 1})


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("text", "query"),
        ({"$foo": 1}, "Invalid filter value $foo"),
        ({"$in": [1]}, "Invalid filter value $in"),
        ({"a": {"$foo": 1}}, "Invalid query parameter $foo"),
        ({"a": {"$eq": 1}}, "Invalid query parameter $eq"),
        ({"a": {"$or": [{"b": 1}]}}, "Invalid query parameter $or"),
        ({"a": {"$gt": 1, "b": 2}}, "Invalid query parameter b"),
        ({"a": {"$gt": {"$ne": 1}}}, "Invalid query parameter $gt of a"),
        ({"a": {"$in": [{"$ne": 1}]}}, "Invalid query parameter $in of a"),
        ({"$or": {"a": 1}}, "$or"),
        ({"$or": []}, "$or"),
        ({"$and": [1]}, "$and"),
        ({"$or": [{"$limit": 1}]}, "Invalid query parameter $limit"),
        ({"$limit": "ten"}, "$limit"),
        ({"$limit": -1}, "$limit"),
        ({"$limit": True}, "$limit"),
        ({"$limit": "9" * 400}, "$limit"),
        ({"$limit": 1.5}, "$limit"),
        ({"$skip": {}}, "$skip"),
        ({"$skip": float("nan")}, "$skip"),
        ({"$sort": "a"}, "$sort"),
        ({"$sort": {"a": "up"}}, "$sort of a"),
        ({"$sort": {"a": True}}, "$sort of a"),
        ({"$select": "a"}, "$select"),
        ({1: 2}, "names that are texts"),
        ({"a": {1: 2}}, "names that are texts"),
        ({"a": {"$in": [{1: 2}]}}, "names that are texts"),
        ({"$sort": {1: 1}}, "names that are texts"),
        ({"$select": [1]}, "$select"),
    ],
)
def test_a_bad_part_is_named(query: Any, named: str) -> None:
    """With BadRequest, never with another error."""
    with pytest.raises(BadRequest) as refused:
        parse(query)

    assert named in refused.value.message


@pytest.mark.parametrize(
    "query", [{"nme": 1}, {"$sort": {"nme": 1}}, {"$select": ["nme"]}, {"$or": [{"nme": 1}]}]
)
def test_an_unknown_member_is_named_with_what_is_near(query: Any) -> None:
    """Where the members are known."""
    with pytest.raises(BadRequest, match="Invalid query parameter nme; did you mean 'name'"):
        parse(query, fields={"name"})


def test_queries_too_deep_are_refused() -> None:
    """They would exhaust the stack."""
    query: dict[str, Any] = {"a": 1}
    for _ in range(2000):
        query = {"$or": [query]}

    with pytest.raises(BadRequest, match="inside of each other"):
        parse(query)


def test_a_long_value_is_shortened_in_the_message() -> None:
    """The message is a line."""
    with pytest.raises(BadRequest) as refused:
        parse({"$limit": "x" * 10_000})

    assert len(refused.value.message) < 150


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$or", "$in", "$gt", "$limit", "$sort", "$select", "a", "0"]), inner
        )
    ),
)


keys = st.sampled_from(["$or", "$and", "$limit", "$skip", "$sort", "$select", "a", "$x"])


@given(st.dictionaries(keys, values))
def test_whatever_comes_is_read_or_refused(query: dict[str, Any]) -> None:
    """No query has another outcome."""
    try:
        outcome: object = parse(query)
    except FeathersError as refused:
        outcome = refused

    assert isinstance(outcome, Parsed | BadRequest)


@pytest.mark.parametrize(
    ("limit", "paginate", "given"),
    [
        (None, None, None),
        (7, None, 7),
        (None, {"default": 10, "max": 50}, 10),
        (20, {"default": 10, "max": 50}, 20),
        (80, {"default": 10, "max": 50}, 50),
        (80, {"default": 10}, 80),
        (None, {"max": 50}, 50),
        (0, {"default": 10}, 0),
    ],
)
def test_pagination_limits(limit: int | None, paginate: Any, given: int | None) -> None:
    """The default where nothing is asked for, and never more than the maximum."""
    assert limited(limit, paginate) == given

"""Records are compared as JSON is: by type first, lists by their entries."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.feathers.matching import kind_of, matcher, same, sort_key
from workbench.dialects.feathers.query import parse


@pytest.mark.parametrize(
    ("query", "record", "fits"),
    [
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": "1"}, {"a": 1}, False),
        ({"a": None}, {}, True),
        ({"a": {"$ne": 1}}, {}, True),
        ({"a": {"$ne": None}}, {}, False),
        ({"a": {"$in": [1, None]}}, {}, True),
        ({"a": {"$in": []}}, {"a": 1}, False),
        ({"a": {"$nin": []}}, {"a": 1}, True),
        ({"a": {"$nin": [True]}}, {"a": 1}, True),
        ({"a": {"$gt": 1}}, {"a": "2"}, False),
        ({"a": {"$gt": "a"}}, {"a": "b"}, True),
        ({"a": {"$lt": True}}, {"a": False}, True),
        ({"a": {"$lt": 1}}, {}, False),
        ({"a": {"$lte": None}}, {}, True),
        ({"a": {"$gt": None}}, {"a": 1}, False),
        ({"a": {"$gt": []}}, {"a": [1]}, False),
        ({"tags": "x"}, {"tags": ["y", "x"]}, True),
        ({"tags": ["x"]}, {"tags": ["x"]}, True),
        ({"tags": {"$ne": "x"}}, {"tags": ["y", "x"]}, False),
        ({"tags": {"$in": [["x"]]}}, {"tags": ["x"]}, True),
        ({"n": {"$gt": 5, "$lt": 3}}, {"n": [1, 9]}, True),
        ({"a.b": 1}, {"a": {"b": 1}}, True),
        ({"a.b": 1}, {"a": [{"b": 2}, {"b": 1}]}, True),
        ({"a.1": 7}, {"a": [6, 7]}, True),
        ({"a.b": None}, {"a": []}, False),
        ({"a.b": None}, {"a": None}, True),
        ({"a.b": None}, {"a": 3}, True),
        ({"a": {"b": [1]}}, {"a": {"b": [1]}}, True),
        ({"a": {"b": [1]}}, {"a": {"b": [True]}}, False),
        ({"$or": [{"a": 1}, {"b": 1}]}, {"b": 1}, True),
        ({"$and": [{"a": 1}, {"b": 1}]}, {"b": 1}, False),
    ],
)
def test_a_record_fits(query: Any, record: Any, fits: bool) -> None:
    """Or does not."""
    assert matcher(parse(query).where)(record) is fits


def test_values_of_all_types_have_an_order() -> None:
    """Null, numbers, texts, false and true, lists, objects."""
    shuffled: list[Any] = [{"a": 2}, True, [1, 0], "a", None, 2.5, {}, [], "", -1, False, [2], {"a": 1}, [1]]
    ordered: list[Any] = [None, -1, 2.5, "", "a", False, True, [], [1], [1, 0], [2], {}, {"a": 1}, {"a": 2}]

    assert sorted(shuffled, key=sort_key) == ordered
    assert sort_key(b"x") > sort_key(True)


def test_kinds_are_those_of_json() -> None:
    """And the class's name for what JSON has not."""
    values: list[object] = [None, True, 1, 1.5, "", [], (), {}, b""]
    kinds = [kind_of(value) for value in values]

    assert kinds == ["null", "boolean", "number", "number", "string", "array", "array", "object", "bytes"]


def test_objects_are_equal_by_their_members() -> None:
    """All of them, deeply."""
    assert same({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]})
    assert not same({"a": 1}, {"b": 1})
    assert not same({"a": 1}, {"a": 1, "b": 1})

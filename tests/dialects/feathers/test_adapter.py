"""Both services do what Feathers' adapters do, and answer every query alike."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.dialects.feathers.adapter import AdapterService
from workbench.dialects.feathers.errors import BadRequest, FeathersError, MethodNotAllowed, NotFound
from workbench.dialects.feathers.memory import MemoryService
from workbench.dialects.feathers.sql import SqlService

COLUMNS: dict[str, type] = {"text": str, "n": int, "f": float, "on": bool}
RECORDS: list[dict[str, Any]] = [
    {"text": "a", "n": 3, "f": 0.5, "on": True},
    {"text": "b", "n": 1, "f": None, "on": False},
    {"text": None, "n": 3, "f": 2.0, "on": None},
    {"text": "B", "n": None, "f": -1.5, "on": True},
]


def make(kind: str, **options: Any) -> AdapterService:
    """Make one of the two services."""
    if kind == "memory":
        return MemoryService(**options)
    return SqlService("things", COLUMNS, database="sqlite://", **options)


@pytest.fixture(params=["memory", "sql"])
def service(request: pytest.FixtureRequest) -> Iterator[AdapterService]:
    """Give a service with four records and all multi rules."""
    made = make(request.param, multi=True)
    asyncio.run(made.create([dict(record) for record in RECORDS]))
    yield made
    close(made)


def close(service: AdapterService) -> None:
    """Let go of a database."""
    if isinstance(service, SqlService):
        service.database.close()


def call(service: AdapterService, method: str, *arguments: Any) -> Any:
    """Call a method and wait for it."""
    return asyncio.run(getattr(service, method)(*arguments))


def ids(found: list[dict[str, Any]]) -> list[int]:
    """List the ids of records."""
    return [record["id"] for record in found]


def test_records_are_created_with_ids_from_one(service: AdapterService) -> None:
    """And found in that order."""
    assert call(service, "find") == [{**record, "id": n} for n, record in enumerate(RECORDS, 1)]


@pytest.mark.parametrize("id_", [2, "2", 2.0])
def test_one_is_got_by_its_id(service: AdapterService, id_: Any) -> None:
    """Whatever type a transport made of it."""
    assert call(service, "get", id_)["text"] == "b"


@pytest.mark.parametrize(
    "id_", [9, "9", "02", "x", None, True, "1e1", "9" * 40, "1 OR 1=1", -1, [1], {"a": 1}]
)
def test_an_id_that_is_not_there_is_not_found(service: AdapterService, id_: Any) -> None:
    """The message has it."""
    with pytest.raises(NotFound, match="No record found for id '"):
        call(service, "get", id_)


@pytest.mark.parametrize("method", ["get", "remove"])
def test_the_query_also_counts_for_one(service: AdapterService, method: str) -> None:
    """A record that does not fulfil it is not found."""
    with pytest.raises(NotFound):
        call(service, method, 1, {"query": {"n": 4}})
    assert call(service, method, 1, {"query": {"n": 3}})["id"] == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"n": 3}, [1, 3]),
        ({"n": "3"}, []),
        ({"on": 1}, []),
        ({"on": True}, [1, 4]),
        ({"n": {"$ne": 3}}, [2, 4]),
        ({"n": None}, [4]),
        ({"n": {"$nin": [1, None]}}, [1, 3]),
        ({"text": {"$gt": "a"}}, [2]),
        ({"text": {"$in": ["a", "B", 7]}}, [1, 4]),
        ({"f": {"$lte": 0.5}}, [1, 4]),
        ({"n": {"$gte": 2.5}}, [1, 3]),
        ({"n": {"$lt": 10**400}}, [1, 2, 3]),
        ({"n": {"$gt": -(10**400)}}, [1, 2, 3]),
        ({"$or": [{"n": 1}, {"f": 2}]}, [2, 3]),
        ({"$and": [{"n": 3}, {"f": 2}]}, [3]),
        ({"n": 3, "$or": [{"on": None}, {"on": False}]}, [3]),
        ({"$sort": {"n": -1, "text": 1}}, [3, 1, 2, 4]),
        ({"$sort": {"n": 1}, "$skip": 1, "$limit": 2}, [2, 1]),
        ({"$skip": 3}, [4]),
        ({"$limit": 0}, []),
        ({"id": {"$in": [3, 1]}}, [1, 3]),
        ({"id": 2}, [2]),
        ({"id": "2"}, []),
    ],
)
def test_queries_find(service: AdapterService, query: Any, found: list[int]) -> None:
    """The same records in both."""
    assert ids(call(service, "find", {"query": query})) == found


def test_a_selection_always_has_the_id(service: AdapterService) -> None:
    """In find, get, create, update, patch and remove."""
    params = {"query": {"$select": ["n"]}}

    assert call(service, "find", {"query": {"$select": ["n"], "$limit": 1}}) == [{"n": 3, "id": 1}]
    assert call(service, "get", 1, params) == {"n": 3, "id": 1}
    assert call(service, "create", {"n": 5, "text": "x"}, params) == {"n": 5, "id": 5}
    assert call(service, "patch", 1, {"n": 4, "text": "x"}, params) == {"n": 4, "id": 1}
    assert call(service, "update", 1, {"n": 6, "text": "x"}, params) == {"n": 6, "id": 1}
    assert call(service, "remove", 1, params) == {"n": 6, "id": 1}


def test_patch_merges_and_keeps_the_id(service: AdapterService) -> None:
    """An id in the data does not move the record."""
    assert call(service, "patch", "2", {"text": "c", "id": 9}) == {**RECORDS[1], "text": "c", "id": 2}


def test_patch_of_null_changes_what_the_query_finds(service: AdapterService) -> None:
    """The records are given as they are afterwards, though the query finds them no more."""
    patched = call(service, "patch", None, {"n": 7}, {"query": {"n": 3, "$limit": 1, "$sort": {"id": -1}}})

    assert [(record["id"], record["n"]) for record in patched] == [(1, 7), (3, 7)]


def test_an_empty_patch_changes_nothing(service: AdapterService) -> None:
    """And is no error."""
    assert call(service, "patch", 1, {}) == {**RECORDS[0], "id": 1}
    assert call(service, "patch", None, {"n": 1}, {"query": {"n": 99}}) == []


def test_update_replaces_all_but_the_id(service: AdapterService) -> None:
    """What is not given is gone: missing, or null in a table."""
    updated = call(service, "update", 1, {"text": "new"})

    assert {name: value for name, value in updated.items() if value is not None} == {"id": 1, "text": "new"}


@pytest.mark.parametrize(("id_", "data"), [(None, {}), (1, [{}])])
def test_update_of_many_is_refused(service: AdapterService, id_: Any, data: Any) -> None:
    """With the sentence of Feathers."""
    with pytest.raises(BadRequest, match="You can not replace multiple instances"):
        call(service, "update", id_, data)


def test_remove_of_null_removes_what_the_query_finds(service: AdapterService) -> None:
    """And gives it."""
    assert ids(call(service, "remove", None, {"query": {"on": True}})) == [1, 4]
    assert ids(call(service, "find")) == [2, 3]
    assert call(service, "remove", None, {"query": {"on": True}}) == []


@pytest.mark.parametrize("kind", ["memory", "sql"])
@pytest.mark.parametrize(
    ("multi", "method", "arguments"),
    [
        (False, "create", ([{}],)),
        (False, "patch", (None, {})),
        (False, "remove", (None,)),
        (["patch"], "remove", (None,)),
    ],
)
def test_multi_has_to_be_allowed(kind: str, multi: Any, method: str, arguments: tuple[Any, ...]) -> None:
    """For each method by itself."""
    service = make(kind, multi=multi)

    with pytest.raises(MethodNotAllowed, match=f"Can not {method} multiple entries"):
        call(service, method, *arguments)
    close(service)


@pytest.mark.parametrize("kind", ["memory", "sql"])
def test_pages_have_totals(kind: str) -> None:
    """`paginate` of the service, switched off or replaced by that of the call."""
    service = make(kind, multi=["create"], paginate={"default": 2, "max": 3})
    call(service, "create", [{"n": n} for n in range(5)])

    page = call(service, "find", {"query": {"n": {"$gt": 0}, "$skip": 1, "$select": ["n"]}})

    assert page == {"total": 4, "limit": 2, "skip": 1, "data": [{"n": 2, "id": 3}, {"n": 3, "id": 4}]}
    assert len(call(service, "find", {"query": {"$limit": "99"}})["data"]) == 3
    assert call(service, "find", {"query": {"$limit": 0}}) == {"total": 5, "limit": 0, "skip": 0, "data": []}
    assert len(call(service, "find", {"paginate": False})) == 5
    assert call(service, "find", {"paginate": {"default": 1}})["limit"] == 1
    close(service)


def test_a_failed_create_of_many_leaves_nothing(service: AdapterService) -> None:
    """All or none."""
    with pytest.raises(BadRequest):
        call(service, "create", [{"n": 1}, {"id": 1}])
    assert ids(call(service, "find")) == [1, 2, 3, 4]


def test_ids_are_never_given_twice(service: AdapterService) -> None:
    """Neither after one that was given by hand, nor after a removal."""
    call(service, "create", {"id": 10})
    call(service, "remove", 10)

    assert call(service, "create", {})["id"] == 11
    assert call(service, "create", {"id": 7})["id"] == 7
    assert ids(call(service, "find")) == [1, 2, 3, 4, 7, 11]


@pytest.mark.parametrize("data", ["text", 5, True, [["a"]]])
def test_data_has_to_be_an_object(service: AdapterService, data: Any) -> None:
    """Or a list of objects."""
    with pytest.raises(BadRequest, match="Invalid data: expected an object"):
        call(service, "create", data)


def test_nothing_is_an_empty_record(service: AdapterService) -> None:
    """As the empty object is."""
    assert call(service, "create", None)["id"] == 5


names = st.sampled_from([*COLUMNS, "id"])
texts = st.sampled_from(["", "a", "b", "B", "'; DROP TABLE things; --", "é", "\U0001f600", "\x00", "1"])
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, -1.5, 2.0, 2**70]) | texts
tests = st.one_of(
    scalars,
    st.dictionaries(st.sampled_from(["$ne", "$lt", "$lte", "$gt", "$gte"]), scalars, min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["$in", "$nin"]), st.lists(scalars, max_size=3), min_size=1),
)
conditions = st.recursive(
    st.dictionaries(names, tests, max_size=2),
    lambda inner: st.dictionaries(
        st.sampled_from(["$or", "$and"]), st.lists(inner, min_size=1, max_size=3), min_size=1
    ),
    max_leaves=6,
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "$sort": st.dictionaries(names, st.sampled_from([1, -1]), max_size=3),
        "$skip": st.integers(0, 5),
        "$limit": st.integers(0, 5),
        "$select": st.lists(names, max_size=3),
    },
)
records = st.fixed_dictionaries(
    {
        "text": st.none() | texts,
        "n": st.none() | st.integers(-3, 3),
        "f": st.none() | st.sampled_from([0.5, -1.5, 2.0, 1.0]),
        "on": st.none() | st.booleans(),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(records, max_size=8), st.lists(st.tuples(conditions, filters), min_size=1, max_size=6))
def test_both_answer_every_query_alike(stored: list[dict[str, Any]], queries: list[tuple[Any, Any]]) -> None:
    """The same records in the same order, or the same refusal."""
    both = [make(kind, multi=True, paginate={"default": 5, "max": 6}) for kind in ("memory", "sql")]
    try:
        for service in both:
            call(service, "create", stored)
        for condition, more in queries:
            query = {**condition, **more}
            one, other = (outcome(service, "find", {"query": query}) for service in both)
            assert one == other
            one, other = (outcome(service, "get", 2, {"query": query}) for service in both)
            assert one == other
        one, other = (outcome(service, "patch", None, {"n": 9}, {"query": queries[0][0]}) for service in both)
        assert one == other
        one, other = (outcome(service, "remove", None, {"query": queries[-1][0]}) for service in both)
        assert one == other
        assert call(both[0], "find") == call(both[1], "find")
    finally:
        close(both[1])


def outcome(service: AdapterService, method: str, *arguments: Any) -> Any:
    """Give what a call returns, or the error that it raises."""
    try:
        return call(service, method, *arguments)
    except FeathersError as refused:
        return refused.to_json()


def test_a_store_has_to_be_written() -> None:
    """The common part alone keeps nothing."""
    with pytest.raises(NotImplementedError):
        call(AdapterService(), "find")
    with pytest.raises(NotImplementedError):
        AdapterService().key(1)


def test_a_file_keeps_its_records(tmp_path: Path) -> None:
    """A second service over the same file finds them."""
    url = f"sqlite:///{tmp_path / 'things.db'}"
    for n in (1, 2):
        service = SqlService("things", COLUMNS, database=url)
        assert call(service, "create", {"n": n})["id"] == n
        close(service)

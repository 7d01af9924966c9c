"""The SQL service makes its table, refuses what has no column, and lets nothing into its statements."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from workbench.dialects.feathers.errors import BadRequest, GeneralError, wire_form
from workbench.dialects.feathers.sql import SqlService
from workbench.engine.errors import WorkbenchError
from workbench.store import Database

COLUMNS: dict[str, type] = {"text": str, "n": int, "f": float, "on": bool, "more": dict, "order": int}


def call(service: SqlService, method: str, *arguments: Any) -> Any:
    """Call a method and wait for it."""
    return asyncio.run(getattr(service, method)(*arguments))


@pytest.fixture
def service() -> Iterator[SqlService]:
    """Give a service in memory."""
    made = SqlService("things", COLUMNS, database="sqlite://", multi=True)
    yield made
    made.database.close()


def test_json_is_stored_and_compared_with_null_alone(service: SqlService) -> None:
    """An order or an equality of JSON is no two databases' own."""
    call(service, "create", [{"more": {"a": [1]}}, {}])

    assert call(service, "find", {"query": {"more": {"$ne": None}}})[0]["more"] == {"a": [1]}
    assert call(service, "find", {"query": {"more": None}})[0]["id"] == 2
    for query in ({"more": {"a": [1]}}, {"more": {"$lt": 1}}, {"$sort": {"more": 1}}):
        with pytest.raises(BadRequest, match="more"):
            call(service, "find", {"query": query})


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"txt": "a"}, "the table things has no column txt; did you mean 'text'"),
        ({"text": 5}, "expected string for text, not 5"),
        ({"n": "5"}, "expected whole number for n, not string"),
        ({"n": 1.5}, "expected whole number for n, not 1.5"),
        ({"n": 2**63}, "expected whole number for n, not 9223372036854775808"),
        ({"f": 10**400}, "expected number for f, not 10000000000000000000"),
        ({"f": float("nan")}, "expected number for f, not nan"),
        ({"on": 1}, "expected boolean for on, not 1"),
        ({"id": "x"}, "expected whole number for id, not string"),
        ({"id); DROP TABLE things; --": 1}, "has no column id\\); DROP TABLE"),
    ],
)
def test_data_that_fits_no_column_is_refused(service: SqlService, data: Any, sentence: str) -> None:
    """The column is named, before the database sees anything."""
    with pytest.raises(BadRequest, match=sentence):
        call(service, "create", data)
    if "id" not in data:  # which a patch leaves as it is
        with pytest.raises(BadRequest, match=sentence):
            call(service, "patch", None, data)


def test_numbers_become_those_of_their_column(service: SqlService) -> None:
    """A whole one in a column of fractions, and the other way round."""
    created = call(service, "create", {"f": 10**30, "n": 2.0})

    assert (created["f"], created["n"]) == (1e30, 2)


HOSTILE = ["text' OR '1'='1", 'text" OR 1=1 --', "text; DROP TABLE things", "1=1", "things.text", "*", ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_never_reach_a_statement(service: SqlService, name: str) -> None:
    """Members, orders and selections are looked up among the columns."""
    call(service, "create", {"text": "kept"})
    for query in ({name: 1}, {"$sort": {name: 1}}, {"$select": [name]}, {"$or": [{name: {"$gt": 1}}]}):
        with pytest.raises(BadRequest, match="Invalid query parameter"):
            call(service, "find", {"query": query})
    assert call(service, "find", {"query": {"text": name}}) == []
    assert call(service, "find")[0]["text"] == "kept"


def test_columns_may_have_names_of_sql(service: SqlService) -> None:
    """`order` is quoted."""
    call(service, "create", [{"order": 2}, {"order": 1}])

    found = call(service, "find", {"query": {"$sort": {"order": 1}, "order": {"$gt": 0}}})
    assert [record["order"] for record in found] == [1, 2]


def test_long_lists_are_cut_for_the_database(service: SqlService) -> None:
    """Ten thousand values in one query."""
    call(service, "create", [{"n": n} for n in range(1200)])

    assert len(call(service, "find", {"query": {"n": {"$in": list(range(10_000))}}})) == 1200
    assert len(call(service, "patch", None, {"on": True})) == 1200
    assert len(call(service, "remove", None, {"query": {"n": {"$nin": list(range(10_000))}}})) == 0


def test_ids_may_be_texts() -> None:
    """They have to come with the data, then."""
    service = SqlService("users", {"name": str, "id": str}, database="sqlite://")

    assert call(service, "create", {"id": "ada", "name": "Ada"}) == {"id": "ada", "name": "Ada"}
    assert call(service, "patch", "ada", {"name": "A."})["name"] == "A."
    with pytest.raises(BadRequest, match="Invalid id: expected a text"):
        call(service, "create", {"name": "x"})
    with pytest.raises(BadRequest, match="breaks a rule of the table"):
        call(service, "create", {"id": "ada"})
    service.database.close()


def test_a_database_may_be_shared() -> None:
    """Two services, one database, one table each."""
    database = Database()
    one = SqlService("one", {"n": int}, database=database)
    two = SqlService("two", {"n": int}, database=database)

    call(one, "create", {"n": 1})
    call(two, "create", {"n": 2})

    assert call(one, "find") + call(two, "find") == [{"id": 1, "n": 1}, {"id": 1, "n": 2}]
    database.close()


def test_errors_of_the_database_tell_no_statement(service: SqlService) -> None:
    """Neither its SQL nor its values."""
    call(service, "create", {"text": "s3cret"})
    service.database.run_blocking(lambda connection: connection.execute(text("DROP TABLE things")))

    with pytest.raises(GeneralError) as failed:
        call(service, "find", {"query": {"text": "s3cret"}})
    assert wire_form(failed.value)["message"] == "The database can not do that: OperationalError"


def test_half_a_character_is_refused(service: SqlService) -> None:
    """JSON may have it, no database takes it."""
    with pytest.raises(BadRequest, match="half of a character"):
        call(service, "create", {"text": "\ud800"})


@pytest.mark.parametrize("columns", [{"a": set}, {"id": float}, {"a": "str"}])
def test_a_type_that_no_column_has_is_refused(columns: Any) -> None:
    """With the types that there are."""
    with pytest.raises(WorkbenchError, match="has a type of"):
        SqlService("things", columns, database="sqlite://")


def test_a_first_call_that_fails_leaves_the_table(service: SqlService) -> None:
    """It is made before anything else, and for itself."""
    with pytest.raises(BadRequest):
        call(service, "create", {"nothing": 1})

    assert call(service, "find") == []

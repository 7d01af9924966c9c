"""The in-memory service keeps copies, takes members of any kind, and orders records as JavaScript does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from workbench.dialects.feathers.errors import BadRequest
from workbench.dialects.feathers.memory import MemoryService


def call(service: MemoryService, method: str, *arguments: Any) -> Any:
    """Call a method and wait for it."""
    return asyncio.run(getattr(service, method)(*arguments))


def test_what_it_gives_and_takes_is_copied() -> None:
    """Changing a result or the data afterwards changes no record."""
    service, data = MemoryService(), {"tags": ["a"]}

    created = call(service, "create", data)
    data["tags"].append("b")
    created["tags"].append("c")
    call(service, "get", 1)["tags"].append("d")
    service.store[1]["tags"].append("e")

    assert call(service, "get", 1) == {"id": 1, "tags": ["a"]}


def test_it_may_begin_with_records_and_another_id() -> None:
    """`store` and `start_id`, and `id` names the member."""
    service = MemoryService(id="_id", start_id=0, store={"x": {"n": 1}, 5: {"n": 2}})

    assert call(service, "find") == [{"_id": 5, "n": 2}, {"_id": "x", "n": 1}]
    assert call(service, "create", {})["_id"] == 6
    assert call(MemoryService(start_id=0), "create", {})["id"] == 0


def test_whole_numbers_come_first_then_the_others_as_they_came() -> None:
    """The order of an object's members."""
    service = MemoryService(multi=True)
    call(service, "create", [{"id": "z"}, {"id": 7}, {"id": "a"}, {"id": 2}, {"id": "07"}, {"id": "9" * 30}])

    assert [r["id"] for r in call(service, "find")] == [2, 7, "z", "a", "07", "9" * 30]


@pytest.mark.parametrize("id_", [True, [1], {"a": 1}])
def test_an_id_is_a_number_or_a_text(id_: object) -> None:
    """Anything else is refused."""
    with pytest.raises(BadRequest, match="Invalid id: expected a number or a text"):
        call(MemoryService(), "create", {"id": id_})


def test_nested_members_are_found_and_ordered() -> None:
    """By dotted names."""
    service = MemoryService(multi=True)
    call(service, "create", [{"by": {"name": "b"}}, {"by": {"name": "a"}}, {"by": None}])

    found = call(service, "find", {"query": {"$sort": {"by.name": 1}, "by.name": {"$ne": None}}})

    assert [record["by"]["name"] for record in found] == ["a", "b"]


def test_a_failed_call_goes_back_over_changes_too() -> None:
    """Records that a piece of work changed are as before."""
    service = MemoryService(store={1: {"n": 1}})

    def work(store: Any) -> None:
        store.merge([1], {"n": 2})
        store.insert({})
        raise BadRequest("no")

    with pytest.raises(BadRequest):
        asyncio.run(service.run(work))
    assert service.store == {1: {"id": 1, "n": 1}}


def test_it_answers_as_feathers_own_memory_adapter() -> None:
    """`memory.json` has pages that the adapter of 5.0.50 gave for random queries over records of any kind."""
    recorded = json.loads((Path(__file__).parent / "memory.json").read_text(encoding="utf-8"))
    service = MemoryService(multi=True, paginate={"default": 5, "max": 6})
    call(service, "create", recorded["records"])

    for answer in recorded["answers"]:
        page = call(service, "find", {"query": answer["query"]})
        assert json.dumps(page, sort_keys=True) == json.dumps(answer["page"], sort_keys=True), answer["query"]

"""The items service, as hooks use it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.dialects.directus.support import OPTIONS, person, serving, until
from workbench import NULL, Workbench
from workbench.dialects.directus import DirectusError

ALICE = {"user": "alice", "role": "editor", "roles": ["editor"]}
RITA = {"user": "rita", "role": "reader", "roles": ["reader"]}


def test_a_service_of_somebody_has_their_rights() -> None:
    """Without an accountability all is allowed; with one, what its role may; never what is not there."""
    with serving() as bench:
        run, service = bench.run, bench.services.ItemsService
        key = run(service("messages", accountability=ALICE).create_one({"text": "x"}))
        assert run(service("messages", accountability=RITA).read_one(key, {"fields": ["text"]})) == {
            "text": "x"
        }
        mine = service("messages", accountability=RITA)
        for work in (
            mine.create_one({"text": "y"}),
            mine.update_one(key, {"text": "y"}),
            mine.delete_one(key),
        ):
            with pytest.raises(DirectusError, match="permission"):
                run(work)
        with pytest.raises(DirectusError, match="permission"):
            service("nothing")
        assert run(service("messages").update_batch([{"id": key, "likes": 4}])) == [key]
        assert run(service("messages").update_by_query({"filter": {"likes": 4}}, {"likes": 5})) == [key]
        assert run(service("messages").read_many([key, "no key"]))[0]["likes"] == 5
        assert run(service("messages").delete_by_query({"filter": {"likes": 5}})) == [key]
        assert run(service("messages").update_by_query({}, {"likes": 5})) == []
        assert run(service("messages").delete_by_query({})) == []


def test_without_events() -> None:
    """`emit_events=False` runs no hook and tells no subscriber."""
    with serving() as bench, person(bench) as alice:
        alice.ask({"type": "subscribe", "collection": "messages"})
        seen: list[str] = []
        for register in (bench.filter, bench.action):
            register("items.*", lambda *_: seen.append("hook"))
        items = bench.items("messages")
        key = bench.run(items.create_one({"text": "x"}, emit_events=False))
        bench.run(items.update_one(key, {"text": "y"}, emit_events=False))
        assert bench.run(items.read_by_query({"fields": ["text"]}, emit_events=False)) == [{"text": "y"}]
        bench.run(items.delete_one(key, emit_events=False))
        assert seen == []
        assert alice.silent()


def test_payloads_are_copies() -> None:
    """What a filter changes in place is stored, and leaves the caller's data as it was (R3)."""
    with serving() as bench:

        def change(payload: Any) -> None:
            payload["text"] = "changed"

        bench.filter("items.create", change)
        data = {"text": "mine"}
        key = bench.run(bench.items("messages").create_one(data))
        assert data == {"text": "mine"}
        assert bench.run(bench.items("messages").read_one(key))["text"] == "changed"


@pytest.mark.parametrize("made", [NULL, 42, [], "text"])
def test_filters_that_spoil_an_item(made: Any) -> None:
    """A filter that makes something else of an item is an error, and nothing is stored."""
    with serving() as bench:
        bench.filter("items.create", lambda payload: made)  # noqa: ARG005 - it replaces it
        with pytest.raises((TypeError, DirectusError)):
            bench.run(bench.items("messages").create_one({"text": "x"}))
        assert bench.run(bench.items("messages").read_by_query()) == []


def test_database_errors_in_other_words() -> None:
    """`database.error` filters see the error with the database's name, and may put another in its place."""
    with serving() as bench, person(bench) as alice:
        told: list[Any] = []

        def reword(error: Any, meta: Any) -> Any:
            told.append((error.code, meta.client))
            return DirectusError("TAKEN", "That number is taken.")

        alice.items("create", data={"id": 5})
        assert alice.items("create", data={"id": 5})["error"]["code"] == "RECORD_NOT_UNIQUE"
        bench.filter("database.error", reword)
        assert alice.items("create", data={"id": 5})["error"] == {
            "code": "TAKEN", "message": "That number is taken.",
        }  # fmt: skip
        assert told == [("RECORD_NOT_UNIQUE", "sqlite")]


@pytest.mark.parametrize(
    ("lane", "told"),
    [("items.create", False), ("messages.items.create", True), ("*.create", True)],
)
def test_actions_that_raise_and_the_subscribers(lane: str, told: bool) -> None:
    """R11: one for the general event keeps the system from telling subscribers; others come too late."""
    with serving() as bench, person(bench) as alice:
        alice.ask({"type": "subscribe", "collection": "messages"})
        seen: list[str] = []

        def fail(meta: Any) -> None:
            raise RuntimeError(meta.event)

        bench.action(lane, fail)
        bench.on_error(lambda error: seen.append(str(error)))
        alice.send({"type": "items", "action": "create", "collection": "messages", "data": {"text": "x"}})
        if told:
            assert alice.next()["event"] == "create"
        assert alice.silent()
        assert seen == ["messages.items.create" if lane.startswith("messages") else "items.create"]
        assert len(bench.run(bench.items("messages").read_by_query())) == 1


def test_async_action_errors_are_all_noted() -> None:
    """R10: each rejection is in the trace and given to on_error; the system would log the first."""
    with serving() as bench:
        seen: list[str] = []
        bench.on_error(lambda error: seen.append(str(error)))

        async def fail(meta: Any) -> None:
            await asyncio.sleep(0)
            raise RuntimeError(meta.event)

        for lane in ("items.create", "messages.items.create"):
            bench.action(lane, fail)
        bench.run(bench.items("messages").create_one({"text": "x"}))
        until(lambda: len(seen) == 2)
        assert sorted(seen) == ["items.create", "messages.items.create"]
        assert list(bench.trace.calls["outcome"]) == ["raised", "raised"]


def test_singletons() -> None:
    """A singleton is written once, then changed."""
    with serving() as bench:
        board = bench.items("board")
        assert bench.run(board.read_singleton()) == {"id": None, "headline": "nothing"}
        assert bench.run(board.upsert_singleton({"headline": "one"})) == 1
        assert bench.run(board.upsert_singleton({"headline": "two"})) == 1
        assert bench.run(board.read_singleton({"fields": ["headline"]})) == {"headline": "two"}


def test_keys_of_other_types() -> None:
    """Text keys are the client's, uuid keys are made up."""
    collections = {
        "tags": {"name": {"type": "string", "key": True}, "count": "integer"},
        "things": {"id": {"type": "uuid", "key": True}, "name": "string"},
    }
    bench = Workbench("directus", **{**OPTIONS, "collections": collections, "roles": [], "users": []})
    try:
        bench.start()
        assert bench.run(bench.items("tags").create_one({"name": "a"})) == "a"
        key = bench.run(bench.items("things").create_one({"name": "x"}))
        assert len(key) == 36
        assert bench.run(bench.items("things").read_one(key))["name"] == "x"
    finally:
        bench.stop()

"""The chains of events, as panels and people name them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.directus.support import OPTIONS, person, serving
from workbench import Workbench
from workbench.engine.errors import UnknownPoint


def keep(payload: Any) -> Any:
    """Leave the payload as it is."""
    return payload


def names(bench: Workbench) -> list[str]:
    """List the names of the chains there are."""
    app: Any = bench.mounts["/"].app
    return [chain.name for chain in app.chains()]


def test_chains_of_items_and_messages_are_there_from_the_start() -> None:
    """Messages, and what happens to the items of each collection; filters before actions, in one family."""
    bench = Workbench("directus", **OPTIONS)
    found = names(bench)
    assert found[:2] == ["filter websocket.message", "action websocket.message"]
    assert "filter messages.items.create" in found
    assert "action board.items.update" in found
    assert "action messages.items.query" not in found
    create = bench.mounts["/"].app.chain("filter messages.items.create")  # type: ignore[attr-defined]
    assert [lane.name for lane in create.lanes] == ["items.create", "messages.items.create"]
    assert (create.family, create.core, create.usual) == (
        "messages.items.create", "written to the database", "messages.items.create",
    )  # fmt: skip


def test_used_events_and_patterns_join() -> None:
    """Patterns stand behind the names that they fit; an event that nothing emits is listed, and noted."""
    bench = Workbench("directus", **OPTIONS)
    bench.filter("**", keep)
    bench.action("of_ones_own", keep)  # may be emitted by an extension: no warning
    with pytest.warns(
        UserWarning, match="emits the action event .*; did you mean 'messages.items.create'"
    ) as told:
        bench.action("mesages.items.create", keep)
    assert told[0].filename == __file__
    bench.init("app.before", keep)
    bench.schedule("* * * * *", lambda: None, name="tick")
    app: Any = bench.mounts["/"].app
    assert [lane.name for lane in app.chain("filter messages.items.create").lanes] == [
        "items.create", "**", "messages.items.create",
    ]  # fmt: skip
    unheard = app.chain("action mesages.items.create")
    assert "Nothing here emits the action event 'mesages.items.create'; did you mean" in unheard.doc
    assert {"init app.before", "schedule * * * * *", "action mesages.items.create"} <= set(names(bench))
    assert [text for text in bench.trace.errors["error"] if "did you mean 'messages.items.create'" in text]


def test_a_chain_is_edited_by_its_name() -> None:
    """Functions go into the event's own lane, move between lanes, and run in the chain's order."""
    with serving() as bench, person(bench) as alice:
        chain = bench.chain("filter messages.items.create")

        @bench.hook("filter messages.items.create")
        def second(payload: Any) -> Any:
            return {**payload, "text": payload["text"] + "2"}

        def first(payload: Any) -> Any:
            return {**payload, "text": payload["text"] + "1"}

        chain.attach(first, lane="items.create")
        assert [hook.name for hook in chain] == ["first", "second"]
        assert alice.items("create", data={"text": "x"})["data"]["text"] == "x12"
        chain.move("second", before="first")
        assert [hook.lane for hook in chain] == ["items.create", "items.create"]
        assert alice.items("create", data={"text": "x"})["data"]["text"] == "x21"
        assert [hook.name for hook in bench.chain("filter items.create")] == ["second", "first"]
        elsewhere = bench.chain("filter notifications.items.create")
        assert [hook.name for hook in elsewhere] == ["second", "first"]


def test_open_names() -> None:
    """A chain may be named before anything is in it; what is no kind and event is refused."""
    bench = Workbench("directus", **OPTIONS)
    bench.chain("action my.own.event").attach(keep)
    assert [hook.lane for hook in bench.chain("action my.own.event")] == ["my.own.event"]
    assert list(bench.chain("schedule 0 * * * *")) == []
    for wrong in ("websocket.message", "hook websocket.message"):
        with pytest.raises(UnknownPoint, match="kind and event"):
            bench.chain(wrong)
    other = bench.mount("/other", "directus", **OPTIONS)
    other.chain("filter items.create").attach(keep)
    assert [hook.point for hook in other.chain("filter items.create")] == ["/other:filter"]
    assert list(bench.chain("filter items.create")) == []

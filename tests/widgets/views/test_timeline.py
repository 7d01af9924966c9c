"""What the timeline shows, and one event's story."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.widgets.support import bench_with, boom, echo, flood, shout
from workbench import Workbench
from workbench.widgets.views.timeline import EVENTS, STORY, story, timeline


class Said:
    """A message as hooks change it."""

    raw_data: Any = ""

    def text(self) -> str:
        """What it says."""
        return "hi"


class Deaf:
    """A peer that takes everything."""

    def send(self, data: object) -> None:
        """Take it."""


def leave(peer: Any, details: Any) -> None:
    """Say nothing at the end."""
    del peer, details


def fire(bench: Workbench, connection: int = 1) -> Any:
    """Let one message arrive."""
    return bench.board.plan("message").fire(connection, Deaf(), Said())


@pytest.fixture
def bench() -> Workbench:
    """Two hooks on messages."""
    return bench_with(shout, echo)


def test_events_come_oldest_first_with_their_calls(bench: Workbench) -> None:
    """Each call names its hook by a place in the list of hooks, and starts from its event's beginning."""
    for connection in (1, 2, 1):
        fire(bench, connection)
    data = timeline(bench, {})
    assert [event["connection"] for event in data["events"]] == [1, 2, 1]
    assert [hook["name"] for hook in data["hooks"]] == ["shout", "echo"]
    (first, second) = data["events"][0]["calls"]
    assert (first[0], second[0]) == (0, 1)
    assert 0 <= first[1] <= second[1] <= data["events"][0]["duration_ns"]
    assert data["total"] == 3


def test_a_page_and_a_query_choose_the_events(bench: Workbench) -> None:
    """A query that cannot be read shows nothing here; the events panel says why."""
    for connection in (1, 2, 1, 2):
        fire(bench, connection)
    assert [event["dispatch"] for event in timeline(bench, {"limit": 2})["events"]] == [3, 4]
    assert [event["dispatch"] for event in timeline(bench, {"limit": 2, "before": 3})["events"]] == [1, 2]
    assert [event["dispatch"] for event in timeline(bench, {"query": "connection=2"})["events"]] == [2, 4]
    assert not timeline(bench, {"query": "connection=2"})["wrong"]
    unread = timeline(bench, {"query": "conn"})
    assert (unread["events"], unread["wrong"]) == ([], True)
    assert timeline(Workbench("crossws", name="empty"), {"query": "connection=1"})["events"] == []


def test_moments_and_edits_stand_between_the_events(bench: Workbench) -> None:
    """What happened before the first shown event is left out."""
    recorder = bench.trace.recorder
    recorder.moment("stage", "too early")
    fire(bench)
    recorder.moment("stage", "answered", connection=4)
    bench.chain("message").enable("echo", False)
    fire(bench)
    data = timeline(bench, {})
    assert [(one["text"], one["connection"]) for one in data["moments"]] == [("answered", 4)]
    assert [edit["revision"] for edit in data["edits"]] == [bench.revision]


def test_a_flood_is_bounded(bench: Workbench) -> None:
    """However many are asked for."""
    for _ in range(EVENTS + 50):
        fire(bench)
    assert len(timeline(bench, {"limit": 10_000})["events"]) == EVENTS


def test_a_story_has_all_that_one_event_caused(bench: Workbench) -> None:
    """Parts know their parents, and all times count from the first one's beginning."""
    inner: list[int] = []

    async def outer(peer: Any, message: Any) -> None:
        del peer, message
        await asyncio.sleep(0.005)
        bench.trace.recorder.moment("stage", "written")
        bench.board.plan("close").fire(1, Deaf(), {})
        inner.append(1)

    bench.chain("message").attach(outer)
    bench.chain("close").attach(leave)

    async def run() -> None:
        await asyncio.gather(fire(bench), fire(bench))

    asyncio.run(run())
    roots = bench.trace.dispatches.query("point == 'message'").dispatch.tolist()
    child = bench.trace.dispatches.query("point == 'close'").dispatch.tolist()[0]
    parent = bench.trace.dispatches.query("point == 'close'").parent.tolist()[0]
    data = story(bench, {"dispatch": child})
    assert data is not None
    assert len(roots) == 2
    assert data["root"] == parent
    assert [(one["point"], one["parent"]) for one in data["events"]] == [("message", None), ("close", parent)]
    assert data["events"][0]["start_ns"] == 0
    assert data["events"][1]["start_ns"] >= 5_000_000
    calls = {call["hook"]: call for call in data["events"][0]["calls"]}
    assert calls["outer"]["wait_ns"] >= 4_000_000
    assert [moment["text"] for moment in data["moments"]] == ["written"]
    assert 0 < data["moments"][0]["at_ns"] <= data["duration_ns"]


def test_an_event_on_its_own_is_its_whole_story(bench: Workbench) -> None:
    """The newest one is taken where none is named; one that is gone has none."""
    assert story(bench, {}) is None
    bench.chain("message").attach(boom)
    with pytest.raises(ValueError, match="hi"):
        fire(bench)
    data = story(bench, {"dispatch": "latest"})
    assert data is not None
    assert (data["root"], data["more"], len(data["events"])) == (1, 0, 1)
    assert data["events"][0]["error"] == "ValueError: hi"
    assert story(bench, {"dispatch": 99}) is None


def test_a_long_story_says_what_it_leaves_out(bench: Workbench) -> None:
    """At most sixty parts are drawn."""

    def many(peer: Any, message: Any) -> None:
        del peer, message
        for _ in range(STORY + 5):
            bench.board.plan("close").fire(1, Deaf(), {})

    bench.chain("message").attach(many)
    bench.chain("close").attach(leave)
    fire(bench)
    data = story(bench, {"dispatch": 1})
    assert data is not None
    assert (len(data["events"]), data["more"]) == (STORY, 6)


def test_a_filter_of_the_timeline_reaches_however_far_back() -> None:
    """Not only among the newest."""
    bench = bench_with(shout, echo)
    for thread in flood(bench, 3000):
        thread.join()
    data = timeline(bench, {"query": "dispatch<4"})
    assert [event["dispatch"] for event in data["events"]] == [1, 2, 3]
    assert timeline(bench, {"query": "dispatch<"})["events"] == []
    assert timeline(bench, {"before": 261, "limit": 3})["events"][-1]["dispatch"] == 260

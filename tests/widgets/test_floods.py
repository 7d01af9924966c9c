"""A flood, and faces that look at it and edit meanwhile: no event is lost, no counter is wrong."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from itertools import cycle
from types import SimpleNamespace
from typing import Any

from tests.widgets.support import Face, bench_with, channel, echo, hear, say, shout
from workbench import Workbench
from workbench.testing import serving
from workbench.testing.memory import MemoryClient
from workbench.widgets.protocol import Message
from workbench.widgets.views import build

THREADS = 4
EACH = 10_000
EDITS = 40


def flood(bench: Workbench, each: int = EACH) -> list[threading.Thread]:
    """Begin to fire messages in several threads, for connections 1 to 4."""
    peer = SimpleNamespace(send=lambda _: None)
    message = SimpleNamespace(text=lambda: "hi", raw_data="hi")

    def fire(connection: int) -> None:
        for _ in range(each):
            bench.board.plan("message").fire(connection, peer, message)

    threads = [threading.Thread(target=fire, args=(number + 1,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    return threads


def test_counters_are_exact_after_a_flood_from_several_threads() -> None:
    """In the header, the events, with and without a filter, and the stats; a page looked at all of it."""
    bench = bench_with(shout, echo)
    bench.trace.snapshots.limit(0)
    face = Face(bench)
    face.say(op="watch", view="header", pace="focused")
    face.say(op="watch", view="stats", pace="focused")
    face.say(op="watch", view="events", pace="focused", params={"query": "connection=c2"})
    threads = flood(bench)
    while any(thread.is_alive() for thread in threads):
        face.scheduler.advance(0.1)
        for said in [said for said in face.said if said["op"] == "frame"]:
            face.say(op="ack", view=said["view"], frame=said["frame"])
        del face.said[:]
    total = THREADS * EACH
    assert bench.trace.recorder.events == total
    header, stats = eventually(bench, "header", total), build("stats", bench, {})
    assert (header["events"], header["kept"], header["dropped"]) == (total, total, 0)
    assert {row["hook"]: row["calls"] for row in stats["rows"]} == {"shout": total, "echo": total}
    for query, matching in (("", total), ("connection=c2", EACH), ("not connection=c2", total - EACH)):
        shown = build("events", bench, {"query": query, "rank": 5})
        assert (shown["matching"], shown["total"], shown["rank"]) == (matching, total, 5)


def eventually(bench: Workbench, view: str, events: int) -> dict[str, Any]:
    """Give a view once its figures, which may be a tenth of a second old, have so many events."""
    while True:
        data: dict[str, Any] = build(view, bench, {})
        if data["events"] >= events:
            return data


def test_what_comes_anew_moves_no_row_of_a_window() -> None:
    """With `before`, a rank stands for the same event however many come."""
    bench = bench_with(shout, echo)
    for thread in flood(bench, 100):
        thread.join()
    params = {"before": 301, "rank": 40, "limit": 20}
    first = build("events", bench, params)
    for thread in flood(bench, 100):
        thread.join()
    second = build("events", bench, params)
    assert [row["dispatch"] for row in first["rows"]] == list(range(260, 240, -1))
    assert second["rows"] == first["rows"]
    assert second["matching"] == first["matching"] == 300
    assert build("timeline", bench, {"before": 261, "limit": 3})["events"][-1]["dispatch"] == 260


def test_a_filter_of_the_timeline_reaches_however_far_back() -> None:
    """Not only among the newest."""
    bench = bench_with(shout, echo)
    for thread in flood(bench, 3000):
        thread.join()
    data = build("timeline", bench, {"query": "dispatch<4"})
    assert [event["dispatch"] for event in data["events"]] == [1, 2, 3]
    assert build("timeline", bench, {"query": "dispatch<"})["events"] == []


def test_twenty_edits_a_second_through_the_channel_lose_no_event() -> None:
    """While eight clients talk as fast as they can, and the page that edits watches the events."""
    sent, heard, answers, bench = asyncio.run(edited_under_load())
    assert [answer["op"] for answer in answers] == ["answer"] * EDITS
    assert len({answer["revision"] for answer in answers}) == EDITS
    assert Counter(text.lower() for text in heard) == Counter(f"m{number}" for number in range(sent))
    assert bench.trace.recorder.totals.points["message"].calls == sent
    assert bench.trace.dispatches.query("point == 'message'").shape[0] == sent


async def edited_under_load() -> tuple[int, list[str], list[Message], Workbench]:
    """Talk and edit at once."""
    with serving(bench_with(shout, echo)) as bench:
        async with channel(bench, token=bench.token) as socket:
            await say(socket, op="hello", v=1)
            await hear(socket, "welcome")
            await say(socket, op="watch", view="events", pace="focused")
            editing = asyncio.create_task(edit(socket))
            client = MemoryClient(bench._application)
            sent, heard = await asyncio.to_thread(bench.run, talk(client, editing))
            return sent, heard, editing.result(), bench


async def edit(socket: Any) -> list[Message]:
    """Move, switch off and on again, twenty times a second."""
    changes: list[dict[str, object]] = [
        {"kind": "move", "before": None},
        {"kind": "enable", "on": False},
        {"kind": "enable", "on": True},
        {"kind": "move", "before": "h2"},
    ]
    answers = []
    for number, change in zip(range(EDITS), cycle(changes), strict=False):
        await say(socket, op="edit", id=number, edit={**change, "hook": "h1"})
        answers.append(await hear(socket, "answer", id=number))
        await asyncio.sleep(0.05)
    return answers


async def talk(client: MemoryClient, editing: asyncio.Task[Any]) -> tuple[int, list[str]]:
    """Send numbered messages until the editing is over, and what came back."""
    sockets = [await client.connect("/") for _ in range(8)]
    sent = 0
    heard: list[str] = []
    while not editing.done():
        for socket in sockets:
            socket.send(f"m{sent}")
            sent += 1
        heard += [str(await socket.receive()) for socket in sockets]
        await asyncio.sleep(0)
    return sent, heard

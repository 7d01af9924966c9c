"""The events view with the filter in words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.widgets.support import THREADS, Face, bench_with, echo, flood, shout
from workbench import Workbench
from workbench.widgets.views import build
from workbench.widgets.views.events import events
from workbench.widgets.views.inspector import inspector

EACH = 10_000


def flooded(events_of: int) -> Workbench:
    """Make a bench with so many events, of connections 1 to 10 in turn."""
    bench = bench_with(shout, echo)
    peer = SimpleNamespace(send=lambda _: None)
    bench.trace.snapshots.limit(0)
    for number in range(events_of):
        message = SimpleNamespace(text=lambda: "hi", raw_data="hi")
        bench.board.plan("message").fire(number % 10 + 1, peer, message)
    return bench


def test_a_query_chooses_among_all_events_that_are_kept() -> None:
    """However far back they are; its pandas stands beside the rows."""
    bench = flooded(9_000)
    data = events(bench, {"query": "dispatch<=30 connection=c3", "limit": 2})
    assert [row["dispatch"] for row in data["rows"]] == [23, 13]
    assert data["wrong"] is None
    assert data["pandas"].endswith("d[(d.dispatch <= 30) & (d.connection == 3)]")
    assert (data["rank"], data["matching"]) == (0, 3)
    data = events(bench, {"query": "dispatch<=30 connection=c3", "rank": 1})
    assert [row["dispatch"] for row in data["rows"]] == [13, 3]
    data = events(bench, {"query": "dispatch<=30 connection=c3", "before": 13})
    assert [row["dispatch"] for row in data["rows"]] == [3]


def test_a_query_that_cannot_be_read_is_said_with_its_place() -> None:
    """No rows come with it, so the page keeps those that it has."""
    data = events(flooded(1), {"query": "outcome=odd"})
    assert data["wrong"]["at"] == 8
    assert data["wrong"]["length"] == 3
    assert (data["rows"], data["pandas"]) == ([], None)


def test_what_came_and_what_clients_were_sent_is_shown_in_every_format() -> None:
    """The payload before the first hook, and each thing that was sent while its hooks ran."""
    bench = bench_with(shout, echo)
    recorder = bench.trace.recorder
    peer = SimpleNamespace(send=lambda text: recorder.sent(2, text), context={})
    message = SimpleNamespace(text=lambda: '{"a":1}', raw_data='{"a":1}', touch=None)
    bench.board.plan("message").fire(2, peer, message)
    data = inspector(bench, {})
    assert data is not None
    (saw,) = data["clients"]
    assert (saw["connection"], saw["bytes"], saw["text"]) == (2, 7, '{"a":1}')
    assert saw["formats"]["json"] == '{\n  "a": 1\n}'
    assert 0 < saw["at_ns"] <= data["duration_ns"]


def test_counters_are_exact_after_a_flood_from_several_threads() -> None:
    """In the header, the events, with and without a filter, and the stats; a page looked at all of it."""
    bench = bench_with(shout, echo)
    bench.trace.snapshots.limit(0)
    face = Face(bench)
    face.say(op="watch", view="header", pace="focused")
    face.say(op="watch", view="stats", pace="focused")
    face.say(op="watch", view="events", pace="focused", params={"query": "connection=c2"})
    threads = flood(bench, EACH)
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

"""The events view with the filter in words."""

from __future__ import annotations

from types import SimpleNamespace

from tests.widgets.support import bench_with, echo, shout
from workbench import Workbench
from workbench.widgets.views.events import events
from workbench.widgets.views.inspector import inspector


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

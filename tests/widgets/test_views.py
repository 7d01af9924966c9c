"""The data of each panel, from real benches with real clients."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.widgets.support import Face, bench_with, boom, echo, shout
from workbench import Workbench
from workbench.engine.hooks import Origin
from workbench.testing import serving
from workbench.widgets import figures as figures_module
from workbench.widgets import records as records_module
from workbench.widgets.figures import percentile
from workbench.widgets.protocol import VIEWS as NAMES
from workbench.widgets.records import last_tracebacks
from workbench.widgets.views import VIEWS, build, described_points

events_module = import_module("workbench.widgets.views.events")  # the package has the function of that name
chain_module = import_module("workbench.widgets.views.chain")


@pytest.fixture(autouse=True)
def _fresh_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every view read the totals anew: tests do not wait for the tenth of a second."""
    monkeypatch.setattr(figures_module, "_FRESH", 0.0)


def talk(bench: Workbench, *texts: str, answers: bool = True, path: str = "/") -> list[str]:
    """Send texts from one client, wait for the answers, and for the bench to have recorded what happened."""

    async def main() -> list[str]:
        heard = []
        async with connect(f"{bench.ws_url}{path}", proxy=None) as client:
            for text in texts:
                await client.send(text)
                if answers:
                    heard.append(str(await asyncio.wait_for(client.recv(), 5)))
        return heard

    before = bench.trace.recorder.events
    heard = asyncio.run(main())
    until(lambda: bench.trace.recorder.events >= before + len(texts))
    return heard


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, 5 seconds at most."""
    limit = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.005)


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Serve a bench whose hooks change and send back a message."""
    with serving(bench_with(shout, echo)) as served:
        yield served


def hooks_of(bench: Workbench, point: str = "message") -> list[dict[str, Any]]:
    """Return the hooks that the chain view shows at a point."""
    points = {shown["name"]: shown for shown in build("chain", bench, {})["points"]}
    return [hook for lane in points[point]["lanes"] for hook in lane["hooks"]]


def test_the_registry_is_what_the_protocol_names() -> None:
    """Each view of the protocol has one function, and nothing else has."""
    assert tuple(VIEWS) == NAMES


def test_every_view_of_an_empty_bench_is_json() -> None:
    """Before anything has happened, every view has its members and can be sent."""
    bench = bench_with()
    for view in NAMES:
        json.dumps(build(view, bench, {}), allow_nan=False)
    header = build("header", bench, {})
    assert header["state"] == "stopped"
    assert header["url"] is header["ws_url"] is header["port"] is None
    assert header["commands"] == []
    assert header["can_undo"] is False
    assert build("events", bench, {})["rows"] == []
    assert build("inspector", bench, {}) is None
    assert build("inspector", bench, {"dispatch": "changed"}) is None
    assert build("inspector", bench, {"dispatch": 7}) is None
    assert build("history", bench, {}) == {"entries": [], "cursor": 0, "revision": 0}


def test_the_headers_commands_have_a_place_for_the_token() -> None:
    """Where clients need one the commands say where it goes, and the page does not hold it."""
    with serving(bench_with(), token="s3cret-word") as bench:
        header = build("header", bench, {})
    assert header["commands"]
    assert all("Bearer TOKEN" in text for _, text in header["commands"])
    assert "s3cret-word" not in json.dumps(header)


def test_the_header_counts_and_names_addresses(bench: Workbench) -> None:
    """State, addresses, commands to copy and exact counters are in the header."""
    talk(bench, "a", "b")
    until(lambda: bench.trace.registry.open == 0)
    header = build("header", bench, {})
    assert header["state"] == "ready"
    assert header["ws_url"] == bench.ws_url
    assert header["port"] == bench.port
    assert ["wscat", f"wscat -c {bench.ws_url}"] in header["commands"]
    assert (header["events"], header["kept"], header["dropped"]) == (2, 2, 0)
    assert (header["revision"], header["can_undo"], header["can_redo"]) == (2, True, False)
    assert header["p95_ns"] is None


def test_percentiles_need_twenty_samples(bench: Workbench) -> None:
    """Fewer than twenty calls make no percentile; twenty do."""
    talk(bench, *"abcdefghijklmnopqrs")
    assert hooks_of(bench)[0]["p95_ns"] is None
    talk(bench, "t")
    assert hooks_of(bench)[0]["p95_ns"] > 0
    assert build("header", bench, {})["p95_ns"] > 0
    assert hooks_of(bench)[0]["calls"] == 20


def test_percentiles_of_cards_and_header_are_of_the_newest_alone(bench: Workbench) -> None:
    """The header says of how many; what lies further back no longer counts."""
    pauses = [0.02] * 20

    @bench.hook("message")
    def slow_at_first(_peer: Any) -> None:
        time.sleep(pauses.pop() if pauses else 0)

    def slowest() -> tuple[bool, bool]:
        header, hooks = build("header", bench, {}), {hook["name"]: hook for hook in hooks_of(bench)}
        return header["p95_ns"] >= 20_000_000, hooks["slow_at_first"]["p95_ns"] >= 20_000_000

    talk(bench, *"abcdefghijklmnopqrst")
    assert slowest() == (True, True)
    talk(bench, *["later"] * build("header", bench, {})["recent"])
    assert slowest() == (False, False)


def test_a_percentile_is_one_of_the_samples() -> None:
    """The 95th of a hundred durations is that of the 95th longest."""
    import numpy as np

    assert percentile(np.arange(100)) == 94
    assert percentile(np.arange(19)) is None


def test_the_chain_says_where_each_hook_stands_and_why(bench: Workbench) -> None:
    """Positions count what runs; a disabled hook has none, and says since when."""
    bench.chain("message").move("echo", before="shout")
    bench.chain("message").enable("shout", on=False)
    first, second = hooks_of(bench)
    assert (first["name"], first["position"], first["why"]) == (
        "echo",
        1,
        "moved before shout in revision 3",
    )
    assert (second["name"], second["position"], second["status"]) == ("shout", None, "off since revision 4")
    assert first["origin"]["label"].startswith("support.py, line ")
    assert first["movable"] is True
    assert first["guest"] is False


def test_the_chain_shows_every_point_even_an_empty_one(bench: Workbench) -> None:
    """An empty point has one empty lane, so that something can be dropped into it."""
    points = {point["name"]: point for point in build("chain", bench, {})["points"]}
    assert set(points) == set(bench.board.points)
    assert points["open"]["lanes"] == [{"name": "", "label": "", "kind": "call", "shut": None, "hooks": []}]
    assert [point["name"] for point in described_points(bench)] == list(points)


def test_the_chain_counts_what_each_hook_did(bench: Workbench) -> None:
    """Calls, changes, errors and the spark of each hook come from exact counters."""
    bench.chain("message").attach(boom, before="echo")
    build("chain", bench, {})
    talk(bench, "x", "y", answers=False)
    shouted, failed, echoed = hooks_of(bench)
    assert (shouted["calls"], shouted["changed"], shouted["errors"]) == (2, 2, 0)
    assert (failed["calls"], failed["errors"]) == (2, 2)
    assert (echoed["calls"], echoed["traceback"]) == (0, None)
    assert sum(shouted["spark"]) == 2
    assert failed["traceback"][-1] == "ValueError: Y"
    assert any("in boom" in line for line in failed["traceback"])
    assert not any("workbench/" in line for line in failed["traceback"])


@pytest.mark.parametrize(
    ("origin", "label"),
    [
        (Origin("cell", "In[7]", 3, "c"), "In[7], line 3"),
        (Origin("cell"), "cell"),
        (Origin("file", "/home/ada/app.py", 12), "app.py, line 12"),
        (Origin("widget", "x.py", 1), "attached in a page"),
        (Origin("ready"), "ready-made"),
        (Origin("api", None, None), "attached in Python"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
def test_hooks_say_where_they_come_from(origin: Origin, label: str) -> None:
    """The label under a hook names the cell, the file, or who attached it."""
    assert chain_module.origin_label(origin) == label


def test_a_pending_plain_call_is_counted_at_its_hook() -> None:
    """A plain function that is still working shows as pending, seen from another thread."""
    entered, release = threading.Event(), threading.Event()

    def slow(peer: Any, message: Any) -> None:
        del peer, message
        entered.set()
        release.wait(5)

    bench = bench_with(slow)
    worker = threading.Thread(target=bench.board.plan("message").fire, args=(1, None, None))
    bench.trace.snapshots.limit(0)
    worker.start()
    assert entered.wait(5)
    assert hooks_of(bench)[0]["pending"] == 1
    release.set()
    worker.join()
    assert hooks_of(bench)[0]["pending"] == 0


def test_figures_of_a_bench_that_is_gone_are_zeros() -> None:
    """A meter outlives its bench without keeping it."""
    assert figures_module._Reader(lambda: None)().events == 0


def test_tracebacks_of_forgotten_events_are_gone(bench: Workbench) -> None:
    """A traceback is shown as long as its event is kept."""
    bench.chain("message").attach(boom, before="echo")
    talk(bench, "x", answers=False)
    assert last_tracebacks(bench)
    (kept,) = bench.trace.recorder.errors
    assert records_module._by_hook(bench, [replace(kept, dispatch=99_999), replace(kept, position=-1)]) == {}


def test_hooks_of_connections_are_guests_in_a_lane_of_their_own(bench: Workbench) -> None:
    """What a resolver supplied is one card per function, which nobody can move, in a lane that is shut."""

    def resolved(peer: Any, message: Any) -> None:
        del peer, message

    def pick(request: Any) -> dict[str, Any]:
        del request
        return {"message": resolved}

    bench.resolve = pick

    async def main() -> tuple[list[Any], Any]:
        async with connect(f"{bench.ws_url}/", proxy=None) as client:
            await client.send("x")
            await client.recv()
            lanes = next(p for p in build("chain", bench, {})["points"] if p["name"] == "message")["lanes"]
            guest = lanes[-1]["hooks"][0]
            return lanes, Face(bench).say(op="ask", id=1, what="why", hook=guest["id"])["data"]

    lanes, why = asyncio.run(main())
    assert [lane["label"] for lane in lanes] == ["global", "resolved"]
    assert lanes[0]["shut"] is None
    assert "connections" in lanes[1]["shut"]
    guest = lanes[1]["hooks"][0]
    assert (guest["name"], guest["guest"], guest["movable"], guest["position"]) == (
        "resolved",
        True,
        False,
        3,
    )
    assert guest["origin"]["label"] == "brought by its connection"
    assert why["position"] == 3


def test_events_are_rows_newest_first(bench: Workbench) -> None:
    """A row tells who, where, what came of it, what changed and how the time was spent."""
    talk(bench, "a", "b")
    shown = build("events", bench, {})
    assert [row["dispatch"] for row in shown["rows"]] == sorted(
        (row["dispatch"] for row in shown["rows"]), reverse=True
    )
    assert build("events", bench, {"detailed": True})["rows"][0]["paths"] == ["message.raw_data"]
    row = shown["rows"][0]
    assert (row["point"], row["outcome"], row["connection"], row["revision"]) == ("message", "changed", 1, 2)
    assert row["changed"] == 1
    assert [segment[0] for segment in row["segments"]] == ["work", "work"]
    assert abs(row["time"] / 1000 - time.time()) < 60
    assert row["duration_ns"] >= row["work_ns"] > 0
    assert (shown["total"], shown["kept"], shown["dropped"], shown["sampled"]) == (2, 2, 0, 1)


def test_events_come_in_pages(bench: Workbench) -> None:
    """A page has as many rows as asked for, at most 200, and `before` leads to the next."""
    talk(bench, *"abcdefg")
    first = build("events", bench, {"limit": 3})["rows"]
    second = build("events", bench, {"limit": 3, "before": first[-1]["dispatch"]})["rows"]
    third = build("events", bench, {"limit": 3, "before": second[-1]["dispatch"]})["rows"]
    numbers = [row["dispatch"] for row in (*first, *second, *third)]
    assert len(numbers) == 7
    assert numbers == sorted(numbers, reverse=True)
    assert len(build("events", bench, {"limit": -5})["rows"]) == 1


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"point": "message"}, 3),
        ({"point": "open"}, 0),
        ({"outcome": "raised"}, 1),
        ({"outcome": "ok"}, 2),
        ({"connection": 1}, 2),
        ({"connection": 2, "outcome": "raised"}, 1),
        ({"hook": "h1"}, 3),
        ({"hook": "h9"}, 0),
    ],
)
def test_events_are_filtered(wanted: dict[str, Any], count: int) -> None:
    """All members of a filter must hold."""

    def picky(peer: Any, message: Any) -> None:
        if message.text() == "bad":
            raise ValueError("bad")
        peer.send("ok")

    with serving(bench_with(picky)) as bench:
        talk(bench, "a", "b")
        talk(bench, "bad", answers=False)
        assert len(build("events", bench, {"filter": wanted})["rows"]) == count


def test_a_flood_is_sampled_and_errors_are_always_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above 500 events a second one row in n is shown, raised ones all, and counters stay exact."""

    def picky(peer: Any, message: Any) -> None:
        if message.text() == "bad":
            raise ValueError("bad")
        peer.send("ok")

    monkeypatch.setattr(events_module, "SAMPLED_ABOVE", 0)
    monkeypatch.setattr(events_module, "_STEPS", (5,))
    with serving(bench_with(picky)) as bench:
        build("header", bench, {})
        talk(bench, *["x"] * 20)
        talk(bench, "bad", answers=False)
        shown = build("events", bench, {})
        numbers = [row["dispatch"] for row in shown["rows"] if row["outcome"] == "ok"]
        assert shown["sampled"] == 5
        assert all(number % 5 == 0 for number in numbers)
        assert [row["outcome"] for row in shown["rows"]].count("raised") == 1
        assert shown["total"] == 21


def test_a_raise_is_told_with_its_effect() -> None:
    """The row names the hook, the error in one line and what did not run for it."""
    with serving(bench_with(shout, boom, echo)) as bench:
        talk(bench, "oh\u202eno", answers=False)
        row = build("events", bench, {})["rows"][0]
        assert (row["outcome"], row["hook"], row["effect"]) == ("raised", "boom", "echo not run")
        assert row["error"] == "ValueError: OH\u27e8U+202E\u27e9NO"
        steps = build("inspector", bench, {"dispatch": row["dispatch"]})["steps"]
        assert [step["outcome"] for step in steps] == ["changed", "raised", "skipped"]
        assert steps[1]["error"]["text"] == "ValueError: OH\u27e8U+202E\u27e9NO"
        assert any("in boom" in line for line in steps[1]["error"]["traceback"])
        assert steps[2]["reason"] == "boom raised"
        assert steps[2]["start_ns"] is None


def test_what_has_not_ended_is_shown_as_pending() -> None:
    """An event whose hook still waits has a row, a pending step, and is counted at its hook."""
    entered, release = threading.Event(), threading.Event()

    async def slow(peer: Any, message: Any) -> None:
        del peer, message
        entered.set()
        await asyncio.to_thread(release.wait, 5)

    with serving(bench_with(slow, echo)) as bench:

        async def main() -> None:
            async with connect(f"{bench.ws_url}/", proxy=None) as client:
                await client.send("x")
                assert await asyncio.to_thread(entered.wait, 5)
                await asyncio.to_thread(until, lambda: hooks_of(bench)[0]["pending"] == 1)
                row = build("events", bench, {})["rows"][0]
                assert (row["outcome"], row["hook"]) == ("pending", "slow")
                assert row["duration_ns"] > 0
                assert row["segments"][-1][0] == "wait"
                assert hooks_of(bench)[0]["pending"] == 1
                shown = build("inspector", bench, {})
                assert [step["outcome"] for step in shown["steps"]] == ["pending", "skipped"]
                assert shown["steps"][1]["reason"] == "not reached yet"
                release.set()
                await asyncio.wait_for(client.recv(), 5)

        asyncio.run(main())
        until(lambda: hooks_of(bench)[0]["calls"] == 1)
        assert hooks_of(bench)[0]["pending"] == 0
        row = build("events", bench, {})["rows"][0]
        assert row["wait_ns"] > 0


def test_a_refused_upgrade_is_a_stop() -> None:
    """A hook that ends its event early is named, with those that it spared."""
    from workbench import Response

    bench = bench_with()

    @bench.hook("upgrade")
    def refuse(request: Any) -> Response:
        del request
        return Response("no", status=401)

    @bench.hook("upgrade")
    def later(request: Any) -> None:
        del request

    with serving(bench):

        async def main() -> None:
            from websockets.exceptions import InvalidStatus

            with pytest.raises(InvalidStatus):
                await connect(f"{bench.ws_url}/", proxy=None)

        asyncio.run(main())
        row = build("events", bench, {})["rows"][0]
        assert (row["outcome"], row["hook"], row["effect"]) == ("stopped", "refuse", "later not run")
        steps = build("inspector", bench, {})["steps"]
        assert steps[1]["reason"] == "refuse ended the event"
        assert row["connection"] is None or row["connection"] > 0


def test_the_inspector_shows_steps_changes_and_prints() -> None:
    """What each hook changed, printed and took is there, with hidden characters made visible."""
    with serving(bench_with(shout, echo)) as bench:  # not the fixture: pytest changes sys.stdout after it
        talk(bench, "ab\x00c")
        shown = build("inspector", bench, {"dispatch": "latest"})
        assert shown["dispatch"] == build("inspector", bench, {})["dispatch"]
        assert shown == build("inspector", bench, {"dispatch": "changed"})
    assert shown["changes"] == [
        {
            "position": 1,
            "hook": "shout",
            "path": "message.raw_data",
            "before": '"ab\u2400c"',
            "after": '"AB\u2400C"',
            "op": "changed",
        }
    ]
    first, second = shown["steps"]
    assert (first["position"], first["changed"], first["printed"]) == (1, 1, ["shouting"])
    assert (second["position"], second["changed"], second["printed"]) == (2, 0, [])
    assert 0 <= first["start_ns"] < second["start_ns"]
    assert shown["why_no_changes"] is None


def test_disabled_hooks_are_steps_with_a_reason(bench: Workbench) -> None:
    """A hook that the plan left out is listed as skipped, without position."""
    bench.chain("message").enable("shout", on=False)
    talk(bench, "a")
    last = build("inspector", bench, {})["steps"][-1]
    assert (last["hook"], last["position"], last["outcome"], last["reason"]) == (
        "shout",
        None,
        "skipped",
        "disabled",
    )


def test_an_event_without_a_snapshot_says_why(bench: Workbench) -> None:
    """Where nobody knows what changed, the view says so instead of showing nothing."""
    bench.trace.snapshots.limit(0)
    talk(bench, "a")
    shown = build("inspector", bench, {})
    assert shown["changes"] is None
    assert shown["why_no_changes"]
    assert [step["changed"] for step in shown["steps"]] == [1, 0]
    assert build("events", bench, {})["rows"][0]["changed"] == 1


def test_the_console_shows_what_clients_sent_and_saw(bench: Workbench) -> None:
    """Lines are in order, the newest last, with hidden characters made visible, at most 200 each."""
    bench.console.open("/room")
    until(lambda: bench.console.clients[0].state == "open")
    for number in range(120):
        bench.console.send("c1", f"\x07{number}")
    until(lambda: len(bench.console.clients[0].lines) >= 200)
    client = build("console", bench, {})["clients"][0]
    assert (client["id"], client["path"], client["state"]) == ("c1", "/room", "open")
    assert len(client["lines"]) <= 200
    assert {line["direction"] for line in client["lines"]} <= {"in", "out"}
    assert all(line["text"].startswith("\u2407") for line in client["lines"])


def test_the_history_marks_what_was_undone(bench: Workbench) -> None:
    """Undoing marks an edit, and the cursor is at the newest that stands."""
    bench.chain("message").enable("echo", on=False)
    bench.undo()
    shown = build("history", bench, {})
    assert [(entry["revision"], entry["undone"]) for entry in shown["entries"]] == [
        (3, True),
        (2, False),
        (1, False),
    ]
    assert (shown["cursor"], shown["revision"]) == (2, 4)
    assert shown["entries"][0]["python"] == 'bench.chain("message").enable("echo", on=False)'


def test_header_and_chain_are_cheap_with_twenty_hooks() -> None:
    """With twenty hooks and many events kept, both views together are built within milliseconds."""

    def made(number: int) -> Callable[..., None]:
        def hook(peer: Any, message: Any) -> None:
            del peer, message

        hook.__name__ = f"hook_{number}"
        return hook

    bench = bench_with(*map(made, range(20)))
    plan = bench.board.plan("message")
    for _ in range(5000):
        plan.fire(1, None, None)
    best = 1.0
    build("chain", bench, {})
    for _ in range(20):
        before = time.perf_counter()
        build("header", bench, {})
        build("chain", bench, {})
        best = min(best, time.perf_counter() - before)
    assert best < 0.01
    assert hooks_of(bench)[19]["calls"] == 5000

"""The recorder: what it keeps, counts, and says of what runs now."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.points import FIRST, IGNORE, Point, Policy
from workbench.trace.recorder import OUTCOMES, ErrorText, Recorder
from workbench.trace.totals import Count


def a_board(recorder: Recorder, policy: Policy | None = None, **options: Any) -> Board:
    """Make a traced board with one point."""
    board = Board([Point("p", ("peer", "message"), policy or Policy(), **options)])
    board.tracer = recorder
    return board


def nothing(_peer: object, _message: object) -> None:
    """Do nothing."""


def outcomes(recorder: Recorder) -> list[str]:
    """Give the outcomes of all calls."""
    return [OUTCOMES[number] for number in recorder.rows().calls["outcome"]]


def test_plain_dispatches_are_rows_with_shared_stamps() -> None:
    """The end of one hook is the start of the next."""
    recorder = Recorder()
    board = a_board(recorder)
    for name in "abc":
        board.attach("p", nothing, name=name)
    for _ in range(100):
        board.plan("p").fire(7, 1, 2)

    rows = recorder.rows()

    assert rows.dispatches["id"].tolist() == list(range(1, 101))
    assert set(rows.dispatches["connection"]) == {7}
    assert rows.calls["position"].tolist() == [0, 1, 2] * 100
    assert (rows.calls["end"][0:2] == rows.calls["start"][1:3]).all()
    assert recorder.kept == recorder.events == 100
    assert [len(recorder.tail(n).dispatches) for n in (0, 5, 200)] == [0, 5, 100]
    assert recorder.tail(3, before=10).dispatches["id"].tolist() == [7, 8, 9]


@pytest.mark.parametrize("connection", [-1, 0, 7, 2**31 - 1])
def test_a_change_costs_no_other_kind_of_record(connection: int) -> None:
    """Which hooks changed something stands in the plain record, beside the connection, and is counted."""
    recorder = Recorder()
    board = a_board(recorder)
    board.attach("p", nothing)
    board.attach("p", lambda *_: recorder.touch(), name="toucher")
    board.plan("p").fire(connection, 1, 2)
    board.clear("p")
    board.attach("p", nothing)
    board.plan("p").fire(connection, 1, 2)

    rows = recorder.rows()

    assert outcomes(recorder) == ["ok", "changed", "ok"]
    assert [OUTCOMES[number] for number in rows.dispatches["outcome"]] == ["changed", "ok"]
    assert rows.dispatches["connection"].tolist() == [connection, connection]
    assert not any(block.full for block in recorder.store.blocks())
    assert [recorder.totals.hooks[hook].changed for hook in ("h1", "h2", "h3")] == [0, 1, 0]
    assert recorder.totals.points["p"].changed == 1


def test_changes_stops_and_errors_are_told_apart() -> None:
    """Changed, stopped, skipped and raised are outcomes of the calls in which they happened."""
    recorder = Recorder()
    board = a_board(recorder, Policy("fold", FIRST))
    board.attach("p", lambda *_: recorder.touch(), name="toucher")
    board.attach("p", lambda _peer, message: message, name="stopper")
    board.attach("p", lambda *_: 1 / 0, name="bad")

    assert board.plan("p").fire(1, 2, "done") == "done"
    with pytest.raises(ZeroDivisionError):
        board.plan("p").fire(1, 2, None)

    assert outcomes(recorder) == ["changed", "stopped", "skipped", "changed", "ok", "raised"]
    rows = recorder.rows()
    assert [OUTCOMES[number] for number in rows.dispatches["outcome"]] == ["stopped", "raised"]
    assert rows.errors[rows.dispatches["error"][1]].text == "ZeroDivisionError: division by zero"
    bad = recorder.totals.hooks["h3"]
    assert (bad.calls, bad.errors, bad.skipped, bad.cancelled, bad.p95 > 0) == (1, 1, 1, 0, True)
    assert recorder.totals.hooks["h1"].changed == 2
    assert recorder.totals.hooks["h2"].stopped == 1


def test_awaiting_is_apart_from_working_and_pending_is_visible() -> None:
    """A hook that waits is pending until it is done; the time it was suspended is wait."""
    recorder = Recorder()
    board = a_board(recorder)
    seen: list[Any] = []
    waited: list[int] = []
    gate, started = asyncio.Event(), asyncio.Event()

    async def waits(_peer: object, _message: object) -> None:
        seen.append(recorder.current_call())
        started.set()
        await gate.wait()
        seen.append(recorder.current_call())
        await asyncio.wait_for(inner(), 5)

    async def inner() -> None:
        seen.append(recorder.current_call())
        recorder.touch()

    board.attach("p", nothing)
    board.attach("p", waits)
    board.attach("p", nothing, name="not yet")

    async def main() -> None:
        task = asyncio.ensure_future(board.plan("p").fire(1, 2, 3))
        await started.wait()
        suspended = recorder.clock()
        assert recorder.current() is None
        rows = recorder.rows()
        assert rows.dispatches["end"].tolist() == [0]
        assert outcomes(recorder) == ["ok", "pending"]
        waited.append(recorder.clock() - suspended)
        gate.set()
        await task

    asyncio.run(main())
    assert seen == [(1, 1)] * 3
    call = recorder.rows().calls[1]
    assert OUTCOMES[call["outcome"]] == "changed"
    assert waited[0] <= call["wait"] <= call["end"] - call["start"]


def test_a_dispatch_inside_a_hook_knows_its_parent() -> None:
    """The inner dispatch names the outer one, and what it changes is its own."""
    recorder = Recorder()
    board = a_board(recorder)

    def outer(peer: int, message: int) -> None:
        assert recorder.current() == message
        if peer:
            board.plan("p").fire(1, 0, 2)
            assert recorder.current_call() == (1, 0)
            assert recorder.rows().dispatches["end"][0] == 0

    board.attach("p", outer)
    board.plan("p").fire(1, 1, 1)

    assert recorder.rows().dispatches["parent"].tolist() == [-1, 1]


def test_cancellation_and_what_nobody_awaits_are_recorded() -> None:
    """A cancelled hook is cancelled; a dispatch that nobody awaits ends when it is forgotten."""
    recorder = Recorder()
    board = a_board(recorder)

    async def forever(_peer: object, _message: object) -> None:
        await asyncio.Event().wait()

    board.attach("p", forever)

    async def main() -> None:
        task = asyncio.ensure_future(board.plan("p").fire(1, 2, 3))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        started = board.plan("p").fire(1, 2, 3)
        started.send(None)
        started.close()

    asyncio.run(main())
    assert outcomes(recorder) == ["cancelled", "cancelled"]


def test_memory_is_bounded_and_totals_stay_exact() -> None:
    """The oldest blocks go, the counters keep what they held, and nothing goes uncounted."""
    recorder = Recorder(limit=20_000, errors=2)
    board = a_board(recorder)
    board.attach("p", nothing)
    for _ in range(5000):
        board.plan("p").fire(1, 2, 3)

    assert recorder.kept + recorder.dropped == recorder.events == 5000
    assert recorder.totals.hooks["h1"].calls == 5000
    assert recorder.dropped > 0
    board.attach("p", lambda *_: 1 / 0)
    for _ in range(4):
        with pytest.raises(ZeroDivisionError):
            board.plan("p").fire(1, 2, 3)
    assert (len(recorder.rows().errors), recorder.errors_dropped) == (2, 2)
    assert [error.text for error in recorder.errors] == ["ZeroDivisionError: division by zero"] * 2
    assert recorder.tail(4).calls["error"].tolist() == [-1, -1, -1, -1, -1, 0, -1, 1]
    assert recorder.tail(1, before=5002).errors == []
    recorder.clear()
    assert (recorder.kept, recorder.dropped, recorder.events) == (0, 0, 0)


def test_threads_lose_and_double_nothing() -> None:
    """Four threads on one plan: every dispatch is there once, whatever is dropped is counted."""
    recorder = Recorder(limit=60_000)
    board = a_board(recorder)
    board.attach("p", nothing)
    fire = board.plan("p").fire

    def work() -> None:
        for _ in range(5000):
            fire(1, 2, 3)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = recorder.rows().dispatches["id"].tolist()
    assert len(set(ids)) == len(ids) == recorder.kept
    assert recorder.events == recorder.kept + recorder.dropped == 20_000


class _Growing(dict[str, Count]):
    """Counters by point, which another thread adds to while they are summed."""

    def count(self, key: str) -> Any:
        """Give a count whose sum adds one more point."""

        def grow() -> int:
            self[key] = Count()
            return 2

        return SimpleNamespace(outcomes=SimpleNamespace(sum=grow))


def test_points_may_come_while_events_are_counted() -> None:
    """What a first dispatch adds in between does not end the count."""
    recorder = Recorder()
    points = recorder.totals.points = _Growing()
    points["p"] = points.count("q")
    assert recorder.totals.events == 2
    assert set(points) == {"p", "q"}


class _Key(tuple[int, int]):
    """The key of an error; one more error comes when it is looked into."""

    __slots__ = ()
    errors: OrderedDict[tuple[int, int], ErrorText]

    def __iter__(self) -> Iterator[int]:
        """Keep another error, then give dispatch and position."""
        self.errors[99, 0] = self.errors[self]
        return super().__iter__()


def test_errors_may_come_while_the_newest_rows_are_read() -> None:
    """The texts are not copied for that, and one that is added in between does no harm."""
    recorder = Recorder(errors=2)
    board = a_board(recorder)
    board.attach("p", lambda *_: 1 / 0)
    for _ in range(4):
        with pytest.raises(ZeroDivisionError):
            board.plan("p").fire(1, 2, 3)
    texts = recorder.errors
    recorder._errors = _Key.errors = OrderedDict((_Key(key), text) for key, text in recorder._errors.items())
    assert recorder.tail(4).errors == texts
    assert (99, 0) in recorder._errors


class _Taker:
    """A snapshot taker that wants every dispatch."""

    due = 0

    def __init__(self) -> None:
        self.log: list[Any] = []

    def want(self, _plan: object, _start: int) -> bool:
        """Want it."""
        return True

    def begin(self, dispatch: int, _plan: object, args: tuple[Any, ...]) -> _Taker:
        """Note the beginning."""
        self.log.append((dispatch, args))
        return self

    def step(self, position: int, args: tuple[Any, ...]) -> bool:
        """Note a hook."""
        self.log.append((position, args))
        return False

    def end(self) -> None:
        """Note the end."""
        self.log.append("end")


@pytest.mark.parametrize("shape", ["fold", "gather", "spawn"])
def test_snapshots_are_taken_before_the_first_hook_and_after_each(shape: Any) -> None:
    """A wanted dispatch is copied before its first hook, after each hook, and closed."""
    recorder = Recorder()
    board = a_board(recorder, Policy(shape, IGNORE), snapshot=lambda **parts: parts)
    board.attach("p", nothing)
    board.attach("p", nothing, name="again")
    taker = recorder.snapshots = _Taker()

    board.plan("p").fire(1, 2, 3)

    assert taker.log == [(1, (2, 3)), (0, (2, 3)), (1, (2, 3)), "end"]
    assert recorder.rows().dispatches["id"].tolist() == [1]


def test_what_the_first_copy_takes_is_not_the_events_time() -> None:
    """A dispatch begins after the copy before its first hook; one that is not wanted is not copied."""
    recorder = Recorder()
    board = a_board(recorder, Policy(failure="contain"), snapshot=lambda **parts: parts)
    board.attach("p", nothing)

    class Slow(_Taker):
        def want(self, _plan: object, _start: int) -> bool:
            return not self.log

        def begin(self, dispatch: int, plan: object, args: tuple[Any, ...]) -> _Taker:
            self.copied = recorder.clock()
            return super().begin(dispatch, plan, args)

    taker = recorder.snapshots = Slow()
    for _ in range(2):
        board.plan("p").fire(1, 2, 3)

    assert taker.log == [(1, (2, 3)), (0, (2, 3)), "end"]
    assert recorder.rows().dispatches["start"][0] > taker.copied


def test_an_onion_is_copied_after_each_of_its_hooks() -> None:
    """Where it goes inwards and where it ends; the core, -1, has a copy of its own."""
    recorder = Recorder()
    board = Board(
        [
            Point(
                "p",
                ("context", "next"),
                Policy("onion"),
                snapshot=lambda context, _core: {"context": context},
            )
        ]
    )
    board.tracer = recorder
    board.attach("p", lambda _context, following: following(), name="around", kind="around")
    board.attach("p", lambda _context: None, name="before", kind="before")
    taker = recorder.snapshots = _Taker()

    board.plan("p").fire(1, {}, lambda _context: 1)

    assert [entry if entry == "end" else entry[0] for entry in taker.log] == [1, 0, 1, -1, 0, "end"]


def test_a_hook_of_an_onion_that_waits_is_copied_when_it_has_ended() -> None:
    """What it changed after its wait is its own doing too."""
    recorder = Recorder()
    shown: list[list[int]] = []

    class Taker(_Taker):
        def step(self, position: int, args: Any) -> bool:
            super().step(position, args)
            shown.append([position, *args[0]])
            return False

    board = Board([Point("p", ("context", "next"), Policy("onion"), snapshot=lambda context, _core: context)])
    board.tracer = recorder
    recorder.snapshots = Taker()

    async def waits(context: dict[int, int]) -> None:
        await asyncio.sleep(0)
        context[7] = 1

    async def main() -> None:
        board.attach("p", waits, kind="before")
        await board.plan("p").fire(1, {}, lambda _context: 1)

    asyncio.run(main())
    assert shown == [[0, 7], [-1, 7]]


def test_what_the_core_of_an_onion_changes_is_no_hooks_change() -> None:
    """Outside of hooks a change counts for nobody, whichever road the dispatch takes."""
    recorder = Recorder()
    board = Board([Point("p", ("context", "next"), Policy("onion"))])
    board.tracer = recorder

    async def core(_context: object) -> None:
        recorder.touch()

        async def child() -> None:
            recorder.touch()

        await asyncio.ensure_future(child())

    async def main() -> None:
        await board.plan("p").fire(1, {}, core)

    board.attach("p", lambda _context: None, name="before", kind="before")
    asyncio.run(main())
    recorder.touch()

    assert outcomes(recorder) == ["ok"]
    assert recorder.rows().dispatches["outcome"].tolist() == [0]


def test_what_runs_on_the_fast_road_of_another_thread_is_pending() -> None:
    """A reader sees the dispatch that another thread is in."""
    recorder = Recorder()
    board = a_board(recorder)
    inside, go_on = threading.Event(), threading.Event()

    def slow(_peer: object, _message: object) -> None:
        inside.set()
        assert go_on.wait(10)

    board.attach("p", slow)
    thread = threading.Thread(target=lambda: board.plan("p").fire(5, 2, 3))
    thread.start()
    assert inside.wait(10)
    rows = recorder.rows()
    go_on.set()
    thread.join()

    assert rows.dispatches[["id", "connection", "end"]].tolist() == [(1, 5, 0)]
    assert [OUTCOMES[number] for number in rows.calls["outcome"]] == ["pending"]
    assert outcomes(recorder) == ["ok"]


def test_the_error_of_a_core_is_the_dispatchs_and_no_calls() -> None:
    """The calls say ok or skipped; the dispatch has the text."""
    recorder = Recorder()
    board = Board([Point("p", ("context", "next"), Policy("onion"))])
    board.tracer = recorder
    board.attach("p", lambda _context: None, name="before", kind="before")

    with pytest.raises(ZeroDivisionError):
        board.plan("p").fire(1, {}, lambda _context: 1 / 0)

    rows = recorder.rows()
    assert rows.calls["error"].tolist() == [-1]
    assert rows.errors[rows.dispatches["error"][0]].text == "ZeroDivisionError: division by zero"


def test_texts_of_errors_outlive_their_dispatches_without_being_shown() -> None:
    """Rows give the texts that their rows point at, and no others."""
    recorder = Recorder(limit=1000)
    board = a_board(recorder)
    board.attach("p", lambda *_: 1 / 0, name="bad")
    for _ in range(200):
        with pytest.raises(ZeroDivisionError):
            board.plan("p").fire(1, 2, 3)

    rows = recorder.rows()

    assert recorder.dropped > 0
    assert len(rows.errors) == len(rows.dispatches) == recorder.kept

"""Moments are numbered, bounded, and belong to the event that runs."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.board import Board
from workbench.engine.points import Point
from workbench.trace.moments import DATA_KEPT, DATA_LIMIT, KINDS, TEXT_LIMIT, Moment, Moments
from workbench.trace.recorder import Recorder
from workbench.trace.trace import Trace


@pytest.fixture
def moments() -> Moments:
    """Make a ring of three, whose clock counts 100, 101 ..."""
    return Moments(count(100).__next__, limit=3)


def test_a_moment_comes_back_as_it_was_noted(moments: Moments) -> None:
    """Number and stamp are given; the size is that of what was sent."""
    moments.add("sent", "frame", 7, 2, b"hello")

    assert moments.rows() == [Moment(0, 100, "sent", "frame", 7, 2, b"hello", 5)]


def test_the_oldest_go_and_are_counted(moments: Moments) -> None:
    """Of five moments three are kept; the others are said to be gone."""
    for text in "abcde":
        moments.add("stage", text)

    assert [moment.text for moment in moments.rows()] == ["c", "d", "e"]
    assert (moments.total, moments.dropped, len(moments)) == (5, 2, 3)


def test_clearing_forgets_counts_too(moments: Moments) -> None:
    """After a clear, what comes is the first."""
    moments.add("stage", "a")
    moments.clear()
    moments.add("stage", "b")

    assert (moments.total, moments.dropped) == (1, 0)
    assert [moment.text for moment in moments.newest(5)] == ["b"]


def test_the_newest_come_first_and_only_so_many(moments: Moments) -> None:
    """A face asks for as many as it shows."""
    for text in "abc":
        moments.add("stage", text)

    assert [moment.text for moment in moments.newest(2)] == ["c", "b"]


def test_only_those_of_some_events_can_be_asked_for(moments: Moments) -> None:
    """Others, and those of no event, are left out."""
    moments.add("stage", "mine", 4)
    moments.add("stage", "another's", 5)
    moments.add("stage", "nobody's")

    assert [moment.text for moment in moments.rows(frozenset({4}))] == ["mine"]


@given(st.lists(st.none() | st.tuples(st.integers(-1, 4), st.none() | st.text(min_size=1, max_size=3))))
def test_they_are_the_newest_of_all_there_were(steps: list[tuple[int, str | None] | None]) -> None:
    """Whatever is added and cleared (None): the rows, the counts and the parts are those of a plain list."""
    moments = Moments(count(100).__next__, limit=5)
    held: list[Moment] = []
    numbers = count()
    for step in steps:
        if step is None:
            moments.clear()
            held.clear()
            continue
        (dispatch, data), number = step, next(numbers)
        moments.add("sent", f"{number}", dispatch, 7, data)
        size = len(data or "")
        held.append(Moment(number, 100 + number, "sent", f"{number}", dispatch, 7, data, size))

    kept = held[-5:]
    assert moments.rows() == kept
    assert moments.newest(3) == kept[::-1][:3]
    assert moments.rows(frozenset({1, 2})) == [moment for moment in kept if moment.dispatch in {1, 2}]
    assert (moments.total, moments.dropped, len(moments)) == (len(held), len(held) - len(kept), len(kept))


def test_threads_add_without_losing_or_mixing_any() -> None:
    """Each moment is as one thread noted it, while others add and one reads."""
    moments = Moments(count().__next__, limit=1_000)

    def add(writer: int) -> None:
        for _ in range(1_000):
            moments.add("sent", str(writer), writer, writer, str(writer))

    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(add, writer) for writer in range(1, 5)]
        while not all(writer.done() for writer in writers):
            assert all(_whole(moment) for moment in moments.newest(50))
        for writer in writers:
            writer.result()

    rows = moments.rows()
    assert (moments.total, moments.dropped) == (4_000, 3_000)
    assert len({moment.number for moment in rows}) == len(rows) == 1_000
    assert all(_whole(moment) for moment in rows)


def _whole(moment: Moment) -> bool:
    told = (moment.text, moment.connection, moment.data or moment.text, moment.size)
    return told == (str(moment.dispatch), moment.dispatch, str(moment.dispatch), 1)


def test_who_ended_an_event_is_known_by_the_event(moments: Moments) -> None:
    """Of as many events as there are moments, however many moments came since; until all is forgotten."""
    moments.end(1, "by hand")
    for text in "abcd":
        moments.add("stage", text)

    assert (moments.ended(1), moments.ended(2)) == ("by hand", None)
    for dispatch in (2, 3, 4):
        moments.end(dispatch, "by a fault")
    assert (moments.ended(1), moments.ended(2)) == (None, "by a fault")
    moments.clear()
    assert moments.ended(2) is None


def test_what_is_long_is_cut_and_its_length_kept(moments: Moments) -> None:
    """Memory stays bounded whatever was sent."""
    moments.add("sent", "x" * (TEXT_LIMIT + 1), data="y" * (DATA_LIMIT + 9))

    [moment] = moments.rows()
    assert (len(moment.text), len(moment.data or ""), moment.size) == (TEXT_LIMIT, DATA_LIMIT, DATA_LIMIT + 9)


def test_what_was_sent_is_kept_of_the_newest_only_and_of_events_with_a_snapshot() -> None:
    """Of the others the length stays, and that there was something."""
    moments = Moments(count(100).__next__)
    moments.lasts = frozenset({2}).__contains__
    for dispatch in (1, 2, *range(3, DATA_KEPT + 3)):
        moments.add("sent", "", dispatch, data=str(dispatch))

    first, second, third, *_ = moments.rows()
    assert [moment.data for moment in (first, second, third)] == [None, "2", "3"]
    assert [moment.size for moment in (first, second, third)] == [1, 1, 1]
    assert moments.newest(1)[0].data == str(DATA_KEPT + 2)
    moments.clear()
    assert moments.rows() == []


def test_an_event_with_a_snapshot_keeps_what_it_sent() -> None:
    """As long as the moment itself; another one's is forgotten after so many."""
    board, trace = traced()

    def hook(n: int) -> None:
        trace.recorder.moment("sent", "answered", data=f"for {n}")

    board.attach("message", hook)
    board.plan("message").fire(1, 1)
    trace.snapshots.limit(0)
    for number in range(DATA_KEPT + 2):
        board.plan("message").fire(1, number)

    rows = trace.recorder.moments.rows()
    assert [rows[0].data, rows[1].data, rows[-1].data] == ["for 1", None, f"for {DATA_KEPT + 1}"]


def traced() -> tuple[Board, Trace]:
    """Make a traced board with one point."""
    board = Board([Point("message", ("n",), snapshot=lambda n: {"n": n})])
    return board, Trace(board, name="test", dialect_of=lambda _: "test")


def test_a_moment_inside_a_hook_belongs_to_its_event() -> None:
    """Whoever notes it need not know the event."""
    board, trace = traced()
    board.attach("message", lambda n: trace.recorder.moment("stage", f"saw {n}"))
    board.plan("message").fire(-1, 1)
    trace.recorder.moment("stage", "outside")

    frame = trace.moments
    assert list(frame["text"]) == ["saw 1", "outside"]
    assert list(frame["dispatch"]) == [int(trace.dispatches["dispatch"].iloc[0]), -1]
    assert set(frame["kind"]) <= set(KINDS)


def test_nothing_is_noted_while_tracing_is_off() -> None:
    """And it goes on when tracing does."""
    _, trace = traced()
    trace.off()
    trace.recorder.moment("stage", "unseen")
    trace.on()
    trace.recorder.moment("stage", "seen", dispatch=-1)

    assert list(trace.moments["text"]) == ["seen"]


def test_what_is_sent_is_noted_where_the_event_is_snapshotted() -> None:
    """The first event has a snapshot, and so what it sent; outside of events nothing is noted."""
    board, trace = traced()
    board.attach("message", lambda _: trace.recorder.sent(3, "out"))
    trace.recorder.sent(3, "nobody's")
    board.plan("message").fire(3, 1)

    assert [(moment.connection, moment.data) for moment in trace.recorder.moments.rows()] == [(3, "out")]


def test_what_one_context_dispatches_is_one_story() -> None:
    """The first dispatch is the parent of the others, those of tasks too; another context has its own."""
    board, trace = traced()
    recorder = trace.recorder

    async def handle() -> None:
        with recorder.story():
            board.plan("message").fire(-1, 1)
            await asyncio.sleep(0)
            await asyncio.create_task(fire())

    async def fire() -> None:
        board.plan("message").fire(-1, 2)

    async def both() -> None:
        await asyncio.gather(handle(), handle())

    board.attach("message", lambda _: None)
    asyncio.run(both())
    board.plan("message").fire(-1, 3)

    first, second, third, fourth, alone = trace.dispatches["dispatch"].tolist()
    parents = dict(zip(trace.dispatches["dispatch"], trace.dispatches["parent"], strict=True))
    assert parents == {first: -1, second: -1, third: first, fourth: second, alone: -1}
    assert trace.story(third) == [first, third]


def test_a_story_inside_a_hook_is_the_hooks() -> None:
    """The hook's own dispatch is the parent already."""
    board = Board([Point("outer", ("n",)), Point("inner", ("n",))])
    recorder = board.tracer = Recorder()

    def outer(n: int) -> None:
        with recorder.story():
            board.plan("inner").fire(-1, n)

    board.attach("outer", outer)
    board.attach("inner", lambda _: None)
    board.plan("outer").fire(-1, 1)

    assert recorder.rows().dispatches["parent"].tolist() == [-1, recorder.rows().dispatches["id"][0]]


def test_before_the_first_dispatch_of_a_story_nothing_runs() -> None:
    """A moment noted there belongs to no event."""
    _, trace = traced()
    with trace.recorder.story():
        trace.recorder.moment("stage", "early")

    assert trace.moments["dispatch"].tolist() == [-1]


def test_a_story_tells_the_event_that_its_answer_belongs_to() -> None:
    """Its first one; in a hook, or in a task of a hook, the hook's; a story in a story is that one."""
    board = Board([Point("outer", ("n",)), Point("inner", ("n",))])
    recorder = board.tracer = Recorder()
    told: list[int] = []

    async def later() -> None:
        with recorder.story() as story:
            told.append(story.dispatch)

    async def outer(_n: int) -> None:
        with recorder.story() as story:
            told.append(story.dispatch)
        await asyncio.create_task(later())

    async def main() -> None:
        await board.plan("outer").fire(-1, 1)
        with recorder.story() as story:
            told.append(story.dispatch)
            with recorder.story() as same:
                board.plan("inner").fire(-1, 1)
            told.extend([story.dispatch, same.dispatch])

    board.attach("outer", outer)
    board.attach("inner", lambda _: None)
    asyncio.run(main())
    assert told == [1, 1, -1, 2, 2]

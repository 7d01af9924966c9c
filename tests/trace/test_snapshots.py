"""What workbench.trace.snapshots promises."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.board import Board
from workbench.engine.points import Point, Policy
from workbench.trace.changes import Change, apply
from workbench.trace.copies import copy_of, same
from workbench.trace.snapshots import Snapshots
from workbench.trace.trace import Trace

SECOND = 1_000_000_000
JSON_LIKE = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


def _plan(snapshot: Callable[..., Any] | None = lambda message: {"message": message}) -> Any:
    return SimpleNamespace(point=SimpleNamespace(snapshot=snapshot, name="message"))


def test_each_hook_is_told_by_what_it_changed() -> None:
    """A shot says for every position what differs from the step before."""
    snapshots = Snapshots()
    message = {"raw": "a"}
    shot = snapshots.begin(7, _plan(), (message,))
    shot.step(0, (message,))
    message["raw"] = "A"
    shot.step(1, (message,))
    shot.step(2, ({"raw": "B"},))  # a reducer put another object in its place
    shot.end()

    assert snapshots.get(7) is shot is snapshots.newest()
    assert shot.changes() == [
        (0, []),
        (1, [Change(("message", "raw"), "changed", "a", "A")]),
        (2, [Change(("message", "raw"), "changed", "A", "B")]),
    ]


def test_a_shot_knows_what_each_hook_began_with() -> None:
    """What the hooks before it left; for one that has not run, what there is by now."""
    shot = Snapshots().begin(7, _plan(), ({"raw": "a"},))
    shot.step(0, ({"raw": "b"},))
    shot.step(1, ({"raw": "c"},))

    assert [shot.before(position) for position in (0, 1, 2)] == [
        {"message": {"raw": raw}} for raw in ("a", "b", "c")
    ]


def test_a_shot_knows_what_an_around_hook_got_back() -> None:
    """What it all had come to inside of it; nothing where it did not go inwards."""
    shot = Snapshots().begin(7, _plan(), ("at first",))
    shot.step(0, ("before next",))
    shot.step(-1, ("after the core",))
    shot.step(0, ("at the end",))
    shot.step(1, ("later",))

    assert shot.before(0) == {"message": "at first"}
    assert shot.inside(0) == {"message": "after the core"}
    assert shot.inside(1) is None


@given(st.lists(JSON_LIKE, min_size=1, max_size=5))
def test_the_changes_lead_from_the_first_state_to_the_last(states: list[Any]) -> None:
    """Done one after the other, they give what the last hook left."""
    shot = Snapshots().begin(1, _plan(), (states[0],))
    for position, state in enumerate(states[1:]):
        shot.step(position, (state,))

    value = {"message": copy_of(states[0])}
    for _, changes in shot.changes():
        value = apply(value, changes)

    assert same(value, {"message": states[-1]})


def test_steps_without_change_share_their_copy() -> None:
    """Hooks that only look cost no memory."""
    snapshots = Snapshots()
    shot = snapshots.begin(1, _plan(), ("x" * 1000,))
    before = snapshots.size
    shot.step(0, ("x" * 1000,))

    assert shot.steps[1].parts is shot.steps[0].parts
    assert snapshots.size == before
    assert repr(shot.steps[1]).startswith("Step(0, {'message': 'xxx")


def test_the_first_hundred_of_a_second_are_wanted() -> None:
    """A full bucket is a second's worth; then one is wanted every hundredth of a second."""
    snapshots, plan = Snapshots(), _plan()
    now = 5 * SECOND

    assert [snapshots.want(plan, now) for _ in range(101)] == [True] * 100 + [False]
    assert snapshots.due == now + SECOND // 100
    assert not snapshots.want(plan, snapshots.due - 1)
    assert snapshots.want(plan, snapshots.due)
    later = now + 100 * SECOND
    assert sum(snapshots.want(plan, later) for _ in range(200)) == 100


def test_copying_takes_no_more_than_its_share_of_the_time() -> None:
    """The first tenth of a second of it is free; then there is none until what was copied is made up for."""
    snapshots, plan = Snapshots(rate=1_000, share=0.01), _plan()
    shot = snapshots.begin(1, plan, ("x",))
    now, own = time.perf_counter_ns(), time.thread_time_ns()
    snapshots.grown(shot, 0, own - SECOND // 20)
    assert snapshots.want(plan, now)

    snapshots.grown(shot, 0, own - SECOND)
    assert now + 85 * SECOND < snapshots.due < now + 150 * SECOND
    assert not snapshots.want(plan, now + 80 * SECOND)
    snapshots.clear()
    assert snapshots.want(plan, now)


def test_points_with_nothing_to_show_are_refused() -> None:
    """Their events do not count against the rate."""
    snapshots = Snapshots(burst=1)
    assert not snapshots.want(_plan(None), SECOND)
    assert snapshots.want(_plan(), SECOND)
    assert not snapshots.want(_plan(), SECOND)


def test_the_clock_is_read_where_nobody_gives_a_stamp() -> None:
    """Without a stamp, now is taken."""
    assert Snapshots().want(_plan())


def test_no_rate_means_none() -> None:
    """A rate of 0 refuses everything, also after clearing; a new rate is in force at once."""
    snapshots = Snapshots(rate=0)
    snapshots.clear()
    assert not snapshots.want(_plan(), 1 << 61)
    snapshots.limit(2, 1)
    assert [snapshots.want(_plan(), SECOND) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("rate", "burst"), [(-1, None), (1, 0)])
def test_senseless_limits_are_refused(rate: float, burst: int | None) -> None:
    """Negative rates and empty bursts are named in one sentence."""
    with pytest.raises(ValueError, match="need a rate of 0 or more and a burst of 1 or more"):
        Snapshots(rate=rate, burst=burst)


@pytest.mark.parametrize("share", [0, -0.1, 1.5])
def test_senseless_shares_are_refused(share: float) -> None:
    """A share of the time is above 0 and up to 1."""
    with pytest.raises(ValueError, match=rf"above 0 and up to 1, such as 0.02; got {share}"):
        Snapshots().limit(100, share=share)


def test_the_number_of_events_is_bounded() -> None:
    """The oldest go, and are counted."""
    snapshots = Snapshots(events=2)
    for number in range(3):
        snapshots.begin(number, _plan(), ("x",))

    assert snapshots.get(0) is None
    assert (len(snapshots), snapshots.taken, snapshots.dropped) == (2, 3, 1)


def test_memory_is_bounded() -> None:
    """What hooks add counts too; clearing makes it zero; the newest event always stays."""
    snapshots = Snapshots(memory=10_000)
    for number in range(10):
        shot = snapshots.begin(number, _plan(), ("x" * 1000,))
        shot.step(0, ("y" * 1000,))
    assert snapshots.size <= 10_000
    assert snapshots.dropped > 0

    snapshots.begin(99, _plan(), ("x" * 20_000,))
    assert len(snapshots) == 1

    snapshots.clear()
    assert (snapshots.size, len(snapshots), snapshots.dropped, snapshots.newest()) == (0, 0, 0, None)


def test_what_a_forgotten_event_adds_later_is_not_counted() -> None:
    """A long event whose shot has gone may still finish its steps."""
    snapshots = Snapshots(events=1)
    old = snapshots.begin(1, _plan(), ("x",))
    snapshots.begin(2, _plan(), ("x",))
    size = snapshots.size
    old.step(0, ("y" * 1000,))
    assert snapshots.size == size


def test_clearing_allows_the_next_event_at_once() -> None:
    """After clear() the bucket is full."""
    snapshots = Snapshots(rate=1, burst=1)
    assert snapshots.want(_plan(), SECOND)
    snapshots.clear()
    assert snapshots.want(_plan(), SECOND)


def test_a_hostile_point_or_value_breaks_nothing() -> None:
    """A raising snapshot function or repr leaves a note."""

    def refuse(_: object) -> Any:
        raise LookupError

    class Mute:
        def __repr__(self) -> str:
            raise RuntimeError

    shot = Snapshots().begin(1, _plan(refuse), ("x",))
    assert repr(shot.steps[0].parts) == "{'...': <no snapshot: LookupError>}"

    shot = Snapshots().begin(2, _plan(), (Mute(),))
    assert repr(shot.steps[0].parts) == "{'message': <Mute whose repr raised RuntimeError>}"


def test_a_point_may_give_one_value() -> None:
    """What is no mapping is one part."""
    shot = Snapshots().begin(1, _plan(lambda message: message), ("x",))
    assert shot.steps[0].parts == {"value": "x"}


def test_an_onions_changes_belong_to_the_hooks_that_made_them() -> None:
    """An around hook's changes on the way in are its own, and the core's are nobody's."""
    point = Point("p", ("context", "next"), Policy("onion"), snapshot=lambda context, _core: dict(context))
    board = Board([point])
    trace = Trace(board)

    def around(context: dict[str, int], following: Callable[[], object]) -> None:
        context["on_the_way_in"] = 1
        following()
        context["on_the_way_out"] = 1

    board.attach("p", around, kind="around")
    board.attach("p", lambda context: context.update(before=1), name="before", kind="before")

    board.plan("p").fire(1, {}, lambda context: context.update(core=1))

    frame = trace.changes()
    assert frame[["hook", "path"]].astype(str).to_numpy().tolist() == [
        ["around", "on_the_way_in"],
        ["before", "before"],
        ["around", "on_the_way_out"],
    ]

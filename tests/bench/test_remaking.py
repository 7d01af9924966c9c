"""Recorded events made again: everything that there is a snapshot of is as it was."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.bench.remaking import Case, NotRemade, remake
from workbench.dialects.context import Context
from workbench.engine.board import Board
from workbench.engine.hooks import Hook
from workbench.engine.points import REPLACE, Point, Policy
from workbench.trace.trace import Trace

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text("abc", min_size=1, max_size=2)


def _point(policy: Policy | None = None, **options: Any) -> Point:
    return Point(
        "call",
        ("context",),
        policy or Policy("fold"),
        snapshot=dict,
        shadow=lambda context: (Context(deepcopy(dict(context))),),
        **options,
    )


def _fired(point: Point, function: Any, *args: Any) -> tuple[Trace, Hook]:
    """Fire an event at a board with one hook."""
    board = Board([point])
    trace = Trace(board)
    hook = board.attach(point.name, function, name="hook")
    board.plan(point.name).fire(-1, *args)
    return trace, hook


def _again(trace: Trace, hook: Hook) -> Case:
    (sample,) = trace.snapshots.samples(lambda _plan: True)
    return remake(sample, hook)


def _seen(case: Case, hook: Hook) -> Any:
    """Give what a hook is called with when a case is played."""
    seen: list[Any] = []
    case.call(Hook(hook.id, hook.name, seen.append, hook.point, hook.kind, call=seen.append))
    return seen[0]


@given(st.dictionaries(NAMES, JSON, max_size=3), st.dictionaries(NAMES, JSON, max_size=3))
def test_a_hook_meets_the_context_that_it_met(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Whatever plain data was in it, and whatever has become of it since."""

    def become(context: Context) -> None:
        context.clear()
        context.update(deepcopy(after))

    context = Context(deepcopy(before))
    trace, hook = _fired(_point(), become, context)

    case = _again(trace, hook)

    assert _seen(case, hook) == before
    assert not case.changed(hook, None)
    assert context == after


def test_what_cannot_be_copied_is_put_back_by_nobody() -> None:
    """An object of which only the text is known makes the event impossible, unless it is still there."""
    held = object()

    def drop(context: Context) -> None:
        context.user = None

    trace, hook = _fired(_point(), drop, Context(user=held))
    with pytest.raises(NotRemade, match="what user held is known as a text only"):
        _again(trace, hook)

    def look(_context: Context) -> None:
        """Leave everything as it is."""

    trace, hook = _fired(_point(), look, Context(user=print))
    assert _seen(_again(trace, hook), hook) == {"user": print}


def test_a_value_that_is_handed_on_is_the_one_that_the_hook_got() -> None:
    """What the hooks before it returned; a result that differs is a change, the same one is none."""
    point = Point(
        "value",
        ("value",),
        Policy("fold", REPLACE),
        snapshot=lambda value: {"value": value},
        shadow=lambda value: (value,),
    )
    board = Board([point])
    trace = Trace(board)
    board.attach("value", lambda value: value + 1, name="first")
    hook = board.attach("value", lambda value: value * 2, name="second")
    assert board.plan("value").fire(-1, 4) == 10

    case = _again(trace, hook)

    assert _seen(case, hook) == 5
    assert [case.changed(hook, result) for result in (None, 5, 6)] == [False, False, True]


def test_a_hook_that_did_not_run_meets_the_event_as_it_began() -> None:
    """It was attached later."""

    def change(context: Context) -> None:
        context.a = 2

    trace, _ = _fired(_point(), change, Context(a=1))

    late = trace.board.attach("call", change, name="late")

    assert _seen(_again(trace, late), late) == {"a": 1}


def test_a_plain_onion_has_a_next_too() -> None:
    """It puts back what was there when everything inside had ended, and may be called once."""
    point = Point(
        "onion",
        ("context", "next"),
        Policy("onion"),
        snapshot=lambda context, _core: dict(context),
        shadow=lambda context, *more: (Context(context), *more),
    )
    board = Board([point])
    trace = Trace(board)

    def around(context: Context, following: Any) -> Any:
        context.a = 2
        return following()

    def core(context: Context) -> str:
        context.b = 3
        return "done"

    hook = board.attach("onion", around, kind="around")
    assert board.plan("onion").fire(-1, Context(a=1), core) == "done"
    seen: list[Any] = []

    def draft(context: Context, following: Any) -> None:
        seen.append(dict(context))
        following()
        seen.append(dict(context))

    case = _again(trace, hook)
    fresh = Hook(hook.id, hook.name, draft, hook.point, "around", call=draft)
    case.call(fresh)

    assert seen == [{"a": 1}, {"a": 2, "b": 3}]
    assert not case.changed(fresh, None)


@pytest.mark.parametrize("shadow", [None, lambda _context: 1 / 0])
def test_without_a_stand_in_there_is_no_event(shadow: Any) -> None:
    """A point that has none, or one whose stand-in fails, says so."""
    trace, hook = _fired(
        Point("call", ("context",), snapshot=dict, shadow=shadow), lambda _context: None, Context()
    )

    with pytest.raises(NotRemade, match=r"no stand-ins|ZeroDivisionError"):
        _again(trace, hook)


def test_a_part_that_is_made_for_showing_is_left_as_it_is() -> None:
    """Only members of the first argument, and arguments, are put back."""

    class Held:
        kept = "now"

    point = Point(
        "call",
        ("held",),
        snapshot=lambda held: {"text": f"<{held.kept}>", "kept": held.kept},
        shadow=lambda held: (held,),
    )

    def change(held: Held) -> None:
        held.kept = "later"

    trace, hook = _fired(point, change, Held())
    again = _seen(_again(trace, hook), hook)

    assert (again.kept, hasattr(again, "text")) == ("now", False)

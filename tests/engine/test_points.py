"""Points, policies, ready-made reduces and orders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.engine.errors import BadPolicy, near
from workbench.engine.hooks import EVERYWHERE, Hook, Scope
from workbench.engine.points import (
    FIRST,
    IGNORE,
    MERGE,
    NULL,
    REPLACE,
    UPGRADE,
    Point,
    Policy,
    Stop,
    by_priority,
    in_lanes,
    ordinal,
)


class _Answer:
    status = 401


def test_reduces() -> None:
    """Each ready-made reduce makes of accumulator and result what its name says."""
    response = _Answer()
    assert IGNORE.step(1, 2) == 1
    assert (REPLACE.step(1, 2), REPLACE.step(1, NULL)) == (2, None)
    assert (MERGE.step({"a": 1}, {"b": 2}), MERGE.step(1, 2)) == ({"a": 1, "b": 2}, 1)
    assert FIRST.step(None, 3) == Stop(3)
    assert UPGRADE.step(None, response) == Stop(response, lane_only=True)
    assert (UPGRADE.step(None, True), UPGRADE.step({}, True), UPGRADE.step(True, {"a": 1})) == (
        True,
        {},
        {"a": 1},
    )
    merged = UPGRADE.step(
        {"headers": {"a": "1"}, "context": {"x": 1}}, {"headers": [("a", "2")], "context": {"y": 2}}
    )
    assert merged == {"headers": [("a", "1"), ("a", "2")], "context": {"x": 1, "y": 2}}
    assert UPGRADE.step({"namespace": "a"}, {"protocol": "b"}) == {"namespace": "a", "protocol": "b"}
    assert (repr(NULL), bool(NULL)) == ("NULL", False)


def test_a_reduce_goes_by_its_name_too() -> None:
    """The name of a ready-made one stands for it, and a name of none is refused with the near one."""
    assert replace(Policy(), reduce="merge").reduce is MERGE  # type: ignore[arg-type]
    with pytest.raises(BadPolicy, match="not 'merg'; did you mean 'merge'"):
        Policy(reduce="merg")  # type: ignore[arg-type]
    with pytest.raises(BadPolicy, match="reduce is a Reduce or the name of one, not 3; there are: 'first'"):
        Policy(reduce=3)  # type: ignore[arg-type]


def test_policies_and_points_refuse_what_cannot_be() -> None:
    """Unknown words, and a feeding reduce without an argument, are refused."""
    with pytest.raises(BadPolicy, match="not 'heap'"):
        Policy("heap")  # type: ignore[arg-type]
    with pytest.raises(BadPolicy, match="not 'hope'"):
        Policy(failure="hope")  # type: ignore[arg-type]
    with pytest.raises(BadPolicy, match="no parameters"):
        Point("p", (), Policy(reduce=REPLACE))
    assert Policy(reduce=MERGE).describe() == "one after the other, results: merge; an error ends the event"
    assert "results" not in Policy("gather").describe()
    assert Policy("spawn").describe().endswith("one of an async def is reported")
    assert "the rest runs" in Policy("spawn", failure="contain").describe()
    assert Point("o", ("context", "next"), Policy("onion")).parameters_of("before") == ("context",)
    assert near("x", []) == ""


def test_orders() -> None:
    """Lanes in their order, priorities from large to small, ties as attached."""
    hooks = [
        Hook(f"h{n}", "x", print, "p", lane=lane, priority=n % 2) for n, lane in enumerate(["b", "c", "a"])
    ]
    assert [hook.id for hook, _ in in_lanes(("a", "b"))(hooks)] == ["h2", "h0", "h1"]
    assert by_priority(hooks)[0] == (hooks[1], "priority 1")
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 22)] == ["1st", "2nd", "3rd", "4th", "11th", "22nd"]
    assert repr(Scope(frozenset({2, 1}), shadow=True)) == "Scope(connections=frozenset([1, 2]), shadow=True)"
    assert (repr(EVERYWHERE), hooks[0].call(1)) == ("Scope()", None)


class _Odd:
    def __eq__(self, other: object) -> bool:
        raise TypeError

    __hash__ = None  # type: ignore[assignment]


def test_what_counts_as_a_change() -> None:
    """Another value than the one handed on, or an entry that was not there; an answer is none."""
    assert REPLACE.changes is not None
    assert MERGE.changes is not None
    same = {"a": 1}
    assert [REPLACE.changes(same, one) for one in (same, {"a": 1}, {"a": 2}, NULL)] == [
        False,
        False,
        True,
        True,
    ]
    assert not REPLACE.changes(None, NULL)
    assert REPLACE.changes(_Odd(), _Odd())
    assert [MERGE.changes(None, one) for one in ({}, {"a": None}, 1)] == [False, True, False]
    assert [MERGE.changes(same, one) for one in ({"a": 1}, {"a": 2}, {"b": 1})] == [False, True, True]
    assert [reduce.changes for reduce in (IGNORE, FIRST, UPGRADE)] == [None, None, None]

"""The newest events with their arguments."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from workbench.trace.copies import LEAF_LIMIT
from workbench.trace.samples import CHAINS, EACH
from workbench.trace.snapshots import Snapshots


def _plan(name: str) -> Any:
    return SimpleNamespace(point=SimpleNamespace(name=name, snapshot=lambda value: {"value": value}))


def _numbers(snapshots: Snapshots, *names: str) -> list[int]:
    return [shot.dispatch for shot, _ in snapshots.samples(lambda plan: plan.point.name in names)]


def test_the_newest_events_come_first_with_their_very_arguments() -> None:
    """Twenty of each chain; of several chains together the newest twenty."""
    snapshots = Snapshots()
    mine, other = _plan("mine"), _plan("other")
    held = object()
    for number in range(1, 31):
        snapshots.begin(number, mine if number % 2 else other, (held,))

    assert _numbers(snapshots, "mine") == list(range(29, 0, -2))
    assert _numbers(snapshots, "mine", "other") == list(range(30, 10, -1))
    assert snapshots.samples(lambda plan: plan is mine)[0][1][0] is held
    for number in range(31, 81):
        snapshots.begin(number, mine, (held,))
    assert len(_numbers(snapshots, "mine")) == EACH
    snapshots.clear()
    assert _numbers(snapshots, "mine", "other") == []


def test_what_was_not_copied_whole_is_not_held() -> None:
    """A payload too long for its snapshot, and an event that has none, cannot be made again."""

    def broken(_value: Any) -> Any:
        raise ValueError

    snapshots = Snapshots()
    snapshots.begin(1, _plan("mine"), ("x" * (LEAF_LIMIT + 1),))
    snapshots.begin(2, SimpleNamespace(point=SimpleNamespace(name="mine", snapshot=broken)), (1,))

    assert _numbers(snapshots, "mine") == []


def test_the_number_of_chains_is_bounded() -> None:
    """Of names that anybody can make up only those that ran last are kept."""
    snapshots = Snapshots()
    for number in range(CHAINS + 5):
        snapshots.begin(number + 1, _plan(f"event {number}"), (1,))
        snapshots.begin(1000 + number, _plan("always"), (1,))

    assert _numbers(snapshots, "event 0") == []
    assert len(_numbers(snapshots, "always")) == EACH
    assert _numbers(snapshots, f"event {CHAINS + 4}") == [CHAINS + 5]

"""Whoever wants to hear of changes is told of each, and of none afterwards."""

from __future__ import annotations

from collections.abc import Callable

from workbench.watching import Watchers


def test_each_change_is_told_to_all_in_the_order_in_which_they_came() -> None:
    """Also to those who come between two of them."""
    told: list[str] = []
    watchers = Watchers()
    watchers.tell()
    watchers.add(lambda: told.append("first"))
    watchers.tell()
    watchers.add(lambda: told.append("second"))
    watchers.tell()
    assert told == ["first", "first", "second"]


def test_who_has_gone_is_told_no_more() -> None:
    """Going twice does no harm; one that goes while it is told hinders nobody."""
    told: list[str] = []
    watchers = Watchers()
    ends: list[Callable[[], None]] = []

    def once() -> None:
        told.append("once")
        for end in ends * 2:
            end()

    ends.append(watchers.add(once))
    watchers.add(lambda: told.append("always"))
    watchers.tell()
    watchers.tell()
    assert told == ["once", "always", "always"]

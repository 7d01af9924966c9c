"""Awareness: newer entries win, whoever falls silent is forgotten."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.hocuspocus.awareness import OUTDATED, Awareness, Changed
from workbench.dialects.hocuspocus.wire import AwarenessEntry, awareness_entries
from workbench.testing.clock import FakeClock

ENTRIES = st.lists(
    st.builds(AwarenessEntry, st.integers(1, 3), st.integers(1, 5), st.none() | st.integers(0, 9)),
    max_size=12,
)


@given(ENTRIES)
def test_the_newest_entry_of_each_client_counts(entries: list[AwarenessEntry]) -> None:
    """Whatever came before or after; of one clock, being gone comes after being there."""
    awareness = Awareness()
    for entry in entries:
        awareness.apply([entry], None)
    for client in {entry.client for entry in entries}:
        mine = [entry for entry in entries if entry.client == client]
        newest = max(entry.clock for entry in mine)
        last = [entry.state for entry in mine if entry.clock == newest]
        expected = None if None in last else last[0]
        assert awareness.states.get(client) == expected
        assert awareness.clock_of(client) == newest


@given(ENTRIES)
def test_what_is_encoded_makes_the_same_states_elsewhere(entries: list[AwarenessEntry]) -> None:
    """A newcomer knows what everybody knows."""
    awareness, newcomer = Awareness(), Awareness()
    awareness.apply(entries, None)
    newcomer.apply(awareness_entries(awareness.encode()), None)
    assert newcomer.states == awareness.states


def test_changes_are_told_with_their_origin() -> None:
    """Added, updated, removed; nothing where nothing is newer."""
    told: list[tuple[list[int], list[int], list[int], Any]] = []

    def hear(changed: Changed, origin: Any) -> None:
        told.append((changed.added, changed.updated, changed.removed, origin))

    clock = FakeClock()
    awareness = Awareness(99, hear, clock)
    awareness.apply([AwarenessEntry(1, 1, "a")], "x")
    awareness.apply([AwarenessEntry(1, 1, "b")], "x")
    awareness.apply([AwarenessEntry(1, 2, "b")], "y")
    awareness.apply([AwarenessEntry(2, 1, None)], "y")
    awareness.remove([1, 7], None)
    awareness.apply([AwarenessEntry(3, 1, {})], "z")
    clock.advance(OUTDATED)
    awareness.expire()
    awareness.destroy()
    assert told == [
        ([1], [], [], "x"),
        ([], [1], [], "y"),
        ([], [], [1], None),
        ([3], [], [], "z"),
        ([], [], [3], "timeout"),
        ([], [], [99], "local"),
    ]

"""Recorded events as plain objects, for the views: what the recorder's tail says, in the units that pages are given."""

from __future__ import annotations

__all__ = ["Call", "Event", "changed_paths", "changes_of", "find", "newest"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.trace.changes import spoken
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.plan import Plan
    from workbench.trace.changes import Change

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """One hook's run in one event.

    Attributes
    ----------
    position
        In the plan, from 0.
    start_ns
        Stamp of the recorder's clock.
    work_ns, wait_ns
        Time spent running, and awaiting.
    outcome
        ok, changed, stopped, raised, skipped, cancelled or pending.
    error
        One line, where it raised.
    """

    position: int
    start_ns: int
    work_ns: int
    wait_ns: int
    outcome: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatch.

    Attributes
    ----------
    dispatch
        Its number.
    plan
        What ran.
    connection
        Number of the connection, None without one.
    time
        Milliseconds since 1970.
    start_ns
        Stamp of the recorder's clock.
    duration_ns
        So far, while it is pending.
    outcome
        As for calls.
    error
        One line, or None.
    calls
        In the order of the chain.
    """

    dispatch: int
    plan: Plan
    connection: int | None
    time: float
    start_ns: int
    duration_ns: int
    outcome: str
    error: str | None
    calls: Sequence[Call]


def newest(bench: Workbench, count: int, before: int | None = None) -> list[Event]:
    """Return the newest events, newest first.

    Parameters
    ----------
    bench
        The bench.
    count
        How many, at most.
    before
        Only those with smaller numbers; None: all.
    """
    raise NotImplementedError


def find(bench: Workbench, dispatch: int) -> Event | None:
    """Return one event, or None when it is not kept."""
    page = newest(bench, 1, dispatch + 1)
    return page[0] if page and page[0].dispatch == dispatch else None


def changes_of(bench: Workbench, dispatch: int) -> list[tuple[int, list[Change]]]:
    """Return what each hook of an event changed, by position from 0.

    Raises
    ------
    NoSnapshot
        With the reason, when that is not known.
    """
    return bench.trace.field_changes(dispatch)


def changed_paths(bench: Workbench, event: Event) -> list[str]:
    """Return the fields that an event's hooks changed, in order and each once; none without a snapshot."""
    shot = bench.trace.snapshots.get(event.dispatch)
    if shot is None:
        return []
    paths = (change.path for _, changes in shot.changes() for change in changes)
    return list(dict.fromkeys(visible(spoken(path), 200) for path in paths))

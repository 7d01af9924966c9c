"""Recorded events as plain objects: what the recorder's tail says, in the units that pages are given."""

from __future__ import annotations

__all__ = ["Call", "Event", "changed_paths", "changes_of", "find", "last_tracebacks", "newest"]

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.trace.changes import spoken
from workbench.trace.outcomes import OUTCOMES
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.plan import Plan
    from workbench.trace.changes import Change
    from workbench.trace.recorder import ErrorText, Recorder, Rows

_MILLION: Final = 1_000_000
_RAISED: Final = 20


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
    error, traceback
        One line, and the user's frames, where it raised.
    """

    position: int
    start_ns: int
    work_ns: int
    wait_ns: int
    outcome: str
    error: str | None = None
    traceback: str = ""


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
    recorder = bench.trace.recorder
    rows = recorder.tail(count, before)
    return list(reversed(_events(rows, recorder.epoch_ns, recorder.clock())))


def _events(rows: Rows, epoch_ns: int, now: int) -> list[Event]:
    calls = _calls(rows, now)
    texts = [error.text for error in rows.errors]
    made = []
    for dispatch, plan, connection, start, end, outcome, _, error, _ in rows.dispatches.tolist():
        made.append(
            Event(
                dispatch=dispatch,
                plan=rows.plans[plan],
                connection=connection if connection > 0 else None,
                time=(epoch_ns + start) / _MILLION,
                start_ns=start,
                duration_ns=(end or now) - start,
                outcome=OUTCOMES[outcome],
                error=texts[error] if error >= 0 else None,
                calls=calls.get(dispatch, []),
            )
        )
    return made


def _calls(rows: Rows, now: int) -> dict[int, list[Call]]:
    made: dict[int, list[Call]] = {}
    for dispatch, _, position, start, end, wait, outcome, error in rows.calls.tolist():
        told = rows.errors[error] if error >= 0 else None
        spent = (end or now) - start
        waited = wait if end else spent  # what has not ended is nearly always waiting
        made.setdefault(dispatch, []).append(
            Call(
                position=position,
                start_ns=start,
                work_ns=max(0, spent - waited),
                wait_ns=waited,
                outcome=OUTCOMES[outcome],
                error=told.text if told is not None else None,
                traceback=told.traceback if told is not None else "",
            )
        )
    return made


def find(bench: Workbench, dispatch: int) -> Event | None:
    """Return one event, or None when it is not kept."""
    page = newest(bench, 1, dispatch + 1)
    return page[0] if page and page[0].dispatch == dispatch else None


def last_tracebacks(bench: Workbench) -> dict[str, str]:
    """Return the newest traceback of each hook that has raised lately, by hook id."""
    recorder = bench.trace.recorder
    with recorder._lock:  # noqa: SLF001
        kept = tuple(recorder._errors.values())[-_RAISED:]  # noqa: SLF001
    known = _tracebacks.get(recorder)
    if known is None or known[0] != kept:
        known = _tracebacks[recorder] = kept, _by_hook(bench, kept)
    return known[1]


def _by_hook(bench: Workbench, kept: Sequence[ErrorText]) -> dict[str, str]:
    made = {}
    for error in kept:
        event = find(bench, error.dispatch)
        if event is not None and 0 <= error.position < len(event.plan.hooks):
            made[event.plan.hooks[error.position].id] = error.traceback
    return made


_tracebacks: weakref.WeakKeyDictionary[Recorder, tuple[Sequence[ErrorText], dict[str, str]]] = (
    weakref.WeakKeyDictionary()
)


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

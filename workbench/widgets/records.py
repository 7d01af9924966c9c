"""Recorded events as plain objects: what the recorder's tail says, in the units that pages are given."""

from __future__ import annotations

__all__ = [
    "Call", "Event", "Page", "changed_paths", "changes_of", "find", "last_tracebacks", "newest", "paged",
    "told_lines",
]  # fmt: skip

import re
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.bench.cells import label_of
from workbench.trace.changes import spoken
from workbench.trace.outcomes import OUTCOMES
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.plan import Plan
    from workbench.trace.batches import Mask
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
    passed
        Whether it only passed on what something inside of it raised; there is no traceback then.
    """

    position: int
    start_ns: int
    work_ns: int
    wait_ns: int
    outcome: str
    error: str | None = None
    traceback: str = ""
    passed: bool = False


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
    parent
        Number of the event in which it began, or of the first one of its story; -1 for none.
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
    core
        What the innermost function of an onion raised, and the event ended with; None: nothing.
    """

    __slots__ = (
        "_page",
        "calls",
        "connection",
        "core",
        "dispatch",
        "duration_ns",
        "error",
        "outcome",
        "parent",
        "plan",
        "start_ns",
        "time",
    )

    def __init__(self, page: Page, record: tuple[int, ...], calls: list[Call]) -> None:
        dispatch, plan, connection, start, end, outcome, parent, error, _ = record
        self.dispatch = dispatch
        self.plan: Plan = page.rows.plans[plan]
        self.connection = connection if connection > 0 else None
        self.parent = parent
        self.time = round((page.epoch_ns + start) / _MILLION, 3)
        self.start_ns = start
        self.duration_ns = (end or page.now) - start
        self.outcome = OUTCOMES[outcome]
        told = page.rows.errors[error] if error >= 0 else None
        self.error = told.text if told is not None else None
        self.core = told if told is not None and told.position < 0 else None
        self.calls = calls
        """In the order of the chain."""

    def first(self, *outcomes: str) -> Call | None:
        """Give the first call with one of these outcomes that is its own: no error that it only passed on."""
        return next((call for call in self.calls if call.outcome in outcomes and not call.passed), None)


class Page:
    """Consecutive events, as the recorder copied them; objects are made only of those that are wanted.

    Parameters
    ----------
    rows
        The copy.
    epoch_ns
        Wall clock at which the recorder's stamps stood at 0.
    now
        The recorder's clock, for what has not ended.
    """

    def __init__(self, rows: Rows, epoch_ns: int, now: int) -> None:
        self.rows = rows
        self.epoch_ns = epoch_ns
        self.now = now

    def __len__(self) -> int:
        return len(self.rows.dispatches)

    @property
    def oldest(self) -> int:
        """The smallest number in the page."""
        return int(self.rows.dispatches["id"][0])

    def events(self, wanted: Mask | None = None, limit: int | None = None) -> list[Event]:
        """Make events, newest first.

        Parameters
        ----------
        wanted
            One flag for each dispatch; None: all.
        limit
            How many at most; None: all.
        """
        places = np.arange(len(self)) if wanted is None else np.flatnonzero(wanted)
        places = places[::-1][:limit]
        chosen = self.rows.dispatches[places]
        first = np.searchsorted(self.rows.calls["dispatch"], chosen["id"], "left").tolist()
        after = np.searchsorted(self.rows.calls["dispatch"], chosen["id"], "right").tolist()
        return [
            Event(self, record, self._calls(begin, end))
            for record, begin, end in zip(chosen.tolist(), first, after, strict=True)
        ]

    def _calls(self, begin: int, end: int) -> list[Call]:
        return [self._call(record) for record in self.rows.calls[begin:end].tolist()]

    def _call(self, record: tuple[int, ...]) -> Call:
        _, _, position, start, end, wait, outcome, error = record
        told = self.rows.errors[error] if error >= 0 else None
        spent = (end or self.now) - start
        waited = wait if end else spent  # what has not ended is nearly always waiting
        return Call(
            position=position,
            start_ns=start,
            work_ns=max(0, spent - waited),
            wait_ns=waited,
            outcome=OUTCOMES[outcome],
            error=told.text if told is not None else None,
            traceback=told.traceback if told is not None else "",
            passed=told is not None and told.passed,
        )


def newest(bench: Workbench, count: int, before: int | None = None) -> Page:
    """Return the newest events.

    Parameters
    ----------
    bench
        The bench.
    count
        How many, at most.
    before
        Only those with smaller numbers; None: all.
    """
    return paged(bench, bench.trace.recorder.tail(count, before))


def paged(bench: Workbench, rows: Rows) -> Page:
    """Return rows that a bench's recorder has copied as events."""
    recorder = bench.trace.recorder
    return Page(rows, recorder.epoch_ns, recorder.clock())


def find(bench: Workbench, dispatch: int) -> Event | None:
    """Return one event, or None when it is not kept."""
    page = newest(bench, 1, dispatch + 1)
    return page.events()[0] if len(page) and page.oldest == dispatch else None


def last_tracebacks(bench: Workbench) -> dict[str, str]:
    """Return the newest traceback of each hook that has raised lately, by hook id."""
    recorder = bench.trace.recorder
    kept = recorder.errors[-_RAISED:]
    known = _tracebacks.get(recorder)
    if known is None or known[0] != kept:
        known = _tracebacks[recorder] = kept, _by_hook(bench, kept)
    return known[1]


def told_lines(traceback: str, limit: int) -> list[str]:
    """Return the last lines of a traceback for people: a cell goes by its number there, as everywhere."""
    return [visible(_PLACE.sub(_told_place, line)) for line in traceback.splitlines()[-limit:]]


_PLACE = re.compile(r'(?<=^  )File "([^"]+)"(?=, line )')


def _told_place(found: re.Match[str]) -> str:
    label = label_of(found[1])
    return found[0] if label == found[1] else label


def _by_hook(bench: Workbench, kept: Sequence[ErrorText]) -> dict[str, str]:
    made = {}
    for error in kept:
        event = find(bench, error.dispatch)
        if event is not None and not error.passed and 0 <= error.position < len(event.plan.hooks):
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

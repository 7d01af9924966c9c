"""The live counters of a bench: exact totals, and from their growth rates and sparks.

One meter per bench, shared by all faces. It reads the recorder's running totals, at most ten times a second;
nothing is counted here that the recorder has not counted, and no record is looked at.
"""

from __future__ import annotations

__all__ = ["SPARK_SECONDS", "Figures", "HookFigures", "Meter", "figures", "percentile"]

import threading
import time
import weakref
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.trace.outcomes import PENDING
from workbench.trace.rows import FastCall

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.trace.recorder import Recorder
    from workbench.trace.totals import Count

Durations = npt.NDArray[np.int64]

SPARK_SECONDS: Final = 12
"""Length of a spark: one bar per second."""

ENOUGH: Final = 20
"""Samples below which no percentile is told."""

_FRESH: Final = 0.1
_RATE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class HookFigures:
    """What one hook did since the trace began.

    Attributes
    ----------
    calls, errors, changed, stopped
        Exact counts.
    pending
        Calls that have not ended.
    p95_ns
        95th percentile of the newest `RECENT` durations in nanoseconds; None for fewer than 20 samples.
    """

    calls: int = 0
    errors: int = 0
    changed: int = 0
    stopped: int = 0
    pending: int = 0
    p95_ns: int | None = None


NOTHING: Final = HookFigures()


@dataclass(frozen=True, slots=True)
class Figures:
    """The counters of a bench at one moment.

    Attributes
    ----------
    hooks
        By hook id.
    points
        Dispatches by point.
    events
        Dispatches in all.
    errors
        Calls that raised.
    rate
        Dispatches per second, over the last two seconds.
    p95_ns
        As for hooks, over all dispatches.
    sparks
        Calls in each of the last twelve seconds by hook id, the newest last.
    """

    hooks: Mapping[str, HookFigures] = field(default_factory=dict)
    points: Mapping[str, int] = field(default_factory=dict)
    events: int = 0
    errors: int = 0
    rate: float = 0.0
    p95_ns: int | None = None
    sparks: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def of(self, hook: str) -> HookFigures:
        """Return a hook's counters; zeros when it never ran."""
        return self.hooks.get(hook, NOTHING)

    def spark(self, hook: str) -> list[int]:
        """Return a hook's spark; zeros when it never ran."""
        return list(self.sparks.get(hook, _FLAT))


_FLAT: Final = (0,) * SPARK_SECONDS


class Meter:
    """Turns growing totals into rates and sparks.

    Parameters
    ----------
    read
        Gives the totals as they are now, without rate and sparks.
    clock
        Seconds that never go back.
    """

    def __init__(self, read: Callable[[], Figures], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._at = clock()
        self._now = read()
        self._events: deque[tuple[float, int]] = deque([(self._at, self._now.events)])
        self._second = int(self._at)
        self._sparks: dict[str, list[int]] = {}

    def figures(self) -> Figures:
        """Return the counters, at most a tenth of a second old."""
        with self._lock:
            at = self._clock()
            if at - self._at >= _FRESH:
                self._take(at, self._read())
            return self._now

    def _take(self, at: float, totals: Figures) -> None:
        rate = self._rate(at, totals.events)
        self._shift(at)
        self._grow(at, totals)
        sparks = {hook: tuple(spark) for hook, spark in self._sparks.items()}
        self._at = at
        self._now = replace(totals, rate=rate, sparks=sparks)

    def _rate(self, at: float, events: int) -> float:
        seen = self._events
        if events < seen[-1][1]:  # the trace was cleared
            seen.clear()
        seen.append((at, events))
        while seen[0][0] < at - _RATE_SECONDS and seen[1][0] <= at - _RATE_SECONDS:
            seen.popleft()
        span = at - seen[0][0]
        return round((events - seen[0][1]) / span, 1) if span > 0 else 0.0

    def _shift(self, at: float) -> None:
        """Move the sparks on to the present second."""
        steps = min(int(at) - self._second, SPARK_SECONDS)
        self._second = int(at)
        if steps:
            for spark in self._sparks.values():
                spark[:] = spark[steps:] + [0] * steps

    def _grow(self, at: float, totals: Figures) -> None:
        """Add what the totals have grown by; after a time unwatched, spread over the seconds that passed."""
        seconds = max(1, min(int(at) - int(self._at), SPARK_SECONDS))
        for hook, counted in totals.hooks.items():
            grown = counted.calls - self._now.of(hook).calls
            if grown > 0:
                share, rest = divmod(grown, seconds)
                spark = self._sparks.setdefault(hook, [0] * SPARK_SECONDS)
                for back in range(1, seconds + 1):
                    spark[-back] += share + (rest if back == 1 else 0)


_meters: weakref.WeakKeyDictionary[Any, Meter] = weakref.WeakKeyDictionary()
_meters_lock = threading.Lock()


def figures(bench: Workbench) -> Figures:
    """Return the counters of a bench, at most a tenth of a second old."""
    with _meters_lock:
        meter = _meters.get(bench)
        if meter is None:
            meter = _meters[bench] = Meter(_Reader(weakref.ref(bench.trace.recorder)))
    return meter.figures()


class _Reader:
    """Reads a recorder's totals; percentiles are worked out only for what has run since the last time."""

    def __init__(self, recorder: Callable[[], Recorder | None]) -> None:
        self._recorder = recorder
        self._p95: dict[str, tuple[Any, int | None]] = {}

    def __call__(self) -> Figures:
        recorder = self._recorder()
        if recorder is None:
            return Figures()
        waiting = Counter(
            _pending(recorder)
        )  # first: what ends between the two looks is in both, not in neither
        totals = recorder.totals
        hooks = {name: self._hook(name, count, waiting[name]) for name, count in list(totals.hooks.items())}
        for name in waiting.keys() - hooks.keys():
            hooks[name] = HookFigures(pending=waiting[name])
        points = dict(totals.points)
        return Figures(
            hooks=hooks,
            points={name: count.calls for name, count in points.items()},
            events=totals.events,
            errors=sum(counted.errors for counted in hooks.values()),
            p95_ns=self._percentile("", _joined([count.recent for count in points.values()])),
        )

    def _hook(self, name: str, count: Count, pending: int) -> HookFigures:
        p95 = self._percentile(name, count.recent)
        return HookFigures(count.calls, count.errors, count.changed, count.stopped, pending, p95)

    def _percentile(self, name: str, recent: Durations) -> int | None:
        known, p95 = self._p95.get(name, (None, None))
        if known is not recent:
            p95 = percentile(recent)
            self._p95[name] = recent, p95
        return p95


def percentile(durations: Durations) -> int | None:
    """Return the 95th percentile; None for fewer than 20 samples."""
    if len(durations) < ENOUGH:
        return None
    place = int(0.95 * (len(durations) - 1))
    return int(np.partition(durations, place)[place])


def _joined(parts: Sequence[Durations]) -> Durations:
    """Put the points' samples together; one alone stays the same object, known by it."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _pending(recorder: Recorder) -> Iterator[str]:
    """Name the hook of each call that has not ended."""
    for running in recorder.pending():
        if isinstance(running, FastCall):
            if 0 <= running.position < len(running.plan.hooks):
                yield running.plan.hooks[running.position].id
        else:
            for position, hook in enumerate(running.probe.plan.hooks):
                if running.starts[position] and running.outcome(position) == PENDING:
                    yield hook.id

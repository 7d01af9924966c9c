"""The trace as Chrome trace JSON, which Perfetto and ``chrome://tracing`` open.

Each connection is a track; an event is a slice on it, and the hooks' calls are slices inside. What overlaps
without standing inside one another (a second message while the first one waits, hooks that run side by side)
moves to a further track of the same connection, since viewers only draw slices that nest.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from workbench.trace.frames import Rows, error_texts, hooks_of, name_of, of_dispatch
from workbench.trace.outcomes import OUTCOMES

__all__ = ["chrome_events", "write_chrome"]

_CHUNK = 1 << 16
_SKIPPED = OUTCOMES.index("skipped")
_PID = 1


class _Slice(NamedTuple):
    """One bar to draw; `position` is -1 for a dispatch, times are nanoseconds since the first one."""

    start: int
    end: int
    dispatch: int
    plan: int
    position: int
    connection: int
    outcome: int
    error: int
    wait: int
    parent: int
    pending: bool


class _Lane:
    """A track, with the slices that are open on it at the moment that the writer has come to."""

    __slots__ = ("stack", "tid")

    def __init__(self, tid: int) -> None:
        self.tid = tid
        self.stack: list[_Slice] = []

    def top(self, now: int) -> _Slice | None:
        while self.stack and self.stack[-1].end <= now:
            self.stack.pop()
        return self.stack[-1] if self.stack else None

    def takes(self, one: _Slice) -> bool:
        """Whether a slice may be drawn here: on free ground, or wholly inside what caused it."""
        top = self.top(one.start)
        if top is None:
            return True
        return one.end <= top.end and top.dispatch == (one.dispatch if one.position >= 0 else one.parent)


class _Tracks:
    """Gives every slice a track of its connection on which it nests."""

    def __init__(self) -> None:
        self._lanes: dict[int, list[_Lane]] = {}
        self._homes: dict[int, _Lane] = {}
        self.made: list[tuple[int, int, int]] = []
        """Track, connection and number within the connection of tracks that nobody has named yet."""
        self._last = 0

    def place(self, one: _Slice) -> int:
        lanes = self._lanes.setdefault(one.connection, [])
        home = self._homes.get(one.dispatch if one.position >= 0 else one.parent)
        lane = home if home in lanes and home.takes(one) else None
        lane = lane or next((lane for lane in lanes if lane.takes(one)), None) or self._new(one, lanes)
        lane.stack.append(one)
        if one.position < 0:
            self._homes[one.dispatch] = lane
        return lane.tid

    def _new(self, one: _Slice, lanes: list[_Lane]) -> _Lane:
        self._last += 1
        lane = _Lane(self._last)
        self.made.append((self._last, one.connection, len(lanes)))
        lanes.append(lane)
        return lane

    def running(self, dispatch: int, now: int) -> int | None:
        """The track of a dispatch that is open now; None when there is none."""
        lane = self._homes.get(dispatch)
        if lane is None:
            return None
        lane.top(now)
        return lane.tid if any(open_.dispatch == dispatch for open_ in lane.stack) else None


class _Texts:
    """Pieces of JSON that many events share."""

    def __init__(self, rows: Rows) -> None:
        self.points = [json.dumps(name_of(plan.point)) for plan in rows.plans]
        self.revisions = [plan.revision for plan in rows.plans]
        self.hooks = [[_hook_text(hook) for hook in hooks_of(plan)] for plan in rows.plans]
        self.outcomes = [json.dumps(outcome) for outcome in OUTCOMES]
        self.errors = [f',"error":{json.dumps(text)}' for text in error_texts(rows.errors)]
        self.errors.append("")  # for -1

    def dispatch(self, one: _Slice, skipped: Sequence[str]) -> tuple[str, str]:
        left_out = f',"skipped":{json.dumps(skipped)}' if skipped else ""
        return self.points[one.plan], (
            f'"dispatch":{one.dispatch},"revision":{self.revisions[one.plan]},'
            f'"outcome":{self.outcomes[one.outcome]}{self.errors[one.error]}{left_out}'
        )

    def call(self, one: _Slice) -> tuple[str, str]:
        name, identity = self.hooks[one.plan][one.position]
        work = one.end - one.start - one.wait
        return name, (
            f'"dispatch":{one.dispatch},"position":{one.position},{identity},'
            f'"outcome":{self.outcomes[one.outcome]},"work_us":{work / 1000:.3f},'
            f'"wait_us":{one.wait / 1000:.3f}{self.errors[one.error]}'
        )


def _hook_text(hook: Any) -> tuple[str, str]:
    return json.dumps(hook.name), f'"hook_id":{json.dumps(hook.id)},"version":{hook.version}'


def write_chrome(
    path: str | Path,
    rows: Rows,
    *,
    epoch: int,
    name: str = "workbench",
    connections: Mapping[int, str] | None = None,
    edits: Sequence[Any] = (),
) -> Path:
    """Write the trace as Chrome trace JSON, event by event, so that its size does not count in memory.

    Parameters
    ----------
    path
        The file; compressed where it ends in ``.gz``, which Perfetto opens as it is.
    rows
        What was recorded.
    epoch
        Nanoseconds since 1970 at which the recorder's clock stood at 0.
    name
        Name of the bench, shown above its tracks.
    connections
        Text to show beside a connection's number, such as its path.
    edits
        Entries of the board's journal, drawn as marks; their time is in seconds since 1970.

    Returns
    -------
    pathlib.Path
        The file.
    """
    target = Path(path)
    origin = _origin(rows)
    other = json.dumps({"started_ns": epoch + origin, "clock": "ns since 1970 of ts 0"})
    events = chrome_events(rows, epoch=epoch, name=name, connections=connections or {}, edits=edits)
    with _opened(target) as file:
        file.write('{"displayTimeUnit":"ns","otherData":' + other + ',"traceEvents":[\n')
        file.write(next(events))
        while batch := list(islice(events, 1000)):
            file.write(",\n" + ",\n".join(batch))
        file.write("\n]}\n")
    return target


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "wt", encoding="utf-8")
    return path.open("w", encoding="utf-8")


def chrome_events(
    rows: Rows, *, epoch: int, name: str, connections: Mapping[int, str], edits: Sequence[Any]
) -> Iterator[str]:
    """Yield the events of :func:`write_chrome` as JSON texts; slices in the order of their starts."""
    origin = _origin(rows)
    yield _meta("process_name", 0, f'"name":{json.dumps(name)}')
    yield from _marks(edits, epoch + origin)
    texts, tracks, skipped = _Texts(rows), _Tracks(), _skipped(rows)
    for one in _slices(rows, origin):
        # Before placing: a flow starts in the parent's slice, which this one may not end.
        source = tracks.running(one.parent, one.start) if one.position < 0 else None
        tid = tracks.place(one)
        while tracks.made:
            yield from _track(*tracks.made.pop(), connections)
        if one.position < 0:
            label, args = texts.dispatch(one, skipped.get(one.dispatch, ()))
        else:
            label, args = texts.call(one)
        yield _bar(one, tid, label, args)
        if source not in (None, tid):
            yield _flow("s", one, source or 0)
            yield _flow("f", one, tid)


def _bar(one: _Slice, tid: int, label: str, args: str) -> str:
    kind = "dispatch" if one.position < 0 else "hook"
    note = ',"pending":true' if one.pending else ""
    return (
        f'{{"ph":"X","pid":{_PID},"tid":{tid},"ts":{one.start / 1000:.3f},'
        f'"dur":{(one.end - one.start) / 1000:.3f},"name":{label},"cat":"{kind}","args":{{{args}{note}}}}}'
    )


def _flow(phase: str, one: _Slice, tid: int) -> str:
    bound = ',"bp":"e"' if phase == "f" else ""
    return (
        f'{{"ph":"{phase}","pid":{_PID},"tid":{tid},"ts":{one.start / 1000:.3f},"id":{one.dispatch},'
        f'"name":"caused","cat":"flow"{bound}}}'
    )


def _meta(kind: str, tid: int, args: str) -> str:
    return f'{{"ph":"M","pid":{_PID},"tid":{tid},"ts":0,"name":"{kind}","args":{{{args}}}}}'


def _track(tid: int, connection: int, number: int, connections: Mapping[int, str]) -> Iterator[str]:
    label = " ".join(
        filter(
            None,
            [
                f"c{connection}" if connection > 0 else "no connection",
                connections.get(connection, ""),
                f"({number + 1})" if number else "",
            ],
        )
    )
    yield _meta("thread_name", tid, f'"name":{json.dumps(label)}')
    yield _meta("thread_sort_index", tid, f'"sort_index":{max(connection, 0) * 1000 + number}')


def _marks(edits: Iterable[Any], epoch: int) -> Iterator[str]:
    for entry in edits:
        moment = round(entry.time * 1e9) - epoch
        if moment >= 0:
            label = json.dumps(f"revision {entry.revision}: {entry.python}")
            yield (
                f'{{"ph":"i","pid":{_PID},"tid":0,"ts":{moment / 1000:.3f},"name":{label},'
                f'"cat":"edit","s":"g"}}'
            )


def _origin(rows: Rows) -> int:
    starts = rows.dispatches["start"]
    return int(starts.min()) if len(starts) else 0


def _skipped(rows: Rows) -> dict[int, list[str]]:
    """Names of the hooks that each dispatch left out: they took no time, so they are no slices."""
    names: dict[int, list[str]] = {}
    for row in rows.calls[rows.calls["outcome"] == _SKIPPED]:
        hook = hooks_of(rows.plans[row["plan"]])[row["position"]]
        names.setdefault(int(row["dispatch"]), []).append(hook.name)
    return names


def _slices(rows: Rows, origin: int) -> Iterator[_Slice]:
    """Dispatches and calls in the order of their starts, what stands outside first."""
    dispatches, calls = rows.dispatches, rows.calls[rows.calls["outcome"] != _SKIPPED]
    columns = _columns(dispatches, calls, origin)
    start, end, position = columns[0], columns[1], columns[4]
    order = np.lexsort((position, -end, start))
    for begin in range(0, len(order), _CHUNK):
        chunk = order[begin : begin + _CHUNK]
        yield from map(_Slice._make, zip(*(column[chunk].tolist() for column in columns), strict=True))


def _columns(dispatches: npt.NDArray[Any], calls: npt.NDArray[Any], origin: int) -> list[npt.NDArray[Any]]:
    """The fields of :class:`_Slice`, of all dispatches and then all calls."""

    def both(one: Any, other: Any) -> npt.NDArray[Any]:
        return np.concatenate([one, other])

    start = both(dispatches["start"], calls["start"])
    end = both(dispatches["end"], calls["end"])
    pending = end == 0
    last = max(int(end.max(initial=0)), int(start.max(initial=0)))
    end = np.where(pending, last, end)
    none, zeros = np.full(len(calls), -1), np.zeros(len(dispatches), dtype="int64")
    return [
        start - origin,
        end - origin,
        both(dispatches["id"], calls["dispatch"]),
        both(dispatches["plan"], calls["plan"]),
        both(np.full(len(dispatches), -1), calls["position"]),
        both(dispatches["connection"], of_dispatch(dispatches, calls["dispatch"], "connection")),
        both(dispatches["outcome"], calls["outcome"]),
        both(dispatches["error"], calls["error"]),
        both(zeros, calls["wait"]),
        both(dispatches["parent"], none),
        pending,
    ]

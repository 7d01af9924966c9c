"""From packed records to two tables: one row per dispatch, one row per call. No loop over rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.trace.outcomes import CHANGED, OK, OUTCOMES, PENDING, RAISED
from workbench.trace.rings import FULL_HEAD, PLAIN_HEAD, Table, changed_in
from workbench.trace.runs import TracedRun

if TYPE_CHECKING:
    from workbench.engine.plan import Plan

__all__ = ["CALL", "DISPATCH", "ErrorText", "FastCall", "Rows", "expand"]

Array = npt.NDArray[Any]

DISPATCH = np.dtype(
    [
        ("id", "i8"), ("plan", "i4"), ("connection", "i4"), ("start", "i8"), ("end", "i8"), ("outcome", "u1"),
        ("parent", "i8"), ("error", "i4"), ("hooks", "i2"),
    ],
    align=True,
)  # fmt: skip
"""One dispatch; stamps are perf ns, end is 0 while it is pending.

Parent and error are -1 where there is none.
"""

CALL = np.dtype(
    [
        ("dispatch", "i8"), ("plan", "i4"), ("position", "i2"), ("start", "i8"), ("end", "i8"),
        ("wait", "i8"), ("outcome", "u1"), ("error", "i4"),
    ],
    align=True,
)  # fmt: skip
"""One call, in the order of dispatches and positions."""


@dataclass(frozen=True, slots=True)
class ErrorText:
    """An error as text; the error itself would keep frames alive.

    Parameters
    ----------
    dispatch, position
        The call that raised it.
    text
        Class and message in one line.
    traceback
        The user's frames, as Python prints them.
    decided
        Whether the dispatch ended with it.
    passed
        Whether the call only passed on what came from inside of it, in an onion; without traceback then.
    """

    dispatch: int
    position: int
    text: str
    traceback: str
    decided: bool = False
    passed: bool = False


@dataclass(frozen=True, slots=True)
class FastCall:
    """What runs on the fast road of some thread at this moment.

    Parameters
    ----------
    dispatch, plan, connection
        As in DISPATCH.
    stamps
        Start of the dispatch, then the end of each hook that is through, perf ns.
    changed
        Bit n: something changed in hook n.
    parent
        As in DISPATCH.
    """

    dispatch: int
    plan: Plan
    connection: int
    stamps: tuple[int, ...]
    changed: int = 0
    parent: int = -1

    @property
    def start(self) -> int:
        """When the dispatch began, perf ns."""
        return self.stamps[0]

    @property
    def position(self) -> int:
        """Which hook runs now."""
        return len(self.stamps) - 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Consistent copies of what the recorder has.

    Parameters
    ----------
    dispatches
        Of type DISPATCH, in the order of their ids, which is that of their starts.
    calls
        Of type CALL, in the order of dispatches and positions.
    plans
        What the plan columns point into.
    errors
        What the error columns point into.
    dropped
        How many dispatches were forgotten.
    """

    dispatches: Array
    calls: Array
    plans: list[Plan]
    errors: list[ErrorText]
    dropped: int = 0


@dataclass(slots=True)
class _Group:
    """Records of one plan and kind."""

    plan: Plan
    full: bool
    table: Table


def expand(
    tables: Iterable[tuple[Plan, bool, Table]],
    running: Sequence[TracedRun | FastCall],
    errors: Mapping[tuple[int, int], ErrorText],
    dropped: int,
) -> Rows:
    """Make rows.

    Parameters
    ----------
    tables
        Plan, whether full, and records without gaps.
    running
        What has not ended.
    errors
        Texts of errors by dispatch and position, also of dispatches no longer kept.
    dropped
        How many dispatches were forgotten.
    """
    groups = [_Group(plan, full, table) for plan, full, table in tables]
    numbers: dict[Plan, int] = {}
    for plan in [*(group.plan for group in groups), *(_plan_of(one) for one in running)]:
        numbers.setdefault(plan, len(numbers))
    dispatches = _joined([_dispatches(group, numbers[group.plan]) for group in groups], DISPATCH)
    calls = _joined([_calls(group, numbers[group.plan]) for group in groups], CALL)
    dispatches, calls = _sorted(dispatches, calls)
    if running:
        dispatches, calls = _with_running(dispatches, calls, running, numbers)
    kept = _with_errors(dispatches, calls, errors)
    return Rows(dispatches, calls, list(numbers), kept, dropped)


def _plan_of(running: TracedRun | FastCall) -> Plan:
    return running.plan if isinstance(running, FastCall) else running.probe.plan


def _joined(parts: list[Array], kind: np.dtype[Any]) -> Array:
    """Put tables together; one alone is not copied again."""
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, kind), *parts])


def _words(rows: Array) -> Table:
    """See rows as words of 64 bits: numpy copies those far faster than records."""
    return rows.view(np.int64).reshape(-1, rows.dtype.itemsize // 8)


def _sorted(dispatches: Array, calls: Array) -> tuple[Array, Array]:
    """Put dispatches, and calls with them, into the order of the ids."""
    ids = dispatches["id"]
    if (ids[1:] > ids[:-1]).all():
        return dispatches, calls
    order = np.argsort(ids, kind="stable")
    counts = dispatches["hooks"].astype(np.int64)
    firsts = (np.cumsum(counts) - counts)[order]
    counts = counts[order]
    places = np.arange(len(calls)) + np.repeat(firsts - (np.cumsum(counts) - counts), counts)
    return _words(dispatches)[order].view(DISPATCH)[:, 0], _words(calls)[places].view(CALL)[:, 0]


def _dispatches(group: _Group, number: int) -> Array:
    """Make the dispatches of a group."""
    table = group.table
    rows = np.zeros(len(table), DISPATCH)
    rows["id"] = table[:, 0]
    rows["plan"] = number
    rows["start"] = table[:, 1]
    rows["hooks"] = len(group.plan.hooks)
    rows["error"] = -1
    if group.full:
        rows["parent"] = table[:, 2]
        rows["end"] = table[:, 3]
        rows["connection"] = table[:, 4] >> 3
        rows["outcome"] = table[:, 4] & 7
    else:
        rows["parent"] = table[:, 3]
        rows["end"] = table[:, -1]
        rows["connection"] = table[:, 2].astype(np.int32)  # the lower half of the word
        rows["outcome"] = np.where(changed_in(table) > 0, CHANGED, OK)
    return rows


_CHUNK = 2048
"""Records expanded at a time, so that their calls stay in the processor's cache meanwhile."""

_WORDS = {name: offset // 8 for name, (_, offset, *_) in (CALL.fields or {}).items()}
"""In which word of a call a field lies."""


def _calls(group: _Group, number: int) -> Array:
    """Make the calls of a group, dispatch by dispatch."""
    hooks = len(group.plan.hooks)
    rows = np.empty(len(group.table) * hooks, CALL)
    words = _words(rows).reshape(-1, hooks, CALL.itemsize // 8)
    fill, patterns = _fill_full if group.full else _fill_plain, _patterns(hooks, number)
    for first in range(0, len(words), _CHUNK):
        part, table = words[first : first + _CHUNK], group.table[first : first + _CHUNK]
        fill(part, table, patterns)
        part[:, :, _WORDS["dispatch"]] = table[:, :1]
    return rows


def _patterns(hooks: int, number: int) -> npt.NDArray[np.int64]:
    """Make the words of a call for each position and outcome, without its id and stamps."""
    rows = np.zeros((hooks, len(OUTCOMES)), CALL)
    rows["plan"] = number
    rows["position"] = np.arange(hooks)[:, None]
    rows["outcome"] = np.arange(len(OUTCOMES))
    rows["error"] = -1
    return rows.view(np.int64).reshape(hooks, len(OUTCOMES), -1)


def _fill_full(part: Table, table: Table, patterns: Table) -> None:
    last = table[:, FULL_HEAD + 2 :: 3]
    part[:] = patterns[np.arange(len(patterns)), last & 7]
    part[:, :, _WORDS["start"]] = table[:, FULL_HEAD::3]
    part[:, :, _WORDS["end"]] = table[:, FULL_HEAD + 1 :: 3]
    part[:, :, _WORDS["wait"]] = last >> 3


def _fill_plain(part: Table, table: Table, patterns: Table) -> None:
    part[:] = patterns[:, OK]
    part[:, 0, _WORDS["start"]] = table[:, 1]
    part[:, 1:, _WORDS["start"]] = table[:, PLAIN_HEAD:-1]
    part[:, :, _WORDS["end"]] = table[:, PLAIN_HEAD:]
    changed = changed_in(table)
    if changed.any():
        where = (changed[:, None] >> np.arange(len(patterns)) & 1) > 0
        both = patterns[:, :, _WORDS["outcome"]]
        part[:, :, _WORDS["outcome"]] = np.where(where, both[:, CHANGED], both[:, OK])


def _with_running(
    dispatches: Array, calls: Array, running: Sequence[TracedRun | FastCall], numbers: dict[Plan, int]
) -> tuple[Array, Array]:
    """Add what has not ended; there is never much of it."""
    events: list[tuple[Any, ...]] = []
    more: list[tuple[Any, ...]] = []
    for one in running:
        number, hooks = numbers[_plan_of(one)], len(_plan_of(one).hooks)
        events.append((one.dispatch, number, one.connection, one.start, 0, PENDING, one.parent, -1, hooks))
        places = _fast_places(one) if isinstance(one, FastCall) else _places(one)
        more += [(one.dispatch, number, *place, -1) for place in places]
    dispatches = np.concatenate([dispatches, np.array(events, DISPATCH)])
    calls = np.concatenate([calls, np.array(more, CALL)])
    return (
        dispatches[np.argsort(dispatches["id"], kind="stable")],
        calls[np.lexsort((calls["position"], calls["dispatch"]))],
    )


def _places(run: TracedRun) -> Iterator[tuple[int, int, int, int, int]]:
    """Give position, start, end, wait and outcome of the calls that have begun."""
    for position in range(len(run.probe.plan.hooks)):
        start, end = run.starts[position], run.ends[position]
        if start:
            yield position, start, end, run.wait(position) if end else 0, run.outcome(position)


def _fast_places(call: FastCall) -> Iterator[tuple[int, int, int, int, int]]:
    """Give position, start, end, wait and outcome of the calls that have begun."""
    for position, (start, end) in enumerate(pairwise(call.stamps)):
        yield position, start, end, 0, CHANGED if call.changed >> position & 1 else OK
    yield call.position, call.stamps[-1], 0, 0, PENDING


def _with_errors(
    dispatches: Array, calls: Array, errors: Mapping[tuple[int, int], ErrorText]
) -> list[ErrorText]:
    """Point rows at the texts of their errors."""
    kept: list[ErrorText] = []
    failed = _raised(calls, "dispatch", errors)
    cores = _raised(dispatches, "id", errors)
    keys = zip(calls["dispatch"][failed].tolist(), calls["position"][failed].tolist(), strict=True)
    column, decided = calls["error"], dispatches["error"]
    for place, key in zip(failed.tolist(), keys, strict=True):
        error = errors.get(key)
        if error is not None:
            column[place] = len(kept)
            if error.decided:
                decided[np.searchsorted(dispatches["id"], error.dispatch)] = len(kept)
            kept.append(error)
    for place, dispatch in zip(cores.tolist(), dispatches["id"][cores].tolist(), strict=True):
        error = errors.get((dispatch, -1))
        if error is not None:
            decided[place] = len(kept)
            kept.append(error)
    return kept


def _raised(rows: Array, ids: str, errors: Mapping[tuple[int, int], ErrorText]) -> Table:
    """Find the rows that raised; where they are many, only those whose text may be kept."""
    places = np.flatnonzero(rows["outcome"] == RAISED)
    if len(places) <= len(errors):
        return places
    known = np.array([dispatch for dispatch, _ in list(errors)], np.int64)
    return places[np.isin(rows[ids][places], known)]

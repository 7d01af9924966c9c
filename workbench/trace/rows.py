"""From packed records to two tables: one row per dispatch, one row per call. No loop over rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.trace.outcomes import CHANGED, OK, PENDING, RAISED
from workbench.trace.rings import FULL_HEAD, PLAIN_HEAD, Table, changed_in
from workbench.trace.runs import TracedRun

if TYPE_CHECKING:
    from workbench.engine.plan import Plan

__all__ = ["CALL", "DISPATCH", "ErrorText", "FastCall", "Rows", "expand"]

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
    """

    dispatch: int
    position: int
    text: str
    traceback: str
    decided: bool = False


@dataclass(frozen=True, slots=True)
class FastCall:
    """What runs on the fast road of some thread at this moment."""

    dispatch: int
    plan: Plan
    connection: int
    start: int
    position: int


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

    dispatches: npt.NDArray[Any]
    calls: npt.NDArray[Any]
    plans: list[Plan]
    errors: list[ErrorText]
    dropped: int = 0


@dataclass(slots=True)
class _Group:
    """Records of one plan and kind, and where their rows go."""

    plan: Plan
    full: bool
    table: Table


def expand(
    tables: Iterable[tuple[Plan, bool, Table]],
    running: Sequence[TracedRun | FastCall],
    errors: Sequence[ErrorText],
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
        Texts of errors, also of dispatches no longer kept.
    dropped
        How many dispatches were forgotten.
    """
    groups = _grouped(tables)
    numbers: dict[Plan, int] = {}
    for plan in [*(group.plan for group in groups), *(_plan_of(one) for one in running)]:
        numbers.setdefault(plan, len(numbers))
    done = _dispatches(groups, numbers)
    order = np.argsort(done["id"], kind="stable")
    dispatches = done[order]
    calls = _calls(groups, numbers, dispatches, order)
    if running:
        dispatches, calls = _with_running(dispatches, calls, running, numbers)
    kept = _with_errors(dispatches, calls, errors)
    return Rows(dispatches, calls, list(numbers), kept, dropped)


def _grouped(tables: Iterable[tuple[Plan, bool, Table]]) -> list[_Group]:
    found: dict[tuple[int, bool], tuple[Plan, list[Table]]] = {}
    for plan, full, table in tables:
        found.setdefault((id(plan), full), (plan, []))[1].append(table)
    return [_Group(plan, full, np.concatenate(parts)) for (_, full), (plan, parts) in found.items()]


def _plan_of(running: TracedRun | FastCall) -> Plan:
    return running.plan if isinstance(running, FastCall) else running.probe.plan


def _dispatches(groups: list[_Group], numbers: dict[Plan, int]) -> npt.NDArray[Any]:
    rows = np.empty(sum(len(group.table) for group in groups), DISPATCH)
    at = 0
    for group in groups:
        part = rows[at : at + len(group.table)]
        at += len(group.table)
        part["id"] = group.table[:, 0]
        part["plan"] = numbers[group.plan]
        part["start"] = group.table[:, 1]
        part["hooks"] = len(group.plan.hooks)
        if group.full:
            part["parent"] = group.table[:, 2]
            part["end"] = group.table[:, 3]
            part["connection"] = group.table[:, 4] >> 3
            part["outcome"] = group.table[:, 4] & 7
        else:
            part["parent"] = -1
            part["end"] = group.table[:, -1]
            part["connection"] = group.table[:, 2].astype(np.int32)  # the lower half of the word
            part["outcome"] = np.where(changed_in(group.table) > 0, CHANGED, OK)
    rows["error"] = -1
    return rows


def _calls(
    groups: list[_Group], numbers: dict[Plan, int], dispatches: npt.NDArray[Any], order: npt.NDArray[np.int64]
) -> npt.NDArray[Any]:
    """Scatter each group's calls to their places in the order of dispatches."""
    after = np.cumsum(dispatches["hooks"], dtype=np.int64)
    rows = np.empty(int(after[-1]) if len(after) else 0, CALL)
    rows["error"] = -1
    first = np.empty(len(order), np.int64)
    first[order] = after - dispatches["hooks"]
    at = 0
    for group in groups:
        places = first[at : at + len(group.table)]
        at += len(group.table)
        starts = group.table[:, 1]
        changed = changed_in(group.table)
        for position in range(len(group.plan.hooks)):
            where = places + position
            column = FULL_HEAD + 3 * position if group.full else PLAIN_HEAD + position
            rows["dispatch"][where] = group.table[:, 0]
            rows["plan"][where] = numbers[group.plan]
            rows["position"][where] = position
            if group.full:
                rows["start"][where] = group.table[:, column]
                rows["end"][where] = group.table[:, column + 1]
                rows["wait"][where] = group.table[:, column + 2] >> 3
                rows["outcome"][where] = group.table[:, column + 2] & 7
            else:
                rows["start"][where] = starts
                starts = group.table[:, column]
                rows["end"][where] = starts
                rows["wait"][where] = 0
                rows["outcome"][where] = changed >> position & 1  # OK is 0, CHANGED is 1
    return rows


def _with_running(
    dispatches: npt.NDArray[Any],
    calls: npt.NDArray[Any],
    running: Sequence[TracedRun | FastCall],
    numbers: dict[Plan, int],
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Add what has not ended; there is never much of it."""
    events: list[tuple[Any, ...]] = []
    more: list[tuple[Any, ...]] = []
    for one in running:
        plan = _plan_of(one)
        number = numbers[plan]
        parent = -1 if isinstance(one, FastCall) else one.parent
        events.append(
            (one.dispatch, number, one.connection, one.start, 0, PENDING, parent, -1, len(plan.hooks))
        )
        if isinstance(one, FastCall):
            more.append((one.dispatch, number, one.position, one.start, 0, 0, PENDING, -1))
        else:
            more += [
                (one.dispatch, number, position, one.starts[position], one.ends[position],
                 one.wait(position) if one.ends[position] else 0, one.outcome(position), -1)
                for position in range(len(plan.hooks)) if one.starts[position]
            ]  # fmt: skip
    dispatches = np.concatenate([dispatches, np.array(events, DISPATCH)])
    calls = np.concatenate([calls, np.array(more, CALL)])
    return (
        dispatches[np.argsort(dispatches["id"], kind="stable")],
        calls[np.lexsort((calls["position"], calls["dispatch"]))],
    )


def _with_errors(
    dispatches: npt.NDArray[Any], calls: npt.NDArray[Any], errors: Sequence[ErrorText]
) -> list[ErrorText]:
    """Point rows at the texts of their errors."""
    kept: list[ErrorText] = []
    failed = np.flatnonzero(calls["outcome"] == RAISED)
    ids, positions = calls["dispatch"][failed].tolist(), calls["position"][failed].tolist()
    places = dict(zip(zip(ids, positions, strict=True), failed.tolist(), strict=True))
    for error in errors:
        place = places.get((error.dispatch, error.position))
        index = int(np.searchsorted(dispatches["id"], error.dispatch))
        known = index < len(dispatches) and dispatches["id"][index] == error.dispatch
        if place is not None:
            calls["error"][place] = len(kept)
        if known and error.decided:
            dispatches["error"][index] = len(kept)
        if known:
            kept.append(error)
    return kept

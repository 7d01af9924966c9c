"""The events: one row per dispatch, newest first, in pages."""

from __future__ import annotations

__all__ = ["PAGE", "SAMPLED_ABOVE", "SEGMENTS", "events"]

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.trace.outcomes import OUTCOMES
from workbench.widgets.figures import figures
from workbench.widgets.filtering import BadQuery, Query, read_query
from workbench.widgets.records import Call, Event, Mask, changed_paths, newest
from workbench.widgets.segments import Segment, merged
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.plan import Plan
    from workbench.trace.recorder import Rows

PAGE: Final = 200
"""Rows of one page, at most."""

SAMPLED_ABOVE: Final = 500
"""Events per second above which the live page shows one row in n."""

SEGMENTS: Final = 12
"""Pieces of one row's bar; of a longer chain neighbours of one look are put together."""

_USUAL_PAGE: Final = 100
_CHUNK: Final = 2000
_LONGEST: Final = 16_000
_SEARCH_SECONDS: Final = 0.1
_STEPS: Final = (2, 5, 10)
_NOTED: Final = ("raised", "stopped")
_NOTED_CODES: Final = [OUTCOMES.index(name) for name in _NOTED]
_LISTED: Final = 6


def events(bench: Workbench, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return one page of events.

    Parameters
    ----------
    bench
        The bench.
    params
        ``before``: only events with smaller numbers; ``limit``: rows; ``filter`` and ``query``: what must
        hold. Inside the kernel also ``detailed``: rows name the fields that changed.

    Returns
    -------
    dict
        ``more`` is the number to go on with as ``before`` where a search ran out of time, else None.
    """
    limit = max(1, min(params.get("limit", _USUAL_PAGE), PAGE))
    wanted = params.get("filter") or {}
    before = params.get("before")
    now = figures(bench)
    wrong, query = _read(params.get("query", ""))
    sampled = _step(now.rate, limit) if before is None and not wanted and query is None else 1
    found, more = ([], None) if wrong else _find(bench, before, limit, wanted, query, sampled)
    return {
        "wrong": wrong,
        "pandas": query.as_pandas(bench.board.spoken) if query is not None else None,
        "rows": [_row(bench, event, detailed=params.get("detailed", False)) for event in found],
        "total": now.events,
        "kept": bench.trace.kept,
        "dropped": bench.trace.dropped,
        "sampled": sampled,
        "more": more,
    }


def _read(text: str) -> tuple[dict[str, Any] | None, Query | None]:
    try:
        return None, read_query(text)
    except BadQuery as bad:
        return {"text": bad.text, "at": bad.at, "length": bad.length}, None


def _step(rate: float, limit: int) -> int:
    """One row in how many: at a flood, a page should still hold about a second."""
    if rate <= SAMPLED_ABOVE:
        return 1
    return next((step for step in _STEPS if rate / step <= limit), _STEPS[-1])


def _find(
    bench: Workbench,
    before: int | None,
    limit: int,
    wanted: Mapping[str, Any],
    query: Query | None,
    sampled: int,
) -> tuple[list[Event], int | None]:
    found: list[Event] = []
    until = time.perf_counter() + _SEARCH_SECONDS
    chunk = _CHUNK if wanted or query is not None else limit * sampled
    while len(page := newest(bench, chunk, before)):
        mask = _mask(page.rows, wanted, sampled)
        if query is not None:
            mask &= query.mask(page.rows, page.now)
        found += page.events(mask, limit - len(found))
        before = page.oldest
        chunk = min(4 * chunk, _LONGEST) if wanted or query is not None else chunk
        if len(found) == limit:
            return found, None
        if time.perf_counter() > until:
            return found, before
    return found, None


def _mask(rows: Rows, wanted: Mapping[str, Any], sampled: int) -> Mask:
    """Mark the dispatches that hold all that is wanted, or at a flood every n-th and whatever went wrong."""
    dispatches = rows.dispatches
    outcome = dispatches["outcome"]
    mask: Mask = (dispatches["id"] % sampled == 0) | np.isin(outcome, _NOTED_CODES)
    if "connection" in wanted:
        mask &= dispatches["connection"] == wanted["connection"]
    if "outcome" in wanted:
        mask &= np.isin(outcome, [code for code, name in enumerate(OUTCOMES) if name == wanted["outcome"]])
    for key, holds in (("point", _is_at), ("hook", _has)):
        if key in wanted:
            plans = [number for number, plan in enumerate(rows.plans) if holds(plan, wanted[key])]
            mask &= np.isin(dispatches["plan"], plans)
    return mask


def _is_at(plan: Plan, point: str) -> bool:
    """Tell whether a plan is of a point, or of a chain that is put together from lanes of it."""
    return plan.point.name == point or any(hook.point == point for hook in plan.hooks)


def _has(plan: Plan, hook: str) -> bool:
    return any(one.id == hook for one in plan.hooks)


def _row(bench: Workbench, event: Event, *, detailed: bool) -> dict[str, Any]:
    paths = changed_paths(bench, event)
    told = _telling(event)
    more = {"paths": paths[:_LISTED]} if detailed else {}
    return {
        "dispatch": event.dispatch,
        "time": event.time,
        "connection": event.connection,
        "point": event.plan.point.name,
        "outcome": event.outcome,
        "duration_ns": event.duration_ns,
        "work_ns": sum(call.work_ns for call in event.calls),
        "wait_ns": sum(call.wait_ns for call in event.calls),
        "changed": len(paths) or sum(call.outcome == "changed" for call in event.calls),
        "error": visible(event.error, 300) if event.error else None,
        "hook": visible(event.plan.hooks[told.position].name, 200) if told is not None else None,
        "effect": _effect(event, told),
        "revision": event.plan.revision,
        "segments": _segments(event.calls),
        **more,
    }


def _telling(event: Event) -> Call | None:
    """The call that a reader of the row wants named: which raised, stopped or is still waiting."""
    if event.outcome not in (*_NOTED, "pending", "cancelled"):
        return None
    return next((call for call in event.calls if call.outcome == event.outcome), None)


def _effect(event: Event, told: Call | None) -> str | None:
    """What followed for the other hooks."""
    if told is None or event.outcome not in _NOTED:
        return None
    ran = {call.position for call in event.calls if call.outcome != "skipped"}
    spared = [
        visible(hook.name, 100) for position, hook in enumerate(event.plan.hooks) if position not in ran
    ]
    if not spared:
        return None
    named = ", ".join(spared[:_LISTED]) + (" ..." if len(spared) > _LISTED else "")
    return f"{named} not run"


def _segments(calls: Sequence[Call]) -> list[Segment]:
    segments: list[Segment] = []
    for call in calls:
        if call.outcome == "skipped":
            continue
        segments.append(("work", call.work_ns, call.outcome))
        if call.wait_ns:
            segments.append(("wait", call.wait_ns, call.outcome))
    return merged(segments, SEGMENTS)

"""The events: one row per dispatch, newest first, in windows of a list that may have a million of them."""

from __future__ import annotations

__all__ = ["PAGE", "SAMPLED_ABOVE", "SEGMENTS", "events", "selected"]

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.trace.batches import Batch, Mask, Wants
from workbench.trace.outcomes import OUTCOMES
from workbench.trace.selections import Selection
from workbench.widgets.dropped import dropped
from workbench.widgets.figures import figures
from workbench.widgets.filtering import BadQuery, Query, read_query
from workbench.widgets.records import Call, Event, changed_paths, newest, paged
from workbench.widgets.segments import Segment, merged
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.engine.plan import Plan

PAGE: Final = 200
"""Rows of one window, at most."""

SAMPLED_ABOVE: Final = 500
"""Events per second above which the live window shows one row in n."""

SEGMENTS: Final = 12
"""Pieces of one row's bar; of a longer chain neighbours of one look are put together."""

_USUAL_PAGE: Final = 100
_AHEAD: Final = 50_000
_STEPS: Final = (2, 5, 10)
_NOTED: Final = ("raised", "stopped")
_NOTED_CODES: Final = [OUTCOMES.index(name) for name in _NOTED]
_LISTED: Final = 6


def events(bench: Workbench, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return one window of events.

    Parameters
    ----------
    bench
        The bench.
    params
        ``before``: only events with smaller numbers, so that what comes anew moves nothing; ``rank``: place
        of the first row among those that match, from 0; ``limit``: rows; ``filter`` and ``query``: what must
        hold. Inside the kernel also ``detailed``: rows name the fields that changed.

    Returns
    -------
    dict
        ``matching`` is the length of the whole list; ``before`` and ``rank`` say where the window lies.
    """
    limit = max(1, min(params.get("limit", _USUAL_PAGE), PAGE))
    before, rank = params.get("before"), max(0, params.get("rank", 0))
    text, wanted = params.get("query", ""), params.get("filter") or {}
    now = figures(bench)
    wrong, query = _read(text)
    sampled = 1
    found: list[Event] = []
    matching = 0
    if wrong is None and before is None and not (rank or wanted or query):
        sampled = _step(now.rate, limit)
        found = _live(bench, limit, sampled)
        selected(bench, "", {}).ahead(_AHEAD)  # scrolling is next
        matching = bench.trace.kept + len(bench.trace.recorder.pending())
    elif wrong is None:
        selection = selected(bench, text, wanted)
        window = selection.window(rank, limit, before)
        found, matching = paged(bench, window.rows).events(), window.matching
    ended = dropped(bench, found)
    return {
        "wrong": wrong,
        "pandas": query.as_pandas(bench.board.spoken) if query is not None else None,
        "rows": [
            _row(bench, event, ended.get(event.dispatch), detailed=params.get("detailed", False))
            for event in found
        ],
        "before": before,
        "rank": rank,
        "matching": matching,
        "total": now.events,
        "kept": bench.trace.kept,
        "dropped": bench.trace.dropped,
        "sampled": sampled,
    }


def selected(bench: Workbench, text: str, wanted: Mapping[str, Any]) -> Selection:
    """Return the events for which a query and all members of a filter hold.

    Parameters
    ----------
    bench
        The bench.
    text
        The query.
    wanted
        The filter: point, hook (by id), outcome and connection.

    Raises
    ------
    BadQuery
        When the query cannot be read.
    """
    query = read_query(text)
    conditions = [_CONDITIONS[name](value) for name, value in wanted.items()]
    if query is not None:
        conditions.append(query.wants)
    key = (text.strip(), *sorted(wanted.items()))
    return bench.trace.recorder.selections.get(key, _all_of(conditions) if conditions else None)


def _all_of(conditions: Sequence[Wants]) -> Wants:
    return lambda batch: np.logical_and.reduce([holds(batch) for holds in conditions])


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


def _live(bench: Workbench, limit: int, sampled: int) -> list[Event]:
    """Give the newest events; at a flood every n-th, and whatever went wrong."""
    page = newest(bench, limit * sampled)
    dispatches = page.rows.dispatches
    shown = (dispatches["id"] % sampled == 0) | np.isin(dispatches["outcome"], _NOTED_CODES)
    return page.events(shown, limit)


def _at(point: str) -> Wants:
    return lambda batch: batch.all(_is_at(batch.plan, point))


def _with(hook: str) -> Wants:
    return lambda batch: batch.all(any(one.id == hook for one in batch.plan.hooks))


def _ended(outcome: str) -> Wants:
    codes = [code for code, name in enumerate(OUTCOMES) if name == outcome]
    return lambda batch: np.isin(batch.outcome, codes)


def _of(connection: int) -> Wants:
    def holds(batch: Batch) -> Mask:
        mask: Mask = batch.connection == connection
        return mask

    return holds


_CONDITIONS: Final[Mapping[str, Callable[[Any], Wants]]] = {
    "point": _at,
    "hook": _with,
    "outcome": _ended,
    "connection": _of,
}


def _is_at(plan: Plan, point: str) -> bool:
    """Tell whether a plan is of a point, or of a chain that is put together from lanes of it."""
    return plan.point.name == point or any(hook.point == point for hook in plan.hooks)


def _row(bench: Workbench, event: Event, ended: str | None, *, detailed: bool) -> dict[str, Any]:
    paths = changed_paths(bench, event)
    told = _telling(event) if ended is None else None  # no hook did it
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
        "hook": _name(event, told),
        "effect": _effect(event, ended),
        "revision": event.plan.revision,
        "segments": _segments(event.calls),
        **more,
    }


def _telling(event: Event) -> Call | None:
    """The call that a reader of the row wants named: which raised, stopped or is still waiting."""
    if event.outcome not in (*_NOTED, "pending", "cancelled"):
        return None
    return event.first(event.outcome)


def _name(event: Event, told: Call | None) -> str | None:
    """Its name, or what the chain is around, where that raised."""
    name = event.plan.hooks[told.position].name if told is not None else None
    name = name or (event.plan.point.title if event.core is not None else None)
    return None if name is None else visible(name, 200)


def _effect(event: Event, ended: str | None) -> str | None:
    """Who ended it from outside, and what followed for the other hooks."""
    if event.outcome not in _NOTED:
        return None
    ran = {call.position for call in event.calls if call.outcome != "skipped"}
    spared = [
        visible(hook.name, 100) for position, hook in enumerate(event.plan.hooks) if position not in ran
    ]
    if not spared:
        return ended
    named = ", ".join(spared[:_LISTED]) + (" ..." if len(spared) > _LISTED else "")
    return f"{ended}; {named} not run" if ended else f"{named} not run"


def _segments(calls: Sequence[Call]) -> list[Segment]:
    segments: list[Segment] = []
    for call in calls:
        if call.outcome == "skipped":
            continue
        segments.append(("work", call.work_ns, call.outcome))
        if call.wait_ns:
            segments.append(("wait", call.wait_ns, call.outcome))
    return merged(segments, SEGMENTS)

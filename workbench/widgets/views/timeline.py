"""The timeline: the newest events on one axis of time, and one event's whole story."""

from __future__ import annotations

__all__ = ["EVENTS", "story", "timeline"]

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.trace.moments import Moment
from workbench.widgets.filtering import BadQuery
from workbench.widgets.records import Call, Event, Page, find, newest, paged
from workbench.widgets.text import visible
from workbench.widgets.views.events import selected

if TYPE_CHECKING:
    from workbench.bench import Workbench

EVENTS: Final = 160
"""Events that the timeline shows, at most."""

STORY: Final = 60
"""Dispatches of one story that are shown, at most."""

_USUAL: Final = 80
_MOMENTS: Final = 200
_CALLS: Final = 24


def timeline(bench: Workbench, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the newest events with the calls of their hooks, oldest first.

    Parameters
    ----------
    bench
        The bench.
    params
        ``limit``: how many events; ``before``: only those with smaller numbers; ``query``: which, as the
        events' filter has it.

    Returns
    -------
    dict
        ``events``, each with ``calls`` as (hook, start in ns from the event's beginning, work, wait, outcome)
        where hook is a place in ``hooks``; ``moments`` between them; ``edits``: when a revision began;
        ``wrong``: whether the query cannot be read.
    """
    limit = max(1, min(params.get("limit", _USUAL), EVENTS))
    try:
        found, wrong = _chosen(bench, params, limit), False
    except BadQuery:  # the events panel says what is wrong with it
        found, wrong = [], True
    chosen = sorted(found, key=lambda event: event.start_ns)
    names: dict[tuple[str, str], int] = {}
    rows = [_event(event, names) for event in chosen]
    since, until = (
        (chosen[0].time, rows[-1]["time"] + rows[-1]["duration_ns"] / 1e6) if chosen else (0.0, 0.0)
    )
    return {
        "events": rows,
        "hooks": [{"name": visible(name, 100), "point": visible(point, 100)} for name, point in names],
        "moments": _moments_between(bench, since, until),
        "edits": _edits(bench, since, until),
        "total": bench.trace.recorder.events,
        "wrong": wrong,
    }


def _chosen(bench: Workbench, params: Mapping[str, Any], limit: int) -> list[Event]:
    text, before = params.get("query", ""), params.get("before")
    if not text.strip():
        return newest(bench, limit, before).events()
    return paged(bench, selected(bench, text, {}).window(0, limit, before).rows).events()


def _event(event: Event, names: dict[tuple[str, str], int]) -> dict[str, Any]:
    point = event.plan.point.name
    calls = [call for call in event.calls if call.outcome != "skipped"][:_CALLS]
    return {
        "dispatch": event.dispatch,
        "time": event.time,
        "duration_ns": event.duration_ns,
        "connection": event.connection,
        "point": visible(point, 100),
        "outcome": event.outcome,
        "revision": event.plan.revision,
        "calls": [
            [
                names.setdefault((event.plan.hooks[call.position].name, point), len(names)),
                *_span(event, call),
                call.outcome,
            ]
            for call in calls
        ],
    }


def _span(event: Event, call: Call) -> tuple[int, int, int]:
    return max(0, call.start_ns - event.start_ns), call.work_ns, call.wait_ns


def _edits(bench: Workbench, since: float, until: float) -> list[dict[str, Any]]:
    entries = [entry for entry in bench.board.journal if since <= entry.time * 1000 <= until]
    return [
        {"time": entry.time * 1000, "revision": entry.revision, "python": visible(entry.python, 300)}
        for entry in entries[-20:]
    ]


def _moments_between(bench: Workbench, since: float, until: float) -> list[dict[str, Any]]:
    epoch = bench.trace.recorder.epoch_ns
    found: list[dict[str, Any]] = []
    for moment in bench.trace.recorder.moments.newest(_MOMENTS * 5):
        time = (moment.stamp + epoch) / 1e6
        if time < since:
            break
        if time <= until and len(found) < _MOMENTS:
            found.append({**_moment(moment), "time": round(time, 3), "dispatch": moment.dispatch})
    return found[::-1]


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "kind": moment.kind,
        "text": visible(moment.text or "sent", 200),
        "connection": moment.connection if moment.connection > 0 else None,
        "bytes": moment.size,
    }


def story(bench: Workbench, params: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the events that share their first cause with one, on one axis that begins with the first.

    Parameters
    ----------
    bench
        The bench.
    params
        ``dispatch``: any of them, or ``"latest"``.

    Returns
    -------
    dict or None
        None where there is no such event. Times are ns from the beginning of the first event; the calls that
        overlapped are told from those that waited for one another by where they stand.
    """
    wanted = params.get("dispatch")
    event = find(bench, wanted) if isinstance(wanted, int) else next(iter(newest(bench, 1).events()), None)
    if event is None:
        return None
    ids = bench.trace.story(event.dispatch) or [event.dispatch]
    events = [event] if ids == [event.dispatch] else _those(bench, ids[:STORY])
    start = min(one.start_ns for one in events)
    moments = bench.trace.recorder.moments.rows(frozenset(ids))
    ends = [one.start_ns + one.duration_ns for one in events] + [moment.stamp for moment in moments]
    parents = _parents(bench, ids)
    return {
        "dispatch": event.dispatch,
        "root": ids[0],
        "more": max(0, len(ids) - STORY),
        "time": min(one.time for one in events),
        "duration_ns": max(ends) - start,
        "events": [_part(one, start, parents.get(one.dispatch)) for one in events],
        "moments": [
            {**_moment(moment), "at_ns": moment.stamp - start, "dispatch": moment.dispatch}
            for moment in moments[:_MOMENTS]
        ],
    }


def _those(bench: Workbench, ids: Sequence[int]) -> list[Event]:
    page: Page = newest(bench, ids[-1] - ids[0] + 1, ids[-1] + 1)
    wanted = frozenset(ids)
    mask = [number in wanted for number in page.rows.dispatches["id"].tolist()]
    return sorted(page.events(np.array(mask, bool)), key=lambda event: event.start_ns)


def _parents(bench: Workbench, ids: Sequence[int]) -> dict[int, int]:
    rows = bench.trace.recorder.tail(ids[-1] - ids[0] + 1, ids[-1] + 1).dispatches
    pairs: Iterable[tuple[int, int]] = zip(rows["id"].tolist(), rows["parent"].tolist(), strict=True)
    return {one: parent for one, parent in pairs if parent > 0}


def _part(event: Event, start: int, parent: int | None) -> dict[str, Any]:
    return {
        "dispatch": event.dispatch,
        "parent": parent,
        "point": visible(event.plan.point.name, 100),
        "shape": event.plan.point.policy.shape,
        "connection": event.connection,
        "outcome": event.outcome,
        "error": visible(event.error, 300) if event.error else None,
        "start_ns": event.start_ns - start,
        "duration_ns": event.duration_ns,
        "calls": [
            {
                "position": call.position + 1,
                "hook": visible(event.plan.hooks[call.position].name, 100),
                "hook_id": event.plan.hooks[call.position].id,
                "start_ns": max(0, call.start_ns - start),
                "work_ns": call.work_ns,
                "wait_ns": call.wait_ns,
                "outcome": call.outcome,
            }
            for call in event.calls
            if call.outcome != "skipped"
        ],
    }

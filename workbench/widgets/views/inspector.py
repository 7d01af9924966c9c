"""The inspector: one event step by step, and what each hook changed."""

from __future__ import annotations

__all__ = ["inspector"]

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from workbench.bench.order import running_order
from workbench.trace.changes import spoken as spoken_path
from workbench.trace.copies import Cut
from workbench.trace.moments import SENT, Moment
from workbench.trace.trace import NoSnapshot
from workbench.widgets.answered import answered
from workbench.widgets.dropped import dropped
from workbench.widgets.formats import formats
from workbench.widgets.records import Call, Event, changes_of, find, newest, told_lines
from workbench.widgets.text import spoken, visible

if TYPE_CHECKING:
    from workbench.bench import Workbench

_CHANGES: Final = 200
_LINES: Final = 100
_TRACEBACK: Final = 40
_CLIENTS: Final = 50
_FORMATTED: Final = 8
_SHOWN: Final = 2_000
_PAYLOADS: Final = 3
_PAYLOAD_DEPTH: Final = 3
_RAW: Final = ("raw_data", "data", "body", "payload", "text")


def inspector(bench: Workbench, params: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return one event.

    Parameters
    ----------
    bench
        The bench.
    params
        ``dispatch``: a number, ``"latest"`` (as without it) or ``"changed"``, the newest event with known
        changes.

    Returns
    -------
    dict or None
        None where there is no such event, or none at all.
    """
    event = _wanted(bench, params.get("dispatch"))
    if event is None:
        return None
    changes, why_none = _changes(bench, event)
    return {
        "dispatch": event.dispatch,
        "point": event.plan.point.name,
        "connection": event.connection,
        "time": event.time,
        "revision": event.plan.revision,
        "outcome": event.outcome,
        "duration_ns": event.duration_ns,
        "steps": _steps(bench, event, changes),
        "core": _core(event),
        "changes": changes,
        "why_no_changes": why_none,
        "answered_ns": answered(bench, [event]).get(event.dispatch),
        "clients": _clients(bench, event),
        "payloads": _payloads(bench, event),
    }


def _clients(bench: Workbench, event: Event) -> list[dict[str, Any]]:
    """What clients were sent while the event's hooks ran, and by what followed from it."""
    moments = bench.trace.recorder.moments.rows(frozenset((event.dispatch,)))
    return [
        {
            "connection": moment.connection if moment.connection > 0 else None,
            "at_ns": moment.stamp - event.start_ns,
            "bytes": moment.size,
            "text": visible(_said(moment), _SHOWN),
            "formats": formats(moment.data) if moment.data is not None and number < _FORMATTED else {},
        }
        for number, moment in enumerate(moments)
        if moment.kind == SENT
    ][:_CLIENTS]


def _said(moment: Moment) -> str:
    text, data = moment.text, moment.data
    if data is None and moment.size:
        data = "what was sent is no longer kept"
    elif isinstance(data, bytes):
        data = data.decode("utf-8", "backslashreplace")
    return text if data is None else f"{text}: {data}" if text else data


def _payloads(bench: Workbench, event: Event) -> list[dict[str, Any]]:
    """The texts and blobs that came with the event, as they were before the first hook."""
    shot = bench.trace.snapshots.get(event.dispatch)
    if shot is None:
        return []
    found = list(_leaves((), shot.steps[0].parts, 0))[:_PAYLOADS]
    return [
        {"path": visible(spoken_path(path), 200), "size": size, "formats": formats(data)}
        for path, data, size in found
    ]


def _leaves(
    path: tuple[Any, ...], value: Any, depth: int
) -> Iterator[tuple[tuple[Any, ...], str | bytes, int]]:
    if isinstance(value, Cut):
        yield path, value.head, value.size
    elif isinstance(value, bytes) or (isinstance(value, str) and path[-1] in _RAW):
        yield path, value, len(value)
    elif isinstance(value, dict) and depth < _PAYLOAD_DEPTH:
        for key, member in value.items():
            yield from _leaves((*path, key), member, depth + 1)


def _wanted(bench: Workbench, dispatch: object) -> Event | None:
    if isinstance(dispatch, int):
        return find(bench, dispatch)
    if dispatch == "changed":
        shot = bench.trace.snapshots.newest()
        return find(bench, shot.dispatch) if shot is not None else None
    page = newest(bench, 1).events()
    return page[0] if page else None


def _changes(bench: Workbench, event: Event) -> tuple[list[dict[str, Any]] | None, str | None]:
    try:
        made = changes_of(bench, event.dispatch)
    except NoSnapshot as reason:
        return None, str(reason)
    hooks = event.plan.hooks
    numbers = running_order(hooks)
    rows = [
        {
            "position": numbers[position],
            "hook": visible(hooks[position].name, 200),
            "path": visible(spoken_path(change.path), 400),
            "before": None if change.op == "added" else spoken(change.before),
            "after": None if change.op == "removed" else spoken(change.after),
            "op": change.op,
        }
        for position, changes in made
        for change in changes
    ]
    return rows[:_CHANGES], None


def _steps(
    bench: Workbench, event: Event, changes: Sequence[Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    printed = _printed(bench, event.dispatch)
    calls = {call.position: call for call in event.calls}
    steps = []
    ended = dropped(bench, [event]).get(event.dispatch)
    numbers = running_order(event.plan.hooks)
    for position, hook in sorted(enumerate(event.plan.hooks), key=lambda pair: numbers[pair[0]]):
        call = calls.get(position)
        steps.append(
            {
                **_hook(numbers[position], hook),
                **_timing(event, call),
                "changed": _changed(numbers[position], call, changes),
                "printed": printed.get(position, []),
                "error": _error(call),
                "reason": _reason(event, call, ended),
            }
        )
    steps.extend(
        {
            **_hook(None, hook),
            **_timing(event, None),
            "changed": 0,
            "printed": [],
            "error": None,
            "reason": why,
        }
        for hook, why in event.plan.skipped
    )
    return steps


def _hook(position: int | None, hook: Any) -> dict[str, Any]:
    return {
        "position": position,
        "hook": visible(hook.name, 200),
        "hook_id": hook.id,
        "version": hook.version,
    }


def _timing(event: Event, call: Call | None) -> dict[str, Any]:
    if call is None or call.outcome == "skipped":
        return {"outcome": "skipped", "start_ns": None, "work_ns": 0, "wait_ns": 0}
    return {
        "outcome": call.outcome,
        "start_ns": max(0, call.start_ns - event.start_ns),
        "work_ns": call.work_ns,
        "wait_ns": call.wait_ns,
    }


def _changed(position: int, call: Call | None, changes: Sequence[Mapping[str, Any]] | None) -> int:
    """Number of fields where a snapshot tells, else one for a hook that changed something."""
    if changes is not None:
        return sum(change["position"] == position for change in changes)
    return int(call is not None and call.outcome == "changed")


def _error(call: Call | None) -> dict[str, Any] | None:
    if call is None or call.error is None:
        return None
    return {**_told(call.error, call.traceback), "passed": call.passed}


def _core(event: Event) -> dict[str, Any] | None:
    if event.core is None:
        return None
    return {"name": visible(event.plan.point.title), **_told(event.core.text, event.core.traceback)}


def _told(text: str, traceback: str) -> dict[str, Any]:
    return {"text": visible(text, 300), "traceback": told_lines(traceback, _TRACEBACK)}


def _reason(event: Event, call: Call | None, ended: str | None) -> str | None:
    """Why a hook did not run, or not to its end."""
    if call is None or call.outcome == "skipped":
        return ended or _not_run(event)
    return ended if call.outcome == "stopped" else None


def _not_run(event: Event) -> str:
    ended = event.first("raised", "stopped")
    if ended is None and event.core is not None:
        return f"{event.plan.point.title} raised"
    if ended is None:
        return "not reached yet" if event.outcome == "pending" else "not run"
    verb = "raised" if ended.outcome == "raised" else "ended the event"
    return f"{event.plan.hooks[ended.position].name} {verb}"


def _printed(bench: Workbench, dispatch: int) -> dict[int, list[str]]:
    printed: dict[int, list[str]] = {}
    for line in bench.trace.printed_lines(dispatch):
        printed.setdefault(line.position, []).extend(visible(text) for text in line.text.splitlines())
    return {position: lines[:_LINES] for position, lines in printed.items()}

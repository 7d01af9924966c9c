"""Events in the static view: as a list, on an axis of time, and one of them step by step."""

from __future__ import annotations

__all__ = ["EVENTS", "changes", "event_table", "inspected", "moments"]

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from workbench.widgets.glyphs import outcome_mark
from workbench.widgets.static_parts import clock, code, count, cut, milliseconds, table, value
from workbench.widgets.waterfall import waterfall

EVENTS: Final = 20
"""Newest events that the snapshot lists."""

_CHANGES: Final = 10
_PRINTED: Final = 3

Data = Mapping[str, Any]


def moments(events: Data, key: str) -> str:
    """Draw the newest events; `key` tells this drawing from others on the page."""
    drawn = "".join(character for character in key if character.isalnum())[-12:]
    groups, lanes = waterfall(events["rows"], f"wb{drawn}")
    if not groups:
        return ""
    title = "Last moment" if groups == 1 else f"Last {groups} moments"
    legend = "<small>one lane per connection; solid is work, hatched is waiting, gaps folded</small>"
    return f"<h3>{title} {legend}</h3>{lanes}"


def event_table(rows: Sequence[Data]) -> str:
    """List events, newest first."""
    if not rows:
        return "<h3>Events</h3><p>Nothing has happened yet.</p>"
    heads = ("#|n", "time", "from", "point", "outcome", "changed or why|w", "ms|n")
    return table(
        f"Last {count(len(rows), 'event')}", heads, [_event_cells(row) for row in rows], noun="event"
    )


def _event_cells(row: Data) -> tuple[str, ...]:
    so_far = " so far" if row["outcome"] == "pending" else ""
    return (
        str(row["dispatch"]),
        clock(row["time"]),
        _client(row["connection"]),
        escape(cut(row["point"])),
        outcome_mark(row["outcome"]),
        escape(cut(_why(row))),
        milliseconds(row["duration_ns"]) + so_far,
    )


def _client(connection: int | None) -> str:
    return f"c{connection}" if connection is not None else "&ndash;"


def _why(row: Data) -> str:
    if row["error"]:
        return f"{row['hook']} raised {row['error']}" if row["hook"] else str(row["error"])
    if row["outcome"] in ("stopped", "pending") and row["hook"]:
        said = {"stopped": "ended it here", "pending": "is still waiting"}[row["outcome"]]
        return f"{row['hook']} {said}" + (f"; {row['effect']}" if row["effect"] else "")
    if row["outcome"] == "stopped" and row["effect"]:
        return str(row["effect"])
    if row["changed"]:
        return ", ".join(row["paths"]) if row.get("paths") else f"{count(row['changed'], 'hook')} changed it"
    return row["effect"] or ""


def changes(event: Data | None) -> str:
    """Say what each hook changed in an event; nothing where that is not known, or nothing was."""
    if not event or not event["changes"]:
        return ""
    heads = ("|n", "hook", "field", "before|w", "after|w")
    title = f"What each hook changed in event {event['dispatch']}"
    rows = [_change_cells(change) for change in event["changes"]]
    return table(title, heads, rows, noun="field", most=_CHANGES)


def _change_cells(change: Data) -> tuple[str, ...]:
    before = value(change["before"]) if change["op"] != "added" else "<i>not there</i>"
    after = value(change["after"]) if change["op"] != "removed" else "<i>removed</i>"
    return (
        str(change["position"]),
        f"<b>{code(change['hook'])}</b>",
        code(change["path"]),
        f"<del>{before}</del>" if change["op"] == "changed" else before,
        after,
    )


def inspected(event: Data | None) -> str:
    """Show one event: its steps, what each hook changed, and what clients were sent."""
    if event is None:
        return "<h3>Inspector</h3><p>Nothing has happened yet.</p>"
    heads = ("|n", "hook", "outcome", "printed or why|w", "work ms|n", "wait ms|n")
    steps, core = [_step_cells(step) for step in event["steps"]], event["core"]
    whence = f" of c{event['connection']}" if event["connection"] is not None else ""
    title = (
        f"Event {event['dispatch']}{whence} at {cut(event['point'])}: {event['outcome']}, "
        f"{milliseconds(event['duration_ns'])} ms"
    )
    why = event["why_no_changes"] or ("" if event["changes"] else "No hook changed anything in it.")
    return (
        (table(title, heads, steps) if steps else f"<h3>{escape(title)}</h3><p>No hook stood there.</p>")
        + (f"<p>{code(core['name'])} raised {escape(cut(core['text']))}</p>" if core else "")
        + changes(event)
        + (f"<p>{escape(cut(why, 300))}</p>" if why else "")
        + _sent(event["clients"])
    )


def _step_cells(step: Data) -> tuple[str, ...]:
    skipped = step["outcome"] == "skipped"
    said = [line.rstrip("\n") for line in step["printed"][:_PRINTED]]
    if step["error"]:
        said.append(f"{'passed on ' if step['error']['passed'] else ''}{step['error']['text']}")
    return (
        "&ndash;" if skipped or step["position"] is None else str(step["position"]),
        code(f"{step['hook']} v{step['version']}" if step["version"] > 1 else step["hook"]),
        outcome_mark(step["outcome"]),
        "<br>".join(escape(cut(text)) for text in said or [step["reason"] or ""]),
        "&ndash;" if skipped else milliseconds(step["work_ns"]),
        "&ndash;" if skipped else milliseconds(step["wait_ns"]),
    )


def _sent(clients: Sequence[Data]) -> str:
    if not clients:
        return ""
    rows = [
        (_client(one["connection"]), milliseconds(one["at_ns"]), value(one["text"]), str(one["bytes"]))
        for one in clients
    ]
    heads = ("to", "after ms|n", "sent|w", "bytes|n")
    return table("What clients were sent", heads, rows, noun="message")

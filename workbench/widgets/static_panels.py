"""The other panels in the static view: what stands in each, without what only a live page can do."""

from __future__ import annotations

__all__ = [
    "breakpoints",
    "console",
    "documents",
    "faults",
    "history",
    "lints",
    "revisions",
    "stats",
    "traffic",
]

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from workbench.widgets.static_parts import clock, code, count, cut, figure, milliseconds, number, table, value

_LINES: Final = 20
"""Newest lines of each console client."""

_DIRECTIONS: Final = {"in": "received", "out": "sent", "note": ""}

_ROOM: Final = 40_000
"""Bytes for all rows of a panel."""

_CHANGED: Final = "A change inside of a value counts where there was a snapshot of the event."

Data = Mapping[str, Any]


def _empty(title: str, sentence: str) -> str:
    return f"<h3>{escape(title)}</h3><p>{escape(sentence)}</p>"


def revisions(data: Data) -> str:
    """List the edits between the events of a timeline."""
    if not data["edits"]:
        return ""
    rows = [(str(one["revision"]), clock(one["time"]), code(one["python"])) for one in data["edits"]]
    return table("Edits meanwhile", ("revision|n", "time", "in Python|w"), rows, noun="edit")


def stats(data: Data) -> str:
    """Show what each hook did and how long it took, as the statistics do."""
    if not data["rows"]:
        return _empty("Statistics", "No hook has run yet.")
    figures = ("calls", "raised", "changed", "stopped", "share", "p50", "p95", "p99", "max")
    heads = ("hook", "point", *(f"{name}|n" for name in figures))
    rows = [_figures(row, data["enough"]) for row in data["rows"]]
    told = f"ms; counts exact since the start, times of {count(data['sample'], 'event')}. {_CHANGED}"
    return table("Statistics", heads, rows, noun="hook", room=_ROOM) + f"<p>{told}</p>"


def _figures(row: Data, enough: int) -> tuple[str, ...]:
    counts = (number(row[name]) for name in ("calls", "errors", "changed", "stopped"))
    few = row["samples"] < enough
    cuts = ("n too small" if few else milliseconds(row[name]) for name in ("p50_ns", "p95_ns", "p99_ns"))
    times = (f"{row['share']:.0%}", *cuts, milliseconds(row["max_ns"]))
    return code(row["hook"]), escape(cut(row["point"])), *counts, *times


def lints(data: Data) -> str:
    """List what looks like a mistake, and how to mend it."""
    if not data["lints"]:
        seen = f"Looked at {count(data['sample'], 'event')} and at every hook."
        return _empty("Lints", f"Nothing looks wrong. {seen}")
    heads = ("times|n", "what was seen|w", "what follows|w", "what to do|w", "events|n")
    rows = [
        (
            number(lint["count"]),
            f"<b>{escape(lint['sentence'])}</b>",
            escape(lint["why"]),
            escape(lint["fix"]),
            ", ".join(map(str, lint["examples"])),
        )
        for lint in data["lints"]
    ]
    return table("Lints", heads, rows, noun="lint", room=_ROOM)


def console(data: Data) -> str:
    """Show the newest lines of each client of the console."""
    if not data["clients"]:
        return _empty("Console", "No client is connected.")
    return "".join(_client(client, _ROOM // len(data["clients"])) for client in data["clients"])


def _client(client: Data, room: int) -> str:
    ended = f", code {client['code']} {client['reason']}" if client["code"] is not None else ""
    title = f"Client {client['id']} at {cut(client['path'])}: {client['state']}{cut(ended)}"
    lines = client["lines"][-_LINES:]
    if not lines:
        return _empty(title, "Nothing was said yet.")
    rows = [
        (
            clock(line["time"]),
            _DIRECTIONS[line["direction"]],
            value(line["text"]),
            "binary" if line["binary"] else "",
        )
        for line in lines
    ]
    return table(title, ("time", "", "message|w", ""), rows, noun="line", room=room)


def history(data: Data) -> str:
    """List every gesture as the Python line that does the same, newest first."""
    if not data["entries"]:
        return _empty("In Python", "Nothing was changed yet.")
    heads = ("revision|n", "in Python|w", "time", "by", "")
    rows = [
        (
            str(one["revision"]),
            _line(one),
            clock(one["time"]),
            escape(one["author"]),
            "undone" if one["undone"] else "",
        )
        for one in data["entries"]
    ]
    return table("In Python, newest first", heads, rows, noun="line", room=_ROOM)


def _line(entry: Data) -> str:
    line = code(entry["python"], 240)
    return f"<del>{line}</del>" if entry["undone"] else line


def faults(data: Data) -> str:
    """List the armed faults, and how often each acted."""
    if not data["armed"]:
        return _empty("Faults", "None is armed.")
    heads = ("fault", "where|w", "probability|n", "seed|n", "acted on|n", "of|n")
    rows = [
        (
            escape(one["kind"]),
            escape(cut(one["where"])),
            figure(one["probability"]),
            figure(one["seed"]),
            number(one["injected"]),
            number(one["considered"]),
        )
        for one in data["armed"]
    ]
    return table("Armed faults", heads, rows, noun="fault", room=_ROOM)


def breakpoints(data: Data) -> str:
    """List the breakpoints, and the events that are held with what they carry."""
    if not data["points"] and not data["held"]:
        return _empty("Breakpoints", "None is set, and no event is held.")
    points = [(escape(cut(one["where"])), number(one["hits"])) for one in data["points"]]
    held = [
        (
            figure(one["dispatch"]),
            "&ndash;"
            if one["connection"] is None
            else f"c{one['connection']}{', has left' if one['left'] else ''}",
            escape(cut(one["where"])),
            value(one["payload"]),
        )
        for one in data["held"]
    ]
    heads = ("event|n", "from", "held", "what it carries|w")
    return (table("Breakpoints", ("where|w", "held so far|n"), points) if points else "") + (
        table(f"{count(data['waiting'], 'event')} held", heads, held, noun="event") if held else ""
    )


def traffic(data: Data) -> str:
    """Show what came of the newest run of simulated clients."""
    run = data["run"]
    if run is None:
        return _empty("Traffic", "No run yet.")
    names = ("sent", "answered", "late", "refused", "waiting")
    times = ("p50_ms", "p95_ms", "p99_ms")
    heads = [f"{name}|n" for name in (*names, "p50", "p95", "p99", "ceiling")]
    row = (
        *(figure(run[name]) for name in names),
        *(figure(run[name]) for name in times),
        figure(run["ceiling"], "/s"),
    )
    said = (
        f"{count(run['clients'], 'client')}, {figure(run['rate'])} a second, for {figure(run['seconds'])} s"
    )
    title = f"Traffic: {run['template']}, {run['pattern']}, {said}: {run['state']}"
    reason = f"<p>{escape(cut(run['reason']))}</p>" if run["reason"] else ""
    return table(title, heads, [row]) + f"<p>times in ms; {code(run['python'])}</p>{reason}"


def documents(data: Data) -> str:
    """List the documents with their state, who is in them, and what they hold."""
    if not data["documents"]:
        return _empty("Documents", "No document is loaded.")
    heads = ("document", "state|w", "unsaved|n", "connections|w", "content|w")
    rows = [
        (
            code(one["name"]),
            escape(cut(f"{one['state']}: {one['reason']}" if one["reason"] else one["state"])),
            figure(one["unsaved"]),
            escape(cut(", ".join(_member(member) for member in one["connections"]))),
            value(one["content"]),
        )
        for one in data["documents"]
    ]
    return table(count(data["total"], "document"), heads, rows, noun="document", room=_ROOM)


def _member(member: Data) -> str:
    whence = "direct" if member["connection"] is None else f"c{member['connection']}"
    said = f"{whence} {member['label']}".strip()
    return f"{said} (read-only)" if member["read_only"] else said

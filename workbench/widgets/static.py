"""The static view: a dated snapshot of a bench in HTML and SVG, for pages without a kernel.

It is what nbconvert and GitHub show. It needs no script, no colour and no style sheet to be read: GitHub
drops the latter, and then plain tables remain. All that came from outside is escaped, after `text.visible`
has made what hides visible.
"""

from __future__ import annotations

__all__ = ["EVENTS", "SIZE_LIMIT", "plain", "static_html"]

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

from workbench.widgets.glyphs import outcome_mark
from workbench.widgets.order import lanes_as_run
from workbench.widgets.static_style import STYLE
from workbench.widgets.views import build
from workbench.widgets.waterfall import waterfall

if TYPE_CHECKING:
    from workbench.bench import Workbench

EVENTS: Final = 20
"""Newest events that the snapshot lists."""

SIZE_LIMIT: Final = 60_000
"""Bytes that the view stays below, whatever the bench holds."""

_HOOKS: Final = 60
_CHANGES: Final = 10
_CELL: Final = 120
_VALUE: Final = 240
_MILLISECOND: Final = 1e6

Data = Mapping[str, Any]


def static_html(bench: Workbench, *, note: str = "", now: Callable[[], float] = time.time) -> str:
    """Return the static view of a bench.

    Parameters
    ----------
    bench
        The bench as it is now.
    note
        A sentence to put on top, such as why there is no live view.
    now
        Seconds since the epoch.
    """
    header, chain = build("header", bench, {}), build("chain", bench, {})
    events = build("events", bench, {"limit": EVENTS, "detailed": True})
    newest = build("inspector", bench, {"dispatch": "changed"})
    hooks = _rows_of(chain)
    parts = (
        _label(header, note, now()),
        _title(header),
        _chain(hooks) if hooks else _first_steps(header),
        _moments(events, str(bench.id)),
        _events(events["rows"]),
        _changes(newest),
    )
    return f'<div class="wb-static" lang="en"><style>{STYLE}</style>{"".join(parts)}</div>'


def plain(bench: Workbench) -> str:
    """Return one line of text for terminals."""
    header = build("header", bench, {})
    hooks = sum(1 for _ in _rows_of(build("chain", bench, {})))
    return (
        f"<Workbench {header['name']!r} ({header['dialect']}), {header['state']}"
        f"{f' at {where}' if (where := header['address']) else ''}, revision {header['revision']}: "
        f"{_count(hooks, 'hook')}, {_count(header['events'], 'event')}>"
    )


def _label(header: Data, note: str, now: float) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    said = f"<br>{escape(note)}" if note else ""
    return (
        f'<p class="label"><b>Snapshot</b> of {when}, revision {header["revision"]}. '
        f"Not live: run the notebook to attach, move and switch hooks.{said}</p>"
    )


def _title(header: Data) -> str:
    facts = [
        header["dialect"],
        header["address"] or _state(header),
        _count(header["clients"], "client"),
        f"{_number(header['kept'])} events kept",
        f"{_number(header['dropped'])} dropped",
    ]
    if header["errors"]:
        facts.append(_count(header["errors"], "error"))
    return f"<h2>{escape(header['name'])} <small>{escape(', '.join(facts))}</small></h2>"


def _state(header: Data) -> str:
    return f"{header['state']}: {header['reason']}" if header["reason"] else header["state"]


def _rows_of(chain: Data) -> list[tuple[Data, Data, Data]]:
    """All hooks with their point and lane, point after point, in the order of running."""
    return [
        (point, lane, hook)
        for point in chain["points"]
        for lane in lanes_as_run(point["lanes"])
        for hook in lane["hooks"]
    ]


def _first_steps(header: Data) -> str:
    commands = [(escape(label), _code(text)) for label, text in header["commands"]]
    return (
        "<h3>No hooks yet</h3><p>Attach one in a cell with the decorator "
        f"{_code('@bench.hook(...)')}, or one of the ready-made ones in the live view.</p>"
        + (_table("Talk to the server", (("", ""), ("command", "w")), commands) if commands else "")
    )


# chain --------------------------------------------------------------------------------------------


def _chain(hooks: Sequence[tuple[Data, Data, Data]]) -> str:
    rows = []
    last = None
    for point, lane, hook in hooks[:_HOOKS]:
        shown = point["title"] if lane["label"] in ("", None) else f"{point['title']}, {lane['label']}"
        rows.append((escape(_cut(shown)) if shown != last else "", *_hook_cells(hook)))
        last = shown
    more = f"<p>and {len(hooks) - _HOOKS} more hooks</p>" if len(hooks) > _HOOKS else ""
    heads = (
        ("point", ""),
        ("", "n"),
        ("hook", ""),
        ("switch", ""),
        ("calls", "n"),
        ("p95 ms", "n"),
        ("", ""),
        ("why here", "w"),
    )
    return _table("Chain, in effective order", heads, rows) + more


def _hook_cells(hook: Data) -> tuple[str, ...]:
    version = f" v{hook['version']}" if hook["version"] > 1 else ""
    name = f'<code class="mono">{escape(_cut(hook["name"] + version))}</code>'
    return (
        str(hook["position"]) if hook["position"] is not None else "&ndash;",
        f"<b>{name}</b>" if hook["enabled"] else name,
        "on" if hook["enabled"] else "off",
        _number(hook["calls"]),
        _p95(hook),
        escape(_trouble(hook)),
        escape(_cut(hook["why"] or "")),
    )


def _p95(hook: Data) -> str:
    if hook["p95_ns"] is not None:
        return _milliseconds(hook["p95_ns"])
    return "n too small" if hook["calls"] else "&ndash;"


def _trouble(hook: Data) -> str:
    words = [
        f"{_number(hook[key])} {word}"
        for key, word in (("errors", "raised"), ("stopped", "stopped"), ("pending", "pending"))
        if hook[key]
    ]
    if not hook["calls"] and hook["enabled"]:
        words.append("never ran")
    return ", ".join(words)


# events -------------------------------------------------------------------------------------------


def _moments(events: Data, key: str) -> str:
    drawn = "".join(character for character in key if character.isalnum())[-12:]
    count, table = waterfall(events["rows"], f"wb{drawn}")
    if not count:
        return ""
    moments = "Last moment" if count == 1 else f"Last {count} moments"
    legend = "<small>one lane per connection; solid is work, hatched is waiting, gaps folded</small>"
    return f"<h3>{moments} {legend}</h3>{table}"


def _events(rows: Sequence[Data]) -> str:
    if not rows:
        return "<h3>Events</h3><p>Nothing has happened yet.</p>"
    heads = (
        ("#", "n"),
        ("time", ""),
        ("from", ""),
        ("point", ""),
        ("outcome", ""),
        ("changed or why", "w"),
        ("ms", "n"),
    )
    return _table(f"Last {_count(len(rows), 'event')}", heads, map(_event_cells, rows))


def _event_cells(row: Data) -> tuple[str, ...]:
    so_far = " so far" if row["outcome"] == "pending" else ""
    return (
        str(row["dispatch"]),
        _clock(row["time"]),
        f"c{row['connection']}" if row["connection"] is not None else "&ndash;",
        escape(_cut(row["point"])),
        outcome_mark(row["outcome"]),
        escape(_cut(_why(row))),
        _milliseconds(row["duration_ns"]) + so_far,
    )


def _why(row: Data) -> str:
    if row["error"]:
        return f"{row['hook']} raised {row['error']}" if row["hook"] else row["error"]
    if row["outcome"] in ("stopped", "pending") and row["hook"]:
        said = {"stopped": "ended it here", "pending": "is still waiting"}[row["outcome"]]
        return f"{row['hook']} {said}" + (f"; {row['effect']}" if row["effect"] else "")
    if row["changed"]:
        return ", ".join(row["paths"]) if row.get("paths") else f"{_count(row['changed'], 'hook')} changed it"
    return row["effect"] or ""


def _changes(event: Data | None) -> str:
    if not event or not event["changes"]:
        return ""
    shown = event["changes"][:_CHANGES]
    heads = (("", "n"), ("hook", ""), ("field", ""), ("before", "w"), ("after", "w"))
    more = len(event["changes"]) - len(shown)
    title = f"What each hook changed in event {event['dispatch']}"
    note = f"<p>and {more} more fields</p>" if more > 0 else ""
    return _table(title, heads, map(_change_cells, shown)) + note


def _change_cells(change: Data) -> tuple[str, ...]:
    before = _value(change["before"]) if change["op"] != "added" else "<i>not there</i>"
    after = _value(change["after"]) if change["op"] != "removed" else "<i>removed</i>"
    return (
        str(change["position"]),
        f"<b>{_code(change['hook'])}</b>",
        _code(change["path"]),
        f"<del>{before}</del>" if change["op"] == "changed" else before,
        after,
    )


# parts --------------------------------------------------------------------------------------------


def _table(title: str, heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]) -> str:
    """Make a table of cells that are markup already; a head's class is that of its column."""
    classes = [f' class="{name}"' if name else "" for _, name in heads]
    head = "".join(f"<th{name}>{escape(text)}</th>" for (text, _), name in zip(heads, classes, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{name}>{cell}</td>" for cell, name in zip(row, classes, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<h3>{escape(title)}</h3><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _code(text: str) -> str:
    return f'<code class="mono">{escape(_cut(text))}</code>'


def _value(text: str | None) -> str:
    return f'<span class="mono val">{escape(_cut(text or "", _VALUE))}</span>'


def _cut(text: str, limit: int = _CELL) -> str:
    return text if len(text) <= limit else f"{text[:limit]}..."


def _clock(milliseconds: float) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{int(rest):03d}"


def _milliseconds(nanoseconds: int) -> str:
    value = nanoseconds / _MILLISECOND
    return f"{value:,.1f}".replace(",", "\u00a0") if value >= 1 else f"{value:.2f}"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u00a0")


def _count(value: int, noun: str) -> str:
    return f"{_number(value)} {noun}" if value == 1 else f"{_number(value)} {noun}s"

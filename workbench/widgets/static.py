"""The static view: a dated snapshot of a bench in HTML and SVG, for pages without a kernel.

It is what nbconvert and GitHub show. It needs no script, no colour and no style sheet to be read: GitHub
drops the latter, and then plain tables remain. All that came from outside is escaped, after `text.visible`
has made what hides visible.
"""

from __future__ import annotations

__all__ = ["SIZE_LIMIT", "plain", "static_html"]

import time
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final

from workbench.bench.order import lanes_as_run
from workbench.widgets import static_panels as panels
from workbench.widgets.static_events import EVENTS, changes, event_table, inspected, moments
from workbench.widgets.static_parts import code, count, cut, milliseconds, number, table
from workbench.widgets.static_style import STYLE
from workbench.widgets.views import build

if TYPE_CHECKING:
    from workbench.bench import Workbench

SIZE_LIMIT: Final = 60_000
"""Bytes that the view stays below, whatever the bench holds."""

_HOOKS: Final = 60
_ROOM: Final = 20_000  # bytes for their rows

Data = Mapping[str, Any]


def static_html(
    bench: Workbench, panel: str = "bench", *, note: str = "", now: Callable[[], float] = time.time
) -> str:
    """Return the static view of a bench.

    Parameters
    ----------
    bench
        The bench as it is now.
    panel
        ``bench`` for what matters of all panels, or the name of one.
    note
        A sentence to put on top, such as why there is no live view.
    now
        Seconds since the epoch.
    """
    header = build("header", bench, {})
    parts = (_label(header, note, now()), _title(header), _SECTIONS[panel](bench))
    return f'<div class="wb-static" lang="en"><style>{STYLE}</style>{"".join(parts)}</div>'


def plain(bench: Workbench) -> str:
    """Return one line of text for terminals."""
    header = build("header", bench, {})
    hooks = sum(1 for _ in _rows_of(build("chain", bench, {})))
    return (
        f"<Workbench {header['name']!r} ({header['dialect']}), {header['state']}"
        f"{f' at {where}' if (where := header['address']) else ''}, revision {header['revision']}: "
        f"{count(hooks, 'hook')}, {count(header['events'], 'event')}>"
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
        count(header["clients"], "client"),
        f"{number(header['kept'])} events kept",
        f"{number(header['dropped'])} dropped",
    ]
    if header["errors"]:
        facts.append(count(header["errors"], "error"))
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
    commands = [(escape(label), code(text)) for label, text in header["commands"]]
    return (
        "<h3>No hooks yet</h3><p>Attach one in a cell with the decorator "
        f"{code('@bench.hook(...)')}, or one of the ready-made ones in the live view.</p>"
        + (table("Talk to the server", ("", "command|w"), commands) if commands else "")
    )


# sections -----------------------------------------------------------------------------------------


def _all(bench: Workbench) -> str:
    events = _newest(bench)
    return (
        _chain(bench)
        + moments(events, str(bench.id))
        + event_table(events["rows"])
        + changes(build("inspector", bench, {"dispatch": "changed"}))
    )


def _newest(bench: Workbench) -> Data:
    found: Data = build("events", bench, {"limit": EVENTS, "detailed": True})
    return found


def _timeline(bench: Workbench) -> str:
    events = _newest(bench)
    drawn = moments(events, f"{bench.id}t") or event_table(events["rows"])
    return drawn + panels.revisions(build("timeline", bench, {"limit": EVENTS}))


def _of(view: str, section: Callable[[Data], str]) -> Callable[[Workbench], str]:
    return lambda bench: section(build(view, bench, {}))


def _chain(bench: Workbench) -> str:
    hooks = _rows_of(build("chain", bench, {}))
    if not hooks:
        return _first_steps(build("header", bench, {}))
    rows = []
    last = None
    for point, lane, hook in hooks:
        shown = point["title"] if lane["label"] in ("", None) else f"{point['title']}, {lane['label']}"
        rows.append((escape(cut(shown)) if shown != last else "", *_hook_cells(hook)))
        last = shown
    heads = ("point", "|n", "hook", "switch", "calls|n", "recent p95 ms|n", "", "why here|w")
    return table("Chain, in effective order", heads, rows, noun="hook", most=_HOOKS, room=_ROOM)


def _hook_cells(hook: Data) -> tuple[str, ...]:
    version = f" v{hook['version']}" if hook["version"] > 1 else ""
    name = f'<code class="mono">{escape(cut(hook["name"] + version))}</code>'
    return (
        str(hook["position"]) if hook["position"] is not None else "&ndash;",
        f"<b>{name}</b>" if hook["enabled"] else name,
        "on" if hook["enabled"] else "off",
        number(hook["calls"]),
        _p95(hook),
        escape(_trouble(hook)),
        escape(cut(hook["why"] or "")),
    )


def _p95(hook: Data) -> str:
    if hook["p95_ns"] is not None:
        return milliseconds(hook["p95_ns"])
    return "n too small" if hook["calls"] else "&ndash;"


def _trouble(hook: Data) -> str:
    words = [
        f"{number(hook[key])} {word}"
        for key, word in (("errors", "raised"), ("stopped", "stopped"), ("pending", "pending"))
        if hook[key]
    ]
    if not hook["calls"] and hook["enabled"]:
        words.append("never ran")
    return ", ".join(words)


_SECTIONS: Final[Mapping[str, Callable[[Workbench], str]]] = {
    "bench": _all,
    "chain": _chain,
    "events": lambda bench: event_table(_newest(bench)["rows"]),
    "inspector": _of("inspector", inspected),
    "timeline": _timeline,
    "stats": _of("stats", panels.stats),
    "lints": _of("lints", panels.lints),
    "console": _of("console", panels.console),
    "history": _of("history", panels.history),
    "faults": _of("faults", panels.faults),
    "breakpoints": _of("breakpoints", panels.breakpoints),
    "traffic": _of("traffic", panels.traffic),
    "documents": _of("documents", panels.documents),
}
"""What stands below the title, by panel."""

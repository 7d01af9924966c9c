"""Faults that are armed, breakpoints with what they hold, and the newest traffic."""

from __future__ import annotations

__all__ = ["breakpoints", "faults", "traffic"]

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.client.traffic.schedule import PATTERNS
from workbench.interventions.faults import CALL_KINDS, DEFAULTS, KINDS, OWN
from workbench.interventions.payloads import as_json
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.interventions.breakpoints import Held

_USUAL_MS = {"delay": 200, "reorder": 1000}
_SHOWN = 20
_TEXT = 64 * 1024


def faults(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """List what may be armed, with what each kind is told and usually is, what is, and how often it acted."""
    return {
        "kinds": [
            {
                "name": kind,
                "anywhere": "every point" if kind in CALL_KINDS else "messages and requests of clients",
                "own": {name: _usual(kind, name) for name in OWN.get(kind, ())},
            }
            for kind in KINDS
        ],
        "usual": {name: DEFAULTS[name] for name in ("probability", "seed")},
        "armed": [
            {
                "id": fault.id,
                "kind": fault.kind,
                "where": visible(fault.where),
                "probability": fault.probability,
                "seed": fault.seed,
                "injected": fault.injected,
                "considered": fault.considered,
                "python": visible(fault.python),
            }
            for fault in bench.faults.list
        ],
    }


def _usual(kind: str, name: str) -> Any:
    return _USUAL_MS[kind] if name == "ms" else DEFAULTS[name]


def breakpoints(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """List the breakpoints, and the oldest held events with what they carry."""
    held = bench.breakpoints.held
    return {
        "points": [
            {"id": one.id, "where": visible(one.where), "hits": one.hits, "python": visible(one.python)}
            for one in bench.breakpoints.list
        ],
        "held": [_held(event, left=_has_left(bench, event)) for event in held[:_SHOWN]],
        "waiting": len(held),
    }


def _has_left(bench: Workbench, event: Held) -> bool:
    connection = bench.trace.registry.get(event.connection)
    return connection is not None and connection.closed > 0


def _held(event: Held, *, left: bool) -> dict[str, Any]:
    text = _text(event.payload, indent=2)
    whole = len(text) <= _TEXT
    return {
        "id": event.id,
        "where": visible(event.breakpoint.where),
        "when": event.when,
        "connection": event.connection if event.connection > 0 else None,
        "left": left,
        "dispatch": event.dispatch if event.dispatch > 0 else None,
        "since": event.since * 1000,
        "payload": text if whole else text[:_TEXT],
        "editable": whole,
        "result": _text(as_json(event.result))[:_TEXT] if event.when == "after" else None,
    }


def _text(value: Any, indent: int | None = None) -> str:
    """Spell a value as JSON; where there is anything in it that people could not see, as plain ASCII."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    line = text.replace("\n", " ")
    return text if visible(line, len(line)) == line else json.dumps(value, indent=indent)


def traffic(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """Say what may be sent, and what came of the newest run."""
    report = bench.traffic.report
    return {
        "templates": list(bench.traffic.templates),
        "patterns": list(PATTERNS),
        "run": None
        if report is None
        else {
            "state": report.state,
            "reason": visible(report.reason),
            "python": visible(report.python),
            "template": report.template,
            "pattern": report.pattern,
            "clients": report.clients,
            "rate": report.rate,
            "seconds": report.seconds,
            **{name: report.figures.get(name) for name in _FIGURES},
        },
    }


_FIGURES = ("sent", "answered", "late", "refused", "waiting", "p50_ms", "p95_ms", "p99_ms", "ceiling")

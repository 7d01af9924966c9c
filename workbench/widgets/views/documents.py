"""The documents of a bench: who is in them, what they say of themselves, and when they are stored."""

from __future__ import annotations

__all__ = ["documents"]

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.dialects.reports import Documented, DocumentReport
from workbench.widgets.text import spoken, visible

if TYPE_CHECKING:
    from workbench.bench import Workbench

SECONDS: Final = 12.0
"""Length of the strip on which changes and stores are shown."""

_MOST: Final = 40
_PEOPLE: Final = 30
_MARKS: Final = 200


def documents(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the documents that are loaded, or could not be; none where the bench's system keeps none.

    Times are seconds before now, as numbers that are not negative; `due` is seconds from now.
    """
    now = time.time()
    reports = [
        report
        for mount in bench.mounts.values()
        if isinstance(mount.app, Documented)
        for report in mount.app.documents()
    ]
    return {
        "seconds": SECONDS,
        "total": len(reports),
        "documents": [_shown(report, now) for report in reports[:_MOST]],
    }


def _shown(report: DocumentReport, now: float) -> dict[str, Any]:
    return {
        "name": visible(report.name, 200),
        "state": report.state,
        "reason": visible(report.reason, 300),
        "due": None if report.due is None else max(0.0, round(report.due - now, 2)),
        "debounce": report.debounce,
        "max_debounce": report.max_debounce,
        "unsaved": report.unsaved,
        "connections": [
            {
                "connection": one.get("connection"),
                "label": visible(str(one.get("label", "")), 100),
                "read_only": bool(one.get("read_only")),
            }
            for one in list(report.connections)[:_PEOPLE]
        ],
        "awareness": [
            {"client": one.get("client"), "state": spoken(one.get("state"))}
            for one in list(report.awareness)[:_PEOPLE]
        ],
        "changes": [round(now - at, 2) for at in list(report.changes)[-_MARKS:] if now - at <= SECONDS],
        "stores": [
            [round(now - begin, 2), None if end is None else round(now - end, 2), ok]
            for begin, end, ok in list(report.stores)[-_MARKS:]
            if end is None or now - end <= SECONDS
        ],
        "content": visible(report.content),
    }

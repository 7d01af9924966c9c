"""One real event of a point, as the bars beside its cards."""

from __future__ import annotations

__all__ = ["examples"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.widgets.answered import answered
from workbench.widgets.records import Event, newest

if TYPE_CHECKING:
    from workbench.bench import Workbench

_LOOKED_AT: Final = 400
"""Events from the end in which an example is looked for."""


def examples(bench: Workbench, points: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the newest event of each point that is among the last few hundred.

    Parameters
    ----------
    bench
        The bench.
    points
        Names as dispatches carry them; nothing is looked at for none.

    Returns
    -------
    dict
        By point: `dispatch`, `duration_ns`, `answered_ns` (when its client was answered, from the event's
        beginning; None for not yet), `outcome`, and `bars`, one for each hook that ran: `hook` (its
        id), `start_ns` from the event's beginning, `work_ns`, `wait_ns`, `outcome`.
    """
    wanted = set(points)
    if not wanted:
        return {}
    page = newest(bench, _LOOKED_AT)
    names = np.array([plan.point.name for plan in page.rows.plans], object)
    ran = names[page.rows.dispatches["plan"]]
    flags = np.zeros(len(ran), bool)
    for name in wanted:
        flags[np.flatnonzero(ran == name)[-1:]] = True
    found = {event.plan.point.name: event for event in page.events(flags)}
    answers = answered(bench, found.values())
    return {name: _bars(event, answers.get(event.dispatch)) for name, event in found.items()}


def _bars(event: Event, answer: int | None) -> dict[str, Any]:
    hooks = event.plan.hooks
    return {
        "dispatch": event.dispatch,
        "duration_ns": event.duration_ns,
        "answered_ns": answer,
        "outcome": event.outcome,
        "bars": [
            {
                "hook": hooks[call.position].id if call.position >= 0 else None,
                "start_ns": max(0, call.start_ns - event.start_ns),
                "work_ns": call.work_ns,
                "wait_ns": call.wait_ns,
                "outcome": call.outcome,
            }
            for call in event.calls
            if call.position < len(hooks) and call.outcome != "skipped"
        ],
    }

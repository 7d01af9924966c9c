"""One real event of a point, as the bars beside its cards."""

from __future__ import annotations

__all__ = ["examples"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

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
        By point: `dispatch`, `duration_ns`, `outcome`, and `bars`, one for each hook that ran: `hook` (its
        id), `start_ns` from the event's beginning, `work_ns`, `wait_ns`, `outcome`.
    """
    wanted = set(points)
    if not wanted:
        return {}
    page = newest(bench, _LOOKED_AT)
    plans = page.rows.plans
    mine = {number for number, plan in enumerate(plans) if plan.point.name in wanted}
    found: dict[str, dict[str, Any]] = {}
    flags = np.isin(page.rows.dispatches["plan"], list(mine))
    for event in page.events(flags, limit=_LOOKED_AT):
        name = event.plan.point.name
        if name not in found:
            found[name] = _bars(event)
            if len(found) == len(wanted):
                break
    return found


def _bars(event: Event) -> dict[str, Any]:
    hooks = event.plan.hooks
    return {
        "dispatch": event.dispatch,
        "duration_ns": event.duration_ns,
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

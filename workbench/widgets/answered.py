"""When the clients of events were answered: what people misjudge about chains that nobody waits for."""

from __future__ import annotations

__all__ = ["answered"]

from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.trace.moments import SENT, Moment

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.widgets.records import Event

_ANSWER = "answered"
"""How dialects call an answer, where they send other things too."""


def answered(bench: Workbench, events: Iterable[Event]) -> dict[int, int]:
    """Look for the answers among what was sent since each event began, by it or by what it belongs to.

    Parameters
    ----------
    bench
        The bench.
    events
        Some events.

    Returns
    -------
    dict
        By dispatch: nanoseconds from the event's beginning. Those that nobody answered, or not yet, are left
        out.
    """
    stories = [(event, frozenset((event.dispatch, event.parent))) for event in events]
    every = frozenset[int]().union(*(story for _, story in stories)) - {-1}
    sent = [moment for moment in bench.trace.recorder.moments.rows(every) if moment.kind == SENT]
    found = {}
    for event, story in stories:
        mine = [moment for moment in sent if moment.dispatch in story and _answers(event, moment)]
        first = next((moment for moment in mine if _ANSWER in moment.text), next(iter(mine), None))
        if first is not None:
            found[event.dispatch] = first.stamp - event.start_ns
    return found


def _answers(event: Event, moment: Moment) -> bool:
    to_client = event.connection is None or moment.connection in (event.connection, -1)
    return to_client and moment.stamp >= event.start_ns

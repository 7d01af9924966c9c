"""Who ended an event that no hook ended: a person at a breakpoint, or a fault."""

from __future__ import annotations

__all__ = ["dropped"]

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.widgets.records import Event


def dropped(bench: Workbench, events: Iterable[Event]) -> dict[int, str]:
    """Say of events that were stopped from outside who did it, and where.

    Parameters
    ----------
    bench
        The bench.
    events
        Some events.

    Returns
    -------
    dict
        By dispatch: "dropped by hand at the breakpoint before hook shout". Those that a hook stopped are left
        out.
    """
    ended = bench.trace.recorder.moments.ended
    stopped = [event.dispatch for event in events if event.outcome == "stopped"]
    return {dispatch: how for dispatch in stopped if (how := ended(dispatch)) is not None}

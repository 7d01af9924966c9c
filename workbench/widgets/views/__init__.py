"""The data of each panel: one file per panel, and the registry that names them.

A view is a function from a bench and checked parameters to JSON values. It reads the board, the recorder's
totals and tail and the console; never anything that an event waits for.
"""

from __future__ import annotations

__all__ = ["VIEWS", "build", "described_points"]

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.widgets.views.chain import chain
from workbench.widgets.views.console import console
from workbench.widgets.views.documents import documents
from workbench.widgets.views.events import events
from workbench.widgets.views.header import header
from workbench.widgets.views.history import history
from workbench.widgets.views.inspector import inspector
from workbench.widgets.views.lints import lints
from workbench.widgets.views.source import source
from workbench.widgets.views.stats import stats
from workbench.widgets.views.timeline import story, timeline
from workbench.widgets.views.trying import breakpoints, faults, traffic

if TYPE_CHECKING:
    from workbench.bench import Workbench

VIEWS: Final[Mapping[str, Callable[[Workbench, Mapping[str, Any]], Any]]] = {
    "header": header,
    "chain": chain,
    "events": events,
    "inspector": inspector,
    "console": console,
    "history": history,
    "faults": faults,
    "breakpoints": breakpoints,
    "traffic": traffic,
    "timeline": timeline,
    "story": story,
    "stats": stats,
    "lints": lints,
    "documents": documents,
    "source": source,
}
"""A new panel is one file, one line here and its parameters in `protocol.PARAMS`."""


def build(view: str, bench: Workbench, params: Mapping[str, Any]) -> Any:
    """Make the data of a view.

    Parameters
    ----------
    view
        One of `VIEWS`.
    bench
        The bench to show.
    params
        The view's parameters, checked by `protocol.read`.
    """
    return VIEWS[view](bench, params)


def described_points(bench: Workbench) -> list[dict[str, Any]]:
    """Describe the hook points of a bench, for the welcome."""
    return [
        {
            "name": point.name,
            "title": point.title,
            "parameters": list(point.parameters),
            "policy": point.policy.describe(),
            "doc": point.doc,
        }
        for point in bench.board.state.points.values()
    ]

"""One panel of a bench as something to display on its own."""

from __future__ import annotations

__all__ = ["PANELS", "PanelView", "Panels", "show_as_panels"]

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from workbench.engine.errors import WorkbenchError, near

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench

PANELS: Final = (
    "chain", "events", "inspector", "timeline", "stats", "lints", "console", "history",
    "faults", "breakpoints", "traffic", "documents",
)  # fmt: skip
"""What `bench.panel(...)` takes."""


class PanelView:
    """Displayed in a notebook, it is that panel alone, live.

    Parameters
    ----------
    bench
        Whose panel.
    name
        One of `PANELS`.
    """

    def __init__(self, bench: Workbench, name: str) -> None:
        self._bench = bench
        self.name = name

    def __repr__(self) -> str:
        return f"<the {self.name} of {self._bench!r}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        del include, exclude
        try:
            from workbench.widgets import mimebundle
        except ImportError:  # a server without the notebook parts
            return {"text/plain": repr(self)}
        return mimebundle(self._bench, self.name)


_THINGS: Final = ("console", "faults", "breakpoints", "traffic")


def show_as_panels(bench: Workbench) -> None:
    """Let a notebook show the console, faults, breakpoints and traffic of a bench as their panels."""
    for name in _THINGS:
        thing = getattr(bench, name)
        vars(thing)["_repr_mimebundle_"] = _shown(PanelView(bench, name), thing)


def _shown(panel: PanelView, thing: object) -> Callable[..., dict[str, Any]]:
    def mimebundle(include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {**panel._repr_mimebundle_(include, exclude), "text/plain": repr(thing)}

    return mimebundle


class Panels:
    """The panels of a bench.

    Those whose names are free are members too: ``bench.events`` is ``bench.panel("events")``. The others are
    the things themselves (``bench.faults``, ``bench.console``), which a notebook shows as their panels.
    """

    def panel(self, name: str) -> PanelView:
        """Give one panel, to display on its own: ``bench.panel("faults")``.

        Parameters
        ----------
        name
            One of `PANELS`.

        Raises
        ------
        WorkbenchError
            When there is none of that name, with those that are near.
        """
        if name not in PANELS:
            raise WorkbenchError(f"A bench has no panel {name!r}{near(str(name), PANELS)}")
        return PanelView(cast("Workbench", self), name)

    @property
    def events(self) -> PanelView:
        """The panel of what came in, newest first."""
        return self.panel("events")

    @property
    def inspector(self) -> PanelView:
        """The panel of one event: what each hook did to it."""
        return self.panel("inspector")

    @property
    def timeline(self) -> PanelView:
        """The panel of events over time."""
        return self.panel("timeline")

    @property
    def stats(self) -> PanelView:
        """The panel of each hook's figures."""
        return self.panel("stats")

    @property
    def lints(self) -> PanelView:
        """The panel of likely mistakes, with the events that show them."""
        return self.panel("lints")

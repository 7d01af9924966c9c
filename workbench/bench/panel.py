"""One panel of a bench as something to display on its own."""

from __future__ import annotations

__all__ = ["PANELS", "PanelView", "panel_of"]

from typing import TYPE_CHECKING, Any, Final

from workbench.engine.errors import WorkbenchError, near

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench

PANELS: Final = (
    "chain", "events", "inspector", "timeline", "stats", "lints", "console", "history",
    "faults", "breakpoints", "traffic",
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


def panel_of(bench: Workbench, name: str) -> PanelView:
    """Give a panel of a bench.

    Raises
    ------
    WorkbenchError
        When there is none of that name, with those that are near.
    """
    if name not in PANELS:
        raise WorkbenchError(f"A bench has no panel {name!r}{near(str(name), PANELS)}")
    return PanelView(bench, name)

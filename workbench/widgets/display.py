"""What displaying a bench puts into a notebook: the live widget, the static view and a line of text."""

from __future__ import annotations

__all__ = ["mimebundle"]

from typing import TYPE_CHECKING, Any

from workbench.widgets import bundle
from workbench.widgets.static import plain, static_html

if TYPE_CHECKING:
    from workbench.bench import Workbench


def mimebundle(bench: Workbench, panel: str = "bench") -> dict[str, Any]:
    """Return the MIME bundle of a bench, or of one of its panels, for ``_repr_mimebundle_``.

    A host takes the richest form that it knows: the widget where there is a kernel, the static view in
    nbconvert, on GitHub and wherever the front end is not built, the text in a terminal.
    """
    shown: dict[str, Any] = {"text/plain": plain(bench)}
    try:
        from workbench.widgets.widget import widget_of  # heavy: ipywidgets

        model = widget_of(bench, panel).model_id
    except bundle.NotBuilt as missing:
        shown["text/html"] = static_html(bench, panel, note=str(missing))
        return shown
    shown["text/html"] = static_html(bench, panel)
    shown["application/vnd.jupyter.widget-view+json"] = {
        "version_major": 2,
        "version_minor": 0,
        "model_id": model,
    }
    return shown

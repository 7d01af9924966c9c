"""What displaying a bench puts into a notebook: the live widget, the static view and a line of text."""

from __future__ import annotations

__all__ = ["mimebundle"]

import os
from typing import TYPE_CHECKING, Any

from workbench.bench.cells import running_shell
from workbench.widgets import bundle
from workbench.widgets.static import plain, static_html

if TYPE_CHECKING:
    from workbench.bench import Workbench


def mimebundle(bench: Workbench, panel: str = "bench") -> dict[str, Any]:
    """Return the MIME bundle of a bench, or of one of its panels, for ``_repr_mimebundle_``.

    A host takes the richest form that it knows: the widget where there is a kernel, the static view in
    nbconvert, on GitHub and wherever the front end is not built, the text in a terminal. Where a program runs
    the notebook there is no widget: it would keep the widget's state, and pages would show that in the place
    of the static view, without the kernel that it needs.
    """
    shown: dict[str, Any] = {"text/plain": plain(bench)}
    if _run_by_a_program():
        shown["text/html"] = static_html(bench, panel)
        return shown
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


def _run_by_a_program() -> bool:
    """Whether nobody is at the front end, as with nbconvert: it takes no input then.

    Voila runs notebooks so too, for pages that are live.
    """
    kernel = getattr(running_shell(), "kernel", None)
    if kernel is None or "VOILA_BASE_URL" in os.environ:
        return False
    request = kernel.get_parent("shell") or {}
    return request.get("content", {}).get("allow_stdin") is False

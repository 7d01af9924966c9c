"""Notebooks turned into pages: the static view is what remains where nothing runs."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.widgets.support import bench_with, echo, shout
from tests.widgets.test_views import talk
from workbench.testing import serving
from workbench.widgets.display import mimebundle
from workbench.widgets.widget import widget_of


def notebook() -> Any:
    """Make a notebook in which a bench was displayed after some traffic."""
    bench = bench_with(shout, echo)
    with serving(bench):
        talk(bench, "hello <b>you</b>")
        data = mimebundle(bench)
    if "application/vnd.jupyter.widget-view+json" in data:
        widget_of(bench).close()
    output = new_output("execute_result", data=data, execution_count=1)
    made = new_notebook(cells=[new_code_cell("bench", execution_count=1, outputs=[output])])
    nbformat.validate(made)
    return made


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter], ids=["html", "markdown"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_exported_pages_show_the_static_view(exporter: Any) -> None:
    """HTML and Markdown have the snapshot with chain, events and changes, escaped, and no script of ours."""
    page, _ = exporter().from_notebook_node(notebook())
    start = page.index('<div class="wb-static"')
    view = page[start : page.index("</table></div>", start)]
    for said in ("Snapshot", "shout", "message.raw_data", "HELLO &lt;B&gt;YOU&lt;/B&gt;", "Last 1 event"):
        assert said in view
    assert "<script" not in view


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_exported_page_knows_its_theme() -> None:
    """The page's own theme attribute decides, so that a light page stays light on a dark desktop."""
    exporter: Any = HTMLExporter
    page, _ = exporter(theme="light").from_notebook_node(notebook())
    assert 'data-jp-theme-light="true"' in page
    assert '[data-jp-theme-light="true"] .wb-static{' in page

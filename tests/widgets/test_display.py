"""Displaying a bench, and what of it remains in exported notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from traitlets.config import Config

from tests.widgets.support import bench_with, echo, shout
from tests.widgets.test_views import talk
from workbench.testing import serving
from workbench.widgets import bundle, display
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


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_that_is_run_for_its_page_shows_the_static_view() -> None:
    """As `jupyter nbconvert --execute` runs it, which keeps the state of widgets and would show those."""
    cell = 'from workbench import Workbench\nbench = Workbench("crossws", name="chat")\nbench'
    cells = [new_code_cell(cell), new_code_cell("bench.faults")]
    config = Config()
    config.ExecutePreprocessor.enabled = True
    exporter: Any = HTMLExporter
    page, _ = exporter(config=config).from_notebook_node(new_notebook(cells=cells))
    view = page[page.index('<div class="wb-static"') :]
    assert "Not live: run the notebook" in view
    assert "None is armed." in view
    assert "widget-view+json" not in page
    assert "widget-state+json" not in page


class _Shell:
    """A shell whose cell was sent by a front end that says whether it takes input."""

    def __init__(self, **content: Any) -> None:
        self.kernel = self
        self._content = content

    def get_parent(self, channel: str) -> dict[str, Any]:
        """Give the request that the cell came with."""
        assert channel == "shell"
        return {"content": self._content}


def _is_live(shell: object, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Tell whether displaying gives a widget in such a shell."""
    monkeypatch.setattr(display, "running_shell", lambda: shell)
    bench = bench_with(shout)
    shown = mimebundle(bench)
    live = "application/vnd.jupyter.widget-view+json" in shown
    if live:
        widget_of(bench).close()
    return live


@pytest.mark.usefixtures("static")
def test_only_where_a_program_runs_the_notebook_there_is_no_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes no input. People's front ends do, a callback's message says nothing, Voila's are live."""
    assert _is_live(_Shell(allow_stdin=True), monkeypatch)
    assert _is_live(_Shell(), monkeypatch)
    assert _is_live(object(), monkeypatch)
    assert not _is_live(_Shell(allow_stdin=False), monkeypatch)
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    assert _is_live(_Shell(allow_stdin=False), monkeypatch)


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Build a front end of two small files."""
    monkeypatch.setattr(bundle, "_DIRECTORY", tmp_path)
    (tmp_path / "loader.js").write_text("export default {}", encoding="utf-8")
    (tmp_path / "bench.js").write_text("export const mount = 1", encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("static")
def test_displaying_gives_widget_static_view_and_text() -> None:
    """A host takes the richest form that it knows, and all are there."""
    bench = bench_with(shout, echo)
    shown = mimebundle(bench)
    view = shown["application/vnd.jupyter.widget-view+json"]
    assert view == {"version_major": 2, "version_minor": 0, "model_id": widget_of(bench).model_id}
    assert "Snapshot" in shown["text/html"]
    assert shown["text/plain"].startswith("<Workbench 'chat'")
    assert bench._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"] == view
    widget_of(bench).close()


def test_without_the_front_end_the_static_view_says_so(static: Path) -> None:
    """In an unbuilt checkout a bench shows its static view, with the sentence that says what to run."""
    (static / "loader.js").unlink()
    (static / "bench.js").unlink()
    bench = bench_with(shout, echo)
    shown = mimebundle(bench)
    assert set(shown) == {"text/html", "text/plain"}
    assert "not built" in shown["text/html"]

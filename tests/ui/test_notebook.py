"""Notebook 7 shows the bench as JupyterLab does, with a way to it that no running cell holds up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.ui.conftest import jupyter
from tests.ui.lab import KERNEL, LabPage
from tests.ui.panel import BENCH, Panel, until_heard

SPIN = """
import time
until = time.monotonic() + 120
while time.monotonic() < until:
    pass
"""


@pytest.fixture
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabPage]:
    """Open a notebook with a bench in Notebook 7; errors in the page fail the test."""
    options = ("--JupyterNotebookApp.expose_app_in_browser=True",)
    with jupyter(tmp_path_factory.mktemp("notebook"), "notebook", options) as process:
        page = LabPage(browser, process, (BENCH, SPIN), place="notebooks")
        yield page
        page.shot("notebook-7")
        page.close()
        assert page.errors == []


def test_a_bench_in_notebook_7_is_edited_while_a_cell_spins(page: LabPage) -> None:
    """Run, send, see the event and the change; then, with the kernel busy, drag, send and see it again."""
    page.run_cell(0)
    panel = Panel(page).ready()
    expect(panel.root).to_contain_text("edits by Jupyter\N{RIGHT SINGLE QUOTATION MARK}s proxy")
    panel.send("hello")
    expect(panel.heard).to_have_text(["HELLO"])
    newest = panel.root.locator("[data-panel=events] tr[data-dispatch]").first
    expect(newest).to_contain_text("changed")
    change = panel.root.locator("[data-panel=inspector] .chg", has_text="message.raw_data")
    expect(change).to_contain_text('"HELLO"')

    with panel.client() as client:
        page.start_cell(1)
        page.busy()
        panel.drag("shout", over="echo")
        panel.expect_order("echo", "shout")
        until_heard(client, "hello")
        panel.send("again")
        expect(panel.heard).to_have_text(["HELLO", "again"])
        expect(change).to_contain_text('"AGAIN"')
        assert page.page.evaluate(f"{KERNEL}.status") == "busy"
    page.server.request("POST", f"api/kernels/{page.kernel}/interrupt")
    page.idle()

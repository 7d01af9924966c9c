"""JupyterLab's side panel: what runs in which kernel, stop and start it, open it as a tab."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.lab import LabPage
from tests.ui.panel import BENCH, Panel

Open = Callable[..., LabPage]


@pytest.fixture
def page(lab: Open) -> LabPage:
    """Open a notebook with a bench and the side panel beside it."""
    page = lab(BENCH, "import time; time.sleep(8)", "print(bench.state[0])")
    page.run_cell(0)
    show(page)
    return page


def show(page: LabPage) -> Locator:
    """Show the side panel."""
    page.page.evaluate("window.jupyterapp.commands.execute('workbench:show-sidebar')")
    side = page.page.locator(".wb-side")
    expect(side).to_be_visible()
    return side


def row(page: LabPage, name: str = "bench") -> Locator:
    """The row of a bench of this page's kernel."""
    kernel = page.page.locator(".wb-side li", has=page.page.locator(f".kr [title='{page.name}']"))
    return kernel.locator(".bn", has=page.page.locator(f"b:text-is('{name}')"))


def test_it_lists_a_bench_under_its_notebook(page: LabPage) -> None:
    """Name, dialect, state and port."""
    entry = row(page)
    expect(entry).to_be_visible()
    expect(entry).to_contain_text("crossws")
    expect(entry.locator(".m > span").first).to_have_text("live")


def test_it_stops_a_bench_while_a_cell_runs_and_starts_it_again(page: LabPage) -> None:
    """Stop frees the server beside the running cell; Start brings it back."""
    expect(row(page)).to_be_visible()
    page.start_cell(1)
    page.busy()
    row(page).get_by_label("Stop bench").click()
    expect(row(page).locator(".m > span").first).to_have_text("stopped")
    status, _, listed = page.server.request("GET", f"workbench/api/servers/{page.kernel}.bench")
    assert (status, listed["state"]) == (200, "stopped")
    row(page).get_by_label("Start bench").click()
    expect(row(page).locator(".m > span").first).to_have_text(re.compile("ready|live"))
    page.idle()
    page.run_cell(2)
    assert page.printed(2).strip() in {"ready", "live"}


def test_it_opens_a_bench_as_a_tab_that_edits(page: LabPage) -> None:
    """The tab is the same bench as the one in the notebook."""
    kernel = page.kernel
    row(page).get_by_label("Open bench").click()
    tab = page.page.get_by_role("tabpanel", name="bench").get_by_role("region", name="Hook bench bench")
    panel = Panel(page, tab)
    panel.ready()
    panel.drag("shout", over="echo")
    panel.expect_order("echo", "shout")
    with page.server.open(f"workbench/servers/{kernel}.bench/") as client:
        client.send("hello")
        assert client.recv(timeout=20) == "hello"


def test_new_starts_a_bench_in_the_kernel_of_the_notebook_in_front(page: LabPage) -> None:
    """Its system is chosen, and it is listed and open."""
    kernel = page.kernel
    page.page.locator(".wb-side").get_by_role("button", name="New").click()
    page.page.locator(".wb-side").get_by_role("button", name="crossws", exact=True).click()
    expect(row(page, "crossws")).to_be_visible()
    _, _, listed = page.server.request("GET", "workbench/api/servers")
    assert f"{kernel}.crossws" in [entry["id"] for entry in listed]


def test_a_bench_leaves_the_list_with_its_kernel(page: LabPage) -> None:
    """Nobody has to tidy up."""
    expect(row(page)).to_be_visible()
    page.server.request("DELETE", f"api/kernels/{page.kernel}")
    page.page.locator(".wb-side").get_by_label("Refresh").click()
    expect(row(page)).to_have_count(0)
    page.errors.clear()  # JupyterLab itself logs that its kernel went

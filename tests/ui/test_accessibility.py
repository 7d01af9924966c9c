"""What axe-core finds in the widget and the side panel, in JupyterLab's light and dark themes: nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.ui.lab import LabPage, describe
from tests.ui.panel import BENCH, Panel

Open = Callable[..., LabPage]


def set_theme(page: LabPage, theme: str) -> None:
    """Change JupyterLab's theme and wait until it shows.

    No splash is there before: where two overlap, JupyterLab takes the same one away twice. None is left
    either: up to then JupyterLab hides all of its page for a frame, and what has the focus loses it. A theme
    that is there already is not loaded again, as nothing would tell when that has ended.
    """
    splash = page.page.locator("#jupyterlab-splash")
    expect(splash).to_have_count(0)
    if page.page.locator("body").get_attribute("data-jp-theme-name") == theme:
        return
    page.page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {{theme: '{theme}'}})")
    expect(page.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    expect(splash).to_have_count(0)


@pytest.fixture
def themed(lab: Open) -> Iterator[Callable[[LabPage, str], None]]:
    """Return a function that sets a theme; light is what other tests find afterwards."""
    del lab  # its page is still open when this one ends
    pages: list[LabPage] = []

    def set_and_note(page: LabPage, theme: str) -> None:
        pages.append(page)
        set_theme(page, theme)

    yield set_and_note
    set_theme(pages[0], "JupyterLab Light")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_a_bench_at_work(
    lab: Open, themed: Callable[[LabPage, str], None], theme: str
) -> None:
    """With events, a picked event, a lifted card and an open palette."""
    page = lab(BENCH)
    page.run_cell(0)
    panel = Panel(page).ready()
    themed(page, theme)
    assert describe(page.axe(".jp-Notebook .hook-workbench")) == ""
    panel.send("hello")
    expect(panel.heard).to_have_text(["HELLO"])
    panel.root.locator("[data-panel=events] tr[data-dispatch], [data-panel=events] tbody tr").first.click()
    assert describe(page.axe(".jp-Notebook .hook-workbench")) == ""
    panel.grip("shout").focus()
    page.page.keyboard.press("Space")
    assert describe(page.axe(".jp-Notebook .hook-workbench")) == ""
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("/")
    expect(panel.root.get_by_role("combobox", name="Find a hook")).to_be_visible()
    assert describe(page.axe(".jp-Notebook .hook-workbench")) == ""
    page.shot(f"at-work-{theme.rpartition(' ')[2].lower()}")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_the_side_panel(
    lab: Open, themed: Callable[[LabPage, str], None], theme: str
) -> None:
    """With a bench in it."""
    page = lab(BENCH)
    page.run_cell(0)
    themed(page, theme)
    page.page.evaluate("window.jupyterapp.commands.execute('workbench:show-sidebar')")
    expect(page.page.locator(".wb-side .bn").first).to_be_visible()
    assert describe(page.axe(".wb-side")) == ""

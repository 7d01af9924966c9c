"""Fifty thousand events a second for ten seconds, then a million in the store: the page goes on answering."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.ui.flood import FILTERS, MEGABYTE, FloodedPage
from tests.ui.lab import LabPage, describe
from tests.ui.panel import BENCH

Open = Callable[..., LabPage]
MILLION = 1_000_000


@pytest.mark.timeout(600)  # only ends what hangs: half a minute on an idle machine
def test_a_flood_freezes_nothing_and_a_million_events_are_one_list(lab: Open) -> None:
    """No event is missing from any counter, every rank is reached, and the heap grows by less than 30 MB."""
    page = FloodedPage(lab(BENCH, size=(1400, 1000)))
    idle = page.heap()
    panel = page.open()
    keyboard = page.lab.page.keyboard

    page.run("begin(500_000, 50_000)")
    events = panel.root.locator("[data-panel=events]")
    expect(events.locator(".pf")).to_contain_text("showing 1 in ")
    paused_while_recording(page)
    page.scroll_to(0.5)
    standing = page.rows
    page.lab.page.wait_for_timeout(1000)
    assert page.rows == standing
    expect(events.locator(".pill")).to_contain_text(" new")
    events.get_by_role("button", name="Newest").click()
    flood = page.run("end()")
    assert (flood["sent"], flood["messages"], flood["heard"]) == (500_000, 500_000, 500_000)
    frames = page.frames()
    busiest = max(sum(1 for at, *_ in frames if begun <= at < begun + 4) for begun, *_ in frames)
    assert busiest <= 4 * 25 + 15  # 25 a second are sent; on a busy machine some arrive together

    full = page.run("begin(1_000_000 - bench.trace.recorder.events, 100_000); end()")
    assert (full["events"], full["kept"], full["dropped"]) == (MILLION, MILLION, 0)
    page.wait_for_total(MILLION)
    table = events.get_by_role("grid")
    expect(table).to_have_attribute("aria-rowcount", str(MILLION + 1))
    expect(table.locator("tr[data-dispatch]").first).to_have_attribute("data-dispatch", str(MILLION))
    for share in (0.1, 0.5, 0.9):
        page.scroll_to(share)
        assert page.rows[0] == pytest.approx(MILLION * (1 - share), abs=40)
        assert page.rows == list(range(page.rows[0], page.rows[0] - len(page.rows), -1))
    page.scroll_to(1)
    assert page.rows[-1] == 1

    events.locator("tr[data-dispatch='1']").click()
    events.locator("tr[data-dispatch='1']").focus()
    keyboard.press("PageUp")
    expect(events.locator("tr[aria-selected=true]")).not_to_have_attribute("data-dispatch", "1")
    keyboard.press("Home")
    expect(events.locator("tr:focus")).to_have_attribute("aria-rowindex", "2")
    expect(events.locator("tr:focus")).to_have_attribute("data-dispatch", str(MILLION))
    keyboard.press("End")
    expect(events.locator("tr:focus")).to_have_attribute("data-dispatch", "1")
    expect(events.locator("tr:focus")).to_have_attribute("aria-rowindex", str(MILLION + 1))
    assert describe(page.lab.axe(".jp-Notebook .hook-workbench [data-panel=events]")) == ""

    for query, matching in page.run(f"counts({FILTERS!r})").items():
        page.filter(query, matching)
    page.filter("", MILLION)
    assert page.heap() - idle < 30 * MEGABYTE


def paused_while_recording(page: FloodedPage) -> None:
    """Pause the view: its rows stand still and the recorder goes on."""
    page.lab.page.keyboard.press("Escape")
    page.lab.page.locator(f"{page.EVENTS}").first.hover()
    two = page.lab.notebook.locator(".hook-workbench .two")
    two.get_by_text("Pause view").click()
    page.lab.page.wait_for_timeout(200)
    before, rows = page.run("figures()")["events"], page.rows
    page.lab.page.wait_for_timeout(500)
    assert page.rows == rows
    assert page.run("figures()")["events"] > before
    two.get_by_text("Live").click()

"""Breaking and loading a bench by hand: faults, breakpoints, traffic, in light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.lab import LabPage, describe
from tests.ui.panel import BENCH, Panel
from tests.ui.test_accessibility import set_theme

Open = Callable[..., LabPage]


def opened(panel: Panel, name: str) -> Locator:
    """Unfold one of the three panels."""
    panel.root.get_by_role("button", name=name, exact=True).click()
    found = panel.root.locator(f"[data-panel={name.lower()}]")
    expect(found).to_be_visible()
    return found


def axe(page: LabPage) -> str:
    """What axe-core finds in the widget."""
    return describe(page.axe(".jp-Notebook .hook-workbench"))


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_a_message_is_broken_held_edited_and_sent_by_the_crowd(lab: Open, theme: str) -> None:
    """By keyboard and mouse: arm and disarm, hold and edit, run; each with its Python line, axe clean."""
    page = lab(BENCH)
    page.run_cell(0)
    panel = Panel(page).ready()
    set_theme(page, theme)
    try:
        walk(page, panel, theme.rpartition(" ")[2].lower())
    finally:
        set_theme(page, "JupyterLab Light")


def walk(page: LabPage, panel: Panel, theme: str) -> None:
    """Try the three, one after the other."""
    faults = opened(panel, "Faults")
    faults.get_by_label("Kind").select_option("drop")
    faults.get_by_label("At point").select_option("message")
    faults.get_by_label("Times").fill("0")
    arm = faults.get_by_role("button", name="Arm", exact=True)
    arm.focus()
    page.page.keyboard.press("Enter")
    expect(faults.get_by_label("Times")).to_be_focused()
    expect(faults.locator(".says.bad")).to_have_text("times is a whole number from 1, not 0.")
    assert axe(page) == ""
    page.shot(f"fault-refused-{theme}")
    for key in ("Backspace", "2", "Enter"):
        page.page.keyboard.press(key)
    banner = panel.root.locator(".ban", has_text="A fault is armed.")
    expect(banner).to_contain_text("drop at point message")
    expect(faults).to_contain_text('bench.faults.arm("drop", point="message", times=2)')
    panel.send("lost")
    expect(faults).to_contain_text("acted on 1 of 1")
    assert axe(page) == ""
    page.shot(f"faults-{theme}")
    banner.get_by_role("button", name="Disarm").click()
    expect(banner).to_have_count(0)

    points = opened(panel, "Breakpoints")
    points.get_by_label("At point").select_option("message")
    points.get_by_label("Hook").select_option("shout")
    points.get_by_label("Condition").fill('message.text() == "hello"')
    points.get_by_role("button", name="Set", exact=True).click()
    panel.send("other")
    expect(panel.heard).to_have_text(["OTHER"])
    expect(points).to_contain_text("before hook shout at message")
    panel.send("hello")
    editor = points.get_by_role("textbox", name="carries, as JSON")
    expect(editor).to_have_value('{\n  "message": {\n    "raw_data": "hello"\n  },\n  "context": {}\n}')
    assert axe(page) == ""
    page.shot(f"breakpoints-{theme}")
    editor.fill('{"message": {"raw_data": "edited"}}')
    points.get_by_role("button", name="Continue").click()
    expect(panel.heard).to_have_text(["OTHER", "EDITED"])
    points.get_by_role("button", name="Clear b1").click()

    traffic = opened(panel, "Traffic")
    traffic.get_by_label("seconds").fill("1")
    traffic.get_by_role("button", name="Run").click()
    expect(traffic.locator(".ph")).to_contain_text("done", timeout=20_000)
    expect(traffic.locator(".figs")).to_contain_text("answered 50")
    assert axe(page) == ""
    page.shot(f"traffic-{theme}")

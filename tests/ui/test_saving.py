"""A bench saved from its history as a file: by keyboard, while a cell runs, with what is left out named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from websockets.sync.client import connect

from tests.saving import process
from tests.ui.lab import LabPage, describe
from tests.ui.panel import BENCH, Panel, hears
from tests.ui.test_accessibility import set_theme

Open = Callable[..., LabPage]

SIGN = """
import json

SIGNS = {"mark": "!"}

def signed(text):
    return text + SIGNS["mark"]
"""
KEEPER = """
import socket

def make():
    held = socket.socket()

    @bench.hook("message")
    def keeper(peer, message):
        held.fileno()

make()

@bench.hook("message", name="sign")
def sign(peer, message):
    peer.send(json.dumps({"signed": signed(message.text())}))
"""
BUSY = "import time\ntime.sleep(12)"


def box_of(panel: Panel) -> Locator:
    """The box that asks for a name."""
    return panel.root.locator(".pop.save")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_a_bench_is_saved_while_a_cell_runs(lab: Open, theme: str) -> None:
    """The keeper of a live socket is named with its line and left out on request; the file then serves."""
    page = lab(BENCH, SIGN, KEEPER.strip(), BUSY)
    for cell in range(3):
        page.run_cell(cell)
    panel = Panel(page)
    expect(panel.card("keeper")).to_be_visible()
    set_theme(page, theme)
    try:
        walk(page, panel, theme.rpartition(" ")[2].lower())
    finally:
        set_theme(page, "JupyterLab Light")


def walk(page: LabPage, panel: Panel, theme: str) -> None:
    """Save, first over somebody's file, then anew, and serve what was saved."""
    name = f"app_{theme}.py"
    (page.server.root / f"mine_{theme}.py").write_text("precious = 1\n", encoding="utf-8")
    page.start_cell(3)
    page.busy()
    button = panel.root.locator("[data-panel=history]").get_by_role("button", name="Save", exact=True)
    button.focus()
    page.page.keyboard.press("Enter")
    box, field = box_of(panel), panel.root.get_by_label("Name of the file")
    expect(field).to_be_focused()
    expect(field).to_have_value("app.py")
    field.fill(f"mine_{theme}.py")
    page.page.keyboard.press("Enter")
    expect(box).to_contain_text(f"mine_{theme}.py is there already")
    expect(box.locator("li")).to_have_text("keeper: keeper closes over held, a live socket (In[3], line 6)")
    assert describe(page.axe(".jp-Notebook .hook-workbench")) == ""
    page.shot(f"save-{theme}")
    field.fill(name)
    page.page.keyboard.press("Enter")
    again = box.get_by_role("button", name="Save without these")
    again.focus()
    page.page.keyboard.press("Enter")
    expect(box).to_contain_text(f"Saved as {page.server.root / name}")
    expect(box).to_contain_text(f'bench.save("{name}", leave_out=True)')
    page.busy()
    page.page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(button).to_be_focused()
    assert (page.server.root / f"mine_{theme}.py").read_text(encoding="utf-8") == "precious = 1\n"
    with (
        process(page.server.root, "workbench.cli", "serve", name) as port,
        connect(f"ws://127.0.0.1:{port}/", proxy=None) as client,
    ):
        assert hears(client, "hello") == "HELLO"
        assert client.recv(timeout=5) == '{"signed": "HELLO!"}'

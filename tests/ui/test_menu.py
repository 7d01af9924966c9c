"""The menu of a card, the marks of the history, and one order of undo over all panels, in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.lab import LabPage, describe
from tests.ui.panel import BENCH, Panel
from tests.ui.test_accessibility import set_theme
from tests.ui.test_dialects import BENCHES
from tests.ui.test_trying import opened

Open = Callable[..., LabPage]


class Menu:
    """The menu of one card, by keyboard."""

    def __init__(self, panel: Panel, card: Locator) -> None:
        self.page = panel.lab.page
        self.button = card.locator("button[aria-expanded]").last
        self.root = card.locator(".menu")

    def open(self) -> Menu:
        """Open it; the first entry that can be chosen has the focus."""
        self.button.focus()
        self.page.keyboard.press("Enter")
        expect(self.root.locator("[role^=menuitem]:enabled").first).to_be_focused()
        return self

    def choose(self, entry: str) -> None:
        """Walk to an entry by arrows, and choose it."""
        self.open()
        entries = self.root.locator("[role^=menuitem]:enabled")
        place = next(n for n, text in enumerate(entries.all_inner_texts()) if text.startswith(entry))
        for _ in range(place):
            self.page.keyboard.press("ArrowDown")
        expect(entries.nth(place)).to_be_focused()
        self.page.keyboard.press("Enter")
        expect(self.root).to_have_count(0)

    def confine(self, connection: str) -> None:
        """Let the hook run for one connection, or for all again."""
        self.open()
        choice = self.root.get_by_label("Only for")
        expect(choice.locator("option").nth(1)).to_be_attached()
        choice.select_option(value=connection)
        self.root.get_by_role("button", name="Set").press("Enter")
        expect(self.root).to_have_count(0)


def lines(panel: Panel) -> Locator:
    """The lines of the history that stand, the newest first."""
    return panel.root.locator(".history .lg li:not(.undone) .py")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_menu_changes_what_clients_hear(lab: Open, theme: str) -> None:
    """Shadow, scope and wrapper act at once and are told on the card; the open menu is axe clean."""
    page = lab(BENCH)
    page.run_cell(0)
    panel = Panel(page).ready()
    set_theme(page, theme)
    try:
        panel.send("hello")
        expect(panel.heard).to_have_text(["HELLO"])
        shout, card = Menu(panel, panel.card("shout")), panel.card("shout")
        shout.open()
        expect(shout.root.get_by_label("Only for").locator("option")).to_have_count(2)
        assert describe(page.axe(".jp-Notebook .hook-workbench")) == ""
        page.shot(f"menu-{theme.rpartition(' ')[2].lower()}")
        page.page.keyboard.press("Escape")
        shout.choose("Run as shadow")
        expect(card.locator(".tag")).to_have_text(["shadow"])
        panel.send("two")
        expect(panel.heard).to_have_text(["HELLO", "two"])
        shout.choose("Run as shadow")
        shout.choose("Has outside effects")
        shout.choose("Wrap")
        shout.confine("1")
        expect(card.locator(".tag")).to_have_text(["only c1", "outside effects"])
        expect(card.locator(".m").last).to_contain_text("v2")
        expect(lines(panel).nth(1)).to_have_text('bench.chain("message").wrap("shout")')
        panel.send("three")
        expect(panel.heard).to_have_text(["HELLO", "two", "THREE"])
        with panel.client() as other:
            other.send("four")
            assert other.recv(timeout=5) == "four"
        shout.confine("all")
        Menu(panel, panel.card("echo")).choose("Duplicate")
        panel.expect_order("shout", "echo", "echo-2")
        assert describe(page.axe(".jp-Notebook .hook-workbench")) == ""
        page.shot(f"menu-used-{theme.rpartition(' ')[2].lower()}")
    finally:
        set_theme(page, "JupyterLab Light")


@pytest.mark.parametrize("dialect", BENCHES)
def test_each_entry_is_undone_by_one_key_in_every_dialect(lab: Open, dialect: str) -> None:
    """Copies, wrappers, shadows and marks of any system; four keys and the chain is what it was."""
    page = lab(BENCHES[dialect])
    page.run_cell(0)
    panel = Panel(page)
    cards = panel.root.locator(".card .hn")
    expect(cards.first).to_be_visible()
    before = cards.all_inner_texts()
    card = panel.root.locator(".card").first
    Menu(panel, card).choose("Duplicate")
    expect(cards).to_have_count(len(before) + 1)  # two in a list can be moved: the menu has more entries
    for entry in ("Run as shadow", "Has outside effects"):
        Menu(panel, card).choose(entry)
    expect(card.locator(".tag", has_text="outside effects")).to_be_visible()
    Menu(panel, panel.root.locator(".card").nth(1)).choose("Wrap")
    expect(lines(panel).first).to_contain_text(".wrap(")
    page.shot(f"menu-{dialect}")
    card.locator(".grip").focus()
    for _ in range(4):
        page.page.keyboard.press("Control+z")
    expect(cards).to_have_text(before)
    expect(card.locator(".tag", has_text="outside effects")).to_have_count(0)


def test_undo_takes_chains_faults_and_breakpoints_in_one_order(lab: Open) -> None:
    """The newest first, whatever panel it was made in; a mark brings the chain back and is undone too."""
    page = lab(BENCH)
    page.run_cell(0)
    panel = Panel(page).ready()
    history = panel.root.locator(".history")
    history.get_by_label("Name of a mark").fill("before lunch")
    page.page.keyboard.press("Enter")
    expect(history.locator("li.mark")).to_contain_text('bench.mark("before lunch")')
    faults = opened(panel, "Faults")
    faults.get_by_role("button", name="Arm", exact=True).click()
    panel.card("echo").get_by_role("switch").click()
    points = opened(panel, "Breakpoints")
    points.get_by_role("button", name="Set", exact=True).click()
    expect(lines(panel).first).to_contain_text("bench.breakpoints.set(")
    page.shot("history-across")

    panel.grip("shout").focus()
    keys = page.page.keyboard
    keys.press("Control+z")
    expect(points.locator(".trylist li")).to_have_count(0)
    expect(panel.card("echo").get_by_role("switch")).to_have_attribute("aria-checked", "false")
    keys.press("Control+z")
    expect(panel.card("echo").get_by_role("switch")).to_have_attribute("aria-checked", "true")
    expect(panel.root.locator(".ban", has_text="A fault is armed.")).to_be_visible()
    keys.press("Control+z")
    expect(panel.root.locator(".ban", has_text="A fault is armed.")).to_have_count(0)
    keys.press("Control+Shift+z")
    expect(panel.root.locator(".ban", has_text="A fault is armed.")).to_be_visible()

    panel.drag("echo", over="shout")
    panel.expect_order("echo", "shout")
    history.get_by_role("button", name="Return here").click()
    panel.expect_order("shout", "echo")
    expect(lines(panel).first).to_have_text('bench.return_to("before lunch")')
    assert describe(page.axe(".jp-Notebook .hook-workbench")) == ""
    panel.grip("shout").focus()
    keys.press("Control+z")
    panel.expect_order("echo", "shout")

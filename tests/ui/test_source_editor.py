"""A hook's source edited in the bench: beside a running cell, by keys, against a cell's version, as a tab."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.lab import LabPage, describe
from tests.ui.panel import BENCH, Panel, hears, until_heard
from tests.ui.test_accessibility import set_theme
from tests.ui.test_dialects import BENCHES
from tests.ui.test_sidebar import row, show

Open = Callable[..., LabPage]

SPIN = "import time; time.sleep(25)"
AGAIN = """
@bench.hook("message")
def shout(peer, message):
    message.raw_data = message.text().title()
"""
BROKEN = "def shout(peer, message)\n    message.raw_data = message.text()[::-1]\n"
BACKWARDS = "def shout(peer, message):\n    message.raw_data = message.text()[::-1]\n"
FAILS = "def shout(peer, message):\n    message.raw_data = message.text() + None\n"


class Editor:
    """The source editor of a hook, opened by its key.

    Parameters
    ----------
    panel
        The bench that it is opened in.
    hook
        Name of the hook.
    """

    def __init__(self, panel: Panel, hook: str = "shout") -> None:
        self.panel = panel
        self.keys = panel.lab.page.keyboard
        panel.grip(hook).focus()
        self.keys.press("e")
        self.root = panel.root.locator("[data-panel=source]")
        self.text = self.root.locator(".cm-content")
        expect(self.text).to_be_focused()

    def write(self, text: str) -> None:
        """Put a text in the place of what is there."""
        self.text.focus()
        self.keys.press("Control+a")
        self.keys.insert_text(text)

    def expect_text(self, part: str) -> None:
        """Wait until the editor shows a text."""
        expect(self.text).to_contain_text(part)

    @property
    def said(self) -> Locator:
        """What the bench said of the draft."""
        return self.root.locator(".said")

    def press(self, name: str) -> None:
        """Press one of its buttons."""
        self.root.get_by_role("button", name=name).first.click()


def axe(page: LabPage) -> str:
    """What axe-core finds in the widget."""
    return describe(page.axe(".jp-Notebook .hook-workbench"))


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_a_hook_is_edited_while_traffic_flows_and_a_cell_runs(lab: Open, theme: str) -> None:
    """Broken syntax is refused with its line; a good draft changes the next message; version 1 comes back."""
    page = lab(BENCH, SPIN)
    page.run_cell(0)
    panel = Panel(page).ready()
    set_theme(page, theme)
    try:
        with panel.client() as client:
            assert [hears(client, "hello") for _ in range(5)] == ["HELLO"] * 5
            page.start_cell(1)
            page.busy()
            editor = Editor(panel)
            edit(page, editor, lambda: hears(client, "hello"), theme.rpartition(" ")[2].lower())
    finally:
        set_theme(page, "JupyterLab Light")
    page.server.request("POST", f"api/kernels/{page.kernel}/interrupt")


def edit(page: LabPage, editor: Editor, answer: Callable[[], str], theme: str) -> None:
    """Be refused, apply by keys, look at versions and return."""
    editor.expect_text("message.raw_data = message.text().upper()")
    assert axe(page) == ""
    page.shot(f"source-{theme}")

    editor.write(BROKEN)
    editor.keys.press("Control+Enter")
    expect(editor.said).to_have_text(re.compile("Not applied: 1 problem found. Version 1 keeps running."))
    problem = editor.root.locator(".wrongs button")
    expect(problem).to_have_text(re.compile(r"line \d+: SyntaxError: expected ':'"))
    assert answer() == "HELLO"
    expect(editor.root.locator(".cm-line.bad")).to_have_text("def shout(peer, message)")
    assert axe(page) == ""
    page.shot(f"source-broken-{theme}")
    problem.focus()
    editor.keys.press("Enter")
    expect(editor.text).to_be_focused()

    editor.write(BACKWARDS)
    editor.keys.press("Control+s")
    expect(editor.said).to_contain_text("Version 2 runs from the next event on.")
    expect(editor.said).to_contain_text("Tried on 6 events: 6 changed.")
    assert answer() == "olleh"
    expect(editor.root.locator(".tried li")).to_have_count(6)
    editor.root.locator(".tried button").nth(2).click()
    number = editor.root.locator(".tried button").nth(2).inner_text().removeprefix("event ")
    expect(editor.panel.root.locator("[data-panel=inspector] .ph > b")).to_have_text(number)
    assert axe(page) == ""
    page.shot(f"source-applied-{theme}")

    editor.press("Versions")
    editor.root.get_by_role("button", name="Show differences of version 1").click()
    expect(editor.root.locator(".dif .gone").last).to_have_text(re.compile(r"^-removed: .*upper\(\)"))
    editor.root.locator(".vers").scroll_into_view_if_needed()
    assert axe(page) == ""
    page.shot(f"source-versions-{theme}")
    editor.root.get_by_role("button", name="Make version 1 current").click()
    editor.expect_text("upper()")
    assert answer() == "HELLO"


def test_keys_alone_lead_in_and_out(lab: Open) -> None:
    """Tab indents; Escape and then Tab leaves; closing leads back to the card, and the draft is kept.

    After a reload of the page too, where it says what a cell did meanwhile.
    """
    page = lab(BENCH, AGAIN)
    page.run_cell(0)
    panel = Panel(page).ready()
    editor = Editor(panel)
    editor.write(BACKWARDS)
    editor.keys.press("Control+Home")
    editor.keys.press("Tab")
    editor.expect_text("    def shout")
    expect(editor.text).to_be_focused()
    editor.keys.press("Escape")
    editor.keys.press("Tab")
    expect(editor.root.get_by_role("button", name="Apply")).to_be_focused()
    editor.root.get_by_role("button", name="Close the editor").focus()
    editor.keys.press("Enter")
    expect(editor.root).to_have_count(0)
    expect(panel.card("shout").get_by_role("button", name="Edit shout")).to_be_focused()
    expect(panel.card("shout").locator(".tag")).to_have_text("draft")
    editor.keys.press("Enter")
    editor.expect_text("[::-1]")
    comes_back(page, panel)


def comes_back(page: LabPage, panel: Panel) -> None:
    """Write, load the page anew at once, and run a cell that changes the hook."""
    page.page.keyboard.insert_text("# the last words\n")
    page.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.open()
    tag = panel.ready().card("shout").locator(".tag")
    expect(tag).to_have_text("draft")
    page.run_cell(1)
    expect(tag).to_have_text("draft of v1")
    page.shot("source-kept-card")
    editor = Editor(panel)
    expect(editor.root.get_by_role("alert")).to_contain_text("Version 2 came meanwhile")
    editor.expect_text("# the last words")
    editor.expect_text("[::-1]")
    assert axe(page) == ""
    page.shot("source-kept")


def test_a_draft_and_a_cell_that_was_run_meanwhile(lab: Open) -> None:
    """The cell's version runs, the draft stays, a banner offers both; a trial that fails can be overruled."""
    page = lab(BENCH, AGAIN)
    page.run_cell(0)
    panel = Panel(page).ready()
    with panel.client() as client:
        assert hears(client, "hello") == "HELLO"
        editor = Editor(panel)
        editor.write(FAILS)
        page.run_cell(1)
        banner = editor.root.get_by_role("alert")
        expect(banner).to_contain_text("Version 2 came meanwhile")
        assert hears(client, "hello") == "Hello"
        editor.expect_text("+ None")
        editor.press("Show differences")
        expect(editor.root.locator(".dif .gone")).to_contain_text(["title()"])
        assert axe(page) == ""
        page.shot("source-overtaken")
        editor.press("Keep my draft")
        expect(banner).to_have_count(0)
        editor.press("Apply")
        expect(editor.said).to_contain_text("Version 2 keeps running.")
        expect(editor.root.locator(".tried")).to_contain_text("TypeError")
        assert hears(client, "hello") == "Hello"
        assert axe(page) == ""
        page.shot("source-trial")
        editor.press("Apply anyway")
        expect(editor.said).to_contain_text("Version 3 runs from the next event on.")
        client.send("hello")
        raised = panel.root.locator("[data-panel=inspector] .steps", has_text="shout (v3) raised TypeError")
        expect(raised).to_be_visible()
        panel.root.get_by_role("button", name="Undo").click()
        editor.expect_text("title()")
        assert until_heard(client, "Hello") < 5


def test_it_fits_a_narrow_window_twice_as_large(lab: Open) -> None:
    """At 520 px of a page that is zoomed to 200 percent nothing is cut, and axe finds nothing."""
    page = lab(BENCH, size=(1000, 1000), device_scale_factor=2)
    page.run_cell(0)
    panel = Panel(page).ready()
    panel.root.evaluate("wb => { wb.parentElement.style.width = '520px'; }")
    expect(panel.root).to_have_class(re.compile("narrow"))
    editor = Editor(panel)
    editor.write(BROKEN)
    editor.press("Apply")
    expect(editor.said).to_contain_text("Not applied")
    for part in (editor.root, panel.root.locator("[data-panel=chain]")):
        assert part.evaluate("part => part.scrollWidth - part.clientWidth") == 0
    assert axe(page) == ""
    editor.root.scroll_into_view_if_needed()
    page.shot("source-narrow")


def test_the_tab_of_the_lab_has_the_same_editor(lab: Open) -> None:
    """Its text comes through Jupyter's proxy there, as everything does."""
    page = lab(BENCH)
    page.run_cell(0)
    kernel = page.kernel
    show(page)
    row(page).get_by_label("Open bench").click()
    tab = page.page.get_by_role("tabpanel", name="bench").get_by_role("region", name="Hook bench bench")
    editor = Editor(Panel(page, tab).ready())
    editor.write(BACKWARDS)
    editor.press("Apply")
    expect(editor.said).to_contain_text("Version 2 runs from the next event on.")
    with page.server.open(f"workbench/servers/{kernel}.bench/") as client:
        assert hears(client, "hello") == "olleh"
    page.shot("source-tab")


def test_a_bench_that_does_not_serve_is_edited_over_the_comm(lab: Open) -> None:
    """Text editor, source and draft travel through the kernel's comm where there is no server."""
    page = lab(BENCH.replace("bench.start()\n", ""), "print(bench.chain('message')[0].version)")
    page.run_cell(0)
    panel = Panel(page)
    expect(panel.card("echo")).to_be_visible()
    editor = Editor(panel)
    editor.write(BACKWARDS)
    editor.press("Apply")
    expect(editor.said).to_contain_text("Version 2 runs from the next event on.")
    page.run_cell(1)
    assert page.printed(1).strip() == "2"


HOOKS = {"feathers": "trim_text", "wookie": "load_profile", "directus": "trim", "hocuspocus": "load"}


@pytest.mark.parametrize("dialect", HOOKS)
def test_every_system_has_its_hooks_edited(lab: Open, dialect: str) -> None:
    """What runs is tried as it stands, on the events that there were; axe finds nothing."""
    page = lab(BENCHES[dialect])
    page.run_cell(0)
    panel = Panel(page)
    hook = HOOKS[dialect]
    expect(panel.card(hook)).to_be_visible()
    editor = Editor(panel, hook)
    editor.expect_text(f"def {hook}(")
    editor.press("Try")
    expect(editor.said).to_have_text(re.compile(r"^Tried on [12] events?: |^Not tried: "))
    expect(editor.said).not_to_have_class(re.compile("bad"))
    assert axe(page) == ""
    page.shot(f"source-{dialect}")

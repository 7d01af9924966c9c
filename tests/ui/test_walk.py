"""A walk through all of the bench, by mouse and keys, with real clients.

With ``WALK_SHOTS=folder`` in the environment each step leaves two pictures there, light and dark.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.lab import LabPage, describe
from tests.ui.panel import Panel
from tests.ui.test_accessibility import set_theme
from tests.ui.test_menu import Menu
from tests.ui.walked import WALKED, Walked

Open = Callable[..., LabPage]

LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
CLIENT = "window.jupyterapp.shell.currentWidget.content.widgets[1].model.outputs"
SHOTS = os.environ.get("WALK_SHOTS")


class Walk:
    """A bench in a notebook, and the person in front of it.

    Parameters
    ----------
    page
        The notebook; its first cell has shown the bench.
    bench
        What there is to see and to do.
    """

    def __init__(self, page: LabPage, bench: Walked) -> None:
        self.page = page
        self.bench = bench
        self.panel = Panel(page)
        self.root = self.panel.root
        self.keys = page.page.keyboard
        self._heard = 0

    def part(self, name: str) -> Locator:
        """One of the panels."""
        return self.root.locator(f"[data-panel={name}]")

    def button(self, name: str) -> Locator:
        """A button anywhere in the bench."""
        return self.root.get_by_role("button", name=name, exact=True)

    def unfold(self, name: str) -> Locator:
        """Show faults, breakpoints or traffic."""
        button = self.button(name)
        if button.get_attribute("aria-expanded") == "false":
            button.click()
        return self.part(name.lower())

    @property
    def point(self) -> Locator:
        """The point that the walk is about."""
        return self.part("chain").locator(f".pt[data-point='{self.bench.point}']")

    @property
    def names(self) -> Locator:
        """The names in its chain, in the order of running."""
        return self.point.locator(".cards .hn")

    @property
    def history(self) -> Locator:
        """The newest line of the history that is in force."""
        return self.part("history").locator("li[aria-current=true] .py")

    def act(self) -> None:
        """Let a client say `ada`; its answer is not waited for."""
        self._heard = self.panel.heard.count()
        if self.bench.message:
            self.panel.send(self.bench.message)
        else:
            self.page.page.evaluate(f"{CLIENT}.clear()")
            self.page.start_cell(1)

    def told(self, text: str) -> None:
        """Wait until the client has been answered."""
        if self.bench.message:
            expect(self.panel.heard.nth(self._heard)).to_contain_text(text)
        else:
            self.page.page.wait_for_function(
                f"text => JSON.stringify({CLIENT}.toJSON()).includes(text)", arg=text
            )
            self.page.idle()

    def filter(self, text: str) -> Locator:
        """Filter the events; returns their rows."""
        self.root.get_by_role("combobox", name="Filter events").fill(text)
        self.keys.press("Enter")
        return self.part("events").locator("tr[data-dispatch]")

    def events_here(self) -> Locator:
        """Show the events of the point alone."""
        rows = self.filter(f'point="{self.bench.point}"')
        expect(self.part("events").locator(".pf")).to_contain_text("that match")
        return rows

    def picture(self, name: str) -> None:
        """Take a picture in light and dark, where somebody wants to look at them."""
        if SHOTS is None:
            return
        for theme, word in ((DARK, "dark"), (LIGHT, "light")):
            set_theme(self.page, theme)
            expect(self.page.page.locator("#jupyterlab-splash")).to_have_count(0)
            self.page.page.screenshot(path=Path(SHOTS) / f"{self.bench.dialect}-{name}-{word}.png")

    def change(self, text: str) -> Locator:
        """A row of the inspector: what happened to the field that the bench's hooks change."""
        rows = self.part("inspector").locator("table.df tr", has_text=self.bench.changes[1])
        return rows.filter(has_text=text).first


def chain_has_its_shape(walk: Walk) -> None:
    """Cards in the order of running, on rails that say how."""
    shape, words = walk.bench.shape
    expect(walk.names).to_have_text(list(walk.bench.chain))
    expect(walk.point.locator(f".cards.{shape}").first).to_be_visible()
    expect(walk.point.locator(".pol")).to_contain_text(words)


def ready_made_hook_is_attached(walk: Walk) -> None:
    """Found by its name, attached by Enter; its line is in the history, and one undo takes it away again."""
    name, point = walk.bench.ready
    walk.panel.grip(walk.bench.moved[0]).focus()
    walk.keys.press("/")
    walk.root.get_by_role("combobox", name="Find a hook").fill(f"{name} {point}")
    expect(walk.root.get_by_role("listbox", name="Hooks").get_by_role("option").first).to_contain_text(name)
    walk.keys.press("Enter")
    expect(walk.panel.card(name)).to_be_visible()
    expect(walk.history).to_contain_text(name)
    walk.button("Undo").click()
    expect(walk.panel.card(name)).to_have_count(0)
    walk.button("Redo").click()
    expect(walk.panel.card(name)).to_be_visible()
    walk.panel.card(name).locator(".grip").focus()
    walk.keys.press("Delete")
    expect(walk.names).to_have_text(list(walk.bench.chain))


def crowd_is_answered(walk: Walk) -> None:
    """Simulated clients of the bench's own system; the run ends by itself."""
    traffic = walk.unfold("Traffic")
    traffic.get_by_label("Send").select_option(walk.bench.traffic)
    for field, value in (("Clients", 2), ("A second", 12), ("Seconds", 2)):
        traffic.get_by_label(field, exact=True).fill(str(value))
    traffic.get_by_role("button", name="Run").click()
    expect(traffic.locator(".ph")).to_contain_text("done", timeout=60_000)
    expect(traffic.locator(".figs")).to_contain_text("sent 24")
    expect(traffic.locator(".figs")).to_contain_text("answered 24")
    walk.button("Traffic").click()


def client_is_answered(walk: Walk) -> None:
    """A single client, by hand."""
    walk.act()
    walk.told(walk.bench.told)


def events_are_filtered(walk: Walk) -> None:
    """Words are completed; a wrong one is said, with the last good list left; pandas is a copy away."""
    line = walk.root.get_by_role("combobox", name="Filter events")
    line.fill("outc")
    walk.keys.press("ArrowDown")
    walk.keys.press("Enter")
    expect(line).to_have_value("outcome=")
    rows = walk.events_here()
    expect(rows.first).to_be_visible()
    walk.filter("duration>soon")
    expect(walk.part("events").get_by_role("status")).to_contain_text("The last good view stays.")
    expect(rows.first).to_be_visible()
    rows = walk.events_here()
    assert {row.get_attribute("title") for row in rows.locator(".at").all()} == {walk.bench.point}
    expect(walk.button("pandas")).to_be_enabled()


def event_is_inspected(walk: Walk) -> None:
    """Its steps, what they changed, its payload, and another event beside it."""
    walk.events_here().first.click()
    inspector = walk.part("inspector")
    expect(walk.change(walk.bench.changes[2])).to_be_visible()
    for name in walk.bench.chain:
        if name != walk.bench.point:
            expect(inspector.locator(".steps")).to_contain_text(name)
    inspector.get_by_role("tab", name="Payload").click()
    expect(inspector.get_by_role("tabpanel")).to_contain_text(
        re.compile("values as text|No text and no bytes")
    )
    inspector.get_by_role("tab", name="Changes").click()
    inspector.get_by_role("button", name="Compare").click()
    walk.keys.press("j")
    expect(inspector.get_by_role("table", name=re.compile(r"Event \d+ beside"))).to_be_visible()
    inspector.get_by_role("button", name="Close").click()
    if walk.bench.saw:
        expect(inspector.locator(".saw")).to_contain_text("Client saw")


def place_is_explained(walk: Walk) -> None:
    """The menu of a card says why it stands there."""
    hook, words = walk.bench.why
    card = walk.panel.card(hook)
    card.get_by_role("button", name=f"{hook}: move").click()
    walk.root.get_by_role("menuitem", name="Why here?").click()
    expect(card.get_by_role("note")).to_contain_text(words)
    card.get_by_role("button", name="Close").click()


def illegal_drop_is_shut(walk: Walk) -> None:
    """Over another point a card cannot be dropped; the reason stands at the foot."""
    hook, over, words = walk.bench.shut
    point = walk.part("chain").locator(f".pt[data-point='{over}']")
    grip = walk.panel.grip(hook)
    walk.root.evaluate("bench => bench.scrollIntoView()")
    grip.scroll_into_view_if_needed()
    panel, start, goal = (
        walk.part("chain").bounding_box(),
        grip.bounding_box(),
        point.locator(".pth").bounding_box(),
    )
    assert panel is not None
    assert start is not None
    assert goal is not None
    if goal["y"] < panel["y"] + 40:  # a long point, whose end is in sight
        goal = point.locator(".card").last.bounding_box()
        assert goal is not None
    mouse = walk.page.page.mouse
    mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    mouse.down()
    mouse.move(goal["x"] + 60, goal["y"] + goal["height"] / 2, steps=8)
    expect(walk.part("chain").locator(".slot.shut")).to_contain_text(words)
    walk.picture("shut")
    mouse.up()
    expect(walk.names).to_have_text(list(walk.bench.chain))


def order_is_changed(walk: Walk) -> None:
    """A drag; its line in the history; undo by key."""
    hook, above = walk.bench.moved
    chain = list(walk.bench.chain)
    swapped = [{hook: above, above: hook}.get(name, name) for name in chain]
    walk.panel.drag(hook, over=above)
    expect(walk.names).to_have_text(swapped)
    expect(walk.history).to_contain_text(f'.move("{hook}", before="{above}")')
    walk.panel.grip(hook).focus()
    walk.keys.press("Control+z")
    expect(walk.names).to_have_text(chain)


def hook_is_switched(walk: Walk) -> None:
    """Off, the next event goes without it; on again."""
    hook = walk.bench.changes[0]
    switch = walk.panel.card(hook).get_by_role("switch")
    switch.click()
    expect(walk.panel.card(hook).locator(".pos")).to_have_attribute("aria-label", "off")
    walk.act()
    walk.told(walk.bench.without)
    switch.click()
    expect(walk.panel.card(hook).locator(".pos")).not_to_have_attribute("aria-label", "off")


def hook_is_a_shadow(walk: Walk) -> None:
    """By its menu it runs and is traced, without effect; by the same entry it acts again."""
    hook = walk.bench.changes[0]
    card = walk.panel.card(hook)
    badge = card.locator(".tag", has_text="shadow")
    menu = Menu(walk.panel, card)
    menu.choose("Run as shadow")
    expect(badge).to_be_visible()
    walk.act()
    walk.told(walk.bench.without)
    menu.choose("Run as shadow")
    expect(badge).to_have_count(0)


def hook_is_duplicated(walk: Walk) -> None:
    """By its menu, below the first; its line is in the history, and one key takes the copy away."""
    hook = walk.bench.changes[0]
    copies = walk.part("chain").locator(".card .hn", has_text=re.compile(f"^{hook}-2$"))
    Menu(walk.panel, walk.panel.card(hook)).choose("Duplicate")
    expect(copies).to_be_visible()
    expect(walk.history).to_contain_text(".duplicate(")
    walk.panel.grip(hook).focus()
    walk.keys.press("Control+z")
    expect(copies).to_have_count(0)


def bench_is_saved(walk: Walk) -> None:
    """Beside the notebook, under a name of the person's own; the file is a bench's."""
    file = f"walked_{walk.bench.dialect}.py"
    walk.part("history").get_by_role("button", name="Save", exact=True).click()
    walk.root.get_by_label("Name of the file").fill(file)
    walk.keys.press("Enter")
    expect(walk.root.locator(".pop.save")).to_contain_text(f"Saved as {walk.page.server.root / file}")
    written = (walk.page.server.root / file).read_text(encoding="utf-8")
    assert f"def {walk.bench.changes[0]}(" in written
    walk.keys.press("Escape")


def time_is_brushed(walk: Walk) -> None:
    """A drag over the timeline filters the events; its other views, and the table that says the same."""
    timeline = walk.part("timeline")
    walk.filter("")
    canvas = timeline.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    mouse = walk.page.page.mouse
    mouse.move(box["x"] + box["width"] * 0.02, box["y"] + 40)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.98, box["y"] + 40, steps=8)
    mouse.up()
    line = walk.root.get_by_role("combobox", name="Filter events")
    expect(line).to_have_value(re.compile(r"dispatch>=\d+ dispatch<=\d+"))
    expect(walk.part("events").locator("tr[data-dispatch]").first).to_be_visible()
    for view in ("By hook", "Merged"):
        timeline.get_by_role("button", name=view).click()
        expect(canvas).to_be_visible()
    timeline.get_by_role("button", name="Table").click()
    expect(timeline.get_by_role("table")).to_contain_text(walk.bench.changes[0])
    timeline.get_by_role("button", name="This event").click()
    expect(timeline.get_by_role("table", name=re.compile("Story of event"))).to_be_visible()
    timeline.get_by_role("button", name="Table").click()
    expect(timeline.locator(".story")).to_be_visible()
    timeline.get_by_role("button", name="Time", exact=True).click()
    walk.filter("")


def hooks_are_counted(walk: Walk) -> None:
    """Figures of each hook, a histogram, and two revisions side by side."""
    side = walk.part("side")
    side.get_by_role("tab", name="Stats").click()
    hook = walk.bench.changes[0]
    row = side.locator("tr", has=walk.page.page.locator(f".hn:text-is('{hook}')")).first
    row.get_by_role("button").click()
    expect(side.locator(".hist")).to_contain_text(hook)
    side.get_by_label("Since").select_option(index=1)
    side.get_by_label("Compare with").select_option(index=1)
    expect(side.locator("tr.against").first).to_be_visible()
    side.get_by_label("Compare with").select_option(index=0)
    side.get_by_label("Since").select_option(index=0)


def mistake_is_named(walk: Walk) -> None:
    """A hook that no event reaches is said to be one, with what to do, and is a press away."""
    side = walk.part("side")
    side.get_by_role("tab", name="Lints").click()
    lint = side.locator(".lints li", has_text="forgotten never ran.")
    expect(lint.locator(".fix")).to_contain_text("Check the name of the point")
    walk.picture("lints")
    lint.get_by_role("button", name="Open forgotten").click()
    side.get_by_role("tab", name="Stats").click()


def fault_is_armed(walk: Walk) -> None:
    """A banner stays while it is; it acts on the next event; disarmed, the banner goes."""
    faults = walk.unfold("Faults")
    faults.get_by_label("Kind").select_option("delay")
    faults.get_by_label("At point").select_option(walk.bench.point)
    faults.get_by_role("button", name="Arm", exact=True).click()
    banner = walk.root.locator(".ban", has_text="A fault is armed.")
    expect(banner).to_contain_text("delay at ")
    walk.act()
    walk.told(walk.bench.told)
    expect(faults).to_contain_text(re.compile(r"acted on [1-9]"))
    walk.picture("fault")
    banner.get_by_role("button", name="Disarm").click()
    expect(banner).to_have_count(0)


def event_is_held(walk: Walk) -> None:
    """Held before a hook, its payload changed, let go on: the hook and the client get what was put in."""
    hook, old, new = walk.bench.held
    points = walk.unfold("Breakpoints")
    points.get_by_label("At point").select_option(walk.bench.point)
    points.get_by_label("Hook").select_option(hook)
    points.get_by_role("button", name="Set", exact=True).click()
    expect(points).to_contain_text(f"before hook {hook}")
    walk.act()
    payload = points.get_by_role("textbox", name="carries, as JSON")
    expect(payload).to_be_visible()
    text = payload.input_value()
    assert old in text
    payload.fill(text.replace(old, new))
    walk.picture("held")
    points.get_by_role("button", name="Continue").click()
    expect(points.locator(".held")).to_have_count(0)
    points.get_by_role("button", name="Clear b").click()
    expect(points).to_contain_text("nothing held")
    walk.told(walk.bench.edited[1])
    walk.events_here().first.click()
    expect(walk.change(walk.bench.edited[0])).to_be_visible()
    walk.filter("")
    walk.button("Breakpoints").click()


def chains_are_marked(walk: Walk) -> None:
    """A mark has a name, and brings the chains back to what they were; undo and redo go on from there."""
    history = walk.part("history")
    history.get_by_label("Name of a mark").fill("before lunch")
    history.get_by_role("button", name="Mark").click()
    mark = history.get_by_role("group", name="Mark before lunch")
    expect(mark).to_be_visible()
    hook, _ = walk.bench.moved
    chain = list(walk.bench.chain)
    walk.panel.grip(hook).focus()
    walk.keys.press("Alt+ArrowUp")
    expect(walk.names).not_to_have_text(chain)
    mark.get_by_role("button", name="Return here").click()
    expect(walk.names).to_have_text(chain)
    walk.button("Undo").click()
    expect(walk.names).not_to_have_text(chain)
    walk.button("Redo").click()
    expect(walk.names).to_have_text(chain)


def source_is_edited(walk: Walk) -> None:
    """Beside its card a hook becomes version 2; what a client is told shows it; version 1 comes back."""
    hook = walk.bench.changes[0]
    walk.panel.grip(hook).focus()
    walk.keys.press("e")
    source = walk.part("source")
    text = source.locator(".cm-content")
    expect(text).to_contain_text(f"def {hook}")
    lines = text.inner_text().splitlines()
    head = next(number for number, line in enumerate(lines) if f"def {hook}" in line)
    walk.keys.press("Control+Home")
    for _ in range(head):
        walk.keys.press("ArrowDown")
    walk.keys.press("End")
    walk.keys.insert_text("\n    print('here')")
    walk.keys.press("Control+Enter")
    expect(source.locator(".tag").first).to_have_text("v2")
    walk.act()
    walk.told(walk.bench.told)
    walk.picture("source")
    source.get_by_role("button", name="Close the editor").click()
    expect(source).to_have_count(0)
    walk.events_here().first.click()
    expect(walk.part("inspector").locator(".steps")).to_contain_text("here")
    walk.filter("")
    walk.panel.grip(hook).focus()
    walk.keys.press("e")
    source.get_by_role("button", name="Versions").click()
    source.get_by_role("button", name="Make version 1 current").click()
    expect(source.locator("[aria-current=true]")).to_contain_text("v1")
    source.get_by_role("button", name="Close the editor").click()


def documents_are_shown(walk: Walk) -> None:
    """Where the system has documents: who is in them, the clock of the next store, the content."""
    if not walk.bench.document:
        return
    documents = walk.part("documents")
    row = documents.locator(".doc", has_text=walk.bench.document)
    expect(row).to_contain_text("unsaved")
    row.locator("summary").click()
    expect(row.locator("pre")).to_contain_text("hello")


STEPS = (
    chain_has_its_shape,
    ready_made_hook_is_attached,
    crowd_is_answered,
    client_is_answered,
    events_are_filtered,
    event_is_inspected,
    place_is_explained,
    illegal_drop_is_shut,
    order_is_changed,
    hook_is_switched,
    hook_is_a_shadow,
    hook_is_duplicated,
    time_is_brushed,
    hooks_are_counted,
    mistake_is_named,
    fault_is_armed,
    event_is_held,
    chains_are_marked,
    source_is_edited,
    documents_are_shown,
    bench_is_saved,
)


@pytest.mark.parametrize("dialect", WALKED)
def test_a_walk_through_the_bench(lab: Open, dialect: str) -> None:
    """Each step finds what it looks for, in a bench of that dialect; axe finds nothing at the end."""
    bench = WALKED[dialect]
    page = lab(bench.cell, *filter(None, [bench.client]), size=(1440, 1200))
    page.run_cell(0)
    walk = Walk(page, bench)
    expect(walk.root.locator(".state")).to_have_text(re.compile("Ready|Live"))
    for step in STEPS:
        step(walk)
        walk.picture(step.__name__)
    found = page.axe(".jp-Notebook .hook-workbench")
    assert not found, describe(found)

"""A bench of each dialect with traffic: no barrier that axe finds; waits are seen where they were."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.lab import LabPage, describe
from tests.ui.panel import Panel
from tests.ui.test_accessibility import set_theme
from tests.ui.test_shapes import FEATHERS, HOCUSPOCUS, WOOKIE

Open = Callable[..., LabPage]

DIRECTUS = """
import asyncio, json
from websockets.asyncio.client import connect
from workbench import Workbench

bench = Workbench(
    "directus",
    name="messages",
    database="sqlite://",
    collections={"messages": {"text": "string"}},
    roles=[{"name": "editor", "permissions": {"messages": "*"}}],
    users=[{"id": "alice", "token": "alice-token", "role": "editor"}],
)

@bench.filter("messages.items.create")
async def moderate(payload):
    await asyncio.sleep(0.3)
    return payload

@bench.filter("messages.items.create")
def trim(payload):
    return {**payload, "text": payload["text"].strip()}

@bench.action("messages.items.create")
async def post_to_chat(meta):
    await asyncio.sleep(0.3)

@bench.action("messages.items.create")
def count(meta):
    pass

bench.start()
async with connect(f"{bench.ws_url}/websocket?access_token=alice-token") as client:
    for text in (" one ", " two "):
        item = {"type": "items", "collection": "messages", "action": "create", "data": {"text": text}}
        await client.send(json.dumps(item))
        while json.loads(await client.recv())["type"] != "items":
            pass
await asyncio.sleep(0.4)
bench
"""

BENCHES = {"feathers": FEATHERS, "wookie": WOOKIE, "directus": DIRECTUS, "hocuspocus": HOCUSPOCUS}


CUT = """root => [...root.querySelectorAll('.hd, .ph, .pn, .scroll')]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className)"""
"""Names the parts of a bench that are cut, or that scroll, sideways."""


@pytest.mark.parametrize("dialect", BENCHES)
def test_chains_have_no_barrier(lab: Open, dialect: str) -> None:
    """Axe finds nothing in a bench with traffic, narrow or wide, its chains and documents included."""
    page = lab(BENCHES[dialect])
    page.run_cell(0)
    root = Panel(page).root
    for width, layout in ((800, "narrow"), (1280, "stack"), (1500, "mid")):
        page.page.set_viewport_size({"width": width, "height": 900})
        expect(root).to_have_class(re.compile(layout))
        expect(root.locator(".card").first).to_be_visible()
        found = page.axe(".hook-workbench .wb")
        assert not found, describe(found)
        if layout == "narrow":
            fits_a_side_pane(root)


def fits_a_side_pane(root: Locator) -> None:
    """In 300 px nothing is cut and no panel scrolls sideways."""
    root.evaluate("root => { root.parentElement.style.width = '300px'; }")
    for tab in root.get_by_role("tablist", name="Panels").get_by_role("tab").all():
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        assert root.evaluate(CUT) == [], tab.inner_text()
    root.evaluate("root => { root.parentElement.style.width = ''; }")


def test_a_wait_is_seen_before_the_write_and_after_it(lab: Open) -> None:
    """The same 300 ms in a filter hold the client up, in an action nobody; both have their bar."""
    page = lab(DIRECTUS)
    page.run_cell(0)
    root = Panel(page).root
    for point in ("filter messages.items.create", "action messages.items.create"):
        events = root.locator("[data-panel=events] tr[data-dispatch]", has=page.page.get_by_title(point))
        expect(events.first.locator(".bar i.w").first).to_be_visible()
        expect(events.first.locator("td.n")).to_have_text(re.compile(r"^3\d\d$"))
    expect(root.locator(".track", has_text=re.compile("3[0-9]{2} ms"))).to_have_count(2)
    expect(root.locator("[data-panel=chain]")).to_contain_text("written to the database")
    expect(root.locator("[data-panel=inspector] .steps")).to_contain_text("post_to_chat")


DRAWN = """canvas => {
    const probe = canvas.parentElement.appendChild(document.createElement('i'));
    probe.style.color = 'var(--wb-work)';
    const one = document.createElement('canvas').getContext('2d');
    one.fillStyle = getComputedStyle(probe).color;
    one.fillRect(0, 0, 1, 1);
    const wanted = [...one.getImageData(0, 0, 1, 1).data].slice(0, 3).join();
    probe.remove();
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) found += [data[i], data[i + 1], data[i + 2]].join() === wanted;
    return found;
}"""
"""Counts the pixels of a timeline that have the colour of work, as the theme has it."""


def test_the_timeline_is_drawn_anew_in_another_theme(lab: Open) -> None:
    """Bars have the colours of the theme in force, also where it changes while nothing happens."""
    page = lab(WOOKIE)
    page.run_cell(0)
    canvas = Panel(page).root.locator("[data-panel=timeline] canvas")
    for theme in ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Light"):
        set_theme(page, theme)
        page.page.wait_for_function(
            f"canvas => ({DRAWN})(canvas) > 20", arg=canvas.element_handle(), polling=100
        )

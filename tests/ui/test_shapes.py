"""Chains in their real shape: an onion of lists, a fan that is joined, filters before actions."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.ui.lab import LabPage
from tests.ui.panel import Panel

Open = Callable[..., LabPage]

FEATHERS = """
import asyncio
from workbench import Workbench

bench = Workbench("feathers", name="messages")

class Messages:
    async def find(self, params):
        return []
    async def create(self, data, params):
        await asyncio.sleep(0.03)
        return {**data, "id": 1}

async def log_runtime(context, next):
    await next()

async def require_login(context):
    await asyncio.sleep(0.01)
    context.params["user"] = {"id": 17}

def trim_text(context):
    context.data = {**context.data, "text": context.data["text"].strip()}

def add_profile(context):
    context.result = {**context.result, "author": "guest-17"}

def hide_details(context):
    context.error.data = None

bench.use("messages", Messages())
bench.use("users", Messages())
bench.hooks({"around": {"all": [log_runtime]}, "before": {"all": [require_login]}})
bench.hooks({"error": {"all": [hide_details]}})
bench.service("messages").hooks({"before": {"create": [trim_text]}, "after": {"create": [add_profile]}})
bench.start()
for text in (" one ", " two "):
    await bench.service("messages").create({"text": text})
bench
"""

WOOKIE = """
import asyncio, httpx
from workbench import Workbench

bench = Workbench("wookie", name="gateway")

@bench.hook("pre-route")
async def check_token(request, response):
    await asyncio.sleep(0.04)

@bench.hook("pre-route")
async def load_profile(request, response):
    await asyncio.sleep(0.2)

@bench.hook("pre-route")
async def geo_lookup(request, response):
    await asyncio.sleep(0.15)

@bench.hook("pre-route")
def add_request_id(request, response):
    pass

bench.start()
async with httpx.AsyncClient(trust_env=False) as client:
    await client.get(bench.url)
bench
"""


def test_an_onion_is_entered_and_left(lab: Open) -> None:
    """Cards stand in the order of running, the core in the middle, the way of an error below."""
    page = lab(FEATHERS)
    page.run_cell(0)
    root = Panel(page).root
    expect(root.locator(".pick")).to_have_value("messages.create")
    onion = root.locator(".cards.onion").first

    expect(onion.locator(".hn")).to_have_text(
        ["log_runtime", "require_login", "trim_text", "messages.create", "add_profile"]
    )
    expect(onion.locator(".leave")).to_contain_text("leaves log_runtime")
    expect(onion.locator(".pos")).to_have_text(["1", "2", "3", "4"])
    expect(root.locator(".fails .hn")).to_have_text(["hide_details"])
    expect(onion.locator(".track")).to_have_count(4)


def test_a_hook_goes_to_another_list_by_menu_and_by_hand(lab: Open) -> None:
    """It becomes what that list's hooks are; the history shows the line, undo brings it back."""
    page = lab(FEATHERS)
    page.run_cell(0)
    panel = Panel(page)
    root = panel.root
    panel.card("trim_text").get_by_role("button", name="trim_text: move").click()
    menu = root.locator(".menu")
    menu.get_by_label("To list").select_option("/messages.after.create")
    menu.locator("form", has=page.page.get_by_label("To list")).get_by_role("button", name="Move").click()
    onion = root.locator(".cards.onion").first
    expect(onion.locator(".hn")).to_have_text(
        ["log_runtime", "require_login", "messages.create", "add_profile", "trim_text"]
    )
    expect(root.locator("[data-panel=history]")).to_contain_text('kind="after"')
    root.get_by_role("button", name="Undo").click()
    expect(onion.locator(".hn").nth(2)).to_have_text("trim_text")

    grip = panel.grip("trim_text")
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box is not None
    mouse = page.page.mouse
    mouse.move(box["x"] + 5, box["y"] + 8)
    mouse.down()
    mouse.move(box["x"] + 8, box["y"] + 24, steps=4)
    target = root.locator(".lists [title='application · before all methods']")
    goal = target.bounding_box()
    assert goal is not None
    mouse.move(goal["x"] + 10, goal["y"] + 10, steps=8)
    mouse.up()
    expect(panel.card("trim_text").locator(".tag")).to_have_text("before all methods")


def test_another_method_is_a_choice_away(lab: Open) -> None:
    """A method without lists of its own has those of the application."""
    page = lab(FEATHERS)
    page.run_cell(0)
    root = Panel(page).root
    root.locator(".pick").select_option("users.find")

    expect(root.locator(".cards.onion").first.locator(".hn")).to_have_text(
        ["log_runtime", "require_login", "users.find"]
    )


def test_a_fan_is_joined_at_the_slowest(lab: Open) -> None:
    """Each hook has its bar on the event's scale, and a sentence says what joining means."""
    page = lab(WOOKIE)
    page.run_cell(0)
    root = Panel(page).root
    point = root.locator("[data-point='pre-route']")

    expect(point.locator(".cards.gather .card")).to_have_count(4)
    expect(point.locator(".track")).to_have_count(4)
    expect(point.locator(".joined")).to_contain_text("the longest; one after another it would be")


HOCUSPOCUS = """
from workbench import Workbench

bench = Workbench("hocuspocus", name="notes", debounce=60, max_debounce=120)

@bench.hook("onLoadDocument")
def load(data):
    pass

bench.start()
direct = await bench.open_direct_connection("notes")
await direct.transact(lambda document: document.get_map("m").update({"title": "hello"}))
bench
"""


def test_documents_show_their_clock_and_their_content(lab: Open) -> None:
    """A change arms the clock of the next store; the content is there to be read, live."""
    page = lab(HOCUSPOCUS)
    page.run_cell(0)
    panel = Panel(page).root.locator("[data-panel=documents]")

    expect(panel.locator(".doc .hn")).to_have_text("notes")
    expect(panel.locator(".doc")).to_contain_text("stores in")
    expect(panel.locator(".doc")).to_contain_text("unsaved")
    panel.locator("summary").click()
    expect(panel.locator("pre")).to_contain_text("hello")
    assert page.axe("[data-panel=documents]") == []

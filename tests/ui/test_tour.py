"""The README's path: from ``workbench demo`` to "my hook changed a message, and I see how"."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from workbench.testing import free_port

README = Path(__file__).parents[2] / "README.md"
TOKEN = "tour-token"


def answers(url: str) -> bool:
    """Whether JupyterLab is there."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """Run ``workbench demo`` in an empty folder; the address of JupyterLab."""
    port = free_port()
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = {**os.environ, **own, "IPYTHONDIR": str(tmp_path / "ipython"), "JUPYTER_TOKEN": TOKEN}
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-m", "workbench.cli", "demo", "--no-browser", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + 60
    while not answers(f"{url}api") and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(20)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return an empty page of a laptop's size."""
    context = browser.new_context(viewport={"width": 1440, "height": 1100})
    yield context.new_page()
    context.close()


class Hand:
    """What a person does to a page, gesture by gesture, and nothing else.

    Attributes
    ----------
    did
        The gestures so far: ``Click``, ``Press`` or ``Drag``.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self.did: list[str] = []

    def click(self, place: Locator) -> None:
        """Click once."""
        self.did.append("Click")
        place.click()

    def press(self, keys: str) -> None:
        """Press one key, with its modifiers."""
        self.did.append("Press")
        self._page.keyboard.press(keys)

    def drag(self, grip: Locator, above: Locator) -> None:
        """Drag something above something else."""
        self.did.append("Drag")
        grip.scroll_into_view_if_needed()
        start, goal = grip.bounding_box(), above.bounding_box()
        assert start is not None
        assert goal is not None
        column = start["x"] + start["width"] / 2
        self._page.mouse.move(column, start["y"] + start["height"] / 2)
        self._page.mouse.down()
        self._page.mouse.move(column, goal["y"] + 4, steps=8)
        self._page.mouse.up()


def readme_gestures() -> list[str]:
    """Which gestures the README counts, in its order."""
    section = README.read_text(encoding="utf-8").split("## From here to", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\d+\. \*\*(\w+)\*\*", section, re.MULTILINE)


def test_the_readme_s_gestures_show_what_a_hook_did(demo: str, page: Page) -> None:
    """By these alone, seven at the most, what a hook changed is seen, and what another order does."""
    page.goto(f"{demo}?token={TOKEN}")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    notebook, hand = page.locator(".jp-NotebookPanel:visible"), Hand(page)

    hand.click(notebook.locator(".jp-CodeCell .cm-content").first)
    hand.press("Shift+Enter")
    bench = notebook.locator(".hook-workbench .wb").first
    expect(bench.locator(".state")).to_have_text("Live", timeout=40_000)

    send = bench.get_by_role("button", name="Send")
    heard = bench.locator(".console .msg span:last-child")
    hand.click(send)
    expect(heard.last).to_have_text("HELLO")
    expect(bench.locator("[data-panel=events] tr[data-dispatch]").first).to_contain_text("changed")
    change = bench.get_by_role("region", name="Inspector").locator(".chg", has_text="message.raw_data")
    expect(change).to_contain_text('"hello"')
    expect(change).to_contain_text('"HELLO"')

    cards = bench.locator(".card")
    expect(cards.locator(".hn")).to_have_text(["shout", "echo"])
    hand.drag(cards.nth(1).locator(".grip"), above=cards.nth(0))
    expect(cards.locator(".hn")).to_have_text(["echo", "shout"])
    expect(bench).to_contain_text('bench.chain("message").move("echo", before="shout")')

    hand.click(send)
    expect(heard.last).to_have_text("hello")
    assert hand.did == readme_gestures()
    assert len(hand.did) <= 7

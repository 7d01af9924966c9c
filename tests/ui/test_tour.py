"""The README's path: from ``workbench demo`` to "my hook changed a message, and I see how"."""

from __future__ import annotations

import os
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
    deadline = time.monotonic() + 40
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


def middle(place: Locator) -> tuple[float, float]:
    """Where a person would point at."""
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_five_gestures_show_what_a_hook_did(demo: str, page: Page) -> None:
    """Click the cell, run it, send, drag, send: each step shows what the README says that it shows."""
    page.goto(f"{demo}?token={TOKEN}")
    notebook = page.locator(".jp-NotebookPanel:visible")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=40_000)

    notebook.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    bench = notebook.locator(".hook-workbench .wb").first
    expect(bench.locator(".state")).to_have_text("Live", timeout=30_000)

    send = bench.get_by_role("button", name="Send")
    send.click()
    heard = bench.locator(".console .msg span:last-child")
    expect(heard.last).to_have_text("HELLO")
    expect(bench.locator(".events")).to_contain_text("changed")
    inspector = bench.locator(".inspector")
    expect(inspector).to_contain_text("message.raw_data")
    expect(inspector).to_contain_text('"hello"')
    expect(inspector).to_contain_text('"HELLO"')

    cards = bench.locator(".card")
    cards.nth(1).scroll_into_view_if_needed()
    start, (_, top) = middle(cards.nth(1).locator(".grip")), middle(cards.nth(0))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0], top - 12, steps=8)
    page.mouse.up()
    expect(bench.locator(".card .hn")).to_have_text(["echo", "shout"])

    send.click()
    expect(heard.last).to_have_text("hello")
    expect(bench).to_contain_text('bench.chain("message").move("echo", before="shout")')

"""The bench's widget as a person uses it: by eye, mouse and keys."""

from __future__ import annotations

__all__ = ["BENCH", "Panel", "hears", "until_heard"]

import time

from playwright.sync_api import Locator, expect
from websockets.sync.client import ClientConnection

from tests.ui.lab import LabPage

BENCH = """
from workbench import Workbench
bench = Workbench("crossws")

@bench.hook("message")
def shout(peer, message):
    message.raw_data = message.text().upper()

@bench.hook("message")
def echo(peer, message):
    peer.send(message.text())

bench.start()
bench
"""
"""With `shout` before `echo`, clients hear HELLO; the other way round, hello."""


class Panel:
    """The widget in the first cell of a notebook.

    Parameters
    ----------
    lab
        The page; the notebook's first cell is `BENCH` or shows a bench otherwise.
    root
        Where the bench is drawn, when not in the notebook.
    """

    def __init__(self, lab: LabPage, root: Locator | None = None) -> None:
        self.lab = lab
        self.root = root or lab.notebook.locator(".hook-workbench .wb").first

    def ready(self) -> Panel:
        """Wait until the widget is connected and shows its hooks."""
        expect(self.root.locator(".state")).to_have_text("Live")
        expect(self.card("echo")).to_be_visible()
        return self

    def card(self, hook: str) -> Locator:
        """The card of a hook."""
        return self.root.locator(".card", has=self.lab.page.locator(f".hn:text-is('{hook}')"))

    def grip(self, hook: str) -> Locator:
        """What a card is moved by."""
        return self.card(hook).locator(".grip")

    def expect_order(self, *hooks: str) -> None:
        """Wait until the cards stand in an order."""
        expect(self.root.locator(".card .hn")).to_have_text(list(hooks))

    def lift(self, hook: str, over: str) -> None:
        """Drag a card over another and a bit beyond its middle, without letting it go."""
        mouse = self.lab.page.mouse
        grip, target = self.grip(hook), self.card(over)
        grip.scroll_into_view_if_needed()
        start, end = grip.bounding_box(), target.bounding_box()
        assert start is not None
        assert end is not None
        down = end["y"] > start["y"]
        mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
        mouse.down()
        height = end["y"] + end["height"] * (0.9 if down else 0.1)
        mouse.move(start["x"] + start["width"] / 2, height, steps=8)

    def drag(self, hook: str, over: str) -> None:
        """Drag a card over another and let it go."""
        self.lift(hook, over)
        self.lab.page.mouse.up()

    def send(self, text: str) -> None:
        """Write a message in the console's composer and send it."""
        self.root.get_by_label("Message", exact=True).fill(text)
        self.root.get_by_role("button", name="Send").click()

    @property
    def heard(self) -> Locator:
        """What the console's clients have received."""
        lines = self.root.locator(".console .msg", has=self.lab.page.get_by_label("received"))
        return lines.locator("span:last-child")

    def client(self, bench: str = "bench") -> ClientConnection:
        """Connect a client of our own through Jupyter, to see what is really in force."""
        return self.lab.server.open(f"workbench/servers/{self.lab.kernel}.{bench}/")


def hears(client: ClientConnection, text: str) -> str:
    """Send a message and return the answer."""
    client.send(text)
    return str(client.recv(timeout=20))


def until_heard(client: ClientConnection, answer: str, seconds: float = 5.0) -> float:
    """Send messages until the answer is what is waited for; return the seconds it took."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        if hears(client, "hello") == answer:
            return time.perf_counter() - began
    raise AssertionError(f"No client heard {answer!r} within {seconds:g} s.")

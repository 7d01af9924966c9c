"""What the tests of the faces share: benches with hooks, and a face that a test drives by hand."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from workbench import Workbench
from workbench.testing import FakeScheduler
from workbench.widgets.channel import ChannelSession
from workbench.widgets.protocol import CHANNEL_PATH, Message


def echo(peer: Any, message: Any) -> None:
    """Send a message back."""
    peer.send(message.text())


def shout(peer: Any, message: Any) -> None:
    """Change a message, and say so."""
    del peer
    print("shouting")
    message.raw_data = message.text().upper()


def boom(peer: Any, message: Any) -> None:
    """Fail on a message."""
    del peer
    raise ValueError(message.text())


def bench_with(*functions: Callable[..., Any], name: str = "chat", **options: Any) -> Workbench:
    """Make a crossws bench with these hooks on messages; it is not started."""
    bench = Workbench("crossws", name=name, **options)
    for function in functions:
        bench.chain("message").attach(function)
    return bench


THREADS = 4


def flood(bench: Workbench, each: int) -> list[threading.Thread]:
    """Begin to fire messages in several threads, for connections 1 to 4."""
    peer = SimpleNamespace(send=lambda _: None)
    message = SimpleNamespace(text=lambda: "hi", raw_data="hi")

    def fire(connection: int) -> None:
        for _ in range(each):
            bench.board.plan("message").fire(connection, peer, message)

    threads = [threading.Thread(target=fire, args=(number + 1,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    return threads


class Face:
    """One face whose messages a test writes and reads; time passes in `scheduler`."""

    def __init__(self, bench: Workbench, *, trusted: bool = True) -> None:
        self.scheduler = FakeScheduler()
        self.said: list[Message] = []
        self.turned_away = 0
        self.session = ChannelSession(
            bench, self._take, self.scheduler, trusted=trusted, refused=self._turned_away
        )

    def _take(self, message: Message) -> int:
        self.said.append(json.loads(json.dumps(message, allow_nan=False)))  # whatever is said must be JSON
        return 0

    def _turned_away(self) -> None:
        self.turned_away += 1

    def say(self, **message: Any) -> Message:
        """Say something and return the answer; an empty dict for none."""
        before = len(self.said)
        self.session.receive(message)
        return self.said[before] if len(self.said) > before else {}

    def edit(self, **edit: Any) -> Message:
        """Ask for an edit and return the answer."""
        return self.say(op="edit", id=1, edit=edit)

    def frames(self, view: str) -> list[Any]:
        """Return the data of the frames of a view so far."""
        return [said["data"] for said in self.said if said["op"] == "frame" and said["view"] == view]


def channel(bench: Workbench, *, token: str | None = None, **options: Any) -> connect:
    """Connect to a bench's side socket as a program does, with the token in the header where one is given."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return connect(f"{bench.ws_url}{CHANNEL_PATH}", additional_headers=headers, proxy=None, **options)


async def hear(socket: ClientConnection, op: str, **members: Any) -> Message:
    """Return the next message of that op with those members, acknowledging frames on the way."""
    while True:
        message: Message = json.loads(await asyncio.wait_for(socket.recv(), 5))
        if message["op"] == "frame":
            await say(socket, op="ack", view=message["view"], frame=message["frame"])
        if message["op"] == op and all(message.get(name) == value for name, value in members.items()):
            return message


async def say(socket: ClientConnection, **message: Any) -> None:
    """Say something over the side socket."""
    await socket.send(json.dumps(message))

"""One console client, beyond what the console's tests see."""

from __future__ import annotations

import asyncio
import socket

import pytest

from workbench.client.connection import ConsoleClient, Line


def test_a_line_is_json_with_milliseconds() -> None:
    """Pages count in milliseconds."""
    assert Line(2.5, "in", "x").to_json() == {"time": 2500.0, "direction": "in", "text": "x", "binary": False}


def test_a_note_is_the_consoles_own_voice() -> None:
    """It stands among the lines, and is told to the watcher."""
    seen: list[None] = []
    client = ConsoleClient("c1", "/", lambda: seen.append(None))

    client.note("replaced")

    assert [(line.direction, line.text) for line in client.lines] == [("note", "replaced")]
    assert seen == [None]


def test_a_loop_that_ends_closes_the_client() -> None:
    """A cancelled client says 1006, whatever stage it was in."""

    async def main() -> ConsoleClient:
        with socket.socket() as listener:  # accepts, and never answers
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            listener.setblocking(False)
            client = ConsoleClient("c1", "/", lambda: None)
            url = f"ws://127.0.0.1:{listener.getsockname()[1]}/"
            task = asyncio.create_task(client.run(url, (), {}))
            accepted, _ = await asyncio.get_running_loop().sock_accept(listener)
            task.cancel()
            with accepted, pytest.raises(asyncio.CancelledError):
                await task
        return client

    client = asyncio.run(main())

    assert (client.state, client.code) == ("closed", 1006)
    client.push_close(1000, "")  # over already: nothing happens
    assert client.state == "closed"

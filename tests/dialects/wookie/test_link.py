"""One connection: connect, requests one after the other, and its row in the register."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.dialects.wookie.support import Stage, play, turns, until
from workbench.dialects.wookie import send_response


def answer(_request: Any, response: Any) -> None:
    """Answer."""
    send_response(response, body="answer")


def test_the_register_counts() -> None:
    """Requests, answers and the bytes of their bodies are counted; the end is noted."""

    async def scene(stage: Stage) -> None:
        stage.route(answer)
        await stage.post(b"12345")
        connection = stage.client.connection()
        await stage.ask(connection)
        await stage.ask(connection)
        assert connection.link.connection == 2  # type: ignore[attr-defined]  # ours has one
        connection.end()

    frame = play(scene).bench.trace.connections
    assert frame[["messages_in", "messages_out", "bytes_in", "bytes_out"]].to_numpy().tolist() == [
        [1, 1, 5, 6],
        [2, 2, 0, 12],
    ]
    assert frame["closed"].notna().all()
    assert frame["dialect"].astype(str).tolist() == ["wookie", "wookie"]


def test_connect_comes_first_and_may_wait() -> None:
    """Connect hooks see the socket before any request, and hold the client; failing ones refuse nobody."""
    seen: list[Any] = []

    async def slow(socket: Any) -> None:
        seen.append((socket.remote_address, socket.closed, socket.data))
        socket.data = "kept"
        await asyncio.sleep(0.02)
        raise LookupError("nobody")

    async def scene(stage: Stage) -> None:
        stage.route(lambda request, response: send_response(response, body=request.socket.data))
        stage.bench.add_hook("connect", slow)
        assert (await stage.get()).text() == "kept"
        stage.bench.clear_hooks()
        stage.bench.add_hook("connect", lambda _socket: 1 / 0)
        stage.bench.add_hook("connect", lambda _socket: seen.append("too late"))
        stage.bench.chain("connect").set_policy(failure="propagate")
        connection = stage.client.connection()
        connection.link.drained()
        connection.end()

    stage = play(scene)
    assert seen == [("127.0.0.1", False, None)]
    assert any("(Q9)" in text for text in stage.moments())


def test_a_socket_may_be_closed_by_a_hook() -> None:
    """A hook can end the connection."""

    async def scene(stage: Stage) -> None:
        stage.route(answer)
        stage.bench.add_hook("post-route", lambda request, _response: request.socket.close())
        connection = stage.client.connection()
        await stage.ask(connection)
        await turns()
        assert connection.closing

    play(scene)


def test_lost_clients_leave_nothing_behind() -> None:
    """What a request waits for goes on when its client has gone; nothing follows it."""
    ran: list[str] = []

    async def slow(_request: Any, _response: Any) -> None:
        await asyncio.sleep(0.02)
        ran.append("hook")

    async def scene(stage: Stage) -> None:
        stage.route(lambda: ran.append("route"))
        stage.bench.add_hook("pre-route", slow)
        connection = stage.client.connection()
        task = asyncio.ensure_future(stage.ask(connection))
        await turns()
        connection.end()
        await until(lambda: ran)
        await turns()
        task.cancel()

    stage = play(scene)
    assert ran == ["hook"]
    assert stage.escaped == []

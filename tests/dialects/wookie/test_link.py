"""One connection: connect, requests one after the other, and its row in the register."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

from tests.dialects.wookie.support import Stage, play, turns, until
from workbench import Workbench
from workbench.dialects.wookie import send_response
from workbench.testing import serving


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


def ask_slowly(bench: Any, *parts: bytes) -> bytes:
    """Send parts a while apart, then nothing more; give all that comes until the server ends it."""
    with socket.create_connection((bench.host, bench.port), 10) as client:
        for part in parts:
            client.sendall(part)
            time.sleep(0.05)
        data = b""
        while piece := client.recv(4096):
            data += piece
    return data


def test_slow_clients() -> None:
    """A client that stops in the middle of headers or of a body gets 408, after what was valid before it."""
    bench: Any = Workbench("wookie", name="test", header_timeout=0.3, body_timeout=0.3)
    bench.route("*", "/")(answer)
    seen: list[int] = []
    bench.add_hook("response-started", lambda _response, _request, status: seen.append(status))
    whole = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    post = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"
    with serving(bench):
        late_headers = ask_slowly(bench, whole, whole[:-4])
        late_body = ask_slowly(bench, whole, post)
    for data in (late_headers, late_body):
        assert [line for line in data.split(b"\r\n") if b"HTTP/1.1" in line] == [
            b"HTTP/1.1 200 OK",
            b"answerHTTP/1.1 408 Request Timeout",
        ]
    assert seen == [200, 200, 408]


def test_slow_hooks_are_not_slow_clients() -> None:
    """However long a hook holds a client, that client is not to blame."""
    bench: Any = Workbench("wookie", name="test", header_timeout=0.1, body_timeout=0.1)
    bench.route("*", "/")(answer)
    for point in ("parsed-headers", "body-chunk"):
        bench.add_hook(point, lambda *_: asyncio.sleep(0.3))
    with serving(bench):
        data = ask_slowly(
            bench,
            b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        )
    assert data.startswith(b"HTTP/1.1 200")

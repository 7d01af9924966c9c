"""WebSockets through the proxy: what one side says is what the other hears, codes and subprotocols too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Close

from tests.jupyter.conftest import Address, FakeKernels
from tests.jupyter.standin import StandIn


async def until_closed(hook_server: StandIn) -> tuple[int | None, str | None]:
    """Wait until the hook server has seen its client go; return code and reason."""
    assert await asyncio.to_thread(hook_server.closed.wait, 5)
    return hook_server.closes[-1]


async def received(socket: Any) -> Close | None:
    """Read until the server closes; return the close frame that came."""
    with pytest.raises(ConnectionClosed) as ended:  # noqa: PT012 - whichever message is the last
        while True:
            await asyncio.wait_for(socket.recv(), 5)
    return ended.value.rcvd


@pytest.mark.parametrize("message", ["", "text", "Grüße 🐝", b"", b"\x00\xff", "x" * 200_000, b"y" * 200_000])
async def test_text_stays_text_and_bytes_stay_bytes(
    jupyter: Address, bench: str, message: str | bytes
) -> None:
    """Messages of both kinds and all sizes come back as they went."""
    async with jupyter.open(bench, "/ws/x") as socket:
        await socket.send(message)
        assert await socket.recv() == message


async def test_order_is_kept(jupyter: Address, bench: str) -> None:
    """A thousand messages sent at once arrive in their order."""
    async with jupyter.open(bench, "/ws/x") as socket:
        sending = asyncio.gather(*(socket.send(str(number)) for number in range(1000)))
        assert [await socket.recv() for _ in range(1000)] == [str(number) for number in range(1000)]
        await sending


async def test_the_hook_server_chooses_the_subprotocol(jupyter: Address, bench: str) -> None:
    """Jupyter has no opinion: what the hook server knows wins, and nothing where it knows none."""
    async with jupyter.open(bench, "/ws/x", subprotocols=["nope", "echo.v2"]) as socket:
        assert socket.subprotocol == "echo.v2"
    async with jupyter.open(bench, "/ws/x", subprotocols=["nope"]) as socket:
        assert socket.subprotocol is None


async def test_headers_of_the_hooks_101_reach_the_browser(jupyter: Address, bench: str) -> None:
    """All but those that would act on Jupyter's origin."""
    async with jupyter.open(bench, "/ws/x") as socket:
        assert socket.response is not None
        assert socket.response.headers["X-Greeting"] == "hello"
        cookies = socket.response.headers.get_all("Set-Cookie")
        assert not any(cookie.startswith("session=") for cookie in cookies)


async def test_a_hooks_refusal_is_what_the_browser_gets(jupyter: Address, bench: str) -> None:
    """Status, phrase, headers and body of an upgrade hook's answer."""
    with pytest.raises(InvalidStatus) as refusal:
        await jupyter.open(bench, "/ws/refuse")
    answer = refusal.value.response
    assert (answer.status_code, answer.reason_phrase) == (401, "Who are you")
    assert answer.headers["X-Why"] == "no ticket"
    assert answer.body == b"no ticket, no entry"


async def test_the_hooks_close_code_reaches_the_browser(jupyter: Address, bench: str) -> None:
    """4321 "you asked" stays 4321 "you asked"."""
    async with jupyter.open(bench, "/ws/x") as socket:
        await socket.send("close")
        assert await received(socket) == Close(4321, "you asked")


async def test_a_close_without_a_code_stays_without(
    jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """1005 in both directions: what a browser's close() without arguments says."""
    async with jupyter.open(bench, "/ws/x") as socket:
        await socket.send("close without code")
        assert await received(socket) == Close(1005, "")
    hook_server.closed.clear()
    async with jupyter.open(bench, "/ws/x") as socket, socket.send_context():
        socket.protocol.send_close()
    assert await until_closed(hook_server) == (None, None)


@pytest.mark.parametrize(
    ("code", "reason"), [(4001, "bye"), (1000, ""), (1001, "tab closed"), (3000, "Grüße")]
)
async def test_the_browsers_close_code_reaches_the_hook(
    jupyter: Address, bench: str, hook_server: StandIn, code: int, reason: str
) -> None:
    """Code and reason as they were."""
    async with jupyter.open(bench, "/ws/x") as socket:
        await socket.close(code, reason)
    assert await until_closed(hook_server) == (code, reason or None)


async def test_a_browser_that_vanishes_is_going_away(
    jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """A connection that breaks off reaches the hook as 1001."""
    socket = await jupyter.open(bench, "/ws/x")
    socket.transport.abort()
    code, _ = await until_closed(hook_server)
    assert code == 1001


async def test_a_hook_server_that_vanishes_is_a_failure(jupyter: Address, bench: str) -> None:
    """A connection that breaks off reaches the browser as 1011 with a reason."""
    async with jupyter.open(bench, "/ws/x") as socket:
        await socket.send("drop")
        assert await received(socket) == Close(1011, "The hook server went away")


async def test_a_message_beyond_the_limit_closes_with_1009(
    jp_serverapp: Any, jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """The proxy's limit is the administrator's, and the hook learns that its client went."""
    jp_serverapp.web_app.settings["workbench_settings"].max_message_bytes = 100_000
    async with jupyter.open(bench, "/ws/x") as socket:
        await socket.send("x" * 100_000)
        assert len(await socket.recv()) == 100_000
        await socket.send("x" * 100_001)
        closed = await received(socket)
        assert closed is not None
        assert closed.code == 1009
    assert (await until_closed(hook_server))[0] == 1001


async def test_query_and_path_reach_the_hook(jupyter: Address, bench: str, hook_server: StandIn) -> None:
    """The raw path and the query, without Jupyter's token in either place."""
    async with jupyter.open(bench, f"/ws/a%20b?room=1&token={jupyter.token}", token=False):
        pass
    method, uri, headers = hook_server.requests[-1]
    assert (method, uri) == ("WS", "/ws/a%20b?room=1")
    assert headers["X-Forwarded-Prefix"] == jupyter.path(bench, "")
    assert jupyter.token not in str(headers)


async def test_a_dead_server_is_told_before_the_upgrade(
    jupyter: Address, announce: Callable[..., str], kernels: FakeKernels, closed_port: int
) -> None:
    """502 with a sentence; no socket that opens and drops."""
    del kernels
    with pytest.raises(InvalidStatus) as refusal:
        await jupyter.open(announce(port=closed_port), "/ws/x")
    answer = refusal.value.response
    assert answer.status_code == 502
    assert json.loads(answer.body or b"{}")["reason"] == "unreachable"


async def test_a_dead_kernel_gives_404(jupyter: Address, bench: str, kernels: FakeKernels) -> None:
    """As for HTTP."""
    kernels.alive.clear()
    with pytest.raises(InvalidStatus) as refusal:
        await jupyter.open(bench, "/ws/x")
    assert refusal.value.response.status_code == 404


async def test_connections_are_counted_and_limited(jp_serverapp: Any, jupyter: Address, bench: str) -> None:
    """One more than allowed gets 503; a place that is left is free again, also after refusals."""
    jp_serverapp.web_app.settings["workbench_settings"].max_connections = 1
    for _ in range(3):
        with pytest.raises(InvalidStatus):
            await jupyter.open(bench, "/ws/refuse")
    async with jupyter.open(bench, "/ws/x") as first:
        with pytest.raises(InvalidStatus) as refusal:
            await jupyter.open(bench, "/ws/x")
        assert refusal.value.response.status_code == 503
        await first.send("close")
        await received(first)
    async with jupyter.open(bench, "/ws/x") as again:
        await again.send("hi")
        assert await again.recv() == "hi"


async def test_an_invalid_handshake_leaves_nothing_open(
    jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """A handshake without a key is the browser's mistake: 400, and the hook server's side is closed again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", jupyter.port)
    head = f"GET {jupyter.path(bench, '/ws/x')} HTTP/1.1\r\nHost: localhost\r\n"
    writer.write(f"{head}Authorization: token {jupyter.token}\r\nUpgrade: websocket\r\n".encode())
    writer.write(b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n")
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert answer.startswith(b"HTTP/1.1 400 ")
    writer.close()
    await until_closed(hook_server)


async def test_the_channel_gets_the_benchs_token_and_watching_is_no_activity(
    jp_serverapp: Any, jupyter: Address, bench: str
) -> None:
    """A page needs no token of the bench; a panel that only watches does not keep an idle server alive."""
    settings = jp_serverapp.web_app.settings
    async with jupyter.open(bench, "/_workbench/channel") as socket:
        before = settings.get("api_last_activity")
        for op in ("hello", "watch", "ack", "ping"):
            await socket.send(json.dumps({"op": op}))
            await socket.recv()
        assert settings.get("api_last_activity") == before
        await socket.send(json.dumps({"op": "edit"}))
        await socket.recv()
        assert settings.get("api_last_activity") != before


async def test_client_messages_are_activity(jp_serverapp: Any, jupyter: Address, bench: str) -> None:
    """Traffic of real clients keeps the server from being culled."""
    settings = jp_serverapp.web_app.settings
    async with jupyter.open(bench, "/ws/x") as socket:
        before = settings.get("api_last_activity")
        await socket.send("hi")
        await socket.recv()
        assert settings.get("api_last_activity") != before


async def test_a_slow_hook_holds_a_fast_client_back(
    jupyter: Address, bench: str, hook_server: StandIn
) -> None:
    """While the hook does not take a message, the client's sends stop; afterwards all arrive."""
    async with jupyter.open(bench, "/ws/slow") as socket:
        sent = 0

        async def send() -> None:
            nonlocal sent
            for _ in range(200):
                await socket.send(b"x" * 2**20)
                sent += 1

        task = asyncio.create_task(send())
        seen = -1
        while seen != sent:  # until a quarter of a second brings nothing more
            seen = sent
            await asyncio.sleep(0.25)
        assert sent < 60
        task.cancel()
        socket.transport.abort()
    hook_server.gate.set()

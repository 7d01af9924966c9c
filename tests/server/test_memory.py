"""Connections in memory behave as those on sockets do, as far as they claim to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest

from tests.server.support import RecordingLink, StubHandler, echo
from workbench.server import (
    Handshake,
    HookServer,
    HttpTransport,
    InvalidClose,
    Request,
    Response,
    ServerOptions,
    WebSocketTransport,
    serve_handler,
)
from workbench.server.errors import AlreadyAnswered, UnsupportedByTransport
from workbench.testing.memory import ConnectionLost, Disconnected, MemoryClient, Refused, make_head


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a test's body."""
    asyncio.run(asyncio.wait_for(coroutine, 20))


def client(handler: Any = None, **options: Any) -> MemoryClient:
    """Make a client of a handler."""
    return MemoryClient(handler or StubHandler(), ServerOptions(**options))


def opening(link: RecordingLink, **options: Any) -> StubHandler:
    """Make a handler that opens this link."""
    return StubHandler(upgrade=lambda _, handshake: handshake.accept(link, **options))


def test_fetch_gives_the_answer() -> None:
    """Method, path, headers and body arrive; status, headers and body come back."""

    async def main() -> None:
        handler = StubHandler()
        response = await client(handler).fetch("POST", "/a?b=1", headers={"X-A": "1"}, body="hé")
        assert (response.status, response.text()) == (200, "POST /a?b=1 hé")
        assert response.headers["content-type"] == "text/plain;charset=UTF-8"
        (request,) = handler.requests
        assert request.url == "http://localhost/a?b=1"
        assert request.headers["x-a"] == "1"
        assert request.remote_address == "127.0.0.1"

    run(main())


def test_a_body_may_come_in_pieces() -> None:
    """Pieces are put together by the link."""

    async def main() -> None:
        response = await client().fetch("POST", "/", body=[b"a", b"b", b"c"])
        assert response.text() == "POST / abc"
        assert (await client().fetch("POST", "/", body=b"x")).text() == "POST / x"

    run(main())


def test_served_may_be_a_server_an_application_or_a_handler() -> None:
    """A server need not run; its options hold."""

    async def main() -> None:
        application = serve_handler(StubHandler())
        assert (await MemoryClient(application).fetch("GET", "/")).status == 200
        server = HookServer(application, ServerOptions(token="secret"))
        assert (await MemoryClient(server).fetch("GET", "/")).status == 401
        assert (await MemoryClient(server).fetch("GET", "/?token=secret")).status == 200

    run(main())


def test_head_and_streams() -> None:
    """HEAD has no body; a stream is collected."""

    async def pieces() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    async def main() -> None:
        assert (await client().fetch("HEAD", "/")).body == b""
        streaming = StubHandler(request=lambda _: Response(pieces(), status=201, status_text="Done"))
        response = await client(streaming).fetch("GET", "/")
        assert (response.status, response.status_text, response.text()) == (201, "Done", "ab")

    run(main())


def test_expect_continue_and_limits() -> None:
    """The 100 is noted; a body over the limit is 413."""

    async def main() -> None:
        connection = client(body_limit=3).connection()
        head = make_head("POST", "/", {"Expect": "100-continue", "X-Forwarded-Proto": "https"}, 3)
        assert (await connection.exchange(head, [b"abc"])).status == 200
        assert connection.continued
        assert head.url == "https://localhost/"
        assert (await client(body_limit=3).fetch("POST", "/", body="abcd")).status == 413

    run(main())


class Odd:
    """An application whose link does one thing with each head."""

    def __init__(self, act: Callable[[HttpTransport], object]) -> None:
        self.act = act
        self.names: list[str] = []

    def connect(self, transport: HttpTransport) -> Any:
        """Give itself: there is one connection."""
        self.transport = transport
        return self

    def head(self, _: object) -> None:
        """Act."""
        self.names.append("head")
        self.act(self.transport)

    def body(self, data: bytes, last: bool) -> None:
        """Note it."""
        self.names.append(f"body {data!r} {last}")

    def failed(self, _: object) -> None:
        """Nothing."""

    def drained(self) -> None:
        """Nothing."""

    def lost(self) -> None:
        """Note it."""
        self.names.append("lost")


def test_requests_without_an_answer() -> None:
    """A dropped request and an aborted connection are told apart from an answer; further requests too."""

    async def main() -> None:
        odd = Odd(lambda transport: transport.drop())
        connection = MemoryClient(odd).connection()
        for _ in range(2):
            with pytest.raises(ConnectionLost, match="dropped"):
                await connection.exchange(make_head("GET", "/"))
        connection.end()
        connection.end()
        assert odd.names == ["head", "head", "lost"]
        aborting = Odd(lambda transport: transport.abort())
        connection = MemoryClient(aborting).connection()
        with pytest.raises(ConnectionLost, match="ended the connection"):
            await connection.exchange(make_head("GET", "/"))
        with pytest.raises(ConnectionLost, match="has ended"):
            await connection.exchange(make_head("GET", "/"))
        await asyncio.sleep(0)
        assert aborting.names == ["head", "lost"]
        assert connection.closing
        aborting.transport.respond(Response("late"))
        aborting.transport.close()

    run(main())


def test_a_held_connection_waits_with_the_body() -> None:
    """Pause keeps the pieces back, resume hands them on."""

    async def main() -> None:
        odd = Odd(lambda transport: transport.pause())
        connection = MemoryClient(odd).connection()
        exchange = asyncio.ensure_future(connection.exchange(make_head("POST", "/", length=2), [b"a", b"b"]))
        await asyncio.sleep(0.01)
        assert odd.names == ["head"]
        odd.transport.pause()
        odd.transport.resume()
        odd.transport.resume()
        await asyncio.sleep(0.01)
        assert odd.names == ["head", "body b'a' False", "body b'b' True"]
        assert odd.transport.buffered_amount == 0
        odd.transport.respond(Response("x"))
        odd.transport.finish()
        odd.transport.write(b"late")
        odd.transport.drop()
        assert (await exchange).text() == "x"
        with pytest.raises(AlreadyAnswered):
            odd.transport.respond(Response("y"))

    run(main())


def test_errors_of_a_link_are_reported() -> None:
    """They do not reach the client's side."""

    def fail(transport: HttpTransport) -> None:
        transport.respond(Response("first"))
        raise RuntimeError("planned")

    async def main() -> None:
        memory = MemoryClient(Odd(fail))
        told: list[str] = []
        memory.host.report = lambda error, what: told.append(f"{what}: {error}")
        assert (await memory.fetch("GET", "/")).text() == "first"
        assert told == ["The link's head: planned"]

    run(main())


def test_websocket_carries_messages_both_ways() -> None:
    """Text and bytes, in order; the subprotocol and the 101's headers are seen; counters count."""

    async def main() -> None:
        link = RecordingLink(echo)
        handler = opening(link, headers={"X-A": "1"}, protocol="p1")
        websocket = await client(handler).connect("/x", protocols=["p0", "p1"])
        assert handler.requests[0].headers["sec-websocket-protocol"] == "p0, p1"
        assert (websocket.protocol, websocket.response.headers["x-a"]) == ("p1", "1")
        for data in ("text", b"bytes", "", "é"):
            websocket.send(data)
        assert [await websocket.receive() for _ in range(4)] == ["text", b"bytes", "", "é"]
        counters = link.transport.counters
        assert (counters.messages_in, counters.bytes_in) == (4, 11)
        assert (counters.messages_out, counters.bytes_out) == (4, 11)
        assert link.transport.remote_address == "127.0.0.1"
        websocket.send("again")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert websocket.received() == ["again"]
        websocket.hold()
        link.transport.send("é")
        assert link.transport.buffered_amount == 2
        websocket.release()

    run(main())


def test_refusals_are_raised_with_their_response() -> None:
    """Whatever upgrade answers but a WebSocket."""

    async def main() -> None:
        handler = StubHandler(upgrade=lambda _, handshake: handshake.reject(Response("no", status=401)))
        with pytest.raises(Refused) as caught:
            await client(handler).connect("/")
        assert (caught.value.response.status, caught.value.response.text()) == (401, "no")
        with pytest.raises(Refused, match="500"):
            await client(StubHandler(upgrade=lambda *_: None)).connect("/")

    run(main())


def test_a_handshake_is_answered_once() -> None:
    """And there is no socket to hand over."""

    def upgrade(_: Request, handshake: Handshake) -> None:
        handshake.accept(RecordingLink())
        with pytest.raises(AlreadyAnswered):
            handshake.accept(RecordingLink())
        with pytest.raises(AlreadyAnswered):
            handshake.reject(Response())
        with pytest.raises(UnsupportedByTransport):
            handshake.hand_over()

    async def main() -> None:
        await client(StubHandler(upgrade=upgrade)).connect("/")

    run(main())


@pytest.mark.parametrize(
    ("code", "reason", "seen"), [(4001, "bye", 4001), (None, "ignored", 1005), (1000, "", 1000)]
)
def test_client_close(code: int | None, reason: str, seen: int) -> None:
    """Code and reason reach the link, which hears closed once."""

    async def main() -> None:
        link = RecordingLink()
        websocket = await client(opening(link)).connect("/")
        await websocket.close(code, reason)
        told = reason if code else ""
        assert link.seen == [("opened",), ("close_received", seen, told), ("closed", seen, told)]
        assert (websocket.code, websocket.reason, websocket.closed) == (seen, told, True)
        with pytest.raises(Disconnected):
            await websocket.receive()
        assert websocket.received() == []

    run(main())


def test_server_close_is_answered() -> None:
    """The client sees code and reason after the last message, and the link gets them back."""

    def close(transport: WebSocketTransport, _: object) -> None:
        with pytest.raises(InvalidClose):
            transport.close(999)
        transport.send("last")
        transport.close(4005, "bye")
        transport.send("never")
        transport.ping()
        transport.close(4006)

    async def main() -> None:
        link = RecordingLink(close)
        websocket = await client(opening(link)).connect("/")
        websocket.send("go")
        assert await websocket.receive() == "last"
        with pytest.raises(Disconnected) as caught:
            await websocket.receive()
        assert (caught.value.code, caught.value.reason) == (4005, "bye")
        assert await websocket.wait_closed() == (4005, "bye")
        assert link.seen[-1] == ("closed", 4005, "bye")
        link.transport.terminate()

    run(main())


def test_messages_after_close_are_dispatched_until_it_is_answered() -> None:
    """R28: a message on its way when the server closed still arrives; none after the answer."""

    async def main() -> None:
        link = RecordingLink(lambda transport, _: transport.close())
        websocket = await client(opening(link)).connect("/")
        websocket.polite = False
        websocket.send("one")
        websocket.send("two")
        await asyncio.sleep(0.01)
        await websocket.close(1000)
        websocket.send("three")
        await asyncio.sleep(0.01)
        assert link.names() == ["opened", "message", "message", "close_received", "closed"]
        assert websocket.code == 1005

    run(main())


@pytest.mark.parametrize("who", ["client", "server"])
def test_cut_connections_are_1006(who: str) -> None:
    """Dropped by the client, or terminated."""

    async def main() -> None:
        link = RecordingLink()
        websocket = await client(opening(link)).connect("/")
        if who == "client":
            websocket.drop()
        else:
            link.transport.terminate()
        assert await websocket.wait_closed() == (1006, "")
        assert link.seen[-1] == ("closed", 1006, "")
        link.transport.close()

    run(main())


def test_close_timeout_and_paused_timers() -> None:
    """A client that never answers is given up, but not while timers are paused."""

    async def main() -> None:
        link = RecordingLink()
        websocket = await client(opening(link), close_timeout=0.05).connect("/")
        websocket.polite = False
        link.transport.close()
        link.transport.pause_timers()
        await asyncio.sleep(0.1)
        assert "closed" not in link.names()
        link.transport.resume_timers()
        await websocket.wait_closed()
        assert link.seen[-1] == ("closed", 1006, "")
        link.transport.resume_timers()

    run(main())


def test_pings_both_ways() -> None:
    """Answered by themselves and surfaced; an unasked pong too; a long ping raises."""

    async def main() -> None:
        link = RecordingLink()
        websocket = await client(opening(link)).connect("/")
        assert await websocket.ping(b"a") == b"a"
        websocket.pong(b"b")
        link.transport.ping(b"c")
        with pytest.raises(ValueError, match="125"):
            link.transport.ping(b"x" * 126)
        await asyncio.sleep(0.01)
        assert link.seen[1:] == [("ping", b"a"), ("pong", b"b"), ("pong", b"c")]

    run(main())


def test_idle_timeout() -> None:
    """R50: a client that answers heartbeats stays, and they are hidden; a silent one goes."""

    async def main() -> None:
        alive, silent, paused = RecordingLink(), RecordingLink(), RecordingLink()
        links = iter((alive, silent, paused))
        handler = StubHandler(upgrade=lambda _, handshake: handshake.accept(next(links)))
        memory = client(handler, idle_timeout=0.03)
        await memory.connect("/")
        (await memory.connect("/")).polite = False
        (await memory.connect("/")).polite = False
        paused.transport.pause_timers()
        await asyncio.sleep(0.15)
        assert alive.names() == ["opened"]
        assert silent.seen[-1] == ("closed", 1006, "")
        assert paused.names() == ["opened"]

    run(main())


def test_slow_client_and_drained() -> None:
    """What a client does not read is counted; once it has read much, the link hears of it."""

    async def main() -> None:
        link = RecordingLink()
        websocket = await client(opening(link)).connect("/")
        websocket.hold()
        assert link.transport.send(b"x" * 100_000) == 100_000
        assert link.transport.buffered_amount == 100_000
        assert websocket.received() == []
        websocket.release()
        assert len(await websocket.receive()) == 100_000
        await asyncio.sleep(0)
        assert link.names() == ["opened", "drained"]
        websocket.hold()
        link.transport.send("little")
        websocket.release()
        await asyncio.sleep(0)
        assert link.names() == ["opened", "drained"]

    run(main())


def test_paused_reading() -> None:
    """What comes while paused is kept, in order, also across a second pause."""

    def pausing(transport: WebSocketTransport, data: str | bytes) -> None:
        if data == "stop":
            transport.pause_reading()
            transport.pause_reading()

    async def main() -> None:
        link = RecordingLink(pausing)
        websocket = await client(opening(link)).connect("/")
        for data in ("stop", "a", "stop", "b"):
            websocket.send(data)
        await asyncio.sleep(0.01)
        assert [event[1] for event in link.seen[1:]] == ["stop"]
        link.transport.resume_reading()
        assert [event[1] for event in link.seen[1:]] == ["stop", "a", "stop"]
        link.transport.resume_reading()
        assert [event[1] for event in link.seen[1:]] == ["stop", "a", "stop", "b"]

    run(main())


def test_messages_over_the_limit_fail_with_1009() -> None:
    """R31: failure, close frame, then 1006."""

    async def main() -> None:
        link = RecordingLink()
        websocket = await client(opening(link, max_message=3)).connect("/")
        websocket.send("äö")
        assert await websocket.wait_closed() == (1009, "")
        assert link.names() == ["opened", "failed", "closed"]
        assert link.seen[-1] == ("closed", 1006, "")

    run(main())


def test_errors_of_a_websocket_link_are_reported() -> None:
    """The connection goes on."""

    def trip(transport: WebSocketTransport, data: str | bytes) -> None:
        if data == "fail":
            raise RuntimeError("planned")
        transport.send(data)

    async def main() -> None:
        told: list[str] = []
        memory = client(opening(RecordingLink(trip)))
        memory.host.report = lambda error, what: told.append(f"{what}: {error}")
        websocket = await memory.connect("/")
        websocket.send("fail")
        websocket.send("on")
        assert await websocket.receive() == "on"
        assert told == ["The link's message: planned"]

    run(main())


def test_slow_upgrade() -> None:
    """The client waits for it."""

    async def upgrade(_: Request, handshake: Handshake) -> None:
        await asyncio.sleep(0.01)
        handshake.accept(RecordingLink(echo))

    pending: Awaitable[None] | None = None

    async def main() -> None:
        websocket = await client(StubHandler(upgrade=upgrade)).connect("/")
        websocket.send("x")
        assert await websocket.receive() == "x"

    assert pending is None
    run(main())

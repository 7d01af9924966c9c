"""One suite for every transport, and the proof that the lists of capabilities are exact."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.server.drivers import Driver, driving, wait_for
from tests.server.support import Events, RecordingLink, StubHandler, echo
from workbench.server import CAPABILITIES, Head, HttpTransport, Response, WebSocketTransport, serve_handler
from workbench.server.capabilities import MEANING, missing, require
from workbench.server.errors import MissingCapability
from workbench.testing.memory import Refused

TRANSPORTS = sorted(CAPABILITIES)
anywhere = pytest.mark.parametrize("transport", TRANSPORTS)


def drive(
    transport: str, served: Any, body: Callable[[Driver], Awaitable[None]], **options: Any
) -> list[str]:
    """Serve over a transport, run the body of a test, give the reported errors."""
    errors: list[str] = []
    application = served if hasattr(served, "connect") else serve_handler(served)

    async def main() -> None:
        with driving(transport, application, errors, **options) as driver:
            async with asyncio.timeout(20):
                await body(driver)

    asyncio.run(main())
    return errors


def opening(link: RecordingLink, **options: Any) -> StubHandler:
    """Make a handler that opens this link."""
    return StubHandler(upgrade=lambda _, handshake: handshake.accept(link, **options))


# what every transport does


@anywhere
def test_requests_are_answered(transport: str) -> None:
    """Method, target, headers and body go in; status, headers and body come out."""
    handler = StubHandler()

    async def body(driver: Driver) -> None:
        response = await driver.fetch("POST", "/a%20b?c=d", b"body", X_One="1")
        assert (response.status, response.body) == (200, b"POST /a%20b?c=d body")
        assert response.headers["content-type"] == "text/plain;charset=UTF-8"
        (request,) = handler.requests
        assert request.headers["x-one"] == "1"
        assert request.url.startswith("http://localhost")
        assert request.url.endswith("/a%20b?c=d")
        assert request.remote_address == "127.0.0.1"

    assert drive(transport, handler, body) == []


@anywhere
def test_forwarded_proto_makes_https(transport: str) -> None:
    """The scheme behind a proxy that ends TLS."""
    handler = StubHandler()

    async def body(driver: Driver) -> None:
        await driver.fetch("GET", "/", X_Forwarded_Proto="https")
        assert handler.requests[0].url.startswith("https://")

    drive(transport, handler, body)


@anywhere
def test_response_headers(transport: str) -> None:
    """Cookies stay apart, other repeats are joined."""
    headers = [("set-cookie", "a=1"), ("x-a", "1"), ("set-cookie", "b=2"), ("x-a", "2")]

    async def body(driver: Driver) -> None:
        response = await driver.fetch("GET", "/")
        assert response.headers.get_all("set-cookie") == ["a=1", "b=2"]
        assert response.headers["x-a"] == "1, 2"

    drive(transport, StubHandler(request=lambda _: Response("x", headers=headers)), body)


@anywhere
def test_head_and_empty_statuses(transport: str) -> None:
    """HEAD and 204 have no body."""

    async def body(driver: Driver) -> None:
        assert (await driver.fetch("HEAD", "/")).body == b""
        assert (await driver.fetch("GET", "/")).body == b""

    drive(transport, StubHandler(request=lambda _: Response(status=204)), body)


@anywhere
def test_streams_and_raised_responses(transport: str) -> None:
    """An async iterable arrives whole; a raised Response is an answer; a failure is a 500 and is reported."""

    async def pieces() -> AsyncIterator[str]:
        yield "a"
        await asyncio.sleep(0)
        yield "b"

    async def answer(request: Any) -> Response:
        if request.path == "/stream":
            return Response(pieces())
        if request.path == "/raise":
            raise Response("raised", status=418)
        raise RuntimeError("planned")

    async def body(driver: Driver) -> None:
        assert (await driver.fetch("GET", "/stream")).body == b"ab"
        raised = await driver.fetch("GET", "/raise")
        assert (raised.status, raised.body) == (418, b"raised")
        assert (await driver.fetch("GET", "/fail")).status == 500

    (error,) = drive(transport, StubHandler(request=answer), body)
    assert "planned" in error


@anywhere
def test_body_limit(transport: str) -> None:
    """413 on every transport."""

    async def body(driver: Driver) -> None:
        assert (await driver.fetch("POST", "/", b"abcd")).status == 413
        assert (await driver.fetch("POST", "/", b"abc")).status == 200

    drive(transport, StubHandler(), body, body_limit=3)


@anywhere
def test_messages(transport: str) -> None:
    """Text, bytes and empty ones go both ways, in order."""
    link = RecordingLink(echo)

    async def body(driver: Driver) -> None:
        socket = await driver.connect("/x?y")
        for data in ("text", b"bytes", "", "ü" * 50_000):
            await socket.send(data)
        assert [await socket.receive() for _ in range(4)] == ["text", b"bytes", "", "ü" * 50_000]
        assert link.transport.state == 1
        assert link.transport.counters.messages_in == 4
        assert link.transport.remote_address == "127.0.0.1"
        await socket.close(4001, "bye")
        await wait_for(link, "closed")
        assert link.transport.state == 3

    assert drive(transport, opening(link), body) == []
    assert link.seen[-2:] == [("close_received", 4001, "bye"), ("closed", 4001, "bye")]


@anywhere
def test_accept_says_headers_and_subprotocol(transport: str) -> None:
    """What upgrade added is seen by the client."""
    link = RecordingLink()

    async def body(driver: Driver) -> None:
        socket = await driver.connect("/", ("p1", "p2"))
        assert (socket.headers["x-a"], socket.protocol) == ("1", "p2")
        assert link.transport.protocol == "p2"

    drive(transport, opening(link, headers={"X-A": "1"}, protocol="p2"), body)


@anywhere
def test_refusals(transport: str) -> None:
    """A Response instead of a WebSocket, returned, raised or because of an error."""

    async def upgrade(request: Any, handshake: Any) -> None:
        if request.path == "/reject":
            handshake.reject(Response("no", status=401))
        if request.path == "/raise":
            raise Response("no", status=403)

    async def body(driver: Driver) -> None:
        for path, status in (("/reject", 401), ("/raise", 403), ("/nothing", 500)):
            with pytest.raises(Refused) as caught:
                await driver.connect(path)
            assert caught.value.response.status == status

    drive(transport, StubHandler(upgrade=upgrade), body)


@anywhere
def test_server_close(transport: str) -> None:
    """Code and reason reach the client after the last message; sending afterwards is nothing."""

    def close(transport: WebSocketTransport, _: object) -> None:
        transport.send("last")
        transport.close(4005, "bye")
        transport.send("never")
        transport.close(4006)

    link = RecordingLink(close)

    async def body(driver: Driver) -> None:
        socket = await driver.connect()
        await socket.send("go")
        assert await socket.receive() == "last"
        assert await socket.ended() == (4005, "bye")
        await wait_for(link, "closed")

    assert drive(transport, opening(link), body) == []
    assert link.seen[-1] == ("closed", 4005, "bye")


@anywhere
def test_message_limit(transport: str) -> None:
    """R31: over the limit the link hears of the failure, the client gets 1009, and it was 1006."""
    link = RecordingLink()

    async def body(driver: Driver) -> None:
        socket = await driver.connect()
        await socket.send("1234")
        assert (await socket.ended())[0] == 1009
        await wait_for(link, "closed")

    drive(transport, opening(link), body, max_message=3)
    assert [event[0] for event in link.seen] == ["opened", "failed", "closed"]
    assert link.seen[-1] == ("closed", 1006, "")


@anywhere
def test_reading_can_be_paused(transport: str) -> None:
    """Nothing is dispatched while paused, and nothing is lost."""
    link = RecordingLink(lambda transport, data: transport.pause_reading() if data == "stop" else None)

    async def body(driver: Driver) -> None:
        socket = await driver.connect()
        await socket.send("stop")
        await wait_for(link, "message")
        await socket.send("held")
        await asyncio.sleep(0.05)
        assert len(link.seen) == 2

    drive(transport, opening(link), body)


# what only some do: each case fails on a transport that cannot


class Stage(Events):
    """A link and its application in one; `react` is called with each head."""

    def __init__(self, react: Callable[[HttpTransport, Head], object] | None = None) -> None:
        super().__init__()
        self._react = react

    def connect(self, transport: HttpTransport) -> Stage:
        """Note the connection."""
        self.transport = transport
        self.add("connect")
        return self

    def head(self, head: Head) -> None:
        """React."""
        if self._react is not None:
            self._react(self.transport, head)

    def body(self, data: bytes, last: bool) -> None:
        """Nothing."""

    def failed(self, failure: Any) -> None:
        """Answer."""
        self.transport.respond(Response(status=failure.status))

    def drained(self) -> None:
        """Nothing."""

    def lost(self) -> None:
        """Nothing."""


def connect_case(transport: str) -> None:
    """A link is made although nothing was sent."""
    stage = Stage()

    async def body(driver: Driver) -> None:
        await driver.open()
        await wait_for(stage, "connect", 0.5)

    drive(transport, stage, body)


def silent_drop_case(transport: str) -> None:
    """The second request is answered, the first one is not."""

    def react(transport: HttpTransport, head: Head) -> None:
        if head.target == "/drop":
            transport.drop()
        else:
            transport.respond(Response("served"))

    async def body(driver: Driver) -> None:
        assert await driver.two_requests() == b"served"

    drive(transport, Stage(react), body)


def continue_case(transport: str) -> None:
    """A refusal comes in place of a 100."""

    def refuse(transport: HttpTransport, _: Head) -> None:
        transport.respond(Response(status=417))

    async def body(driver: Driver) -> None:
        assert not await driver.offer_body()

    drive(transport, Stage(refuse), body)


def status_text_case(transport: str) -> None:
    """The words after the status are the handler's."""

    async def body(driver: Driver) -> None:
        assert (await driver.fetch("GET", "/")).status_text == "Odd Enough"

    drive(transport, StubHandler(request=lambda _: Response(status_text="Odd Enough")), body)


def ping_pong_case(transport: str) -> None:
    """Pings and pongs of both sides are seen."""
    link = RecordingLink(lambda transport, _: transport.ping(b"from server"))

    async def body(driver: Driver) -> None:
        socket = await driver.connect()
        await socket.ping(b"from client")
        await wait_for(link, "ping", 0.5)
        await socket.send("go")
        await wait_for(link, "pong", 0.5)

    drive(transport, opening(link), body)
    assert ("ping", b"from client") in link.seen
    assert ("pong", b"from server") in link.seen


def terminate_case(transport: str) -> None:
    """The client sees no closing handshake."""
    link = RecordingLink(lambda transport, _: transport.terminate())

    async def body(driver: Driver) -> None:
        socket = await driver.connect()
        await socket.send("go")
        assert (await socket.ended())[0] == 1006

    drive(transport, opening(link), body)


def drain_case(transport: str) -> None:
    """What waits is counted, and its end is told."""

    def flood(transport: WebSocketTransport, _: object) -> None:
        for _ in range(200):
            transport.send(b"x" * 100_000)
        link.add("waits", transport.buffered_amount)
        transport.send("end")

    link = RecordingLink(flood)

    async def body(driver: Driver) -> None:
        await driver.slow_client()
        await wait_for(link, "drained", 0.5)

    drive(transport, opening(link), body)
    assert max(event[1] for event in link.seen if event[0] == "waits") > 0


def hand_over_case(transport: str) -> None:
    """The link gets the socket."""
    raw: list[Any] = []

    def upgrade(_: object, handshake: Any) -> None:
        raw.append(handshake.hand_over())
        raw[0].transport.abort()

    async def body(driver: Driver) -> None:
        with pytest.raises(Exception):  # noqa: B017, PT011  # whatever the client makes of it
            await driver.connect()

    assert drive(transport, StubHandler(upgrade=upgrade), body) == []
    assert raw


def deflate_case(transport: str) -> None:
    """One handshake asks for compression and gets it."""

    async def body(driver: Driver) -> None:
        socket = await driver.connect()
        assert "permessage-deflate" in socket.headers.get("sec-websocket-extensions", "")

    drive(transport, opening(RecordingLink(), deflate=True), body)


def bare_close_case(transport: str) -> None:
    """No code is sent, and 1005 is seen on both sides."""
    link = RecordingLink(lambda transport, _: transport.close())

    async def body(driver: Driver) -> None:
        socket = await driver.connect()
        await socket.send("go")
        assert (await socket.ended())[0] == 1005
        await wait_for(link, "closed")

    drive(transport, opening(link), body)
    assert link.seen[-1] == ("closed", 1005, "")


def late_messages_case(transport: str) -> None:
    """A message after close is dispatched."""
    link = RecordingLink(lambda transport, data: transport.close() if data == "close" else None)

    async def body(driver: Driver) -> None:
        await driver.send_after_close()
        await wait_for(link, "closed")

    drive(transport, opening(link), body)
    assert ("message", "late") in link.seen


def idle_timeout_case(transport: str) -> None:
    """A silent client is dropped."""
    link = RecordingLink()

    async def body(driver: Driver) -> None:
        await driver.silent_client()
        await wait_for(link, "closed", 0.5)

    drive(transport, opening(link), body, idle_timeout=0.05)


def failures_case(transport: str) -> None:
    """The link hears of a violation."""
    link = RecordingLink()

    async def body(driver: Driver) -> None:
        await driver.violate()
        await wait_for(link, "failed", 0.5)

    drive(transport, opening(link), body)


def limits_case(transport: str) -> None:
    """Headers over the limit are refused."""

    async def body(driver: Driver) -> None:
        assert await driver.long_headers() == 431

    drive(transport, StubHandler(), body, header_limit=1000)


CASES = {
    "connect": connect_case,
    "silent-drop": silent_drop_case,
    "continue-100": continue_case,
    "status-text": status_text_case,
    "ping-pong": ping_pong_case,
    "terminate": terminate_case,
    "drain": drain_case,
    "hand-over": hand_over_case,
    "deflate": deflate_case,
    "bare-close": bare_close_case,
    "late-messages": late_messages_case,
    "idle-timeout": idle_timeout_case,
    "failures": failures_case,
    "limits": limits_case,
}


@anywhere
@pytest.mark.parametrize("capability", CASES)
def test_capabilities_are_exact(transport: str, capability: str) -> None:
    """A transport does what its list says, and what the list leaves out it does not do."""
    if capability in CAPABILITIES[transport]:
        CASES[capability](transport)
    else:
        with pytest.raises(Exception):  # noqa: B017, PT011  # in whatever way it fails
            CASES[capability](transport)


def test_every_capability_has_a_case_and_a_meaning() -> None:
    """Nothing is listed that is not tried, and no list names anything else."""
    assert set(CASES) == set(MEANING)
    assert all(names <= set(MEANING) for names in CAPABILITIES.values())


def test_missing_capabilities_are_named() -> None:
    """In words; requiring them raises, unless there is nothing missing."""
    assert missing("asgi", ["terminate", "connect"])[0].startswith("connect (see a connection")
    assert missing("socket", MEANING) == []
    require("socket", MEANING)
    with pytest.raises(MissingCapability, match="terminate"):
        require("asgi", ["terminate"])

"""The answer to a WebSocket request: what it says, who may give it, and when it is refused."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.server.conftest import Serve
from tests.server.support import TEXT, Events, RecordingLink, StubHandler, echo, frame, upgrade_request
from workbench.server import Handshake, Head, Headers, RawSocket, Request, Response
from workbench.server.errors import AlreadyAnswered
from workbench.server.handshake import accept_key, check


def test_accept_key_is_that_of_the_rfc() -> None:
    """RFC 6455, section 1.3."""
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_101_says_what_it_must(serve: Serve) -> None:
    """Status line and the three headers; no Date, no length."""
    head = serve().wire().upgrade()
    assert head == (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )


def test_upgrade_may_add_headers(serve: Serve) -> None:
    """R3: given headers are appended; cookies stay apart, repeats are joined; ours cannot be overridden."""
    headers = [
        ("Set-Cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("X-A", "1"),
        ("x-a", "2"),
        ("Connection", "close"),
        ("Content-Length", "5"),
    ]
    served = serve(StubHandler(upgrade=lambda _, h: h.accept(RecordingLink(), headers=headers)))
    head = served.wire().upgrade()
    assert head.endswith("Set-Cookie: a=1\r\nset-cookie: b=2\r\nX-A: 1, 2\r\n\r\n")
    assert head.count("Connection: Upgrade") == 1
    assert "Content-Length" not in head


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({}, ""),
        ({"protocol": "p2"}, "p2"),
        ({"headers": {"sec-websocket-protocol": "p1"}}, "p1"),
        ({"protocol": "p2", "headers": {"sec-websocket-protocol": "p1"}}, "p2"),
    ],
)
def test_subprotocol_precedence(serve: Serve, options: dict[str, Any], chosen: str) -> None:
    """R14: the protocol wins over a header; none by default, although the client offered."""
    link = RecordingLink()
    served = serve(StubHandler(upgrade=lambda _, handshake: handshake.accept(link, **options)))
    head = served.wire().upgrade("/", "Sec-WebSocket-Protocol: p1, p2\r\n")
    assert link.transport.protocol == chosen
    assert head.lower().count("sec-websocket-protocol:") == bool(chosen)


INVALID = {
    "no key": (upgrade_request().replace("Sec-WebSocket-Key", "X"), 400, "Sec-WebSocket-Key"),
    "short key": (upgrade_request().replace("dGhlIHNhbXBsZSBub25jZQ==", "abc"), 400, "Sec-WebSocket-Key"),
    "version 12": (upgrade_request().replace("Version: 13", "Version: 12"), 400, "Version"),
    "no version": (upgrade_request().replace("Sec-WebSocket-Version", "X"), 400, "Version"),
    "empty protocol": (upgrade_request(extra="Sec-WebSocket-Protocol: a,,b\r\n"), 400, "Protocol"),
    "repeated protocol": (upgrade_request(extra="Sec-WebSocket-Protocol: a, b, a\r\n"), 400, "Protocol"),
    "POST": (upgrade_request().replace("GET", "POST"), 405, "method"),
}


@pytest.mark.parametrize("case", INVALID)
def test_invalid_handshakes_are_refused_after_upgrade_ran(serve: Serve, case: str) -> None:
    """R17: 400 or 405, nothing is opened, accept gives None; the handler has seen the request."""
    request, status, words = INVALID[case]
    link, told = RecordingLink(), Events()

    def upgrade(_: Request, handshake: Handshake) -> None:
        told.add("accepted", handshake.accept(link))

    wire = serve(StubHandler(upgrade=upgrade)).wire().send(request)
    got, headers, body = wire.response()
    assert (got, headers["connection"]) == (status, "close")
    assert words in body.decode()
    assert ("sec-websocket-version" in headers) == ("ersion" in case)
    assert wire.rest() == b""
    assert told.expect("accepted") == ("accepted", None)
    assert link.seen == []


def test_version_8_is_valid(serve: Serve) -> None:
    """R17: 13 or 8."""
    wire = serve().wire().send(upgrade_request().replace("Version: 13", "Version: 8"))
    assert wire.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")


def test_check_needs_the_upgrade_header() -> None:
    """A link that accepts what asked for no WebSocket gets a 400 too."""
    head = Head("GET", "/", "http://h/", "1.1", Headers(), None)
    response = check(head)
    assert response is not None
    assert response.text() == "Invalid Upgrade header"


@pytest.mark.parametrize(
    ("response", "wire_bytes"),
    [
        (
            Response("denied", status=401),
            b"HTTP/1.1 401 \r\ncontent-type: text/plain;charset=UTF-8\r\n\r\ndenied",
        ),
        (Response(status=403, status_text="Go Away"), b"HTTP/1.1 403 Go Away\r\n\r\n"),
        (
            Response(b"fine", status=200, headers={"x-why": "auth"}),
            b"HTTP/1.1 200 \r\nx-why: auth\r\n\r\nfine",
        ),
        (Response(status=204), b"HTTP/1.1 204 \r\n\r\n"),
        (Response(status=302, headers={"Location": "/x"}), b"HTTP/1.1 302 \r\nLocation: /x\r\n\r\n"),
        (
            Response(status=400, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]),
            b"HTTP/1.1 400 \r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n",
        ),
    ],
)
def test_rejection_is_the_response_as_it_is(serve: Serve, response: Response, wire_bytes: bytes) -> None:
    """R4, R5: any status; no Content-Length, Connection or Date of its own; the end is the end of TCP."""
    wire = serve(StubHandler(upgrade=lambda _, handshake: handshake.reject(response))).wire()
    wire.send(upgrade_request())
    assert wire.rest() == wire_bytes


@pytest.mark.parametrize(
    "how", ["raise", "raise later", "return nothing", "return nothing later", "fail", "fail later"]
)
def test_upgrade_that_raises_or_forgets(serve: Serve, how: str) -> None:
    """A raised Response refuses; any other error, and no answer at all, is a 500."""

    async def later(request: Request) -> None:
        await asyncio.sleep(0.01)
        now(request)

    def now(_: Request) -> None:
        if "raise" in how:
            raise Response("no", status=403)
        if "fail" in how:
            raise RuntimeError("planned")

    served = serve(StubHandler(upgrade=lambda request, _: later(request) if "later" in how else now(request)))
    with pytest.raises(InvalidStatus) as caught:
        connect(served.ws_url, proxy=None)
    assert caught.value.response.status_code == (403 if "raise" in how else 500)
    assert len(served.reported()) == ("fail" in how)


def test_a_handshake_is_answered_once(serve: Serve) -> None:
    """Every second answer raises in the sender, and changes nothing."""
    told = Events()

    def upgrade(_: Request, handshake: Handshake) -> None:
        handshake.accept(RecordingLink(echo))
        for again in (
            lambda: handshake.accept(RecordingLink()),
            lambda: handshake.reject(Response()),
            handshake.hand_over,
        ):
            try:
                again()
            except AlreadyAnswered:
                told.add("refused")

    served = serve(StubHandler(upgrade=upgrade))
    with connect(served.ws_url, proxy=None) as connection:
        connection.send("still works")
        assert connection.recv() == "still works"
    assert told.names() == ["refused"] * 3


def test_accept_after_the_client_has_gone_opens_nothing(serve: Serve) -> None:
    """A slow upgrade whose client gave up ends in None."""
    link, told = RecordingLink(), Events()

    async def upgrade(_: Request, handshake: Handshake) -> None:
        told.add("asked")
        await asyncio.to_thread(gone.wait, 10)
        told.add("accepted", handshake.accept(link))

    gone = threading.Event()
    served = serve(StubHandler(upgrade=upgrade), body_timeout=5)
    wire = served.wire().send(upgrade_request())
    told.expect("asked")
    served.server.post(next(iter(served.server._run.connections)).abort)  # type: ignore[union-attr]
    gone.set()
    assert told.expect("accepted") == ("accepted", None)
    assert link.seen == []
    assert wire.socket.fileno() > 0


def test_accept_after_the_client_has_ended_its_side_opens_nothing(serve: Serve) -> None:
    """As with ws: a client that went away meanwhile gets no link, with early bytes or without."""
    told = Events()

    async def upgrade(request: Request, handshake: Handshake) -> None:
        told.add("asked", request.path)
        await asyncio.to_thread(gone.wait, 10)
        await asyncio.sleep(0.05)
        told.add("accepted", handshake.accept(RecordingLink()))

    served = serve(StubHandler(upgrade=upgrade))
    for early in (b"", frame(TEXT, b"early")):
        gone = threading.Event()
        wire = served.wire().send(upgrade_request())
        told.expect("asked")
        wire.send(early)
        wire.socket.close()
        gone.set()
        assert told.expect("accepted") == ("accepted", None)


def test_raw_socket_is_handed_over(serve: Serve) -> None:
    """R15: the server never touches it again; the request and what followed it come along."""
    told = Events()

    class Own(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            told.add("data", data)
            raw.transport.write(data.upper())

        def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
            told.add("lost")

    raw: RawSocket

    def upgrade(_: Request, handshake: Handshake) -> None:
        nonlocal raw
        raw = handshake.hand_over()
        raw.transport.set_protocol(Own())
        raw.transport.write(b"own protocol\r\n\r\n")

    served = serve(StubHandler(upgrade=upgrade), keep_alive_timeout=0.05, header_timeout=0.05)
    wire = served.wire().send(upgrade_request("/x").encode() + b"early")
    assert wire.until(b"\r\n\r\n") == b"own protocol\r\n\r\n"
    assert raw.received == b"early"
    assert raw.head == upgrade_request("/x").encode()
    assert wire.is_quiet()
    wire.send(b"hello")
    assert wire.exactly(5) == b"HELLO"
    wire.socket.close()
    told.expect("lost")


def test_other_requests_go_before_an_upgrade_on_one_connection(serve: Serve) -> None:
    """A kept connection may become a WebSocket later, pipelined too."""
    wire = serve().wire()
    wire.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + upgrade_request().encode() + frame(TEXT, b"x"))
    assert wire.response()[2] == b"GET /a "
    assert wire.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
    assert wire.frame() == (TEXT, b"x")

"""ASGI, event by event: what a host of any kind sends and gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.server.support import RecordingLink, StubHandler, echo
from workbench.server import (
    Head,
    Headers,
    HttpTransport,
    Response,
    ServerOptions,
    WebSocketTransport,
    asgi_application,
    serve_handler,
)
from workbench.server.errors import AlreadyAnswered, UnsupportedByTransport

HTTP: dict[str, Any] = {
    "type": "http",
    "method": "GET",
    "path": "/é",
    "query_string": b"a=1",
    "headers": [(b"host", b"h")],
    "client": ("10.0.0.1", 5),
}
WEBSOCKET = {**HTTP, "type": "websocket", "scheme": "wss", "extensions": {"websocket.http.response": {}}}


class Host:
    """An ASGI host that gives scripted events and keeps what it gets; at the end it disconnects."""

    def __init__(self, served: Any, scope: dict[str, Any], *events: dict[str, Any], **options: Any) -> None:
        application = served if hasattr(served, "connect") else serve_handler(served)
        self.errors: list[str] = []
        self.app = asgi_application(
            application,
            ServerOptions(**options),
            report=lambda error, what: self.errors.append(f"{what}: {error}"),
        )
        self.scope = scope
        self.sent: list[dict[str, Any]] = []
        self.events = list(events)
        self.on_send: Callable[[dict[str, Any]], None] = lambda _: None
        self.hold: asyncio.Event | None = None

    async def receive(self) -> dict[str, Any]:
        """Give the next event."""
        await asyncio.sleep(0.001)
        if self.events:
            return self.events.pop(0)
        if self.hold is not None:
            await self.hold.wait()
        kind = "http" if self.scope["type"] == "http" else "websocket"
        return {"type": f"{kind}.disconnect", "code": 1005}

    async def send(self, event: Any) -> None:
        """Keep an event."""
        self.sent.append(dict(event))
        self.on_send(event)

    def run(self) -> list[str]:
        """Run to the end; give the types of what was sent."""

        async def main() -> None:
            async with asyncio.timeout(10):
                await self.app(self.scope, self.receive, self.send)

        asyncio.run(main())
        return [event["type"].removeprefix("websocket.").removeprefix("http.") for event in self.sent]


def request(body: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    """Make a body event."""
    return {"type": "http.request", "body": body, "more_body": more}


CONNECT = {"type": "websocket.connect"}


def message(data: str | bytes) -> dict[str, Any]:
    """Make a message event."""
    text, raw = (data, None) if isinstance(data, str) else (None, data)
    return {"type": "websocket.receive", "text": text, "bytes": raw}


def test_http_scope_becomes_a_request() -> None:
    """Path as raw as there is, query, client, scheme, body in pieces."""
    handler = StubHandler()
    host = Host(
        handler,
        {**HTTP, "raw_path": b"/%C3%A9?x", "scheme": "https"},
        request(b"a", more=True),
        request(b"b"),
    )
    assert host.run() == ["response.start", "response.body", "response.body"]
    (asked,) = handler.requests
    assert (asked.url, asked.body, asked.remote_address) == ("https://h/%C3%A9?a=1", b"ab", "10.0.0.1")
    assert host.sent[0]["status"] == 200


def test_scopes_without_optional_keys() -> None:
    """No client, server, raw path, query or Host are needed."""
    handler = StubHandler()
    Host(handler, {"type": "http", "method": "GET", "path": "/x", "headers": []}, request()).run()
    Host(handler, {**HTTP, "headers": [], "server": ("s", 8)}, request()).run()
    assert handler.requests[0].url == "http://localhost:None/x"
    assert handler.requests[1].url.startswith("http://s:8/")
    assert handler.requests[0].remote_address is None


def test_unknown_scopes_are_refused() -> None:
    """With a sentence that says what is served."""
    with pytest.raises(ValueError, match="'odd' is not served"):
        Host(StubHandler(), {"type": "odd"}).run()


def test_lifespan_closes_websockets() -> None:
    """Startup and shutdown are acknowledged; clients hear 1001."""
    host = Host(
        StubHandler(), {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
    )

    closed: list[int | None] = []

    class Fake:
        def close(self, code: int | None = None, reason: str = "") -> None:  # noqa: ARG002
            closed.append(code)

        def terminate(self) -> None:
            raise NotImplementedError

    host.app.host.websockets.add(Fake())
    host.run()
    assert [event["type"] for event in host.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert closed == [1001]
    assert host.app.loop is not None


def test_lifespan_lets_the_application_finish() -> None:
    """What it has to put away is awaited before the end is acknowledged; an error of it is reported."""
    host = Host(StubHandler(), {"type": "lifespan"}, {"type": "lifespan.shutdown"})
    told: list[str] = []

    async def put_away() -> None:
        await asyncio.sleep(0)
        told.append(f"before {len(host.sent)}")
        raise OSError("disk full")

    host.app = asgi_application(
        serve_handler(StubHandler()),
        report=lambda error, what: told.append(f"{what}: {error}"),
        ended=put_away,
    )
    host.run()
    assert told == ["before 0", "stop: disk full"]
    assert [event["type"] for event in host.sent] == ["lifespan.shutdown.complete"]


def test_what_cannot_be_done_is_said_at_construction() -> None:
    """By name, in a warning and in a list."""
    with pytest.warns(UserWarning, match=r"cannot terminate \(drop a connection"):
        application = asgi_application(serve_handler(StubHandler()), needs=["terminate"])
    assert len(application.missing) == 1


def test_options_that_asgi_does_not_carry_are_said_too() -> None:
    """What differs from the usual and is switched on is named; what is carried, or switched off, is not."""
    handler = serve_handler(StubHandler())
    with pytest.warns(UserWarning, match="ASGI cannot"):
        application = asgi_application(handler, ServerOptions(deflate=True, idle_timeout=5, header_limit=9))
    assert [lacking.split()[0] for lacking in application.missing] == ["deflate", "idle-timeout", "limits"]

    carried = ServerOptions(token="t", origins=["https://a.example"], max_message=10, idle_timeout=None)
    assert asgi_application(handler, carried).missing == []


def asking(**headers: str) -> dict[str, Any]:
    """Make an HTTP scope with these headers."""
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {**HTTP, "headers": [(b"host", b"h"), *lines]}


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        (asking(), 401),
        (asking(authorization="Bearer wrong"), 403),
        (asking(authorization="Bearer secret"), 200),
        ({**asking(), "query_string": b"token=secret"}, 200),
        (asking(authorization="Bearer secret", origin="https://b.example"), 403),
        (asking(authorization="Bearer secret", origin="https://a.example"), 200),
    ],
)
def test_token_and_origins_are_asked_for(scope: dict[str, Any], status: int) -> None:
    """A request without them is answered as the built-in server does, and no handler sees it."""
    handler = StubHandler()
    host = Host(handler, scope, request(), token="secret", origins=["https://a.example"])
    assert host.run() == ["response.start", "response.body", "response.body"]
    assert host.sent[0]["status"] == status
    assert len(handler.requests) == (status == 200)
    assert host.errors == []


@pytest.mark.parametrize(
    ("extensions", "sent"),
    [
        ({"websocket.http.response": {}}, ["response.start", "response.body", "response.body"]),
        ({}, ["close"]),
    ],
)
def test_a_websocket_without_the_token_is_refused(extensions: dict[str, Any], sent: list[str]) -> None:
    """Before it is accepted, and no handler sees it."""
    handler = StubHandler()
    host = Host(handler, {**WEBSOCKET, "extensions": extensions}, CONNECT, token="secret")
    assert host.run() == sent
    assert host.sent[0].get("status") in (401, None)
    assert handler.requests == []
    assert host.errors == []


def test_origins_that_nobody_gave_and_hosts_are_the_servers_business() -> None:
    """A page that a proxy shows under another name is served, and so is any Host."""
    handler = StubHandler()
    host = Host(handler, asking(origin="https://c.example"), request(), hosts=["only.example"])
    host.run()
    assert host.sent[0]["status"] == 200


class Stage:
    """A link and its application in one."""

    def __init__(self, act: Callable[[HttpTransport, Head], object]) -> None:
        self.act = act
        self.names: list[str] = []

    def connect(self, transport: HttpTransport) -> Stage:
        """Keep the transport."""
        self.transport = transport
        return self

    def head(self, head: Head) -> None:
        """Act."""
        self.act(self.transport, head)

    def body(self, data: bytes, last: bool) -> None:
        """Note it."""
        self.names.append(f"body {data!r} {last}")

    def failed(self, failure: Exception) -> None:
        """Note it."""
        self.names.append(str(failure))
        self.transport.close()

    def drained(self) -> None:
        """Note it."""
        self.names.append("drained")

    def lost(self) -> None:
        """Note it."""
        self.names.append("lost")


def test_stages_over_asgi() -> None:
    """Streamed answers go out in pieces; a second one raises; 100 and status text are the host's."""

    def act(transport: HttpTransport, _: Head) -> None:
        transport.continue_100()
        transport.start_response(200, Headers({"A": "1"}), status_text="ignored")
        with pytest.raises(AlreadyAnswered):
            transport.respond(Response())
        transport.write(b"ab")
        assert transport.buffered_amount == 2
        assert transport.answered
        transport.finish()
        transport.finish()
        transport.write(b"late")
        with pytest.raises(AlreadyAnswered):
            transport.handshake()

    stage = Stage(act)
    host = Host(stage, HTTP, request())
    assert host.run() == ["response.start", "response.body", "response.body"]
    assert host.sent[0]["headers"] == [(b"a", b"1")]
    assert stage.names[-1] == "lost"
    assert "drained" in stage.names
    assert host.errors == []
    stage.transport.start_response(200, Headers())
    stage.transport.write(b"x")
    assert stage.transport.closing


@pytest.mark.parametrize("how", ["drop", "close", "abort"])
def test_silence_is_a_500(how: str) -> None:
    """There is no other way to give no answer."""
    host = Host(Stage(lambda transport, _: getattr(transport, how)()), HTTP, request())
    host.run()
    assert host.sent[0]["status"] == 500


def test_a_response_may_be_cut_short() -> None:
    """Closing after the start sends no end."""

    def act(transport: HttpTransport, _: Head) -> None:
        transport.start_response(200, Headers())
        transport.close()
        transport.close()

    assert Host(Stage(act), HTTP, request()).run() == ["response.start"]


def test_body_limit_and_unread_bodies() -> None:
    """Over the limit the link hears of it and nothing more is read."""
    stage = Stage(lambda *_: None)
    Host(stage, HTTP, request(b"abc", more=True), request(b"d"), body_limit=2).run()
    assert [name for name in stage.names if name != "drained"] == ["The body is larger than 2 bytes.", "lost"]


def test_a_client_that_goes_is_lost() -> None:
    """During the body, and while the answer is awaited."""
    stage = Stage(lambda *_: None)
    Host(stage, HTTP, request(b"a", more=True)).run()
    assert stage.names == ["body b'a' False", "lost"]

    async def never(_: object) -> Response:
        await asyncio.sleep(0.05)
        return Response()

    assert Host(StubHandler(request=never), HTTP, request()).run() == []


def test_a_held_reader_asks_for_no_more() -> None:
    """While paused no event is taken."""

    def act(transport: HttpTransport, _: Head) -> None:
        transport.pause()
        transport.pause()
        transport.resume()
        transport.loop.call_later(0.02, transport.resume)
        transport.loop.call_later(0.01, lambda: stage.names.append("held"))
        transport.loop.call_later(0.05, transport.respond, Response())

    stage = Stage(act)
    host = Host(stage, HTTP, request(b"x"))
    host.hold = asyncio.Event()
    host.run()
    assert stage.names[:2] == ["held", "body b'x' True"]


def test_a_send_that_fails_ends_it() -> None:
    """Hosts may raise when the client has gone."""

    def gone(_: object) -> None:
        raise OSError("gone")

    host = Host(StubHandler(), HTTP, request())
    host.on_send = gone
    host.run()
    assert len(host.sent) == 3


def test_websocket_accept_and_messages() -> None:
    """Headers and subprotocol go with the accept; text and bytes are told apart; the end is told once."""
    link = RecordingLink(echo)
    headers = {"X-A": "1", "Sec-WebSocket-Protocol": "p1"}
    handler = StubHandler(upgrade=lambda _, handshake: handshake.accept(link, headers=headers))
    host = Host(handler, WEBSOCKET, CONNECT, message("é"), message(b"b"))
    assert host.run() == ["accept", "send", "send"]
    assert host.sent[0]["subprotocol"] == "p1"
    assert host.sent[0]["headers"] == [(b"x-a", b"1")]
    assert [host.sent[1].get("text"), host.sent[2].get("bytes")] == ["é", b"b"]
    counters = link.transport.counters
    assert (counters.bytes_in, counters.bytes_out) == (3, 3)
    assert link.seen[-2:] == [("close_received", 1005, ""), ("closed", 1005, "")]
    assert handler.requests[0].url.startswith("https://h/")
    link.transport.send("late")
    link.transport.close()


def test_websocket_without_the_response_extension_is_closed() -> None:
    """Such a host answers 403 by itself."""
    handler = StubHandler(upgrade=lambda _, handshake: handshake.reject(Response("x", status=401)))
    assert Host(handler, {**WEBSOCKET, "extensions": None}, CONNECT).run() == ["close"]
    host = Host(handler, WEBSOCKET, CONNECT)
    assert host.run() == ["response.start", "response.body", "response.body"]
    assert host.sent[0]["status"] == 401


def test_websocket_limits_of_asgi() -> None:
    """No pings, no raw socket, no dropping; timers are the host's; a second answer raises."""

    def upgrade(_: object, handshake: Any) -> None:
        with pytest.raises(UnsupportedByTransport):
            handshake.hand_over()
        handshake.accept(link)
        with pytest.raises(AlreadyAnswered):
            handshake.accept(link)

    def act(transport: WebSocketTransport, _: object) -> None:
        with pytest.raises(UnsupportedByTransport):
            transport.ping(b"x")
        transport.pause_timers()
        transport.resume_timers()
        transport.pause_reading()
        transport.pause_reading()
        transport.resume_reading()
        transport.resume_reading()
        transport.send("é")
        assert transport.buffered_amount == 2
        transport.terminate()

    link = RecordingLink(act)
    host = Host(StubHandler(upgrade=upgrade), WEBSOCKET, CONNECT, message("go"), message("late"))
    assert host.run() == ["accept", "send", "close"]
    assert host.errors == []
    assert (host.sent[2]["code"], link.names().count("message")) == (1000, 1)


def test_websocket_client_drop_and_size_limit() -> None:
    """1006 is no close frame; a message over the limit is 1009."""
    link = RecordingLink()
    handler = StubHandler(upgrade=lambda _, handshake: handshake.accept(link, max_message=2))
    host = Host(handler, WEBSOCKET, CONNECT, message("abc"), {"type": "websocket.disconnect", "code": 1006})
    assert host.run() == ["accept", "close"]
    assert host.sent[1]["code"] == 1009
    assert link.names() == ["opened", "failed", "closed"]
    assert link.seen[-1] == ("closed", 1006, "")


def test_websocket_client_that_goes_before_the_answer() -> None:
    """The link of the request is told."""
    stage = Stage(lambda *_: None)
    assert Host(stage, WEBSOCKET, CONNECT).run() == []
    assert stage.names == ["body b'' True", "lost"]


def test_errors_of_links_are_reported() -> None:
    """They never reach the host."""

    def fail(transport: HttpTransport, _: Head) -> None:
        transport.respond(Response())
        raise RuntimeError("planned")

    host = Host(Stage(fail), HTTP, request())
    host.run()
    assert host.errors == ["The link's head: planned"]

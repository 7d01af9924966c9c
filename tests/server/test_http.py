"""HTTP on real sockets: framing, connections, limits, timeouts, and every stage of a link."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.server.conftest import Serve
from tests.server.support import Events, StubHandler, Wire, upgrade_request
from workbench.server import Head, Headers, HttpFailure, HttpTransport, Response
from workbench.server.errors import AlreadyAnswered

GET = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n"


def get(path: str = "/", extra: str = "") -> str:
    """Make a request without a body."""
    return GET.format(path, extra)


def post(path: str, body: str, extra: str = "") -> str:
    """Make a request with a length."""
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{extra}\r\n{body}"


class StageLink(Events):
    """A link that records every stage; `react(link, *event)` is what it does then."""

    def __init__(self, transport: HttpTransport, react: Callable[..., object]) -> None:
        super().__init__()
        self.transport = transport
        self._react = react

    def _note(self, *event: Any) -> None:
        self.add(*event)
        self._react(self, *event)

    def head(self, head: Head) -> None:
        """Note it."""
        self._note("head", head)

    def body(self, data: bytes, last: bool) -> None:
        """Note it."""
        self._note("body", data, last)

    def failed(self, failure: HttpFailure) -> None:
        """Note it."""
        self._note("failed", failure.status)

    def drained(self) -> None:
        """Note it."""
        self._note("drained")

    def lost(self) -> None:
        """Note it."""
        self._note("lost")


class Stages:
    """An application of `StageLink`s."""

    def __init__(self, react: Callable[..., object]) -> None:
        self.links: list[StageLink] = []
        self._react = react

    def connect(self, transport: HttpTransport) -> StageLink:
        """Make a link."""
        self.links.append(StageLink(transport, self._react))
        return self.links[-1]


def answer_at_the_end(link: StageLink, name: str, *rest: Any) -> None:
    """Answer each request with the number of its body's bytes."""
    if name == "body" and rest[1]:
        size = sum(len(event[1]) for event in link.seen if event[0] == "body")
        link.transport.respond(Response(str(size)))


# requests and responses


def test_a_request_is_answered_with_its_length(serve: Serve) -> None:
    """A plain GET: status line, content type, length, date; the connection stays."""
    wire = serve().wire()
    status, headers, body = wire.send(get("/a?b=c")).response()
    assert (status, body) == (200, b"GET /a?b=c ")
    assert headers["content-type"] == "text/plain;charset=UTF-8"
    assert headers["date"].endswith(" GMT")
    assert "connection" not in headers
    assert wire.send(get("/again")).response()[2] == b"GET /again "


def test_request_has_url_headers_and_body(serve: Serve) -> None:
    """What the handler reads: method, absolute URL, headers in any case, body, address."""
    handler = StubHandler()
    wire = serve(handler).wire()
    wire.send(post("/p?q=1&q=2", "hé", "X-One: 1\r\nx-ONE: 2\r\n")).response()
    (request,) = handler.requests
    assert request.method == "POST"
    assert request.url == "http://127.0.0.1/p?q=1&q=2"
    assert (request.path, request.query["q"], request.query.get_all("q")) == ("/p", "1", ["1", "2"])
    assert request.headers.get("X-One") == "1, 2"
    assert request.remote_address == "127.0.0.1"


@pytest.mark.parametrize(
    ("line", "extra", "url"),
    [
        ("/x", "X-Forwarded-Proto: https\r\n", "https://127.0.0.1/x"),
        ("http://elsewhere/y?z", "", "http://127.0.0.1/y?z"),
        ("http://elsewhere", "", "http://127.0.0.1/"),
        ("/?u=http://a/b", "", "http://127.0.0.1/?u=http://a/b"),
    ],
)
def test_url_is_absolute(serve: Serve, line: str, extra: str, url: str) -> None:
    """The scheme comes from TLS or x-forwarded-proto, the host from its header, the rest from the target."""
    handler = StubHandler()
    serve(handler).wire().send(get(line, extra)).response()
    assert handler.requests[0].url == url


def test_url_without_host_header_has_the_servers_address(serve: Serve) -> None:
    """HTTP/1.0 need not name a host."""
    handler = StubHandler()
    served = serve(handler)
    served.wire().send("GET /x HTTP/1.0\r\n\r\n").rest()
    assert handler.requests[0].url == f"http://127.0.0.1:{served.port}/x"


def test_chunked_body_arrives_whole(serve: Serve) -> None:
    """Chunks, extensions and trailers leave the body, and only the body."""
    handler = StubHandler()
    wire = serve(handler).wire()
    wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    wire.send("3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n")
    assert wire.response()[2] == b"POST / abcdefg"
    assert "trailer" not in handler.requests[0].headers


def test_pipelined_requests_are_answered_in_order(serve: Serve) -> None:
    """Requests in one segment are all served, one after the other, slow ones too."""

    async def slow(request: Any) -> Response:
        await asyncio.sleep(0.03 if "slow" in request.path else 0)
        return Response(request.path)

    wire = serve(StubHandler(request=slow)).wire()
    wire.send(get("/slow1") + post("/p", "body") + get("/slow2") + get("/q"))
    assert [wire.response()[2] for _ in range(4)] == [b"/slow1", b"/p", b"/slow2", b"/q"]


def test_head_has_the_length_but_no_body(serve: Serve) -> None:
    """HEAD is answered as GET, without the body."""
    wire = serve().wire()
    wire.send(get().replace("GET", "HEAD"))
    status, headers, _ = wire.response(body=False)
    assert (status, headers["content-length"]) == (200, str(len("HEAD / ")))
    assert wire.send(get("/next")).response()[2] == b"GET /next "


@pytest.mark.parametrize(("status", "length"), [(204, None), (304, "1"), (205, "1")])
def test_bodiless_statuses(serve: Serve, status: int, length: str | None) -> None:
    """204 and 304 have no body, 204 no length either."""
    wire = serve(StubHandler(request=lambda _: Response("x", status=status))).wire()
    got, headers, _ = wire.send(get()).response(body=status == 205)
    assert (got, headers.get("content-length")) == (status, length)
    assert wire.send(get()).response(body=status == 205)[0] == status


@pytest.mark.parametrize("token", ["close", "Close", "x, close"])
def test_connection_close_ends_it(serve: Serve, token: str) -> None:
    """Connection: close is answered, then the connection ends; what follows is not served."""
    handler = StubHandler()
    wire = serve(handler).wire()
    wire.send(get("/", f"Connection: {token}\r\n") + get("/never"))
    assert wire.response()[1]["connection"] == "close"
    assert wire.rest() == b""
    assert len(handler.requests) == 1


def test_http_1_0_ends_unless_kept_alive(serve: Serve) -> None:
    """HTTP/1.0 closes by default; keep-alive is honoured and said."""
    served = serve()
    assert served.wire().send("GET / HTTP/1.0\r\n\r\n").rest().endswith(b"GET / ")
    wire = served.wire()
    wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert wire.response()[1]["connection"] == "keep-alive"
    wire.send("GET / HTTP/1.0\r\n\r\n")
    assert wire.response()[1]["connection"] == "close"


def test_a_response_may_end_the_connection(serve: Serve) -> None:
    """A handler's own Connection: close is obeyed."""
    wire = serve(StubHandler(request=lambda _: Response("x", headers={"Connection": "close"}))).wire()
    assert wire.send(get()).rest().endswith(b"\r\n\r\nx")


def test_status_text_and_set_cookie_lines(serve: Serve) -> None:
    """Words after the status are as given; Set-Cookie lines stay apart, other repeats are joined."""
    headers = [("Set-Cookie", "a=1"), ("X-A", "1"), ("Set-Cookie", "b=2"), ("x-a", "2"), ("date", "then")]
    answer = Response("x", status=299, status_text="Odd Enough", headers=headers)
    wire = serve(StubHandler(request=lambda _: answer)).wire()
    head = wire.send(get()).until(b"\r\n\r\n").decode()
    assert head.startswith("HTTP/1.1 299 Odd Enough\r\n")
    assert "Set-Cookie: a=1\r\n" in head
    assert "Set-Cookie: b=2\r\n" in head
    assert "X-A: 1, 2\r\n" in head
    assert head.lower().count("date:") == 1


def test_date_header_can_be_left_out(serve: Serve) -> None:
    """date_header=False sends none."""
    assert "date" not in serve(date_header=False).wire().send(get()).response()[1]


# 100-continue


def test_expect_continue_is_answered_before_the_body(serve: Serve) -> None:
    """A client that waits gets its 100, then sends the body."""
    wire = serve().wire()
    wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    assert wire.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert wire.send("body").response()[2] == b"POST / body"
    assert wire.send(get("/kept")).response()[2] == b"GET /kept "


def test_expect_continue_with_too_large_a_body_is_413_at_once(serve: Serve) -> None:
    """No 100 for a body that would be refused: the answer comes, and the connection ends."""
    wire = serve(body_limit=3).wire()
    wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    status, headers, _ = wire.response()
    assert (status, headers["connection"]) == (413, "close")
    assert wire.rest() == b""


def test_final_answer_in_place_of_100_ends_the_connection(serve: Serve) -> None:
    """Whether the client sends its body after a refusal cannot be known, so the connection ends."""
    application = Stages(
        lambda link, name, *_: link.transport.respond(Response(status=417)) if name == "head" else 0
    )
    wire = serve(application).wire()
    wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    status, headers, _ = wire.response()
    assert (status, headers["connection"]) == (417, "close")
    assert wire.rest() == b""


def test_continue_is_sent_once_and_only_to_who_waits(serve: Serve) -> None:
    """continue_100 is nothing where nobody waits, and nothing the second time."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head":
            link.transport.continue_100()
            link.transport.continue_100()
        answer_at_the_end(link, name, *rest)

    wire = serve(Stages(react)).wire()
    assert wire.send(post("/", "abc")).response()[2] == b"3"
    wire.send(post("/", "", "Expect: 100-continue\r\n"))
    assert wire.until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
    assert wire.response()[0] == 200


# failures


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        ("NOT HTTP AT ALL\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nNo colon\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("GET / HTTP/2.0\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        ("CONNECT a:80 HTTP/1.1\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\nX: " + "x" * 2000 + "\r\n\r\n", 431),
        ("GET /" + "x" * 2000, 431),
        (post("/", "x" * 101), 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + "x" * 101 + "\r\n", 413),
    ],
)
def test_bad_requests_are_answered_and_what_came_before_is_not_lost(
    serve: Serve, request_bytes: str, status: int
) -> None:
    """400, 405, 413, 431, 505: one sentence, then the end; valid requests before it are answered first."""
    wire = serve(header_limit=1000, body_limit=100).wire()
    wire.send(get("/first") + get("/second") + request_bytes)
    assert wire.response()[2] == b"GET /first "
    assert wire.response()[2] == b"GET /second "
    got, headers, body = wire.response()
    assert (got, headers["connection"]) == (status, "close")
    assert body.endswith(b".\n")
    assert wire.rest() == b""


def test_an_endless_header_is_refused_before_it_ends(serve: Serve) -> None:
    """431 comes while the head is still incomplete, over however many packets."""
    wire = serve(header_limit=5000).wire()
    wire.send("GET / HTTP/1.1\r\nX: ")
    for _ in range(8):
        wire.send("x" * 1000)
        time.sleep(0.01)
    assert wire.response()[0] == 431


def test_unfinished_headers_are_408(serve: Serve) -> None:
    """A head that does not become complete in time is answered."""
    wire = serve(header_timeout=0.1).wire()
    wire.send("GET / HTTP/1.1\r\nHo")
    assert wire.response()[0] == 408
    assert wire.rest() == b""


def test_headers_of_a_later_request_are_timed_too(serve: Serve) -> None:
    """The time for headers counts for each request of a connection."""
    wire = serve(header_timeout=0.1).wire()
    wire.send(get() + "GET / HT").response()
    assert wire.response()[0] == 408


def test_unfinished_body_is_408_and_progress_counts(serve: Serve) -> None:
    """Each piece of a body gives it more time; silence ends it."""
    wire = serve(body_timeout=0.2).wire()
    wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
    for _ in range(4):
        time.sleep(0.1)
        wire.send("x")
    assert wire.response()[0] == 408
    assert wire.rest() == b""


def test_idle_connection_is_closed_without_a_word(serve: Serve) -> None:
    """A kept connection, and one that never said anything, end after the keep-alive timeout."""
    served = serve(keep_alive_timeout=0.1)
    assert served.wire().rest() == b""
    wire = served.wire()
    wire.send(get()).response()
    assert wire.rest() == b""


def test_a_slow_handler_is_not_timed(serve: Serve) -> None:
    """Timeouts are for clients: a handler may take longer than any of them."""

    async def slow(_: object) -> Response:
        await asyncio.sleep(0.3)
        return Response("done")

    wire = serve(
        StubHandler(request=slow), header_timeout=0.1, body_timeout=0.1, keep_alive_timeout=0.1
    ).wire()
    assert wire.send(get()).response()[2] == b"done"


def test_a_request_that_ends_with_eof_is_still_answered(serve: Serve) -> None:
    """A client that ends its side after the request gets its answer, a slow one too."""

    async def slow(_: object) -> Response:
        await asyncio.sleep(0.05)
        return Response("done")

    wire = serve(StubHandler(request=slow)).wire()
    wire.send(get())
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.rest().endswith(b"done")


def test_half_open_connection_is_given_up(serve: Serve) -> None:
    """A client that is gone does not hold a connection whose request is never answered."""
    application = Stages(lambda *_: None)
    wire = serve(application, close_timeout=0.1).wire()
    wire.send(get())
    wire.socket.shutdown(socket.SHUT_WR)
    application_link(application).expect("lost")


def application_link(application: Stages, index: int = 0) -> StageLink:
    """Wait for a link to be made."""
    end = time.monotonic() + 10
    while len(application.links) <= index:
        assert time.monotonic() < end
        time.sleep(0.005)
    return application.links[index]


# stages


def test_connect_comes_before_anything_is_read(serve: Serve) -> None:
    """The link is made when the connection is accepted, and lost is told once."""
    application = Stages(lambda *_: None)
    wire = serve(application).wire()
    link = application_link(application)
    assert link.seen == []
    assert link.transport.remote_address == "127.0.0.1"
    wire.socket.close()
    link.expect("lost")
    assert link.names() == ["lost"]


@pytest.mark.parametrize(
    "pieces",
    [
        [get()],
        [post("/", "abcdef")],
        ["POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc", "def"],
        ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"],
        ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "3\r\ndef\r\n", "0\r\n\r\n"],
        ["POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"],
    ],
)
def test_last_flag_comes_exactly_once(serve: Serve, pieces: list[str]) -> None:
    """Wookie B1, B2: whatever the framing, the body's pieces add up and the final one alone is flagged."""
    application = Stages(answer_at_the_end)
    wire = serve(application).wire()
    for piece in pieces:
        wire.send(piece)
        time.sleep(0.02)
    wire.response()
    bodies = [event for event in application.links[0].seen if event[0] == "body"]
    assert [event[2] for event in bodies] == [False] * (len(bodies) - 1) + [True]
    assert b"".join(event[1] for event in bodies) == (b"" if "abc" not in "".join(pieces) else b"abcdef")


def test_a_held_reader_holds_the_next_stage(serve: Serve) -> None:
    """Wookie F2, advice 5: while held at the headers no body is handed out, and nothing is lost."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head":
            link.transport.pause()
        answer_at_the_end(link, name, *rest)

    application = Stages(react)
    served = serve(application)
    wire = served.wire()
    wire.send(post("/", "abc") + get("/b"))
    link = application_link(application)
    link.expect("head")
    assert wire.is_quiet()
    assert link.names() == ["head"]
    served.server.post(link.transport.resume)
    assert wire.response()[2] == b"3"
    link.expect("head")
    assert wire.is_quiet()
    served.server.post(link.transport.pause)
    served.server.post(link.transport.resume)
    assert wire.is_quiet()
    served.server.post(link.transport.resume)
    assert wire.response()[2] == b"3"


def test_a_held_client_is_not_blamed(serve: Serve) -> None:
    """While the server holds the reader the body's time does not run out."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head":
            link.transport.pause()
            link.transport.loop.call_later(0.3, link.transport.resume)
        answer_at_the_end(link, name, *rest)

    wire = serve(Stages(react), body_timeout=0.1).wire()
    assert wire.send(post("/", "abc")).response()[2] == b"3"


def test_a_held_reader_really_holds_the_client(serve: Serve) -> None:
    """Nothing is read from the socket while held: a client that pours in more than buffers take must wait."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head":
            link.transport.pause()
        answer_at_the_end(link, name, *rest)

    application = Stages(react)
    served = serve(application)
    wire = served.wire()
    size = 60_000_000
    wire.send(f"POST / HTTP/1.1\r\nContent-Length: {size}\r\n\r\n")
    link = application_link(application)
    link.expect("head")
    wire.socket.settimeout(0.3)
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < size:
            sent += wire.socket.send(b"x" * 65536)
    assert sent < size
    wire.socket.settimeout(10)
    served.server.post(link.transport.resume)
    while sent < size:
        sent += wire.socket.send(b"x" * min(1 << 20, size - sent))
    assert wire.response()[2] == str(size).encode()


def test_a_dropped_request_leaves_the_connection_usable(serve: Serve) -> None:
    """Wookie D1: not a byte of answer, the next request is served; the body is not handed out any more."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head" and rest[0].target == "/drop":
            link.transport.drop()
            link.transport.drop()
        elif name == "body" and rest[1]:
            link.transport.respond(Response("served"))

    application = Stages(react)
    wire = serve(application).wire()
    wire.send(post("/drop", "abc"))
    assert wire.is_quiet()
    wire.send(get("/next"))
    assert wire.response()[2] == b"served"
    assert application.links[0].names() == ["head", "head", "body"]


def test_a_dropped_request_is_not_answered_any_more(serve: Serve) -> None:
    """A response to it raises in whoever sends it, and not a byte goes out."""
    raised: list[BaseException] = []

    def react(link: StageLink, name: str, *_: Any) -> None:
        if name == "head":
            link.transport.drop()
            try:
                link.transport.respond(Response("late"))
            except AlreadyAnswered as error:
                raised.append(error)

    wire = serve(Stages(react)).wire()
    assert wire.send(get()).is_quiet()
    assert len(raised) == 1


def test_a_request_may_be_dropped_later(serve: Serve) -> None:
    """A drop after the whole body has come lets the next request begin."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "body" and rest[1]:
            if len(link.seen) == 2:
                link.transport.loop.call_later(0.02, link.transport.drop)
            else:
                link.transport.respond(Response("served"))

    wire = serve(Stages(react)).wire()
    wire.send(get("/drop") + get("/next"))
    assert wire.response()[2] == b"served"


def test_streamed_response_is_chunked(serve: Serve) -> None:
    """Without a length the body goes out in chunks; empty pieces are left out."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "body" and rest[1]:
            link.transport.start_response(200, Headers({"x-a": "1"}))
            for piece in (b"hello ", b"", b"world"):
                link.transport.write(piece)
            link.transport.finish()
            link.transport.finish()
            link.transport.write(b"late")

    wire = serve(Stages(react)).wire()
    head = wire.send(get()).until(b"\r\n\r\n")
    assert b"transfer-encoding: chunked\r\n" in head
    assert wire.until(b"0\r\n\r\n") == b"6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"
    wire.send(get()).until(b"0\r\n\r\n")


def test_streamed_response_with_a_length_is_plain(serve: Serve) -> None:
    """A length that was given is kept, and the pieces go out as they are."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "body" and rest[1]:
            link.transport.start_response(200, Headers({"Content-Length": 4}), status_text="Fine")
            link.transport.write(b"ab")
            link.transport.write(b"cd")
            link.transport.finish()

    wire = serve(Stages(react)).wire()
    assert wire.send(get()).response()[2] == b"abcd"
    assert wire.send(get()).response()[2] == b"abcd"


def test_streamed_response_to_http_1_0_ends_with_the_connection(serve: Serve) -> None:
    """HTTP/1.0 knows no chunks."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "body" and rest[1]:
            link.transport.start_response(200, Headers())
            link.transport.write(b"abc")
            link.transport.finish()

    answer = serve(Stages(react)).wire().send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").rest()
    assert answer.endswith(b"\r\n\r\nabc")
    assert b"connection: close\r\n" in answer


def test_head_request_gets_no_streamed_body(serve: Serve) -> None:
    """What is written in answer to HEAD stays here, chunk marks included."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "body" and rest[1]:
            link.transport.start_response(200, Headers())
            link.transport.write(b"abc")
            link.transport.finish()

    wire = serve(Stages(react)).wire()
    wire.send(get().replace("GET", "HEAD")).until(b"\r\n\r\n")
    assert wire.is_quiet()


def test_a_second_response_raises_in_the_sender(serve: Serve) -> None:
    """Wookie E8: the client sees only the first."""
    raised: list[BaseException] = []
    answered: list[bool] = []

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "body" and rest[1]:
            answered.append(link.transport.answered)
            link.transport.start_response(200, Headers({"content-length": 0}))
            answered.append(link.transport.answered)
            for again in (
                lambda: link.transport.respond(Response("x")),
                link.transport.handshake().hand_over,
            ):
                try:
                    again()
                except AlreadyAnswered as error:
                    raised.append(error)
            link.transport.finish()

    wire = serve(Stages(react)).wire()
    assert wire.send(get()).response()[2] == b""
    assert wire.is_quiet()
    assert len(raised) == 2
    assert answered == [False, True]


def test_keep_alive_is_the_links_to_decide(serve: Serve) -> None:
    """Wookie C1, C2: a link may keep what the client would end, and end what it would keep."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head":
            rest[0].keep_alive = rest[0].target == "/keep"
        answer_at_the_end(link, name, *rest)

    wire = serve(Stages(react)).wire()
    assert "connection" not in wire.send(get("/keep", "Connection: close\r\n")).response()[1]
    assert wire.send(get("/end")).response()[1]["connection"] == "close"
    assert wire.rest() == b""


def test_abort_ends_silently(serve: Serve) -> None:
    """Nothing is sent, TCP ends, the link is told."""
    application = Stages(lambda link, name, *_: link.transport.abort() if name == "head" else None)
    wire = serve(application).wire()
    wire.send(get())
    with contextlib.suppress(ConnectionResetError):
        assert wire.rest() == b""
    application.links[0].expect("lost")
    assert application.links[0].transport.closing
    assert application.links[0].transport.buffered_amount == 0


def test_body_limit_is_the_links_to_change(serve: Serve) -> None:
    """A link may raise or lower the limit of one request when it has its head."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head":
            link.transport.body_limit = None if rest[0].target == "/big" else 2
        if name == "failed":
            link.transport.respond(Response("too big", status=rest[0]))
        answer_at_the_end(link, name, *rest)

    wire = serve(Stages(react), body_limit=3).wire()
    assert wire.send(post("/big", "x" * 1000)).response()[2] == b"1000"
    assert wire.send(post("/small", "xxx")).response()[0] == 413


def test_slow_reader_makes_drained(serve: Serve) -> None:
    """What waits for a slow client is counted, and its end is told."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "body" and rest[1]:
            link.transport.respond(Response(b"x" * 8_000_000))
            link.add("waits", link.transport.buffered_amount)

    application = Stages(react)
    wire = serve(application).wire()
    wire.send(get())
    link = application_link(application)
    assert link.expect("waits")[1] > 1_000_000
    assert len(wire.response()[2]) == 8_000_000
    link.expect("drained")


def test_an_early_answer_does_not_lose_the_rest_of_the_connection(serve: Serve) -> None:
    """An answer before the body is through: the body is still taken, then the next request is served."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head":
            link.transport.respond(Response(rest[0].target, status=401))

    wire = serve(Stages(react)).wire()
    wire.send("POST /a HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc")
    assert wire.response()[2] == b"/a"
    wire.send("def" + get("/b"))
    assert wire.response()[2] == b"/b"


def test_failure_after_the_answer_just_ends(serve: Serve) -> None:
    """A body that goes wrong after the response was sent ends the connection without a second one."""

    def react(link: StageLink, name: str, *_: Any) -> None:
        if name == "head":
            link.transport.respond(Response("done"))

    application = Stages(react)
    wire = serve(application).wire()
    wire.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert wire.response()[2] == b"done"
    wire.send("zz\r\n")
    assert wire.rest() == b""
    assert "failed" not in application.links[0].names()


def test_other_upgrades_are_served_as_plain_http(serve: Serve) -> None:
    """A wish for h2c is not granted: the request, its body and the next one are served."""
    handler = StubHandler()
    wire = serve(handler).wire()
    upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n"
    wire.send(get("/first") + post("/a", "body", upgrade) + get("/b"))
    assert [wire.response()[2] for _ in range(3)] == [b"GET /first ", b"POST /a body", b"GET /b "]
    assert handler.requests[1].headers["upgrade"] == "h2c"


def test_a_link_that_raises_at_any_stage_is_reported(serve: Serve) -> None:
    """Errors of a link, SystemExit included, never end the server."""
    errors = itertools.cycle([RuntimeError("planned"), SystemExit(1), KeyboardInterrupt()])

    def react(*_: object) -> None:
        raise next(errors)

    application = Stages(react)
    served = serve(application, close_timeout=0.05)
    wire = served.wire()
    wire.send(get())
    application_link(application).expect("body")
    wire.socket.close()
    application.links[0].expect("lost")
    assert len(served.reported()) == 3
    served.wire().socket.close()
    application_link(application, 1).expect("lost")
    served.reported()


def test_an_application_that_fails_to_connect_ends_the_connection(serve: Serve) -> None:
    """Without a link there is nobody to serve it; other connections are tried again."""

    class Failing:
        def connect(self, transport: HttpTransport) -> StageLink:
            raise RuntimeError(f"planned connect {transport.id}")

    served = serve(Failing())
    for _ in range(2):
        assert served.wire().rest() == b""
    assert "planned connect" in served.reported()[0]


# policy


def test_policy_refuses_and_the_connection_goes_on(serve: Serve) -> None:
    """A refused request is answered without the link seeing it, its body is taken, the next one is served."""
    handler = StubHandler()
    wire = serve(handler).wire()
    wire.send(post("/", "body", "Origin: http://evil.example\r\n") + get("/fine"))
    status, _, body = wire.response()
    assert status == 403
    assert b"evil.example" in body
    assert wire.response()[2] == b"GET /fine "
    assert len(handler.requests) == 1


def test_policy_refuses_websockets(serve: Serve) -> None:
    """An upgrade from a foreign page gets its 403, then the end."""
    handler = StubHandler()
    wire = serve(handler).wire()
    wire.send(upgrade_request(extra="Origin: http://evil.example\r\n"))
    assert wire.response()[0] == 403
    assert wire.rest() == b""
    assert handler.requests == []


def test_policy_refusal_with_expect_ends_the_connection(serve: Serve) -> None:
    """A refused client that waits with its body is not waited for."""
    wire = serve(token="secret").wire()
    wire.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    status, headers, _ = wire.response()
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert wire.rest() == b""


# handlers


async def _pieces(*pieces: str | bytes) -> AsyncIterator[str | bytes]:
    for piece in pieces:
        yield piece


def raising(error: BaseException) -> Callable[[object], Response]:
    """Give a request function that raises."""

    def request(_: object) -> Response:
        raise error

    return request


def test_async_iterable_is_streamed(serve: Serve) -> None:
    """A handler may answer with pieces that come later."""
    wire = serve(StubHandler(request=lambda _: Response(_pieces("a", b"bc")))).wire()
    wire.send(get()).until(b"\r\n\r\n")
    assert wire.until(b"0\r\n\r\n") == b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"


def test_a_stream_waits_for_a_slow_client_and_ends_with_it(serve: Serve) -> None:
    """A stream is read no faster than the client takes it, and no longer than it is there."""
    count = itertools.count()
    told = Events()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                next(count)
                yield b"x" * 100_000
        finally:
            told.add("ended")

    wire = serve(StubHandler(request=lambda _: Response(endless()))).wire()
    wire.send(get()).exactly(1_000_000)
    time.sleep(0.1)
    assert next(count) < 200
    wire.socket.close()
    told.expect("ended")


def test_raised_response_is_an_answer(serve: Serve) -> None:
    """A Response may be raised, by plain and async handlers, streamed ones too."""

    async def later(request: Any) -> Response:
        raise Response(_pieces("streamed") if request.path == "/s" else "later", status=409)

    wire = serve(StubHandler(request=raising(Response("now", status=403)))).wire()
    assert wire.send(get()).response()[::2] == (403, b"now")
    wire = serve(StubHandler(request=later)).wire()
    assert wire.send(get()).response()[::2] == (409, b"later")
    wire.send(get("/s")).until(b"8\r\nstreamed\r\n0\r\n\r\n")


@pytest.mark.parametrize("error", [RuntimeError("planned"), SystemExit(1)])
def test_failing_handler_is_a_500_and_is_reported(serve: Serve, error: BaseException) -> None:
    """Any other exception: 500, Internal Server Error; the connection and the server live on."""
    served = serve(StubHandler(request=raising(error)))
    wire = served.wire()
    assert wire.send(get("/x")).response()[::2] == (500, b"Internal Server Error")
    assert wire.send(get("/x")).response()[0] == 500
    assert [entry.startswith("GET /x: ") for entry in served.reported()] == [True, True]


def test_failing_async_handler_is_a_500(serve: Serve) -> None:
    """The same for an async handler, and for one that answers with something else than a Response."""

    async def odd(request: Any) -> Any:
        if request.path == "/raise":
            raise RuntimeError("planned")
        return "text"

    served = serve(StubHandler(request=odd))
    wire = served.wire()
    assert wire.send(get("/raise")).response()[0] == 500
    assert wire.send(get("/odd")).response()[0] == 500
    assert "Response" in served.reported()[1]


def test_a_stream_that_fails_cuts_the_connection(serve: Serve) -> None:
    """Half an answer must not look like a whole one."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError("planned")

    served = serve(StubHandler(request=lambda _: Response(broken())))
    wire = served.wire()
    wire.send(get())
    with contextlib.suppress(ConnectionResetError):
        assert not wire.rest().endswith(b"0\r\n\r\n")
    assert "planned" in served.reported()[0]


def test_body_failure_while_the_handler_is_at_work(serve: Serve) -> None:
    """A pipelined request that cannot be read waits for the answer of the one before."""

    async def slow(_: object) -> Response:
        await asyncio.sleep(0.05)
        return Response("slow")

    wire = serve(StubHandler(request=slow)).wire()
    wire.send(get() + "rubbish\r\n\r\n")
    assert wire.response()[2] == b"slow"
    assert wire.response()[0] == 400


def test_two_wires_do_not_mix(serve: Serve) -> None:
    """Requests of several connections are served side by side."""

    async def slow(request: Any) -> Response:
        await asyncio.sleep(0.1 if request.path == "/slow" else 0)
        return Response(request.path)

    served = serve(StubHandler(request=slow))
    first, second = served.wire(), served.wire()
    first.send(get("/slow"))
    second.send(get("/fast"))
    assert second.response()[2] == b"/fast"
    assert isinstance(first, Wire)
    assert first.response()[2] == b"/slow"


def test_an_upgrade_that_is_answered_like_any_request_ends_the_connection(serve: Serve) -> None:
    """What follows a WebSocket request is not HTTP, so nothing more can be read."""

    def react(link: StageLink, name: str, *_: Any) -> None:
        if name == "head":
            link.transport.respond(Response("not today", status=426))

    wire = serve(Stages(react)).wire()
    wire.send(upgrade_request() + "rest")
    assert wire.response()[::2] == (426, b"not today")
    assert wire.rest() == b""


def test_calls_on_a_connection_that_is_gone_are_nothing(serve: Serve) -> None:
    """Neither side raises on account of the other having left; there is no request to shake hands on."""
    application = Stages(lambda *_: None)
    served = serve(application)
    wire = served.wire()
    link = application_link(application)
    with pytest.raises(AlreadyAnswered, match="no request"):
        link.transport.handshake()
    wire.socket.close()
    link.expect("lost")
    for call in (
        lambda: link.transport.start_response(200, Headers()),
        lambda: link.transport.respond(Response("x")),
        lambda: link.transport.write(b"x"),
        link.transport.finish,
        link.transport.continue_100,
        link.transport.drop,
        link.transport.pause,
        link.transport.resume,
        link.transport.close,
        link.transport.abort,
    ):
        served.server.post(call)
    served.server.post(link.add, "done")
    link.expect("done")

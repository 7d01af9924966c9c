"""Requests that are known by their bytes mean what they would mean if they were parsed again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.conftest import Serve
from tests.server.support import StubHandler
from tests.server.test_http import StageLink, Stages, answer_at_the_end, get, post
from workbench.server import Response
from workbench.server.framing import ParsedHead, Piece
from workbench.server.heads import KnownRequests, head_of
from workbench.server.links import Head


class Place:
    """The addresses of a connection."""

    def get_extra_info(self, name: str) -> Any:
        """Give one of them."""
        return {"peername": ("10.0.0.9", 5), "sockname": ("10.0.0.1", 80)}[name]


def parsed(length: int | None = 0, *fields: tuple[bytes, bytes], websocket: bool = False) -> ParsedHead:
    """What the parser finds."""
    host = fields or ((b"Host", b"a"),)
    return ParsedHead("GET", b"/", "1.1", list(host), True, length, websocket)


def known(found: ParsedHead, data: bytes = b"x", rest: tuple[Piece, ...] = (Piece(b"", last=True),)) -> int:
    """How many requests are known after this one."""
    requests = KnownRequests()
    head = head_of(found, Place(), secure=False)  # type: ignore[arg-type]
    requests.learn(data, found, head, rest)
    return len(requests)


def test_equal_requests_are_told_apart(serve: Serve) -> None:
    """Who changes the headers of one request changes no other that came with the same bytes."""
    seen: list[tuple[Head, str]] = []

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head":
            seen.append((rest[0], str(rest[0].headers.get("x-note"))))
            rest[0].headers.append("x-note", "seen")
            rest[0].keep_alive = len(seen) % 2 == 1
        answer_at_the_end(link, name, *rest)

    served = serve(Stages(react))
    for wire in (served.wire(), served.wire()):
        wire.send(get("/a")).response()
        wire.send(get("/a")).response()
    assert [note for _, note in seen] == ["None"] * len(seen)
    assert len({id(head) for head, _ in seen}) == len(seen) == 4
    assert {(head.url, head.remote_address) for head, _ in seen} == {("http://127.0.0.1/a", "127.0.0.1")}


def test_known_bytes_in_a_body_are_a_body(serve: Serve) -> None:
    """A body that looks like a request which the server knows is no request."""
    handler = StubHandler()
    wire = serve(handler).wire()
    wire.send(get("/a")).response()
    whole = post("/b", get("/a"))
    wire.send(whole[: -len(get("/a"))])
    assert wire.is_quiet(0.1)
    assert wire.send(get("/a")).response()[0] == 200
    assert [(request.path, request.body.decode()) for request in handler.requests] == [
        ("/a", ""),
        ("/b", get("/a")),
    ]


def test_the_beginning_of_the_next_request_is_not_lost(serve: Serve) -> None:
    """Bytes that hold a request and a part of the next one are not remembered as the one."""
    wire = serve().wire()
    for _ in range(2):
        wire.send(get("/a") + get("/b")[:9]).response()
        assert wire.send(get("/b")[9:]).response()[2] == b"GET /b "


def test_a_link_holds_a_known_request(serve: Serve) -> None:
    """While a link holds the reader, the end of a known request waits, as that of any other."""
    order: list[str] = []

    def react(link: StageLink, name: str, *rest: Any) -> None:
        order.append(name)
        if name == "head":
            link.transport.pause()
            link.transport.loop.call_later(0.02, go_on, link)
        answer_at_the_end(link, name, *rest)

    def go_on(link: StageLink) -> None:
        order.append("resumed")
        link.transport.resume()

    wire = serve(Stages(react)).wire()
    for _ in range(2):
        assert wire.send(get("/a")).response()[0] == 200
    assert order == ["head", "resumed", "body"] * 2


@pytest.mark.parametrize("answer", ["drop", "respond"])
def test_a_link_ends_a_known_request_at_its_head(serve: Serve, answer: str) -> None:
    """A known request that its link drops, or answers, at the headers leaves the connection usable."""

    def react(link: StageLink, name: str, *rest: Any) -> None:
        if name == "head" and rest[0].target == "/a":
            if answer == "drop":
                link.transport.drop()
            else:
                link.transport.respond(Response("early"))
        elif name == "body" and not link.transport.answered:
            link.transport.respond(Response("late"))

    wire = serve(Stages(react)).wire()
    for _ in range(3):
        wire.send(get("/a"))
        if answer == "respond":
            assert wire.response()[2] == b"early"
        assert wire.send(get("/b")).response()[2] == b"late"


def test_what_is_learnt() -> None:
    """Only whole and short requests without a body that name their host, and ask for nothing special."""
    assert known(parsed()) == 1
    assert known(parsed(), b"x" * 3000) == 0
    assert known(parsed(3)) == known(parsed(None)) == known(parsed(websocket=True)) == 0
    assert known(parsed(0, (b"Expect", b"100-continue"), (b"Host", b"a"))) == 0
    assert known(parsed(0, (b"X-Other", b"1"))) == 0
    assert known(parsed(), rest=()) == known(parsed(), rest=(Piece(b"a", last=True),)) == 0
    assert known(parsed(), rest=(Piece(b""),)) == 0


def test_no_more_than_some_are_kept() -> None:
    """A client that never asks the same twice costs no memory."""
    requests, found = KnownRequests(), parsed()
    head = head_of(found, Place(), secure=True)  # type: ignore[arg-type]
    for number in range(1000):
        requests.learn(b"%d" % number, found, head, (Piece(b"", last=True),))
        assert len(requests) <= KnownRequests.MOST
    assert head.url == "https://a/"


def test_a_refused_request_is_refused_again(serve: Serve) -> None:
    """What the policy refuses is asked about each time."""
    wire = serve(hosts=("here",)).wire()
    for _ in range(2):
        assert wire.send(get("/").replace("127.0.0.1", "elsewhere")).response()[0] == 403

"""Requests out of bytes: however the bytes are split, the requests are the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.server.errors import HttpFailure
from workbench.server.framing import Event, ParsedHead, Piece, RequestParser, Upgraded

LIMIT = 10_000
tokens = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_", min_size=1, max_size=12)
values = st.text("".join(map(chr, range(33, 127))), max_size=20)
FRAMING = ("content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer")


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, tuple[Any, ...]]:
    """Give the bytes of a valid request, and what should be read out of them."""
    method = draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]))
    target = "/" + draw(st.text("abc/-%20?=&", max_size=20))
    names = draw(st.lists(tokens.filter(lambda name: name.lower() not in FRAMING), max_size=4))
    fields = [(name.encode(), draw(values).encode()) for name in names]
    body = draw(st.binary(max_size=60))
    kind = draw(st.sampled_from(["none", "length", "chunked"]))
    wire = b""
    if kind == "none":
        body = b""
    elif kind == "length":
        fields.append((b"Content-Length", str(len(body)).encode()))
        wire = body
    else:
        fields.append((b"Transfer-Encoding", b"chunked"))
        cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=3)))
        for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True):
            if end > start:
                wire += b"%x\r\n%b\r\n" % (end - start, body[start:end])
        wire += b"0\r\n\r\n"
    head = f"{method} {target} HTTP/1.1\r\n".encode()
    head += b"".join(b"%b: %b\r\n" % field for field in fields)
    return head + b"\r\n" + wire, (method, target.encode(), fields, body)


def read(pieces: list[bytes], limit: int = LIMIT) -> list[Any]:
    """Give what a parser makes of these pieces: one tuple a request, with the body joined."""
    parser = RequestParser(limit)
    events: list[Event] = []
    for piece in pieces:
        events += parser.feed(piece)
    return [summary for summary in summarise(events) if summary]


def summarise(events: list[Event]) -> list[Any]:
    """Join the pieces of each body; check that only the final one is flagged."""
    found: list[Any] = []
    body, open_head = b"", None
    for event in events:
        if isinstance(event, ParsedHead):
            assert open_head is None
            open_head, body = event, b""
        elif isinstance(event, Piece):
            assert open_head is not None
            body += event.data
            if event.last:
                found.append((open_head.method, open_head.target, open_head.fields, body))
                open_head = None
        elif isinstance(event, HttpFailure):
            found.append(event.status)
        else:
            found.append(event.data)
    return found


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut bytes at these places."""
    places = sorted(cut % (len(data) + 1) for cut in cuts)
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


@settings(deadline=None)
@given(st.lists(requests(), min_size=1, max_size=4), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_split_gives_the_same_requests(many: list[tuple[bytes, Any]], cuts: list[int]) -> None:
    """Pipelined requests come out as they went in, wherever the packets end."""
    data = b"".join(wire for wire, _ in many)
    assert read(split(data, cuts)) == [expected for _, expected in many]


@settings(deadline=None)
@given(requests())
def test_byte_by_byte(one: tuple[bytes, Any]) -> None:
    """Even one byte at a time."""
    wire, expected = one
    assert read([bytes([byte]) for byte in wire]) == [expected]


@settings(deadline=None)
@given(requests(), st.binary(max_size=30), st.lists(st.integers(0, 10_000), max_size=6))
def test_rubbish_is_one_failure_after_what_was_valid(
    one: tuple[bytes, Any], rubbish: bytes, cuts: list[int]
) -> None:
    """What cannot be read is one 400 at the end; the request before it is not lost."""
    wire, expected = one
    found = read(split(wire + b"\x00" + rubbish, cuts))
    assert found == [expected, 400]


@settings(deadline=None)
@given(requests(), st.binary(max_size=60), st.lists(st.integers(0, 10_000), max_size=8))
@example((b"", None), b"\x81\x80", [])
def test_bytes_after_an_upgrade_are_kept(one: tuple[bytes, Any], tail: bytes, cuts: list[int]) -> None:
    """What follows a WebSocket request in the same packet is handed on, complete."""
    wire, expected = one
    upgrade = b"GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n"
    fields = [(b"Connection", b"Upgrade"), (b"Upgrade", b"WebSocket")]
    front = split(wire + upgrade[:-1], cuts)
    found = read([*front, upgrade[-1:] + tail])
    assert found == [
        *([expected] if expected else []),
        (b"GET".decode(), b"/ws", fields, b""),
        *([tail] if tail else []),
    ]


@settings(deadline=None)
@given(requests(), requests(), st.lists(st.integers(0, 10_000), max_size=12))
def test_an_upgrade_to_something_else_is_read_as_plain_http(
    first: tuple[bytes, Any], second: tuple[bytes, Any], cuts: list[int]
) -> None:
    """A wish for another protocol changes neither this request, nor its body, nor the next."""
    wish = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    line, _, rest = first[0].partition(b"\r\n")
    method, target, fields, body = first[1]
    wished = [(b"Connection", b"Upgrade"), (b"Upgrade", b"h2c"), *fields]
    data = line + b"\r\n" + wish + rest + second[0]
    assert read(split(data, cuts)) == [(method, target, wished, body), second[1]]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"CONNECT a:1 HTTP/1.1\r\n\r\n", 405),
        (b"GET / HTTP/1.2\r\n\r\n", 400),
        (b"GET / HTTP/0.9\r\n\r\n", 505),
        (b"GET / HTTP/2.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 11_000, 431),
        (b"GET /" + b"y" * 11_000, 431),
    ],
)
@pytest.mark.parametrize("step", [1, 1000, 100_000])
def test_failures_do_not_depend_on_the_split(data: bytes, status: int, step: int) -> None:
    """Each failure has its status, said once, and nothing is read after it."""
    pieces = [data[start : start + step] for start in range(0, len(data), step)]
    parser = RequestParser(LIMIT)
    events = [event for piece in [*pieces, b"GET / HTTP/1.1\r\n\r\n"] for event in parser.feed(piece)]
    (failure,) = events
    assert isinstance(failure, HttpFailure)
    assert failure.status in (status, 400 if status == 505 else status)
    assert parser.over
    assert not parser.in_head


def test_a_partial_head_after_a_request_counts_too() -> None:
    """The limit holds for a head that begins in the packet of the request before."""
    first = b"GET / HTTP/1.1\r\n\r\n"
    assert read([first + b"GET /" + b"y" * 20_000])[1:] == [431]


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [
        ("1.1", "", True),
        ("1.1", "close", False),
        ("1.1", "foo, CLOSE", False),
        ("1.0", "", False),
        ("1.0", "Keep-Alive", True),
    ],
)
def test_keep_alive(version: str, connection: str, kept: bool) -> None:
    """HTTP/1.1 lives on unless told to close, HTTP/1.0 ends unless told to live."""
    field = f"Connection: {connection}\r\n" if connection else ""
    (head, piece) = RequestParser(LIMIT).feed(f"GET / HTTP/{version}\r\n{field}\r\n".encode())
    assert isinstance(head, ParsedHead)
    assert head.keep_alive is kept
    assert piece == Piece(b"", last=True)


def test_a_head_can_be_written_again() -> None:
    """A head as bytes, for another server to parse, with or without the wish to upgrade."""
    data = b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    head = RequestParser(LIMIT).feed(data)[0]
    assert isinstance(head, ParsedHead)
    assert head.encode() == data
    assert b"websocket" not in head.encode(upgrade=False)


def test_nothing_is_read_after_an_upgrade() -> None:
    """HTTP is over then: further bytes are somebody else's."""
    parser = RequestParser(LIMIT)
    events = parser.feed(b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nxyz")
    assert events[-1] == Upgraded(b"xyz")
    assert parser.feed(b"GET / HTTP/1.1\r\n\r\n") == []

"""A bench on whose connections several applications are served, one of them stage by stage."""

from __future__ import annotations

import http.client
import socket
from typing import Any

from websockets.sync.client import connect

from tests.support import ask
from workbench import Response, Workbench
from workbench.dialects.wookie import send_response
from workbench.testing import serving


def texts(bench: Any, *paths: str) -> list[tuple[int, str]]:
    """Ask for paths on one connection."""
    client = http.client.HTTPConnection(bench.host, bench.port, timeout=5)
    try:
        answers = []
        for path in paths:
            client.request("GET", path)
            answer = client.getresponse()
            answers.append((answer.status, answer.read().decode()))
        return answers
    finally:
        client.close()


def staged(owner: Any, text: str) -> list[str]:
    """Let an owner of Wookie answer everything, and note its points."""
    ran: list[str] = []
    owner.route("*", ".*")(lambda _request, response: send_response(response, body=text))
    for point in ("connect", "pre-route"):
        owner.add_hook(point, lambda *_, point=point: ran.append(point))
    return ran


def test_stages_at_the_root_and_handlers_below() -> None:
    """At / every connection is seen; requests go by their path, also when they change it in between."""
    bench: Any = Workbench("wookie", name="test")
    ran = staged(bench, "wookie")
    chat: Any = bench.mount("/chat", "crossws")
    chat.fetch = lambda request: Response(f"crossws {request.path}")
    chat.hook("message")(lambda peer, message: peer.send(message.text()))
    with serving(bench):
        assert texts(bench, "/", "/chat/a", "/b", "/chat", "/_workbench/status")[:4] == [
            (200, "wookie"),
            (200, "crossws /chat/a"),
            (200, "wookie"),
            (200, "crossws /chat"),
        ]
        with connect(f"{bench.ws_url}/chat") as client:
            assert ask(client, "hello") == "hello"
    assert ran == ["connect", "pre-route", "pre-route", "connect"]


def test_handlers_at_the_root_and_stages_below() -> None:
    """Below a path a staged application learns of a connection with its first request there."""
    bench: Any = Workbench("crossws", name="test")
    bench.fetch = lambda request: Response(f"crossws {request.path}")
    ran = staged(bench.mount("/w", "wookie"), "wookie")
    with serving(bench):
        assert texts(bench, "/", "/w", "/w/x", "/x") == [
            (200, "crossws /"),
            (200, "wookie"),
            (200, "wookie"),
            (200, "crossws /x"),
        ]
    assert ran == ["connect", "pre-route", "pre-route"]


def test_what_is_no_request_is_the_roots() -> None:
    """A request that cannot be read is answered, whoever was asked before."""
    bench: Any = Workbench("wookie", name="test")
    staged(bench, "wookie")
    with serving(bench), socket.create_connection((bench.host, bench.port), 5) as client:
        client.sendall(b"GET /_workbench/x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 ")
        client.sendall(b"NONSENSE\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_a_websocket_where_none_is_spoken() -> None:
    """A request for a WebSocket is an ordinary request to a staged application."""
    bench: Any = Workbench("wookie", name="test")
    staged(bench, "no sockets here")
    with serving(bench), socket.create_connection((bench.host, bench.port), 5) as client:
        client.sendall(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        data = b""
        while piece := client.recv(4096):
            data += piece
    assert data.startswith(b"HTTP/1.1 200 OK")
    assert data.endswith(b"no sockets here")

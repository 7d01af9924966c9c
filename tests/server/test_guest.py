"""What workbench.server.guest promises: a plain ASGI application behind our own server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from workbench.server.guest import AsgiGuest, GuestLink
from workbench.server.options import ServerOptions
from workbench.server.requests import serve_handler
from workbench.server.server import HookServer

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
seen: list[Any] = []


async def guest(scope: Any, receive: Receive, send: Send) -> None:
    """Serve as the path says."""
    await (_http if scope["type"] == "http" else _websocket)(scope, receive, send)


async def _http(scope: Any, receive: Receive, send: Send) -> None:
    if scope["path"] == "/silent":
        return
    if scope["path"] == "/broken":
        raise ValueError("broken")
    event = await receive()
    body = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} ".encode() + event["body"]
    gone = asyncio.ensure_future(receive())  # nothing more comes
    await asyncio.sleep(0)
    assert not gone.done()
    gone.cancel()
    headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body[:5], "more_body": True})
    await send({"type": "http.response.body", "body": body[5:]})


async def _websocket(scope: Any, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "websocket.connect"
    if scope["path"] == "/refused":
        await send({"type": "websocket.close"})
        return
    if scope["path"] == "/ignored":
        return
    link: GuestLink = scope["workbench.link"]
    await send(
        {"type": "websocket.accept", "subprotocol": scope["subprotocols"][0], "headers": [(b"x-by", b"me")]}
    )
    while (event := await receive())["type"] == "websocket.receive":
        if event.get("text") == "leave":
            return
        if event.get("text") == "close":
            await send({"type": "websocket.close", "code": 4000, "reason": "done"})
        else:
            await send(
                {"type": "websocket.send", **{key: event[key] for key in ("text", "bytes") if key in event}}
            )
    seen.append((event["code"], event["reason"], link.transport))
    await send({"type": "websocket.send", "text": "too late"})


class _Handler:
    """Hands everything to the guest."""

    def __init__(self) -> None:
        guests = AsgiGuest(guest)
        self.request = guests.request
        self.upgrade = guests.upgrade


@pytest.fixture
def server() -> Iterator[HookServer]:
    """Serve the guest."""
    seen.clear()
    running = HookServer(serve_handler(_Handler()), ServerOptions(), report=lambda *_: None).start()
    yield running
    running.stop()


def test_a_request_is_answered_by_what_the_guest_sends(server: HookServer) -> None:
    """Method, path, query and body get there; status, repeated headers and all pieces come back."""
    answer = httpx.post(f"{server.url}/a%20b?c=1", content=b"body")

    assert (answer.status_code, answer.text) == (201, "POST /a b c=1 body")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize("path", ["/silent", "/broken"])
def test_a_guest_that_answers_nothing_has_failed(server: HookServer, path: str) -> None:
    """The client gets a 500."""
    assert httpx.get(f"{server.url}{path}").status_code == 500


def test_a_websocket_carries_messages_both_ways(server: HookServer) -> None:
    """Text and bytes, with the subprotocol and headers that the guest chose."""
    with connect(f"{server.ws_url}/", subprotocols=["one", "two"]) as client:  # type: ignore[list-item]
        client.send("text")
        client.send(b"bytes")
        assert [client.recv(), client.recv()] == ["text", b"bytes"]
        assert client.subprotocol == "one"
        assert client.response is not None
        assert client.response.headers["x-by"] == "me"
        client.close(4001, "bye")
    server.stop()

    assert seen == [(4001, "bye", None)]


@pytest.mark.parametrize(("word", "code"), [("close", 4000), ("leave", 1000)])
def test_a_guest_ends_its_websocket(server: HookServer, word: str, code: int) -> None:
    """With the code that it says, or by leaving."""
    with connect(f"{server.ws_url}/", subprotocols=["one"]) as client:  # type: ignore[list-item]
        client.send(word)
        with pytest.raises(Exception, match="received"):
            client.recv(timeout=20)
        assert client.close_code == code


@pytest.mark.parametrize("path", ["/refused", "/ignored"])
def test_a_guest_that_does_not_accept_refuses(server: HookServer, path: str) -> None:
    """With a 403."""
    with pytest.raises(InvalidStatus) as refused, connect(f"{server.ws_url}{path}"):
        pass

    assert refused.value.response.status_code == 403

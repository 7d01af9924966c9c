"""A small hook server for tests of the proxy alone: does what a test asks it to, remembers what it saw."""

from __future__ import annotations

__all__ = ["StandIn"]

import asyncio
import threading
from typing import Any, Self

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler, stream_request_body
from tornado.websocket import WebSocketHandler

from workbench.testing import free_port

_NO_LIMIT = 2**40


class StandIn:
    """A tornado server in a thread of its own.

    Attributes
    ----------
    port
        Where it listens, on 127.0.0.1.
    requests
        Every request as (method, uri, headers).
    closes
        Close code and reason of every WebSocket that ended, in order.
    received
        Number of WebSocket messages that arrived.
    left
        Set when a client has gone before it had its whole HTTP answer.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.closes: list[tuple[int | None, str | None]] = []
        self.received = 0
        self.closed = threading.Event()
        self.left = threading.Event()
        self.gate = threading.Event()
        self.token = "t" * 43
        self.status: dict[str, Any] = {"state": "live", "reason": "", "rate": 2.5, "errors": 1, "clients": 3}
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _listen(self) -> None:
        arguments = {"server": self}
        routes: list[Any] = [
            ("/_workbench/status", _Status, arguments),
            ("/_workbench/channel", _Channel, arguments),
            ("/ws/.*", _Socket, arguments),
            (".*", _Anything, arguments),
        ]
        self._server = HTTPServer(Application(routes), max_body_size=_NO_LIMIT)
        self._server.listen(self.port, "127.0.0.1")

    async def _close(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Remembering(RequestHandler):
    def initialize(self, server: StandIn) -> None:
        self.server = server
        headers = {name: ", ".join(self.request.headers.get_list(name)) for name in self.request.headers}
        server.requests.append((self.request.method or "", self.request.uri or "", headers))


class _Status(_Remembering):
    def get(self) -> None:
        if self.request.headers.get("Authorization") != f"Bearer {self.server.token}":
            self.set_status(401)
            return
        self.finish(self.server.status)


@stream_request_body
class _Anything(_Remembering):
    """Answers by path: echo, redirect, cookies, big, slow, stream, teapot, cut, early."""

    async def prepare(self) -> None:
        self.request.connection.set_max_body_size(_NO_LIMIT)  # type: ignore[union-attr]
        self.length = 0
        self.parts: list[bytes] = []
        if self.request.path == "/early":
            self.set_status(413)
            await self.finish("too much")

    async def data_received(self, chunk: bytes) -> None:
        self.length += len(chunk)
        if self.request.path == "/echo":
            self.parts.append(chunk)
        if self.request.path == "/slow-upload":
            await asyncio.to_thread(self.server.gate.wait, 20)

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.server.left.set()

    async def _answer(self) -> None:
        name = self.request.path.strip("/").replace("-", "_") or "root"
        act = getattr(self, f"do_{name}", None)
        if act is None:
            self.finish({"method": self.request.method, "uri": self.request.uri, "length": self.length})
        else:
            await act()

    get = post = put = patch = delete = options = _answer

    async def head(self) -> None:
        self.set_header("Content-Length", "1234")

    async def do_echo(self) -> None:
        self.finish(b"".join(self.parts))

    async def do_redirect(self) -> None:
        self.set_status(302)
        self.set_header("Location", "/elsewhere?x=1")

    async def do_redirect_out(self) -> None:
        self.set_status(307)
        self.set_header("Location", "https://example.org/away")

    async def do_cookies(self) -> None:
        self.set_cookie("session", "secret")
        self.set_header("Clear-Site-Data", '"cookies"')
        self.set_header("Service-Worker-Allowed", "/")
        self.add_header("X-Twice", "one")
        self.add_header("X-Twice", "two")
        self.finish("ok")

    async def do_teapot(self) -> None:
        self.set_status(418, "Short and stout")
        self.finish("teapot")

    async def do_big(self) -> None:
        size = int(self.get_query_argument("size"))
        self.set_header("Content-Length", str(size))
        while size > 0:
            self.write(b"x" * min(size, 65536))
            size -= 65536
            await self.flush()

    async def do_stream(self) -> None:
        self.write("first\n")
        await self.flush()
        await asyncio.to_thread(self.server.gate.wait, 10)
        self.finish("last\n")

    async def do_cut(self) -> None:
        self.write("half")
        await self.flush()
        self.request.connection.stream.close()  # type: ignore[union-attr]

    async def do_never(self) -> None:
        await asyncio.to_thread(self.server.gate.wait, 10)


class _Socket(WebSocketHandler):
    """Echoes; some messages and paths are orders."""

    def initialize(self, server: StandIn) -> None:
        self.server = server
        headers = {name: ", ".join(self.request.headers.get_list(name)) for name in self.request.headers}
        server.requests.append(("WS", self.request.uri or "", headers))

    @property
    def max_message_size(self) -> int:
        return 80 * 1024 * 1024

    def check_origin(self, origin: str) -> bool:
        return origin == f"http://127.0.0.1:{self.server.port}"

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return "echo.v2" if "echo.v2" in subprotocols else None

    async def get(self, *args: Any, **kwargs: Any) -> None:
        if self.request.path == "/ws/refuse":
            self.set_status(401, "Who are you")
            self.set_header("X-Why", "no ticket")
            self.finish("no ticket, no entry")
            return
        self.set_header("X-Greeting", "hello")
        self.set_cookie("session", "secret")
        await super().get(*args, **kwargs)

    async def on_message(self, message: str | bytes) -> None:
        self.server.received += 1
        if message == "close":
            self.close(4321, "you asked")
        elif message == "close without code":
            self.close()
        elif message == "drop":
            self.ws_connection.stream.close()  # type: ignore[union-attr]
        elif message == "flood":
            self.server.received = await self._flood()
        elif self.request.path == "/ws/slow":
            await asyncio.to_thread(self.server.gate.wait, 20)
        else:
            await self.write_message(message, binary=isinstance(message, bytes))

    async def _flood(self) -> int:
        """Send until nobody takes it, at most 1 GiB; the count of messages taken is kept in `received`."""
        for sent in range(1024):
            self.server.received = sent
            await self.write_message(b"x" * 2**20, binary=True)
        return 1024

    def on_close(self) -> None:
        self.server.closes.append((self.close_code, self.close_reason))
        self.server.closed.set()


class _Channel(_Socket):
    """The command channel: lets only the token in, obeys the order to stop."""

    async def get(self, *args: Any, **kwargs: Any) -> None:
        if self.request.headers.get("Authorization") != f"Bearer {self.server.token}":
            self.set_status(401)
            return
        await super().get(*args, **kwargs)

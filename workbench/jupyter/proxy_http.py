"""HTTP requests to a hook server inside a kernel, through Jupyter."""

from __future__ import annotations

__all__ = ["HttpProxyHandler"]

import asyncio
import contextlib
from typing import Any, ClassVar

from tornado.iostream import StreamClosedError
from tornado.web import authenticated, stream_request_body

from workbench.jupyter.base import CHANNEL_PREFIX, BenchHandler
from workbench.jupyter.errors import Forbidden, JupyterError
from workbench.jupyter.hygiene import Pairs, Passage, foreign_page, request_headers, response_headers
from workbench.jupyter.upstream import Exchange

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_LIMIT = 2**62
_LINGER_SECONDS = 2.0


@stream_request_body
class HttpProxyHandler(BenchHandler):
    """Streams a request to the bench and the answer back, whatever the method and however large.

    The connection to the bench is made in `prepare`, before the body is read, so an upload never waits in
    this process. Once the answer has begun, an error can only be told by cutting the connection.
    """

    SUPPORTED_METHODS: ClassVar[tuple[str, ...]] = (  # type: ignore[misc]
        "GET",
        "HEAD",
        "POST",
        "DELETE",
        "PATCH",
        "PUT",
        "OPTIONS",
        "QUERY",
    )

    _exchange: Exchange | None = None
    _answer: asyncio.Task[None] | None = None
    _passage: Passage

    def initialize(self, **kwargs: Any) -> None:
        """Prepare what later steps fill."""
        super().initialize(**kwargs)
        self._uploaded = asyncio.Event()

    async def prepare(self, **_: object) -> None:
        """Check who asks, connect to the bench and send it the head of the request."""
        await super().prepare()
        server_id, path = self.path_kwargs["server_id"], self.path_kwargs["path"]
        if not path:
            self.redirect(self._with_slash(server_id))
            return
        by_cookie = not self.token_authenticated
        if by_cookie and "Origin" not in self.request.headers and foreign_page(self.request.headers):
            raise Forbidden(
                "Another site's page sent this request; open the address from JupyterLab instead."
            )
        await self.require(_action(self.request.method or "", path))
        await self._send_head(server_id, path)

    async def _send_head(self, server_id: str, path: str) -> None:
        target = self.target(server_id)
        self._passage = self.passage(target, path)
        self._transforms = []  # the hook's bytes are its own: compressing them would break ranges and tags
        self.request.connection.set_max_body_size(_NO_LIMIT)  # type: ignore[union-attr]
        self._exchange = await Exchange.open(target)
        self.note_activity()
        await self._exchange.send_head(
            self.request.method or "GET",
            self.upstream_path(path),
            request_headers(self.request.headers.get_all(), self._passage),
            chunked="Transfer-Encoding" in self.request.headers,
        )
        self._answer = asyncio.create_task(self._relay(self._exchange))

    def _with_slash(self, server_id: str) -> str:
        """Make the address that relative links of the bench's pages need."""
        _, mark, query = (self.request.uri or "").partition("?")
        return self.servers.path_of(self.target(server_id).id) + mark + query

    async def data_received(self, chunk: bytes) -> None:
        """Pass a piece of the body on; the browser waits until the bench has taken it."""
        if self._exchange is not None and not self._finished:
            await self._exchange.send_body(chunk)

    async def answer_head(self, status: int, reason: str, headers: Pairs) -> None:
        """Pass the head of the answer on."""
        self.set_status(status, reason or None)
        self.replace_headers(response_headers(headers, self._passage))
        await self._flushed()

    async def answer_body(self, chunk: bytes) -> None:
        """Pass a piece of the answer on; the bench waits until the browser has taken it."""
        self.write(chunk)
        await self._flushed()

    async def _flushed(self) -> None:
        try:
            await self.flush()
        except StreamClosedError:  # the browser went; the bench sees the same
            self._let_go()

    async def _relay(self, exchange: Exchange) -> None:
        """Give the whole answer to the browser, or say why there is none."""
        try:
            await exchange.relay_answer(self, self.limits.answer_seconds or None)
        except JupyterError as error:
            self._fail(error)
            return
        if (
            not self._uploaded.is_set()
        ):  # an early answer, such as 413: a reset would take it from the browser
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._uploaded.wait(), _LINGER_SECONDS)
        if not self._finished:
            await self.finish()

    def _fail(self, error: JupyterError) -> None:
        if self._finished:
            return
        if self._headers_written:  # cutting is the only honest end of an answer that broke off half way
            self.request.connection.stream.close()  # type: ignore[union-attr]
        else:
            self.clear()
            self.send_error(error.status, exc_info=(type(error), error, None))

    def on_connection_close(self) -> None:
        """Let the bench see that its client went."""
        super().on_connection_close()
        self._let_go()

    def on_finish(self) -> None:
        """Close the connection to the bench with the request."""
        super().on_finish()
        self._let_go()

    def _let_go(self) -> None:
        if self._answer is not None and self._answer is not asyncio.current_task():
            self._answer.cancel()
        if self._exchange is not None:
            self._exchange.close()

    @authenticated
    async def get(self, server_id: str, path: str) -> None:
        """End the request and wait for the rest of the answer; the same for every method."""
        del server_id, path
        self._uploaded.set()
        if self._exchange is None or self._answer is None:
            return
        self._exchange.finish_request()
        await asyncio.wait({self._answer})

    head = post = put = patch = delete = options = query = get


def _action(method: str, path: str) -> str:
    """Name in Jupyter's words what a request does; the bench's own endpoints can change it: execute."""
    if path.startswith(CHANNEL_PREFIX):
        return "execute"
    return "read" if method in _READING else "write"

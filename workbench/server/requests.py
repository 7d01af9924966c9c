"""The ready link for a `Handler`: collects each request, awaits the answer, sends it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Awaitable, Coroutine
from typing import Any

from workbench.server.errors import HttpFailure
from workbench.server.links import Application, Handler, Head, HttpLink, HttpTransport
from workbench.server.messages import Response

__all__ = ["RequestLink", "serve_handler"]

_FAULT = "Internal Server Error"
_HIGH_WATER = 65536  # bytes that may wait for a slow client


def serve_handler(handler: Handler) -> Application:
    """Make an application of a handler: each connection gets a `RequestLink`."""
    return _HandlerApplication(handler)


class _HandlerApplication:
    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def connect(self, transport: HttpTransport) -> HttpLink:
        return RequestLink(self.handler, transport)


def _wrong(answer: object) -> TypeError:
    return TypeError(f"A handler answers with a Response, not with {type(answer).__name__}.")


def fault() -> Response:
    """Make the answer to a request whose handler failed."""
    return Response(_FAULT, status=500)


class RequestLink:
    """One connection on which whole requests are served, one after the other."""

    def __init__(self, handler: Handler, transport: HttpTransport) -> None:
        self._handler = handler
        self._transport = transport
        self._head: Head | None = None
        self._pieces: list[bytes] = []
        self._drain: asyncio.Event | None = None
        self._gone = False

    def head(self, head: Head) -> None:
        """A request begins; a client that waits for leave to send a body gets it unless it is too large."""
        self._head, self._pieces = head, []
        limit = self._transport.body_limit
        if head.expects_continue and (limit is None or (head.length or 0) <= limit):
            self._transport.continue_100()

    def body(self, data: bytes, last: bool) -> None:
        """Collect; at the end, ask the handler."""
        if data:
            self._pieces.append(data)
        if last and self._head is not None:
            head, self._head = self._head, None
            self._serve(head, b"".join(self._pieces))

    def failed(self, failure: HttpFailure) -> None:
        """Say what was wrong; what the handler has begun to answer just ends."""
        self._head = None
        if self._transport.answered:
            self._transport.close()
        else:
            self._transport.respond(Response(f"{failure}\n", status=failure.status))

    def drained(self) -> None:
        """A streamed response may go on."""
        if self._drain is not None:
            self._drain.set()

    def lost(self) -> None:
        """A streamed response has nobody left to read it; handlers run to their end."""
        self._gone = True
        self.drained()

    # serving

    def _serve(self, head: Head, body: bytes) -> None:
        try:
            pending = self._upgrade(head) if head.websocket else self._handler.request(head.request(body))
            if isinstance(pending, Response):
                pending = self._settle(head, pending)
        except Response as response:
            pending = self._settle(head, response)
        except BaseException as error:  # noqa: BLE001  # whatever it is, the client gets an answer
            self._fault(head, error)
            return
        if pending is not None:
            self._transport.launch(self._finish(head, pending))

    def _upgrade(self, head: Head) -> Awaitable[None] | None:
        pending = self._handler.upgrade(head.request(), self._transport.handshake())
        if pending is not None and inspect.isawaitable(pending):
            return pending
        self._check_answered(head)
        return None

    def _check_answered(self, head: Head) -> None:
        if not self._transport.answered:
            self._settle(head, fault())

    async def _finish(self, head: Head, pending: Awaitable[Any]) -> None:
        try:
            try:
                answer = await pending
            except Response as response:
                answer = response
            if isinstance(answer, Response):
                rest = self._settle(head, answer)
                if rest is not None:
                    await rest
            elif head.websocket:
                self._check_answered(head)
            elif not self._transport.answered:
                self._fault(head, _wrong(answer))
        except asyncio.CancelledError:
            self._transport.abort()
            raise
        except BaseException as error:  # noqa: BLE001
            self._fault(head, error)

    def _settle(self, head: Head, response: Response) -> Coroutine[Any, Any, None] | None:
        """Send an answer; give what remains to be awaited of a streamed one."""
        transport = self._transport
        if not (transport.answered or head.websocket or response.stream is not None):
            transport.respond(response)
        elif transport.closing:
            pass
        elif transport.answered:
            transport.abort()  # the client must not take half an answer for a whole one
        elif head.websocket:
            transport.handshake().reject(response)
        elif response.stream is not None:
            return self._stream(response, response.stream)
        return None

    def _fault(self, head: Head, error: BaseException) -> None:
        self._transport.report(error, f"{head.method} {head.target}")
        self._settle(head, fault())

    async def _stream(self, response: Response, stream: AsyncIterable[bytes | str]) -> None:
        transport = self._transport
        transport.start_response(response.status, response.headers, status_text=response.status_text)
        async for piece in stream:
            if self._gone:
                return
            transport.write(piece.encode() if isinstance(piece, str) else piece)
            await self._room()
        transport.finish()

    async def _room(self) -> None:
        """Wait until the client has read what was sent, if it is slow."""
        while self._transport.buffered_amount > _HIGH_WATER and not self._gone:
            self._drain = asyncio.Event()
            await self._drain.wait()

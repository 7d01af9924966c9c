"""A transport that nobody listens to, for the second copy of a request."""

from __future__ import annotations

__all__ = ["SilentTransport"]

import asyncio
from collections.abc import Coroutine
from typing import Any

from workbench.server.errors import UnsupportedByTransport
from workbench.server.links import Handshake, HttpTransport
from workbench.server.messages import Headers, Response


class SilentTransport:
    """Swallows every answer; an `HttpTransport` in all other respects.

    Parameters
    ----------
    inner
        The transport whose client sent the request.
    """

    def __init__(self, inner: HttpTransport) -> None:
        self._inner = inner
        self.body_limit = inner.body_limit
        self.id = inner.id
        self.remote_address = inner.remote_address
        self.answered = False
        self.closing = False
        self.buffered_amount = 0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop on which everything happens."""
        return self._inner.loop

    def launch(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in a task."""
        self._inner.launch(work)

    def start_response(self, status: int, headers: Headers, *, status_text: str | None = None) -> None:
        """Take note that an answer has begun."""
        del status, headers, status_text
        self.answered = True

    def respond(self, response: Response) -> None:
        """Take note that there is an answer."""
        del response
        self.answered = True

    def write(self, data: bytes) -> None:
        """Swallow."""

    def finish(self) -> None:
        """Swallow."""

    def continue_100(self) -> None:
        """Nothing: the client has sent its body."""

    def drop(self) -> None:
        """Nothing: no answer goes out in any case."""

    def pause(self) -> None:
        """Nothing: everything has been read."""

    def resume(self) -> None:
        """Nothing, as for `pause`."""

    def close(self) -> None:
        """Nothing: the connection is the first copy's."""
        self.closing = True

    def abort(self) -> None:
        """Nothing, as for `close`."""
        self.closing = True

    def handshake(self) -> Handshake:
        """Refuse: a copy of a request becomes no WebSocket."""
        raise UnsupportedByTransport("The copy of a request cannot become a WebSocket.")

    def report(self, error: BaseException, what: str) -> None:
        """Hand an error on to the server's reporter."""
        self._inner.report(error, what)

"""What hooks and routes are given: the socket, the request and the response."""

from __future__ import annotations

__all__ = ["Body", "ChunkCallback", "Request", "Response", "ResponseStream", "Socket"]

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeAlias
from urllib.parse import unquote
from weakref import ReferenceType, ref

from workbench.dialects.known import known_as
from workbench.dialects.wookie.errors import ResponseAlreadySent, ResponseNotStarted, WookieError
from workbench.server import messages
from workbench.server.messages import Headers, HeadersSource

if TYPE_CHECKING:
    from workbench.dialects.wookie.answering import Answering
    from workbench.server.links import Head, HttpTransport

ChunkCallback: TypeAlias = Callable[[bytes, bool], object]
Body: TypeAlias = str | bytes | bytearray | memoryview | dict[str, Any] | list[Any] | None
Touch = Callable[[object, str], object]


class Socket:
    """One connection, as `connect` hooks see it; every later request of it has the same as `socket`.

    Attributes
    ----------
    connection
        Its number in the trace.
    data
        Whatever the application wants to keep with it.

    """

    __slots__ = ("_transport", "connection", "data")

    def __init__(self, transport: HttpTransport, connection: int) -> None:
        self._transport = transport
        self.connection = connection
        self.data: Any = None

    @property
    def remote_address(self) -> str | None:
        """The client's address without port; None where there is none (memory)."""
        return self._transport.remote_address

    @property
    def closed(self) -> bool:
        """Whether writing is pointless."""
        return self._transport.closing

    def close(self) -> None:
        """End the connection after what was written."""
        transport = self._transport
        transport.loop.call_soon_threadsafe(transport.close)

    def __repr__(self) -> str:
        return f"<socket c{self.connection} of {self.remote_address or 'memory'}>"


class Request(messages.Request):
    """One request.

    Attributes
    ----------
    method, url, headers, remote_address
        As the client sent them.
    target
        Path and query as on the request line; Wookie's `request-resource`.
    path
        The percent-decoded path, which is what routes match.
    body
        The whole body once it is in, unless a chunk route took it piece by piece.
    socket
        The connection.
    response
        What will answer it, for hooks that get the request alone: one on `parsed-headers` can refuse an
        upload before it comes.

    """

    _response: Response | ReferenceType[Response]

    def __init__(self, head: Head, socket: Socket, touch: Touch) -> None:
        self.method = head.method
        self.url = head.url
        self.headers = head.headers
        self.remote_address = head.remote_address
        self.body = b""
        self._query = None
        self.target = head.target
        path = head.target.partition("?")[0]
        self.path = unquote(path, errors="replace") if "%" in path else path
        self.socket = socket
        self.callback: ChunkCallback | None = None
        self.on_callback: Callable[[], None] | None = None
        self._data: Any = None
        self._touch = touch

    target: str = "/"
    path: str = "/"

    @property
    def response(self) -> Response:
        """What will answer it; of a request that is through it has no headers, unless somebody kept it."""
        found = self._response
        if isinstance(found, ReferenceType):
            return found() or Response(_Through(self), self, self._touch)
        return found

    @response.setter
    def response(self, response: Response) -> None:
        self._response = response

    def part(self) -> None:
        """Let go of what holds it: the request is through."""
        self.on_callback, self._response = None, ref(self.response)

    @property
    def data(self) -> Any:
        """Whatever the application keeps with the request (`request-data`); None at first (Wookie 8)."""
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        self._touch(self, "data")
        self._data = value

    def with_chunking(self, callback: ChunkCallback) -> ChunkCallback:
        """Have a function called with each piece of the body; may be used as a decorator.

        Parameters
        ----------
        callback
            Called with the bytes and whether they are the last. What came before is handed over at once, in
            one piece.

        """
        self.callback = callback
        if self.on_callback is not None:
            self.on_callback()
        return callback

    def __repr__(self) -> str:
        return f"<request {self.method} {self.target}>"


@known_as(Headers)
class TrackedHeaders(Headers):
    """Headers that tell who changes them."""

    __slots__ = ("_touch",)

    def __init__(self, touch: Touch) -> None:
        super().__init__()
        self._touch = touch

    def append(self, name: str, value: object) -> None:
        """Add one field after the others; an equal name is repeated."""
        super().append(name, value)
        self._touch(self, name)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self._touch(self, name)


class Response:
    """The answer to one request.

    Attributes
    ----------
    request
        What it answers.

    """

    __slots__ = ("__weakref__", "_exchange", "_headers", "_touch", "request")

    def __init__(self, exchange: Answering | _Through, request: Request, touch: Touch) -> None:
        self._exchange = exchange
        self._headers: Headers | None = None
        self._touch = touch
        self.request = request

    @property
    def headers(self) -> Headers:
        """Sent with whatever response there will be; hooks may change them until it starts (O10)."""
        if self._headers is None:
            self._headers = TrackedHeaders(self._touch)
        return self._headers

    @property
    def finished(self) -> bool:
        """Whether a response was sent or begun: a second one is an error (Wookie 37)."""
        return self._exchange.claimed

    def send_response(
        self,
        *,
        status: int = 200,
        headers: HeadersSource = None,
        body: Body = None,
        close: bool | None = None,
    ) -> None:
        """Send a whole response.

        Parameters
        ----------
        status
            200 to 999.
        headers
            For this response, beside `self.headers`; of single fields such as Content-Type these win.
        body
            Text, bytes, a dict or list (sent as JSON), or None.
        close
            Whether the connection ends with it; None: as the client wishes (Wookie 42, 43).

        Raises
        ------
        ResponseAlreadySent
            The second time (Wookie 37).

        """
        self._exchange.send(
            messages.Response(body, status=_checked(status), headers=headers), headers, body, close
        )

    def start_response(self, *, status: int = 200, headers: HeadersSource = None) -> ResponseStream:
        """Begin a response whose body comes piece by piece.

        Parameters
        ----------
        status, headers
            As for `send_response`.

        Returns
        -------
        ResponseStream
            Where the pieces are written.

        Raises
        ------
        ResponseAlreadySent
            The second time (Wookie 37).

        """
        started = messages.Response(status=_checked(status), headers=headers)
        return self._exchange.start(started, headers)

    def finish_response(self) -> None:
        """End the response that `start_response` began; a second time does nothing."""
        stream = self._exchange.stream
        if stream is None:
            raise ResponseNotStarted("There is no streamed response to finish: start_response begins one.")
        stream.finish()

    def send_100_continue(self) -> None:
        """Tell a client that waits for it to send the body; otherwise nothing happens."""
        self._exchange.continue_100()

    def __repr__(self) -> str:
        return f"<response to {self.request.method} {self.request.target}>"


class _Through:
    """What stands behind the response of a request that is through, for those who ask for it late."""

    claimed = True
    stream: ResponseStream | None = None

    def __init__(self, request: Request) -> None:
        self._request = request

    def send(self, *_: object) -> NoReturn:
        """Refuse: there was an answer."""
        raise already_sent(self._request)

    start = send

    def continue_100(self) -> None:
        """Do nothing, as after any answer."""


class ResponseStream:
    """The body of a response, piece by piece; usable as a context manager, which finishes it."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Answering) -> None:
        self._exchange = exchange

    def write(self, data: str | bytes) -> None:
        """Send a piece; text as UTF-8. After the end, or without a client, nothing happens."""
        self._exchange.write(data.encode() if isinstance(data, str) else bytes(data))

    async def drain(self) -> None:
        """Wait until a client that reads slowly has caught up."""
        await self._exchange.room()

    def finish(self) -> None:
        """End the body; a second time nothing happens."""
        self._exchange.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.finish()


def already_sent(request: Request) -> ResponseAlreadySent:
    """Make the error for whoever sends a second time."""
    return ResponseAlreadySent(
        f"A response to {request.method} {request.target} has been sent: a second one cannot be. "
        "A hook that answers also signals an error, so that the route does not run."
    )


def _checked(status: int) -> int:
    """Refuse what is no final answer: 100 has a call of its own."""
    if isinstance(status, int) and not isinstance(status, bool) and 200 <= status <= 999:  # noqa: PLR2004
        return status
    raise WookieError(f"The status of a response is a number from 200 to 999, such as 404, not {status!r}.")

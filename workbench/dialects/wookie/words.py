"""The seed's words as functions, for code that is carried over; the objects have them as methods."""

from __future__ import annotations

__all__ = [
    "finish_response",
    "request_data",
    "send_100_continue",
    "send_response",
    "start_response",
    "with_chunking",
]

from typing import Any

from workbench.dialects.wookie.objects import Body, ChunkCallback, Request, Response, ResponseStream
from workbench.server.messages import HeadersSource

_READ: Any = object()


def request_data(request: Request, value: Any = _READ) -> Any:
    """Give what the application keeps with a request, or keep something else.

    Parameters
    ----------
    request
        Which.
    value
        What to keep from now on; left out, nothing changes.

    """
    if value is not _READ:
        request.data = value
    return request.data


def send_response(
    response: Response,
    *,
    status: int = 200,
    headers: HeadersSource = None,
    body: Body = None,
    close: bool | None = None,
) -> None:
    """Send a whole response; see `Response.send_response`."""
    response.send_response(status=status, headers=headers, body=body, close=close)


def start_response(response: Response, *, status: int = 200, headers: HeadersSource = None) -> ResponseStream:
    """Begin a response whose body comes piece by piece; see `Response.start_response`."""
    return response.start_response(status=status, headers=headers)


def finish_response(response: Response) -> None:
    """End the response that `start_response` began."""
    response.finish_response()


def send_100_continue(response: Response) -> None:
    """Tell a client that waits for it to send the body."""
    response.send_100_continue()


def with_chunking(request: Request, callback: ChunkCallback) -> ChunkCallback:
    """Have a function called with each piece of the body; see `Request.with_chunking`."""
    return request.with_chunking(callback)

"""Ready-made hooks: each a few lines to start from, to read and to copy."""

from __future__ import annotations

__all__ = ["READY"]

import asyncio
from typing import Any

from workbench.dialects.base import Ready
from workbench.dialects.wookie.errors import WookieError
from workbench.dialects.wookie.futures import Future, finish, make_future
from workbench.dialects.wookie.objects import Request, Response, Socket


def require_user(request: Request, response: Response) -> None:
    """Answer 401 unless ?user= names somebody, and end the request."""
    user = request.query.get("user")
    if not user:
        response.send_response(status=401, body="Who are you?\n")
        raise WookieError("nobody is logged in")
    request.data = {"user": user}


def look_up(_request: Request, _response: Response) -> Future:
    """Return a future that finishes in 0.2 s, as a database would."""
    future = make_future()
    asyncio.get_running_loop().call_later(0.2, finish, future)
    return future


def add_header(response: Response) -> None:
    """Send X-Served-By with every response."""
    response.headers["X-Served-By"] = "workbench"


def log(request: Request, _response: Response) -> None:
    """Print what is asked for; the text is shown with the event."""
    print(f"{request.method} {request.target}")  # noqa: T201  # printing is what this hook is for


async def slow_down(_request: Request, _response: Response) -> None:
    """Wait half a second beside the other hooks: the slowest one counts."""
    await asyncio.sleep(0.5)


def count_bytes(request: Request, chunk: bytes) -> None:
    """Count the bytes of a body in request.data."""
    request.data = (request.data or 0) + len(chunk)


def read_json(request: Request) -> None:
    """Put a JSON body into request.data; one that is none ends the request."""
    if request.body:
        request.data = request.json()


def greet(socket: Socket) -> None:
    """Count the requests of a connection in socket.data."""
    socket.data = 0


def count_requests(request: Request) -> None:
    """Count a request of its connection in socket.data."""
    request.socket.data = (request.socket.data or 0) + 1


def _ready(point: str, function: Any) -> Ready:
    return Ready(function.__name__, point, function, function.__doc__.rstrip("."))


READY = (
    _ready("pre-route", require_user),
    _ready("pre-route", look_up),
    _ready("response-started", add_header),
    _ready("pre-route", log),
    _ready("pre-route", slow_down),
    _ready("body-chunk", count_bytes),
    _ready("body-complete", read_json),
    _ready("connect", greet),
    _ready("parsed-headers", count_requests),
)

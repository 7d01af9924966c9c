"""Plain HTTP beside the WebSockets: routes by path, then `fetch`, then 404."""

from __future__ import annotations

__all__ = ["Routes", "as_response", "fitted"]

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any

from workbench.engine.awaiting import must_await
from workbench.engine.signatures import adapt
from workbench.server.messages import Request, Response

_Function = Callable[..., Any]


class Routes:
    """Functions that answer requests.

    Parameters
    ----------
    report
        Takes what such a function raised, unless it was a response.

    Attributes
    ----------
    functions
        By method and path, as they were given.
    fetching
        What answers the others, as it was given; None for nothing.

    """

    def __init__(self, report: Callable[[Exception], None]) -> None:
        self._report = report
        self._fetch: _Function | None = None
        self._routes: dict[tuple[str, str], _Function] = {}
        self.functions: dict[tuple[str, str], _Function] = {}
        self.fetching: _Function | None = None

    def add(self, method: str, path: str, function: _Function) -> None:
        """Answer requests of one method and path with a function; a second one replaces the first."""
        self._routes[method, path] = fitted(function, f"{method} {path}")
        self.functions[method, path] = function

    def set_fetch(self, function: _Function | None) -> None:
        """Answer requests that no route takes with a function; None ends that."""
        self._fetch = None if function is None else fitted(function, "fetch")
        self.fetching = function

    def answer(self, request: Request) -> Response | Awaitable[Response]:
        """Answer a request: at once, or as an awaitable where the function has to wait."""
        function = self._find(request)
        if function is None:
            return _not_found(request)
        try:
            answer = function(request)
        except Exception as error:  # noqa: BLE001  # a request must be answered whatever its function does
            return self._failed(error)
        return self._later(request, answer) if must_await(answer) else as_response(request, answer)

    def _find(self, request: Request) -> _Function | None:
        found = self._routes.get((request.method, request.path))
        if found is None and request.method == "HEAD":  # the server leaves the body out
            found = self._routes.get(("GET", request.path))
        return found or self._fetch

    async def _later(self, request: Request, pending: Awaitable[Any]) -> Response:
        try:
            return as_response(request, await pending)
        except Exception as error:  # noqa: BLE001  # as above
            return self._failed(error)

    def _failed(self, error: Exception) -> Response:
        if isinstance(error, Response):
            return error
        self._report(error)
        return Response("Internal Server Error", status=500)


def as_response(request: Request, answer: object) -> Response:
    """Make a response of what a function returned.

    Parameters
    ----------
    request
        The request, for the text of a 404.
    answer
        A response, text, bytes or an async iterable as they are; None is no answer (404); anything else is
        JSON.

    """
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return _not_found(request)
    if isinstance(answer, (str, bytes, bytearray, memoryview, AsyncIterable)):
        return Response(answer)
    return Response.json(answer)


def _not_found(request: Request) -> Response:
    return Response(f"Nothing answers {request.method} {request.path}\n", status=404)


def fitted(function: _Function, where: str, parameters: tuple[str, ...] = ("request",)) -> _Function:
    """Let a function take fewer arguments than it is offered, as in JavaScript.

    Raises
    ------
    BadSignature
        Where it requires more.

    """
    return adapt(function, getattr(function, "__name__", None) or type(function).__name__, where, parameters)

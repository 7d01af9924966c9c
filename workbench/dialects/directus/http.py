"""HTTP around the routes: who asks, what hooks say, how errors look, the `response` event (R120 to R128)."""

from __future__ import annotations

__all__ = ["Answer", "Pipeline", "Responder"]

import time
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workbench.dialects.context import Context
from workbench.dialects.directus.auth import public
from workbench.dialects.directus.errors import RouteNotFound, for_http, is_directus_error
from workbench.dialects.directus.events import settled
from workbench.dialects.directus.wire import dump
from workbench.server.messages import Headers, Request, Response

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp

COOKIE = "directus_session_token"
JSON = "application/json; charset=utf-8"


class Responder:
    """The answer that a `request.not_found` hook makes: ``response.status(418).json({...})``.

    Attributes
    ----------
    code
        The status.
    headers
        What is sent with it.
    body
        None until something is sent.

    """

    def __init__(self) -> None:
        self.code = 200
        self.headers = Headers()
        self.body: bytes | None = None

    def status(self, code: int) -> Responder:
        """Set the status."""
        self.code = code
        return self

    def set(self, name: str, value: str) -> Responder:
        """Set a header."""
        self.headers[name] = value
        return self

    def json(self, data: Any) -> Responder:
        """Answer JSON."""
        self.body = dump(data).encode()
        self.headers["content-type"] = JSON
        return self

    def send(self, text: str) -> Responder:
        """Answer text, HTML unless a type was set."""
        self.body = str(text).encode()
        if "content-type" not in self.headers:
            self.headers["content-type"] = "text/html; charset=utf-8"
        return self

    def finished(self) -> Response:
        """Give what goes out."""
        return Response(self.body, status=self.code, headers=self.headers)


class Asked(Request):
    """A request as hooks see it, with who asks.

    Attributes
    ----------
    accountability
        Who asks.

    """

    accountability: Context


Answer = Response | Awaitable[Response]
Route = Callable[[Asked], Awaitable[Response | None]]


class Pipeline:
    """Answers requests: routes, with everything that hooks may do before and after.

    Parameters
    ----------
    app
        The application.
    route
        Answers a request, or None where no route has its path.

    """

    def __init__(self, app: DirectusApp, route: Route) -> None:
        self._app = app
        self._route = route

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        begun = time.perf_counter()
        with self._app.mount.recorder.story():
            asked = Asked(
                request.method, request.url, request.headers,
                remote_address=request.remote_address, body=request.body,
            )  # fmt: skip
            asked.accountability = base_of(request)
            try:
                asked.accountability = await self._authenticate(asked)
                response = await self._route(asked) or await self._not_found(asked)
            except Response as raised:
                response = raised
            except Exception as error:  # noqa: BLE001 - the client gets an answer
                response = await self._failed(asked, error)
            self._app.answered(f"client answered: {response.status}")
            self._after(asked, response, begun)
        return response

    async def _authenticate(self, request: Asked) -> Context:
        """Find out who asks: what a hook says, else the token (R126)."""
        given = Context(request.accountability)
        chosen = await settled(self._app.emitter.filter(("authenticate",), given, {"req": request}))
        if isinstance(chosen, Mapping) and chosen is not given and dict(chosen) != dict(given):
            return Context(chosen)
        token = token_of(request)
        if token is None:
            return request.accountability
        return (await self._app.auth.accountability(token, request.accountability))[0]

    async def _not_found(self, request: Asked) -> Response:
        """Let hooks answer what no route does (R124)."""
        responder = Responder()
        meta = {"request": request, "response": responder}
        context = self._app.context(request.accountability)
        answered = await settled(self._app.emitter.filter(("request.not_found",), False, meta, context))
        if not answered:
            raise RouteNotFound(request.path)
        return responder.finished()

    async def _failed(self, request: Asked, error: Exception) -> Response:
        """Say what went wrong, as hooks leave it (R4, R123)."""
        status, entry = for_http(error, to_admin=bool(request.accountability.get("admin")))
        self._app.fault(error, "request", -1)
        errors: Any = [entry]
        context = self._app.context(request.accountability)
        try:
            errors = await settled(self._app.emitter.filter(("request.error",), errors, {}, context))
        except Exception as second:  # noqa: BLE001 - the answer has to go out
            errors = [for_http(second, to_admin=False)[1]]
            status = int(getattr(second, "status", 500)) if is_directus_error(second) else 500
        return json_response({"errors": errors}, status)

    def _after(self, request: Asked, response: Response, begun: float) -> None:
        parts = urlsplit(request.url)
        duration = f"{(time.perf_counter() - begun) * 1000:.3f}"
        meta = {
            "request": Context(
                method=request.method,
                url=request.target,
                path=request.path,
                host=parts.netloc,
                headers=dict(request.headers.items()),
                query=dict(request.query),
                size=len(request.body),
                aborted=False,
                completed=True,
                protocol=parts.scheme,
            ),
            "response": Context(
                status=response.status, size=len(response.body), headers=dict(response.headers.items())
            ),
            "ip": request.accountability.get("ip"),
            "duration": duration,
            "finished": True,
        }
        self._app.emit_action("response", meta, -1, self._app.context(request.accountability))


def base_of(request: Request) -> Context:
    """Give the accountability of nobody for a request."""
    headers = request.headers
    return public(request.remote_address, headers.get("user-agent"), headers.get("origin"))


def token_of(request: Request, *, header: bool = True) -> str | None:
    """Find the token of a request: in the URL, a Bearer header, or the session's cookie (R43, R133).

    Parameters
    ----------
    request
        Whose.
    header
        Whether the header counts; it does not for a WebSocket.

    """
    token = request.query.get("access_token")
    if token is None and header:
        scheme, _, rest = (request.headers.get("authorization") or "").partition(" ")
        token = rest.strip() if scheme.lower() == "bearer" else None
    if token is None:
        try:
            cookie = SimpleCookie(request.headers.get("cookie") or "").get(COOKIE)
        except CookieError:
            return None
        token = None if cookie is None else cookie.value
    return token


def json_response(data: Any, status: int = 200) -> Response:
    """Answer JSON as Directus does."""
    return Response(dump(data).encode(), status=status, headers={"content-type": JSON})

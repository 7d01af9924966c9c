"""Services over HTTP (R70 to R91)."""

from __future__ import annotations

__all__ = ["Rest"]

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from workbench.dialects.context import Context
from workbench.dialects.feathers import querystring
from workbench.dialects.feathers.authentication.lookup import DEFAULT
from workbench.dialects.feathers.authentication.transports import parse_authentication
from workbench.dialects.feathers.context import ARGUMENTS, CUSTOM, HookContext
from workbench.dialects.feathers.errors import MethodNotAllowed, NotFound, status_of, wire_form
from workbench.dialects.feathers.wire import encoded, loads, truthy
from workbench.server.messages import Field, Headers, Request, Response
from workbench.trace.moments import SENT

if TYPE_CHECKING:
    from workbench.dialects.feathers.application import Application
    from workbench.dialects.feathers.routing import Found
    from workbench.dialects.feathers.service import Service

_VERBS: Final = {
    "GET": ("find", "get"),
    "HEAD": ("find", "get"),
    "POST": ("create", "create"),
    "PUT": ("update", "update"),
    "PATCH": ("patch", "patch"),
    "DELETE": ("remove", "remove"),
}
"""The method of each verb, without an id and with one (R70, R86)."""

_JSON: Final = Headers({"Content-Type": "application/json; charset=utf-8"})
_TEXT: Final = Headers({"Content-Type": "text/plain; charset=utf-8"})
_SAFE: Final = "%/:?#[]@!$&'()*+,;=~-._"
_get = dict.get  # a context's own looks for inherited members too
_UNSET: Final = object()
_ANSWERED: Final = {status: f"answered {status}" for status in range(100, 1000)}
_CREATED, _NO_CONTENT, _SEE_OTHER, _OK = 201, 204, 303, 200


class Rest:
    """Answers requests by calls of services.

    Parameters
    ----------
    app
        Whose services.
    prefix
        In front of every path, "" at the root.

    """

    def __init__(self, app: Application, prefix: str = "") -> None:
        self._app = app
        self._recorder = app.mount.recorder
        self._prefix = prefix

    async def request(self, request: Request) -> Response:
        """Answer a request; what a call raised is answered in Feathers' format (R88, R89)."""
        recorder = self._recorder
        try:
            with recorder.story() as story:
                whole, _, query = request.target.partition("?")
                path = whole[len(self._prefix) :]
                found, method, headers = self._asked(request, path)
                context = found.target.create_context(method)
                dict.__setitem__(context, "http", {})
                params = Context(
                    query=querystring.parse_query(query), provider="rest", headers=headers, route=found.route
                )
                if self._app.settings.get(DEFAULT) is not None:
                    authentication = await parse_authentication(self._app, headers)
                    if authentication is not None:
                        dict.__setitem__(params, "authentication", authentication)
                await found.target.call(method, _arguments(method, found.id, request, params), context)
                response = _answered(context, method, path)
                recorder.moment(
                    SENT, _ANSWERED[response.status], dispatch=story.dispatch, data=response.body or None
                )
                return response
        except Response:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a service raised, the client gets an answer
            return _json(wire_form(error), status_of(error))

    def _asked(self, request: Request, path: str) -> tuple[Found[Service], str, dict[str, str]]:
        """Find what a request asks for: a service with its place in the path, its method; and the headers."""
        found = self._app.router.lookup(path)
        if found is None:
            raise _not_found(path)
        headers = _by_name(request.headers.fields).copy()
        method = _method_of(request.method, headers.get("x-service-method"), found)
        if method not in found.target.exposed:
            raise _unsupported(method)
        return found, method, headers


@lru_cache(maxsize=512)
def _by_name(fields: tuple[Field, ...]) -> dict[str, str]:
    """Give headers as a dict, repeats joined; most requests of a client have the same ones."""
    headers = Headers.of(fields)
    return {name: headers[name] for name in headers}


def _not_found(path: str) -> NotFound:
    return NotFound(f"Path {path} not found")


def _method_of(verb: str, asked: str | None, found: Found[Service]) -> str:
    if verb not in _VERBS:
        raise MethodNotAllowed(f"Method {verb} not allowed")
    usual = _VERBS[verb][found.id is not None]
    method = asked if asked and verb == "POST" else usual
    if asked in ARGUMENTS:  # R78: a standard name is none for a custom method
        raise _unsupported(method)
    return method


def _unsupported(method: str) -> MethodNotAllowed:
    return MethodNotAllowed(f"Method `{method}` is not supported by this endpoint.")


def _arguments(method: str, id_: str | None, request: Request, params: Context) -> list[Any]:
    names = ARGUMENTS.get(method, CUSTOM)
    if len(names) == 1:
        return [params]
    return [params if name == "params" else id_ if name == "id" else _body(request) for name in names]


def _body(request: Request) -> Any:
    """Read what was sent by its content type; None for nothing, or a type that isn't known."""
    kind = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        text = request.text()
        if not text.strip():
            return {}
        data = loads(text)  # R91: malformed JSON is an error of 500
        if not isinstance(data, dict | list):
            raise ValueError("invalid JSON, only supports object and array")
        return data
    if kind == "application/x-www-form-urlencoded":
        return querystring.parse(request.text())
    return request.text() if kind.startswith("text/") else None


def _answered(context: HookContext, method: str, path: str) -> Response:
    body = _get(context, "dispatch", _UNSET)
    if body is _UNSET:
        body = _get(context, "result", _UNSET)
    if body is _UNSET:
        raise _not_found(path)
    http: Mapping[str, Any] | None = _get(context, "http")
    headers, status = _chosen(http) if http else (None, None)
    empty = not truthy(body)
    if status is None:  # redirections first, then empty bodies, then what was created (R72, R75)
        redirected = headers is not None and headers.get("location") is not None
        usual = _CREATED if method == "create" else _OK
        status = _SEE_OTHER if redirected else _NO_CONTENT if empty else usual
    if empty:
        return Response(None, status=status, headers=headers)
    if isinstance(body, str):
        return Response(
            body.encode(errors="replace"), status=status, headers=_typed(headers, _TEXT) if headers else _TEXT
        )
    return _json(body, status, headers)


def _chosen(http: Mapping[str, Any]) -> tuple[Headers, int | None]:
    """Give the headers and the status that hooks chose; None: the usual one."""
    headers = Headers(http.get("headers"))
    location = http.get("location")
    if location:
        headers["Location"] = quote(str(location), safe=_SAFE)
    return headers, http.get("status") or None


def _json(body: Any, status: int, headers: Headers | None = None) -> Response:
    return Response(encoded(body), status=status, headers=_typed(headers, _JSON) if headers else _JSON)


def _typed(headers: Headers, kind: Headers) -> Headers:
    """Add the type of a body, where hooks chose none."""
    if headers.get("content-type") is None:
        headers.append("Content-Type", kind["content-type"])
    return headers

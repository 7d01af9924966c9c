"""The routes: items, sign-in, ping, and the page that shows embeds (R120, spec d.9)."""

from __future__ import annotations

__all__ = ["Rest"]

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from workbench.dialects.directus.errors import InvalidCredentials, InvalidPayload, InvalidQuery
from workbench.dialects.directus.http import Asked, json_response
from workbench.dialects.directus.items import ItemsService
from workbench.dialects.directus.query import sanitize
from workbench.dialects.directus.wire import parse
from workbench.server.messages import Request, Response

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp

_DEEPEST = 10  # brackets in the name of a parameter

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Directus</title>
{head}
</head><body><div id="app"></div>
{body}
</body></html>
"""


class Rest:
    """Answers the paths there are.

    Parameters
    ----------
    app
        The application.
    """

    def __init__(self, app: DirectusApp) -> None:
        self._app = app

    async def answer(self, request: Asked) -> Response | None:
        """Answer a request; None where no route has its path."""
        parts = self._app.inside(request.path).strip("/").split("/")
        parts = [unquote(part) for part in parts]
        route = (request.method, "/".join(parts))
        fixed: Mapping[tuple[str, str], Callable[[Asked], Awaitable[Response]]] = {
            ("GET", "server/ping"): self._ping,
            ("POST", "auth/login"): self._login,
            ("POST", "auth/refresh"): self._refresh,
            ("POST", "auth/logout"): self._logout,
            ("GET", "users/me"): self._me,
        }
        if route in fixed:
            return await fixed[route](request)
        if parts[0] == "admin" and request.method == "GET":
            return self._page()
        if parts[0] == "items" and len(parts) == 2:  # noqa: PLR2004 - items/C
            return await self._collection(request, parts[1])
        if parts[0] == "items" and len(parts) == 3:  # noqa: PLR2004 - items/C/ID
            return await self._item(request, parts[1], parts[2])
        return None

    # Server and sign-in ---------------------------------------------------------------------------

    async def _ping(self, _request: Asked) -> Response:
        return Response("pong")

    def _page(self) -> Response:
        embedded = self._app.extensions.embedded
        text = _PAGE.format(head=embedded("head"), body=embedded("body"))
        return Response(text, headers={"content-type": "text/html; charset=utf-8"})

    async def _login(self, request: Asked) -> Response:
        grant = await self._app.auth.login(_object(request), request.accountability)
        return json_response({"data": grant.to_json()})

    async def _refresh(self, request: Asked) -> Response:
        token = _object(request).get("refresh_token")
        return json_response(
            {"data": (await self._app.auth.refresh(token, request.accountability)).to_json()}
        )

    async def _logout(self, request: Asked) -> Response:
        await self._app.auth.logout(_object(request).get("refresh_token"))
        return Response(status=204)

    async def _me(self, request: Asked) -> Response:
        identity = request.accountability.get("user")
        user = None if identity is None else await self._app.auth.accounts.by_id(str(identity))
        if user is None:
            raise InvalidCredentials
        data = {
            "id": user.id,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "role": None if user.role is None else user.role.id,
        }
        wanted = sanitize(query_of(request)).get("fields", ["*"])
        return json_response({"data": data if "*" in wanted else {name: data.get(name) for name in wanted}})

    # Items ----------------------------------------------------------------------------------------

    def _service(self, request: Asked, collection: str) -> ItemsService:
        return ItemsService(self._app, collection, accountability=request.accountability)

    async def _collection(self, request: Asked, collection: str) -> Response | None:
        service = self._service(request, collection)
        work = {"GET": self._read, "SEARCH": self._read, "POST": self._create, "PATCH": self._update,
                "DELETE": self._delete}.get(request.method)  # fmt: skip
        return None if work is None else await work(request, service)

    async def _read(self, request: Asked, service: ItemsService) -> Response:
        query = sanitize(_object(request).get("query") if request.method == "SEARCH" else query_of(request))
        singleton = service.collection.singleton
        data: Any = await (service.read_singleton(query) if singleton else service.read_by_query(query))
        return _with_meta(data, await service.meta(query))

    async def _create(self, request: Asked, service: ItemsService) -> Response:
        query, body = sanitize(query_of(request)), _body(request)
        data: Any
        if isinstance(body, list):
            data = await service.read_many(await service.create_many(body), query)
        else:
            data = await service.read_one(await service.create_one(_mapping(body)), query)
        return json_response({"data": data})

    async def _update(self, request: Asked, service: ItemsService) -> Response:
        query, body = sanitize(query_of(request)), _body(request)
        if service.collection.singleton:
            await service.upsert_singleton(_mapping(body))
            return json_response({"data": await service.read_singleton(query)})
        if isinstance(body, list):
            keys = await service.update_batch(body)
        elif "keys" in _mapping(body):
            keys = await service.update_many(_keys(body["keys"]), _mapping(body.get("data")))
        else:
            _require(body, "query")
            keys = await service.update_by_query(sanitize(body["query"]), _mapping(body.get("data")))
        return json_response({"data": await service.read_many(keys, query)})

    async def _delete(self, request: Asked, service: ItemsService) -> Response:
        body = _body(request)
        if isinstance(body, list):
            await service.delete_many(_keys(body))
        elif "keys" in _mapping(body):
            await service.delete_many(_keys(body["keys"]))
        else:
            _require(body, "query")
            await service.delete_by_query(sanitize(body["query"]))
        return Response(status=204)

    async def _item(self, request: Asked, collection: str, key: str) -> Response | None:
        """Answer for one item; its key is text, also in events (R120)."""
        service, query = self._service(request, collection), sanitize(query_of(request))
        if request.method == "GET":
            return json_response({"data": await service.read_one(key, query)})
        if request.method == "PATCH":
            await service.update_one(key, _mapping(_body(request)))
            return json_response({"data": await service.read_one(key, query)})
        if request.method == "DELETE":
            await service.delete_one(key)
            return Response(status=204)
        return None


def _with_meta(data: Any, meta: Any) -> Response:
    return json_response({"data": data} if meta is None else {"meta": meta, "data": data})


def _body(request: Request) -> Any:
    try:
        return parse(request.text()) if request.body else {}
    except ValueError:
        raise InvalidPayload("The body is no JSON") from None


def _object(request: Request) -> Mapping[str, Any]:
    return _mapping(_body(request))


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidPayload("An object is expected")
    return value


def _keys(value: Any) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(key, (str, int)) for key in value):
        raise InvalidPayload('"keys" must be an array of keys')
    return value


def _require(body: Mapping[str, Any], name: str) -> None:
    if name not in body:
        raise InvalidPayload(f'"keys" or "{name}" is required')


def query_of(request: Request) -> dict[str, Any]:
    """Read the query of a URL: `fields=id,text`, `filter=JSON`, `filter[id][_eq]=1`, `fields[]=id`.

    Raises
    ------
    DirectusError
        ``INVALID_QUERY`` for names that say two things at once.
    """
    query: dict[str, Any] = {}
    for name, value in request.query.pairs:
        head, *rest = name.replace("]", "").split("[")
        if len(rest) > _DEEPEST:
            raise InvalidQuery(f'"{head}" is nested deeper than {_DEEPEST} levels')
        _put(query, [head, *rest], value)
    return {name: _lists(value) for name, value in query.items()}


def _put(place: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        inner = place.setdefault(part, {})
        if not isinstance(inner, dict):
            raise InvalidQuery(f'"{path[0]}" is text and an object at once')
        place = inner
    last = path[-1] or str(len(place))  # fields[]=a&fields[]=b
    if isinstance(place.get(last), dict):
        raise InvalidQuery(f'"{path[0]}" is text and an object at once')
    place[last] = value


def _lists(value: Any) -> Any:
    """Make lists of objects whose names count from 0."""
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    counted = bool(inner) and set(inner) == {str(number) for number in range(len(inner))}
    return [inner[str(number)] for number in range(len(inner))] if counted else inner

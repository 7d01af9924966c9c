"""The built-in handling of messages: ping, subscribe, unsubscribe and items (R54, R70 to R106)."""

from __future__ import annotations

__all__ = ["Handlers"]

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from workbench.dialects.directus import shapes
from workbench.dialects.directus.client import Client
from workbench.dialects.directus.errors import InvalidCollection, WebSocketError
from workbench.dialects.directus.items import ItemsService
from workbench.dialects.directus.query import sanitize
from workbench.dialects.directus.schema import is_system
from workbench.dialects.directus.subscriptions import Subscriptions, text_of
from workbench.dialects.directus.wire import formatted

Message = Mapping[str, Any]


class Handlers:
    """Answers the messages that the system itself knows.

    Parameters
    ----------
    service
        Gives the items of a collection as a client may use them.
    subscriptions
        Who hears of what.
    answer
        Sends a client the answer to a message.
    fail
        Tells a client of an error: client, error, type, uid.
    pings
        Whether pings are answered: not with the heartbeat off (R134).
    """

    def __init__(
        self,
        service: Callable[[str, Client], ItemsService],
        subscriptions: Subscriptions,
        answer: Callable[[Client, str], None],
        fail: Callable[[Client, BaseException, str, Any], None],
        *,
        pings: bool,
    ) -> None:
        self._service = service
        self._subscriptions = subscriptions
        self._answer = answer
        self._fail = fail
        self._pings = pings

    def handle(self, client: Client, message: Message) -> Awaitable[None] | None:
        """Handle a message: at once, or as an awaitable that never raises. Unknown types get none (R53)."""
        kind = message["type"]
        if kind == "items":
            return self._guarded(client, message, self._items)
        if kind == "subscribe":
            return self._guarded(client, message, self._subscribe)
        if kind == "unsubscribe":
            self._unsubscribe(client, message)
        elif kind == "ping" and self._pings:
            self._answer(client, formatted("pong", None, message.get("uid")))
        return None

    def knows(self, message: Message) -> bool:
        """Tell whether a message is one that is handled here."""
        return message["type"] in ("items", "subscribe", "unsubscribe") or (
            message["type"] == "ping" and self._pings
        )

    async def _guarded(
        self, client: Client, message: Message, work: Callable[[Client, Message], Awaitable[None]]
    ) -> None:
        try:
            await work(client, message)
        except Exception as error:  # noqa: BLE001 - told to the client, or to nobody
            self._fail(client, error, message["type"], message.get("uid"))

    # Subscriptions --------------------------------------------------------------------------------

    async def _subscribe(self, client: Client, message: Message) -> None:
        try:
            shapes.check_subscribe(message)
        except ValueError as error:
            raise WebSocketError("subscribe", "INVALID_PAYLOAD", str(error)) from None  # without uid (R83)
        data = await self._subscriptions.subscribe(client, message)
        uid = message.get("uid")
        self._answer(client, formatted("subscription", data, None if uid is None else text_of(uid)))

    def _unsubscribe(self, client: Client, message: Message) -> None:
        uid = message.get("uid")
        self._subscriptions.drop(client, None if uid is None else text_of(uid))
        self._answer(client, formatted("subscription", {"event": "unsubscribe"}, uid))

    # Items ----------------------------------------------------------------------------------------

    async def _items(self, client: Client, message: Message) -> None:
        uid = message.get("uid")
        try:
            shapes.check_items(message)
        except ValueError as error:
            raise WebSocketError("items", "INVALID_PAYLOAD", str(error), uid) from None
        if is_system(message["collection"]):
            raise InvalidCollection
        service = self._service(message["collection"], client)
        query = sanitize(message.get("query"))
        work = {"create": self._create, "read": self._read, "update": self._update, "delete": self._delete}
        data, meta = await work[message["action"]](service, message, query)
        answer: dict[str, Any] = {"data": data}
        if meta is not None:
            answer["meta"] = meta
        self._answer(client, formatted("items", answer, uid))

    async def _create(self, service: ItemsService, message: Message, query: Any) -> tuple[Any, Any]:
        data = message.get("data")
        if isinstance(data, list):
            return await service.read_many(await service.create_many(data), query), None
        return await service.read_one(await service.create_one(data), query), None  # type: ignore[arg-type]  # R96

    async def _read(self, service: ItemsService, message: Message, query: Any) -> tuple[Any, Any]:
        data: Any
        if message.get("id"):  # 0 counts as absent (R98)
            data = await service.read_one(message["id"], query)
        elif "ids" in message:
            data = await service.read_many(message["ids"], query)
        elif service.collection.singleton:
            data = await service.read_singleton(query)
        else:
            data = await service.read_by_query(query)
        return data, await service.meta(query)

    async def _update(self, service: ItemsService, message: Message, query: Any) -> tuple[Any, Any]:
        data: Any = message.get("data")
        if message.get("id"):
            return await service.read_one(await service.update_one(message["id"], data)), None
        if "ids" in message:
            keys = await service.update_many(message["ids"], data)
        elif service.collection.singleton:
            await service.upsert_singleton(data)
            return await service.read_singleton(query), None
        elif isinstance(data, list):
            keys = await service.update_batch(data)
        else:
            keys = await service.update_by_query(query, data)
        return await service.read_many(keys, query), await service.meta(query)

    async def _delete(self, service: ItemsService, message: Message, query: Any) -> tuple[Any, Any]:
        if message.get("id"):
            await service.delete_one(message["id"])
            return message["id"], None
        if "ids" in message:
            await service.delete_many(message["ids"])
            return message["ids"], None
        if message.get("query") is not None:
            return await service.delete_by_query(query), None
        raise WebSocketError(
            "items",
            "INVALID_PAYLOAD",
            "Either 'ids', 'id' or 'query' is required for a DELETE request.",
            message.get("uid"),
        )

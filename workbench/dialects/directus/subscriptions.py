"""Subscriptions: who hears of which change, read anew for each subscriber (R70 to R86)."""

from __future__ import annotations

__all__ = ["Subscription", "Subscriptions", "text_of"]

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.dialects.directus.client import Client
from workbench.dialects.directus.errors import Forbidden
from workbench.dialects.directus.events import Emitter, item_events
from workbench.dialects.directus.items import Change, ItemsService
from workbench.dialects.directus.points import ACTION, FILTER
from workbench.dialects.directus.query import sanitize
from workbench.dialects.directus.schema import is_system
from workbench.dialects.directus.wire import dump, formatted

Service = Callable[[str, Client], ItemsService]


@dataclass(eq=False, slots=True)
class Subscription:
    """One client's wish to hear of a collection.

    Attributes
    ----------
    client, collection
        Whose, and of what.
    event
        Only this kind of change; None: all of them.
    item
        Only this item, by its key as text; None: all.
    uid
        The client's name for it, as text; None without one.
    query
        What is read for each change.
    shared
        The query as text, which is the same for subscriptions that may share a reading; None where it speaks
        of the user.
    """

    client: Client
    collection: str
    event: str | None = None
    item: str | None = None
    uid: str | None = None
    query: dict[str, Any] = field(default_factory=dict)
    shared: str | None = None


class Subscriptions:
    """All subscriptions, in the order in which they were made.

    Parameters
    ----------
    service
        Gives the items of a collection as a client may read them.
    emitter
        Whose hooks readings run.
    fail
        Tells a client of an error, in a message of type ``subscribe``.
    """

    def __init__(
        self, service: Service, emitter: Emitter, fail: Callable[[Client, BaseException, str, Any], None]
    ) -> None:
        self._service = service
        self._emitter = emitter
        self._fail = fail
        self._by_collection: dict[str, dict[Subscription, None]] = {}

    def of(self, client: Client | None = None) -> list[Subscription]:
        """List the subscriptions, of one client or of all."""
        return [
            one
            for mine in self._by_collection.values()
            for one in mine
            if client is None or one.client is client
        ]

    def drop(self, client: Client, uid: str | None = None) -> None:
        """End the subscription of a uid, or all of a client (R78, R85)."""
        for one in self.of(client):
            if uid is None or one.uid == uid:
                mine = self._by_collection[one.collection]
                del mine[one]
                if not mine:
                    del self._by_collection[one.collection]

    async def subscribe(self, client: Client, message: Mapping[str, Any]) -> dict[str, Any]:
        """Make a subscription; what is sent at first (R70, R72).

        Raises
        ------
        DirectusError
            ``FORBIDDEN`` for a collection that is not there or not for this client; ``INVALID_QUERY``.
        """
        collection = message["collection"]
        if is_system(collection):
            raise Forbidden
        self._service(collection, client)  # is there such a collection?
        query = sanitize(message.get("query"))
        made = Subscription(client, collection, message.get("event"), query=query, shared=_shared(query))
        if "item" in message:
            made.item = text_of(message["item"])
        if "uid" in message:
            made.uid = text_of(message["uid"])
            self.drop(client, made.uid)  # a used uid is taken over (R77)
        data = {"event": "init"} if made.event is not None else await self._first(made)
        if client.ready_state <= 1:  # it may be gone by now
            self._by_collection.setdefault(collection, {})[made] = None
        return data

    async def _first(self, made: Subscription) -> dict[str, Any]:
        service = self._service(made.collection, made.client)
        if made.item is not None:
            data: Any = await service.read_one(made.item, made.query)
        else:
            data = await service.read_by_query(made.query)
        return await _with_meta({"event": "init", "data": data}, service, made.query)

    # Changes --------------------------------------------------------------------------------------

    async def tell(self, change: Change) -> None:
        """Send a change to everybody who subscribed to it, in the order of subscription (spec d.8)."""
        readings: dict[object, asyncio.Future[dict[str, Any] | None]] = {}
        alike = not any(
            self._emitter.has(kind, (event,))
            for kind in (FILTER, ACTION)
            for pair in item_events(kind, change.collection)
            for event in pair
            if event.endswith(("query", "read"))
        )
        for one in list(self._by_collection.get(change.collection, ())):
            if one.event not in (None, change.action) or (
                one.item is not None and one.item not in change.keys
            ):
                continue
            try:
                data = await (self._shared(one, change, readings) if alike else self._reading(one, change))
            except Exception as error:  # noqa: BLE001 - it concerns this subscriber alone
                self._fail(one.client, error, "subscribe", one.uid)
                continue
            if data is not None and one in self._by_collection.get(change.collection, ()):
                one.client.send(formatted("subscription", data, one.uid))

    async def _shared(
        self, one: Subscription, change: Change, readings: dict[object, Any]
    ) -> dict[str, Any] | None:
        """Read once for all who would read the same: the same rights and query, and no hook that could tell.

        With hooks in the way each subscriber has a reading of its own (R84).
        """
        who: Mapping[str, Any] = one.client.accountability or {}
        if one.shared is None:
            return await self._reading(one, change)
        key = (one.shared, one.item, who.get("admin"), who.get("role"), who.get("user") is None,
               tuple(who.get("roles") or ()))  # fmt: skip
        if key not in readings:
            readings[key] = await self._reading(one, change)
        found: dict[str, Any] | None = readings[key]
        return found

    async def _reading(self, one: Subscription, change: Change) -> dict[str, Any] | None:
        """Read what one subscriber is sent of a change; None for nothing (R71, R73, R74, R79)."""
        service = self._service(one.collection, one.client)
        data: Any
        if change.action == "delete":
            data = one.item if one.item is not None else list(change.keys)
        elif one.item is not None:
            data = await service.read_one(one.item, one.query)
        else:
            data = await service.read_many(change.keys, one.query)
        if data == []:
            return None
        return await _with_meta({"event": change.action, "data": data}, service, one.query)


async def _with_meta(
    message: dict[str, Any], service: ItemsService, query: Mapping[str, Any]
) -> dict[str, Any]:
    meta = await service.meta(query)
    return message if meta is None else {**message, "meta": meta}


def _shared(query: Mapping[str, Any]) -> str | None:
    text = dump(query)
    return None if "$CURRENT" in text else text


def text_of(value: Any) -> str:
    """Write an id as JavaScript's String does."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

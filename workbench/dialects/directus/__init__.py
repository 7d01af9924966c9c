"""Directus: extensions with filters, actions, init steps and schedules, and its realtime server.

=========================================  ===============================================================
Directus                                   here
=========================================  ===============================================================
`export default ({ filter }, context)`     `@bench.extension` on `def name(filter, services): ...`
`filter('items.create', fn)`               the same; also `@bench.filter("items.create")`
`({ message, client }) => ...`             `def f(*, message, client)`, or `def f(meta, context)`
returning `undefined`, or `null`           returning None, or `workbench.NULL`
`createError(code, message, status)`       `create_error(code, message, status)`, or a `DirectusError`
`new services.WebSocketService()`          `services.WebSocketService()`
`new services.ItemsService(c, {...})`      `services.ItemsService(c, accountability=...)`
`createOne`, `readByQuery` ...             `create_one`, `read_by_query` ... , to be awaited
`client.accountability?.user`              `client.accountability.user`
`getSchema`, `onAction` ...                `get_schema`, `on_action` ...
=========================================  ===============================================================

Where the documentation and the running system differ, the running system is followed, unless the bench has
``follow="documentation"``; the trace notes each event at which the other one would have gone differently.
"""

from __future__ import annotations

__all__ = [
    "DIALECT",
    "Client",
    "Directus",
    "DirectusError",
    "ItemsService",
    "Registrar",
    "create_error",
]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.base import Mount, Ready
from workbench.dialects.directus.app import DirectusApp
from workbench.dialects.directus.client import Client
from workbench.dialects.directus.errors import DirectusError, create_error
from workbench.dialects.directus.extensions import Registrar
from workbench.dialects.directus.items import ItemsService
from workbench.dialects.directus.points import POINTS
from workbench.dialects.directus.ready import READY
from workbench.dialects.directus.settings import OPTIONS
from workbench.dialects.directus.written import DirectusWritten
from workbench.engine.points import Point


class Directus:
    """The dialect, as the registry and the bench know it."""

    name = "directus"
    points: tuple[Point, ...] = POINTS
    open_names = True
    ready: tuple[Ready, ...] = READY
    options: Mapping[str, str] = OPTIONS
    written = DirectusWritten

    def application(self, mount: Mount, options: dict[str, Any]) -> DirectusApp:
        """Make the application of a mount."""
        return DirectusApp(mount, options)


DIALECT = Directus()

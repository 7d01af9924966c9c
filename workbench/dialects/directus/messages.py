"""A client's messages: filters, the check of the shape, actions and the built-in handling (R50 to R62)."""

from __future__ import annotations

__all__ = ["Messages"]

import asyncio
from typing import TYPE_CHECKING, Any

from workbench.dialects.directus.client import Client
from workbench.dialects.directus.emission import BLOCKED, Emission, MessageEmission
from workbench.dialects.directus.errors import WebSocketError
from workbench.dialects.directus.events import settled
from workbench.dialects.directus.points import ACTION
from workbench.dialects.directus.shapes import check_message

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp

EVENT = "websocket.message"


class Messages:
    """The messages of one client.

    They are handled side by side: a slow filter holds its own message, and later ones overtake it (R58).
    Where the documentation is followed, each waits for the filters of the one before.

    Parameters
    ----------
    app
        The application.
    client
        Whose messages.
    """

    def __init__(self, app: DirectusApp, client: Client) -> None:
        self._app = app
        self._client = client
        self._last: asyncio.Future[None] | None = None  # done when the filters of the message before are
        self._filtering = 0  # messages of this client whose filters run

    async def take(self, message: Any) -> None:
        """Handle a message from its filters to its answer; never raises."""
        with self._app.mount.recorder.story():
            try:
                await self._take(message)
            except Exception as error:  # noqa: BLE001 - told to the client, or to nobody (R4)
                self._app.fail(self._client, error, "server", None, point=f"filter {EVENT}")

    async def _take(self, message: Any) -> None:
        app, client = self._app, self._client
        emission = MessageEmission({"client": client}, documented=app.settings.documented)
        left = await self._filtered(message, emission)
        app.documented.silent(emission.silent, blocked=left is BLOCKED, connection=client.connection)
        if left is BLOCKED:
            return
        try:
            checked = check_message(left)
        except ValueError as error:
            raise WebSocketError("server", "INVALID_PAYLOAD", str(error)) from None  # without uid (R51)
        if app.settings.documented and app.handlers.knows(checked):
            await settled(app.handlers.handle(client, checked))
            self._act(checked)
        else:
            await self._act_then_handle(checked)

    async def _filtered(self, message: Any, emission: MessageEmission) -> Any:
        app = self._app
        before, done = self._last, None
        if app.settings.documented:
            done = self._last = app.mount.loop.create_future()
            if before is not None:
                await asyncio.wait([before])
        app.documented.overtakes(self._filtering, self._client.connection)
        self._filtering += 1
        try:
            return await settled(
                app.emitter.filter((EVENT,), message, emission, None, self._client.connection)
            )
        finally:
            self._filtering -= 1
            if done is not None and not done.done():
                done.set_result(None)

    async def _act_then_handle(self, message: dict[str, Any]) -> None:
        """Start the actions, then handle the message: the system's own handlers registered last (R61).

        One of the extensions' that raises keeps them from starting; one that stands at a pattern comes after
        them, so it does not (R7, R11).
        """
        app, client = self._app, self._client
        knows = app.handlers.knows(message)
        if knows and app.emitter.has(ACTION, (EVENT,)):
            app.documented.order(client.connection)
        emission = Emission({"message": message, "client": client})
        failure: Exception | None = None
        try:
            app.emitter.action((EVENT,), emission, None, client.connection)
        except Exception as error:
            if emission.at is None or emission.at.lane == EVENT:
                raise
            failure = error
        if app.heartbeat is not None:
            app.heartbeat.heard(client)
        if knows:
            await settled(app.handlers.handle(client, message))
        if failure is not None:
            raise failure

    def _act(self, message: dict[str, Any]) -> None:
        if self._app.heartbeat is not None:
            self._app.heartbeat.heard(self._client)
        meta = {"message": message, "client": self._client}
        self._app.emitter.action((EVENT,), meta, None, self._client.connection)

"""Requests for a WebSocket: which are answered, which are refused, and how (R43, R57, R133, R143)."""

from __future__ import annotations

__all__ = ["PATH", "Upgrade"]

import asyncio
from typing import TYPE_CHECKING

from workbench.dialects.context import Context
from workbench.dialects.directus.auth import SignIn
from workbench.dialects.directus.http import base_of, token_of
from workbench.dialects.directus.link import DirectusLink
from workbench.server.errors import ServerError
from workbench.server.links import Handshake
from workbench.server.messages import Request, Response

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp

PATH = "/websocket"
"""Where the realtime server is, below the mount."""


class _Idle(asyncio.Protocol):
    """Holds a socket that nobody answers, until its client goes (R57)."""

    def __init__(self, held: set[asyncio.Transport], transport: asyncio.Transport) -> None:
        self._held = held
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._held.discard(self._transport)


class Upgrade:
    """Answers the requests for a WebSocket.

    Parameters
    ----------
    app
        The application.
    """

    def __init__(self, app: DirectusApp) -> None:
        self._app = app
        self._hanging: set[asyncio.Transport] = set()

    async def answer(self, request: Request, handshake: Handshake) -> None:
        """Answer one request; what is refused gets a status line and no body."""
        if self._app.inside(request.path) != PATH:
            await self._leave_hanging(handshake)
            return
        base = base_of(request)
        link = DirectusLink(self._app, request, base)
        signed, refusal = await self._ask(request, base, link)
        if refusal:
            link.refused(f"refused with {refusal}")
            handshake.reject(Response(status=refusal))
            return
        if signed is not None:
            link.grant(signed)
        if handshake.accept(link, idle_timeout=None) is None:
            link.refused("not a valid WebSocket request")

    async def _ask(self, request: Request, base: Context, link: DirectusLink) -> tuple[SignIn | None, int]:
        """Find out who it is and whether it may come in: the sign-in, or the status of a refusal."""
        app = self._app
        if app.settings.max_clients is not None and len(app.clients) >= app.settings.max_clients:
            return None, 403
        token = token_of(request, header=False)
        if token is not None:
            try:
                with app.mount.recorder.story():
                    signed = await app.auth.sign_in({"access_token": token}, Context(base), link.connection)
            except Exception as error:  # noqa: BLE001 - whatever it was
                app.fault(error, "filter websocket.authenticate", link.connection)
                return None, 401
            return (signed, 0) if signed.accountability.get("user") is not None else (None, 401)
        if app.settings.mode == "strict":
            return None, 401
        return (SignIn(Context(base), None), 0) if app.settings.mode == "public" else (None, 0)

    async def _leave_hanging(self, handshake: Handshake) -> None:
        """Neither answer nor close (R57); where there is no socket to be held, say that nothing is here."""
        try:
            raw = handshake.hand_over()
        except ServerError:
            handshake.reject(Response(status=404))
            return
        self._hanging.add(raw.transport)
        raw.transport.set_protocol(_Idle(self._hanging, raw.transport))
        raw.transport.resume_reading()

    def end(self) -> None:
        """Let go of what hangs."""
        for transport in list(self._hanging):
            transport.abort()

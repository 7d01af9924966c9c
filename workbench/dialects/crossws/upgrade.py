"""One handshake: which hooks are asked, in which order, and what their answers mean (crossws R1 to R22)."""

from __future__ import annotations

__all__ = ["Negotiation"]

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from workbench.dialects.crossws.answers import Answer, accepted, in_fetch_order, refusal
from workbench.dialects.crossws.link import CrosswsLink, UpgradeRequest
from workbench.dialects.crossws.points import GLOBAL, RESOLVED
from workbench.engine.awaiting import must_await
from workbench.server.links import Handshake
from workbench.server.messages import Response

if TYPE_CHECKING:
    from workbench.dialects.crossws.app import CrosswsApp


class Negotiation:
    """The way from a request to a WebSocket or a refusal.

    Parameters
    ----------
    app
        Whose hooks are asked.
    request
        What they are asked about.
    handshake
        How it is answered.

    """

    def __init__(self, app: CrosswsApp, request: UpgradeRequest, handshake: Handshake) -> None:
        self._app = app
        self._request = request
        self._handshake = handshake
        self._link = CrosswsLink(app, request)

    async def run(self) -> None:
        """Ask, then answer. Errors of hooks refuse the handshake and are told to the trace alone (R8)."""
        try:
            namespace = self._default_namespace()
            answer = await self._ask()
        except Exception as error:  # noqa: BLE001  # whatever was raised, the client gets a response
            self._refuse(refusal(error))
            return
        except asyncio.CancelledError as error:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise  # the server stops, or the client has gone
            self._refuse(refusal(error))  # a hook's own, such as that of a task it waited for
            return
        if isinstance(answer, Response):
            self._refuse(answer)
            return
        try:
            self._accept(accepted(answer), namespace)
        except Exception as error:  # noqa: BLE001  # an answer that nobody could send: no hook raised, so tell
            self._app.escaped(error, "upgrade", self._link.connection)
            self._refuse(refusal(error))

    def _default_namespace(self) -> str:
        """Name the namespace, before any hook runs; the path stands in for an empty name (R13)."""
        chosen = self._app.get_namespace(self._request) if self._app.get_namespace is not None else None
        return chosen or self._request.path

    def _refuse(self, response: Response) -> None:
        response.headers = in_fetch_order(response.headers)
        self._handshake.reject(response)
        self._link.refused(f"refused with {response.status}")

    # Asking ---------------------------------------------------------------------------------------

    async def _ask(self) -> Any:
        """Run both layers; the resolved answer, else the global one. They are never merged (R20)."""
        answer = self._layer(GLOBAL)  # a raise skips the resolver too (R9)
        if must_await(answer):
            answer, self._link.hooks = await self._both(answer)
        else:
            hooks = self._resolve()
            self._link.hooks = await hooks if must_await(hooks) else hooks
        resolved = self._layer(RESOLVED)
        if must_await(resolved):
            resolved = await resolved
        return answer if resolved is None else resolved

    async def _both(self, pending: Awaitable[Any]) -> tuple[Any, Any]:
        """Wait for hooks and resolver together; the resolver is asked once the hooks have started (R18)."""
        task = asyncio.ensure_future(pending)
        await asyncio.sleep(0)  # first in, first out: the hooks take their first step meanwhile
        try:
            hooks = self._resolve()
        except BaseException:
            task.add_done_callback(_forget)  # nobody waits for the hooks any more
            raise
        if not must_await(hooks):
            return await task, hooks
        answer, found = await asyncio.gather(task, hooks)
        return answer, found

    def _resolve(self) -> Any:
        """Ask the resolver, once per connection; what it answers is kept, a miss too (R19)."""
        resolver = self._app.resolver
        if resolver is None:
            return None
        try:
            hooks = resolver(self._request)
        except Exception as error:
            self._note(error)
            raise
        return self._resolved(hooks) if must_await(hooks) else hooks

    async def _resolved(self, pending: Awaitable[Any]) -> Any:
        try:
            return await pending
        except Exception as error:
            self._note(error)
            raise

    def _note(self, error: Exception) -> None:
        """Tell the trace, since a resolver is no hook and has no dispatch that would show its error (R22)."""
        if not isinstance(error, Response):
            point = self._app.keys["upgrade"]
            self._app.mount.note(error, point=point, connection=self._link.connection, hook="resolve")

    def _layer(self, lane: str) -> Any:
        """Run one lane as a dispatch of its own: what is in the second is only known after the first."""
        return self._link.plan("upgrade", lane).fire(self._link.connection, self._request)

    # Answering ------------------------------------------------------------------------------------

    def _accept(self, answer: Answer, namespace: str) -> None:
        if answer.handled:
            self._request.hand_over()
            self._link.refused("handed over")
            return
        self._request.context.update(answer.context)
        self._link.namespace = answer.namespace or namespace
        protocol = answer.protocol or self._negotiated_protocol()
        if protocol:
            answer.headers.append("sec-websocket-protocol", protocol)
        transport = self._handshake.accept(
            self._link,
            headers=in_fetch_order(answer.headers),
            deflate=self._app.deflate if answer.deflate is None else answer.deflate,
            **self._app.limits,
        )
        if transport is None:  # no valid handshake; the server has said so (R17)
            self._link.refused("not a valid WebSocket request")

    def _negotiated_protocol(self) -> str | None:
        """Let `handle_protocols` choose, where anything was offered at all (R14)."""
        offer = self._request.headers.get("sec-websocket-protocol") or ""
        offered = tuple(dict.fromkeys(name.strip() for name in offer.split(",") if name.strip()))
        choose = self._app.handle_protocols
        return (choose(offered, self._request) or None) if choose is not None and offered else None


def _forget(task: asyncio.Future[Any]) -> None:
    """Look at an error, so that asyncio does not report it as lost."""
    with suppress(asyncio.CancelledError):
        task.exception()

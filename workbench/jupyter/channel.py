"""The command channel of a bench, as far as Jupyter uses it itself: to stop a server while a cell runs."""

from __future__ import annotations

__all__ = ["stop"]

import asyncio
import json

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from workbench.jupyter.discovery import Announcement
from workbench.jupyter.errors import ServerSilent, ServerUnreachable

_PATH = "/_workbench/channel"
_VERSION = 1
_SECONDS = 5.0


async def stop(target: Announcement) -> None:
    """Tell a bench's hook server to stop.

    Returns when the bench has answered or has closed the connection, which is what stopping does to it.

    Raises
    ------
    ServerUnreachable, ServerSilent
        Nobody answered within 5 seconds.
    """
    try:
        async with asyncio.timeout(_SECONDS), _connected(target) as socket:
            await socket.send(json.dumps({"op": "hello", "v": _VERSION, "face": "lab"}))
            await socket.send(json.dumps({"op": "server", "id": 1, "do": "stop"}))
            await _answered(socket)
    except TimeoutError as error:
        raise ServerSilent(f"{target.name!r} did not answer the request to stop.") from error
    except (OSError, WebSocketException) as error:
        raise ServerUnreachable(f"{target.name!r} does not answer on port {target.port}.") from error


def _connected(target: Announcement) -> connect:
    return connect(
        f"ws://{target.authority}{_PATH}",
        additional_headers={"Authorization": f"Bearer {target.token}"},
        compression=None,
        ping_interval=None,
        close_timeout=1,
        proxy=None,
    )


async def _answered(socket: ClientConnection) -> None:
    try:
        async for text in socket:
            message = json.loads(text)
            if message.get("op") in {"answer", "refused"} and message.get("id") == 1:
                return
    except ConnectionClosed:
        return

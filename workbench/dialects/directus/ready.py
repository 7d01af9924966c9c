"""Ready-made hooks: each a few lines to start from, to read and to copy."""

from __future__ import annotations

__all__ = ["READY"]

import asyncio
from typing import Any

from workbench.dialects.base import Ready
from workbench.dialects.directus.errors import DirectusError


def log_message(message: Any) -> Any:
    """Print each message that comes in; the text is shown with the event."""
    print(message)  # noqa: T201  # printing is what this hook is for
    return message


def default_fields(message: Any) -> Any:
    """Let subscriptions without fields have id and date_created, as in the guide."""
    if isinstance(message, dict) and message.get("type") == "subscribe":
        query = message.get("query") or {}
        if not query.get("fields"):
            return {**message, "query": {**query, "fields": ["id", "date_created"]}}
    return message


def block_forbidden(message: Any) -> Any:
    """Refuse messages of type "forbidden": the client sees code and text."""
    if isinstance(message, dict) and message.get("type") == "forbidden":
        raise DirectusError("MESSAGE_BLOCKED", "This message type is not allowed.")
    return message


async def slow_filter(message: Any) -> Any:
    """Wait 300 ms; the message waits too, and later ones overtake it."""
    await asyncio.sleep(0.3)
    return message


async def slow_action() -> None:
    """Wait 300 ms; nobody waits for it."""
    await asyncio.sleep(0.3)


def trim_text(payload: Any) -> Any:
    """Trim the text of each item that is created."""
    if isinstance(payload, dict) and isinstance(payload.get("text"), str):
        return {**payload, "text": payload["text"].strip()}
    return payload


def greet(meta: Any) -> None:
    """Greet each client that has signed in."""
    meta.client.send({"type": "welcome", "client": meta.client.uid})


def reply_whoami(meta: Any) -> None:
    """Answer messages of type "whoami" with the sender's user and role."""
    if meta.message.get("type") == "whoami":
        who = meta.client.accountability
        meta.client.send({"type": "whoami", "user": who.user, "role": who.role})


def log_created(meta: Any) -> None:
    """Print what was created."""
    print(f"{meta.collection} {meta.key}: {meta.payload}")  # noqa: T201  # as above


def _ready(point: str, lane: str, function: Any) -> Ready:
    return Ready(function.__name__, point, function, function.__doc__.rstrip("."), lane)


READY = (
    _ready("filter", "websocket.message", log_message),
    _ready("filter", "websocket.message", default_fields),
    _ready("action", "websocket.message", reply_whoami),
    _ready("filter", "websocket.message", block_forbidden),
    _ready("filter", "websocket.message", slow_filter),
    _ready("action", "websocket.message", slow_action),
    _ready("action", "websocket.connect", greet),
    _ready("filter", "items.create", trim_text),
    _ready("action", "items.create", log_created),
)

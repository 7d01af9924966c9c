"""Ready-made hooks: each a few lines to start from, to read and to copy."""

from __future__ import annotations

__all__ = ["READY"]

import asyncio
from typing import Any

from workbench.dialects.base import Ready
from workbench.dialects.crossws.link import UpgradeRequest
from workbench.dialects.crossws.message import Message
from workbench.dialects.crossws.peer import Peer
from workbench.server.messages import Response


def echo(peer: Peer, message: Message) -> None:
    """Send each message back to its sender."""
    peer.send(message.raw_data)


def upper_case(_peer: Peer, message: Message) -> None:
    """Change the text, so there is a change to see."""
    if isinstance(message.raw_data, str):
        message.raw_data = message.raw_data.upper()


def require_token(request: UpgradeRequest) -> None:
    """Answer 401 unless the address ends in ?token=open."""
    if request.query.get("token") != "open":
        raise Response("Unauthorized", status=401)


def log(peer: Peer, message: Message) -> None:
    """Print who says what; the text is shown with the event."""
    print(f"{peer.id[:8]}: {message}")  # noqa: T201  # printing is what this hook is for


def broadcast(peer: Peer, message: Message) -> None:
    """Send each message to all others of the namespace."""
    for other in peer.peers:
        if other is not peer:
            other.send(message.raw_data)


def join_room(peer: Peer) -> None:
    """Subscribe each peer to the topic of ?room=, or to "lobby"."""
    peer.context.room = peer.request.query.get("room", "lobby")
    peer.subscribe(peer.context.room)


def to_room(peer: Peer, message: Message) -> None:
    """Publish each message to the room that join_room chose."""
    peer.publish(peer.context.get("room", "lobby"), message.raw_data)


def parse_json(peer: Peer, message: Message) -> None:
    """Put the message's JSON into context.json, None where it is none."""
    try:
        peer.context.json = message.json()
    except ValueError:
        peer.context.json = None


async def slow_down() -> None:
    """Wait 200 ms, so there is waiting to see; later messages overtake."""
    await asyncio.sleep(0.2)


def welcome(peer: Peer) -> None:
    """Greet each client and tell it how many there are."""
    peer.send({"welcome": str(peer), "peers": len(peer.peers)})


def count_messages(peer: Peer) -> None:
    """Count a connection's messages in context.messages."""
    peer.context.messages = peer.context.get("messages", 0) + 1


def say_goodbye(peer: Peer, details: Any) -> None:
    """Tell the room of join_room who left, and why."""
    peer.publish(peer.context.get("room", "lobby"), {"left": str(peer), "code": details.code})


def log_error(_peer: Peer, error: Exception) -> None:
    """Print what the client did wrong."""
    print(f"error: {error}")  # noqa: T201  # as above


def _ready(point: str, function: Any) -> Ready:
    return Ready(function.__name__, point, function, function.__doc__.rstrip("."))


READY = (
    _ready("message", echo),
    _ready("message", upper_case),
    _ready("upgrade", require_token),
    _ready("message", log),
    _ready("message", broadcast),
    _ready("message", parse_json),
    _ready("message", count_messages),
    _ready("message", slow_down),
    _ready("message", to_room),
    _ready("open", join_room),
    _ready("open", welcome),
    _ready("close", say_goodbye),
    _ready("error", log_error),
)

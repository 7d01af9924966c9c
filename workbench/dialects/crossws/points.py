"""The eight hook points of crossws."""

from __future__ import annotations

__all__ = ["GLOBAL", "POINTS", "RESOLVED"]

from typing import TYPE_CHECKING

from workbench.dialects.crossws.shadows import shadow_of_event, shadow_of_message, shadow_of_upgrade
from workbench.engine.points import UPGRADE, Point, Policy, in_lanes
from workbench.server.messages import Request

if TYPE_CHECKING:
    from workbench.dialects.context import Context
    from workbench.dialects.crossws.message import Message
    from workbench.dialects.crossws.peer import Peer

GLOBAL, RESOLVED = "", "resolved"
"""The lanes of every point: hooks of the bench, then what `resolve` supplied for the connection (R18)."""

_ORDER = in_lanes((GLOBAL, RESOLVED))
_EVENT = Policy("fold")
_REQUEST = frozenset({"method", "url", "path", "query", "headers", "remote_address", "context"})
_PEER = frozenset(
    [
        "id",
        "context",
        "namespace",
        "request",
        "remote_address",
        "websocket",
        "protocol",
        "peers",
        "topics",
        "buffered_amount",
    ]
)


def _of_request(request: Request) -> dict[str, object]:
    return {"context": request.context}


def _of_message(peer: Peer, message: Message) -> dict[str, object]:
    return {"message": {"raw_data": message.raw_data}, "context": peer.context}


def _of_peer(peer: Peer, *_: object) -> dict[str, object]:
    return {"context": peer.context}


def _of_close(peer: Peer, details: Context) -> dict[str, object]:
    return {"details": details, "context": peer.context}


POINTS = (
    Point(
        "upgrade",
        ("request",),
        Policy("fold", UPGRADE),
        "Once per handshake, before any answer: give headers, context, namespace, protocol, or a Response.",
        arrange=_ORDER,
        snapshot=_of_request,
        shadow=shadow_of_upgrade,
        members=_REQUEST,
    ),
    Point(
        "open",
        ("peer",),
        _EVENT,
        "Right after the 101; the peer is in peer.peers already. Messages do not wait for it.",
        arrange=_ORDER,
        snapshot=_of_peer,
        shadow=shadow_of_event,
        members=_PEER,
    ),
    Point(
        "message",
        ("peer", "message"),
        _EVENT,
        "For each complete data message, started in the order of arrival; a slow one does not hold the next.",
        arrange=_ORDER,
        snapshot=_of_message,
        shadow=shadow_of_message,
        members=_PEER,
    ),
    Point(
        "close",
        ("peer", "details"),
        _EVENT,
        "Once, when TCP is gone, with details.code and details.reason; the peer has left peer.peers.",
        arrange=_ORDER,
        snapshot=_of_close,
        shadow=shadow_of_event,
        members=_PEER,
    ),
    Point(
        "error",
        ("peer", "error"),
        _EVENT,
        "When the client broke the protocol or a limit, or a ping was too long; never for errors of hooks.",
        arrange=_ORDER,
        snapshot=_of_peer,
        shadow=shadow_of_event,
        members=_PEER,
    ),
    Point(
        "drain",
        ("peer",),
        _EVENT,
        "When everything that waited for a slow client has been handed to the system.",
        arrange=_ORDER,
        snapshot=_of_peer,
        shadow=shadow_of_event,
        members=_PEER,
    ),
    Point(
        "ping",
        ("peer", "data"),
        _EVENT,
        "When a ping came, with its bytes; the pong has been sent already.",
        arrange=_ORDER,
        snapshot=_of_peer,
        shadow=shadow_of_event,
        members=_PEER,
    ),
    Point(
        "pong",
        ("peer", "data"),
        _EVENT,
        "When a pong came, with its bytes; answers to the server's own heartbeat are kept back.",
        arrange=_ORDER,
        snapshot=_of_peer,
        shadow=shadow_of_event,
        members=_PEER,
    ),
)

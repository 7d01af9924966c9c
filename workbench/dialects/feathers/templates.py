"""Client messages to begin with, for traffic: calls over Socket.IO and over REST."""

from __future__ import annotations

__all__ = ["TRAFFIC"]

from collections.abc import Mapping
from typing import Any

_SOCKET: Mapping[str, Any] = {
    "transport": "websocket",
    "path": "/socket.io/?EIO=4&transport=websocket",
    "hello": ["40"],
    "replies": {"2": "3"},
    "answer": r"^43(\d+)",
    "refusal": r'^43\d+\[\{"name"',
}

TRAFFIC: Mapping[str, Mapping[str, Any]] = {
    "create": {**_SOCKET, "messages": ['42$n["create","messages",{"text":"$id"},{}]']},
    "find": {**_SOCKET, "messages": ['42$n["find","messages",{"$limit":10}]']},
    "create over REST": {
        "transport": "http",
        "path": "/messages",
        "method": "POST",
        "headers": {"content-type": "application/json"},
        "messages": ['{"text":"$id"}'],
    },
    "find over REST": {"transport": "http", "path": "/messages", "method": "GET", "messages": [""]},
}
"""Templates by name; see `workbench.dialects.templates`."""

"""Client messages to begin with, for traffic."""

from __future__ import annotations

__all__ = ["TRAFFIC"]

from collections.abc import Mapping
from typing import Any

TRAFFIC: Mapping[str, Mapping[str, Any]] = {
    "messages": {"transport": "websocket", "path": "/", "messages": ["message $id"]},
    "json messages": {
        "transport": "websocket",
        "path": "/",
        "messages": ['{"type": "chat", "id": "$id", "text": "hello"}'],
    },
    "requests": {"transport": "http", "path": "/", "method": "GET", "messages": [""]},
}
"""Templates by name; see `workbench.dialects.templates`."""

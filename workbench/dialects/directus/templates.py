"""Client messages to begin with, for the console and for traffic."""

from __future__ import annotations

__all__ = ["TEMPLATES", "TRAFFIC"]

import json
from collections.abc import Mapping
from typing import Any

from workbench.dialects.directus.wire import dump

TEMPLATES: tuple[tuple[str, str], ...] = tuple(
    (label, dump(message))
    for label, message in (
        (
            "create",
            {
                "type": "items",
                "action": "create",
                "collection": "messages",
                "data": {"text": "hello"},
                "uid": "2",
            },
        ),
        ("sign in", {"type": "auth", "access_token": "admin-token"}),
        ("subscribe", {"type": "subscribe", "collection": "messages", "uid": "1"}),
        (
            "read",
            {
                "type": "items",
                "action": "read",
                "collection": "messages",
                "query": {"sort": "-id"},
                "uid": "3",
            },
        ),
        ("ping", {"type": "ping", "uid": "4"}),
        ("custom", {"type": "typing-indicator", "channel": "general"}),
    )
)
"""Label and text of each; what they need is there in a bench for which nothing is named."""

TRAFFIC: Mapping[str, Mapping[str, Any]] = {
    "create items": {
        "transport": "websocket",
        "path": "/websocket",
        "hello": [json.dumps({"type": "auth", "access_token": "admin-token"})],
        "messages": [
            json.dumps(
                {
                    "type": "items",
                    "action": "create",
                    "collection": "messages",
                    "data": {"text": "hello $n"},
                    "uid": "$id",
                }
            )
        ],
        "refusal": '"status": ?"error"',
    },
    "read items": {
        "transport": "websocket",
        "path": "/websocket",
        "hello": [json.dumps({"type": "auth", "access_token": "admin-token"})],
        "messages": [
            json.dumps(
                {
                    "type": "items",
                    "action": "read",
                    "collection": "messages",
                    "query": {"limit": 10},
                    "uid": "$id",
                }
            )
        ],
        "refusal": '"status": ?"error"',
    },
}
"""Templates for traffic by name; see `workbench.dialects.templates`."""

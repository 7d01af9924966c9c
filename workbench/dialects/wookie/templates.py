"""Client requests to begin with, for traffic."""

from __future__ import annotations

__all__ = ["TRAFFIC"]

from collections.abc import Mapping
from typing import Any

TRAFFIC: Mapping[str, Mapping[str, Any]] = {
    "requests": {"transport": "http", "path": "/", "method": "GET", "messages": [""]},
    "posts": {
        "transport": "http",
        "path": "/",
        "method": "POST",
        "headers": {"content-type": "text/plain"},
        "messages": ["message $id"],
    },
}
"""Templates by name; see `workbench.dialects.templates`."""

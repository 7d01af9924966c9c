"""The console: clients inside the kernel, with what each sent and saw."""

from __future__ import annotations

__all__ = ["LINES", "console"]

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench

LINES: Final = 200
"""Newest lines of each client."""


def console(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the clients in the order in which they were opened, the newest line of each last."""
    return {"clients": [_client(client) for client in bench.console.view()["clients"]]}


def _client(client: Mapping[str, Any]) -> dict[str, Any]:
    lines = client["lines"]
    return {
        **client,
        "path": visible(client["path"]),
        "reason": visible(client["reason"] or ""),
        "dropped": client["dropped"] + max(0, len(lines) - LINES),
        "lines": [{**line, "text": visible(line["text"])} for line in lines[-LINES:]],
    }

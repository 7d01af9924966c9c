"""The header: what this bench is, where it listens and how much happens."""

from __future__ import annotations

__all__ = ["header"]

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workbench.dialects.reports import Documented
from workbench.trace.totals import RECENT
from workbench.widgets.figures import figures

if TYPE_CHECKING:
    from workbench.bench import Workbench


def header(bench: Workbench, _params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bench's state, its addresses and its counters."""
    state, reason = bench.state
    now = figures(bench)
    trace = bench.trace
    paths = [mount.app.socket_path for mount in bench.mounts.values()]
    return {
        "name": bench.name,
        "dialect": bench.dialect,
        "state": state,
        "reason": reason or None,
        "url": bench.url,
        "ws_url": bench.ws_url,
        "documents": any(isinstance(mount.app, Documented) for mount in bench.mounts.values()),
        "address": _address(bench),
        "socket_path": next((path for path in paths if path is not None), None),
        "example": bench.mounts["/"].app.example(bench.board.spoken),
        "spoken": bench.board.spoken,
        "port": bench.port,
        "commands": _commands(bench),
        "revision": bench.board.revision,
        "can_undo": bench.board.can_undo,
        "can_redo": bench.board.can_redo,
        "rate": now.rate,
        "p95_ns": now.p95_ns,
        "recent": RECENT,
        "clients": trace.registry.open,
        "events": now.events,
        "kept": trace.kept,
        "dropped": trace.dropped,
        "errors": trace.failures.total,
    }


def _address(bench: Workbench) -> str | None:
    """Say where clients of the bench's own system connect."""
    url, ws_url, path = bench.url, bench.ws_url, bench.mounts["/"].app.socket_path
    return url if path is None or ws_url is None else ws_url + urlsplit(path).path.rstrip("/")


def _commands(bench: Workbench) -> list[list[str]]:
    url, ws_url = bench.url, bench.ws_url
    if url is None or ws_url is None:
        return []
    token = bench.serving.options.token is not None  # that there is one; pages and outputs never hold it
    apps = [mount.app for mount in bench.mounts.values()]
    return [[label, text] for app in apps for label, text in app.commands(url, ws_url, token=token)]

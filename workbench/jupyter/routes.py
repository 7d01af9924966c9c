"""Which handler serves which path below ``/workbench/``."""

from __future__ import annotations

__all__ = ["BenchPath", "routes"]

import re
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher

from workbench.jupyter.handlers import ServerHandler, ServersHandler, StartHandler, VersionHandler
from workbench.jupyter.proxy_http import HttpProxyHandler
from workbench.jupyter.proxy_ws import WebSocketProxyHandler
from workbench.jupyter.static import StaticHandler

_ID = r"(?P<server_id>[A-Za-z0-9_-]+\.[a-z0-9-]+)"


class BenchPath(Matcher):
    """Matches ``<base>workbench/servers/<id>/<path>`` for WebSocket handshakes or for everything else.

    Real clients have one address for both, so what a request asks to become decides, not its path. The path
    is taken raw: what a browser escaped reaches the hook as the browser escaped it.

    Parameters
    ----------
    base_url
        Of the Jupyter server, with slashes at both ends.
    websocket
        Which of the two this one matches.
    """

    def __init__(self, base_url: str, *, websocket: bool) -> None:
        self._pattern = re.compile(re.escape(f"{base_url}workbench/servers/") + _ID + r"(?P<path>/.*)?")
        self._websocket = websocket

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return the handler's arguments, or None."""
        if _asks_for_websocket(request) is not self._websocket:
            return None
        found = self._pattern.fullmatch(request.path or "")
        if found is None:
            return None
        path = found["path"] or ("/" if self._websocket else "")
        arguments = {"server_id": found["server_id"], "path": path}
        return {"path_kwargs": {name: value.encode() for name, value in arguments.items()}}


def _asks_for_websocket(request: HTTPServerRequest) -> bool:
    return request.headers.get("Upgrade", "").strip().lower() == "websocket"


def routes(base_url: str) -> list[tuple[Any, ...]]:
    """List the routes of the extension.

    Parameters
    ----------
    base_url
        Of the Jupyter server, with slashes at both ends.
    """
    base = re.escape(f"{base_url}workbench/")
    return [
        (f"{base}api/version", VersionHandler),
        (f"{base}api/servers", ServersHandler),
        (f"{base}api/servers/{_ID}", ServerHandler),
        (f"{base}api/servers/{_ID}/start", StartHandler),
        (f"{base}static/(.+)", StaticHandler),
        (BenchPath(base_url, websocket=True), WebSocketProxyHandler),
        (BenchPath(base_url, websocket=False), HttpProxyHandler),
    ]

"""The server: bytes and links, no hooks. Names are loaded when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "CAPABILITIES",
    "CHANNEL_PATH",
    "Application",
    "DeflateOptions",
    "Handler",
    "Handshake",
    "Head",
    "Headers",
    "HookServer",
    "HttpFailure",
    "HttpLink",
    "HttpTransport",
    "InvalidClose",
    "NotRunning",
    "PortInUse",
    "RawSocket",
    "Request",
    "RequestLink",
    "Response",
    "ServerError",
    "ServerOptions",
    "WebSocketFailure",
    "WebSocketLink",
    "WebSocketTransport",
    "asgi_application",
    "serve_handler",
]

if TYPE_CHECKING:
    from workbench.server.asgi import asgi_application
    from workbench.server.capabilities import CAPABILITIES
    from workbench.server.errors import (
        HttpFailure,
        InvalidClose,
        NotRunning,
        PortInUse,
        ServerError,
        WebSocketFailure,
    )
    from workbench.server.links import (
        Application,
        Handler,
        Handshake,
        Head,
        HttpLink,
        HttpTransport,
        RawSocket,
        WebSocketLink,
        WebSocketTransport,
    )
    from workbench.server.messages import Headers, Request, Response
    from workbench.server.options import CHANNEL_PATH, DeflateOptions, ServerOptions
    from workbench.server.requests import RequestLink, serve_handler
    from workbench.server.server import HookServer

_HOMES = {
    "asgi": ("asgi_application",),
    "capabilities": ("CAPABILITIES",),
    "errors": ("HttpFailure", "InvalidClose", "NotRunning", "PortInUse", "ServerError", "WebSocketFailure"),
    "links": (
        "Application",
        "Handler",
        "Handshake",
        "Head",
        "HttpLink",
        "HttpTransport",
        "RawSocket",
        "WebSocketLink",
        "WebSocketTransport",
    ),
    "messages": ("Headers", "Request", "Response"),
    "options": ("CHANNEL_PATH", "DeflateOptions", "ServerOptions"),
    "requests": ("RequestLink", "serve_handler"),
    "server": ("HookServer",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)

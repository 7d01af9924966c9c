"""What each transport can do; a test holds the lists to be exact, in both directions."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.server.errors import MissingCapability
from workbench.server.options import ServerOptions

__all__ = ["CAPABILITIES", "MEANING", "missing", "needs_of", "require"]

MEANING = {
    "connect": "see a connection before anything is read from it",
    "silent-drop": "leave a request unanswered and serve the next one on the connection",
    "continue-100": "decide when a client that waits may send its body",
    "status-text": "choose the words after the status",
    "ping-pong": "send pings, and see the client's pings and pongs",
    "terminate": "drop a connection without a closing handshake",
    "drain": "hear when a slow client has caught up, and how much waits for it",
    "hand-over": "let go of the raw socket",
    "deflate": "choose compression for each connection",
    "bare-close": "close a WebSocket without a code",
    "late-messages": "receive messages after close, until the client has answered it",
    "idle-timeout": "drop a WebSocket client that has fallen silent",
    "failures": "see violations of the WebSocket protocol before the close frame goes out",
    "limits": "bound headers, and the time that a request may take",
}

CAPABILITIES = {
    "socket": frozenset(MEANING),
    "memory": frozenset(
        {
            "connect",
            "silent-drop",
            "continue-100",
            "status-text",
            "ping-pong",
            "terminate",
            "drain",
            "bare-close",
            "late-messages",
            "idle-timeout",
        }
    ),
    "asgi": frozenset[str](),
}


_OF_OPTIONS = {
    "deflate": "deflate",
    "idle_timeout": "idle-timeout",
    "header_limit": "limits",
    "header_timeout": "limits",
    "body_timeout": "limits",
}


def needs_of(options: ServerOptions) -> frozenset[str]:
    """Give the capabilities that options ask for where they are not the usual ones; switched off, none."""
    usual = ServerOptions()
    return frozenset(
        need
        for name, need in _OF_OPTIONS.items()
        if getattr(options, name) and getattr(options, name) != getattr(usual, name)
    )


def missing(transport: str, needs: Iterable[str]) -> list[str]:
    """Give what is needed and the transport cannot do, in words; raises `KeyError` for an unknown name."""
    lacking = set(needs) - CAPABILITIES[transport]
    return [f"{name} ({MEANING[name]})" for name in sorted(lacking)]


def require(transport: str, needs: Iterable[str]) -> None:
    """Raise `MissingCapability` unless the transport can do all that is needed."""
    lacking = missing(transport, needs)
    if lacking:
        raise MissingCapability(
            f"The {transport} transport cannot do what is used here: {'; '.join(lacking)}. "
            "Serve it with start() instead."
        )

"""Heads of requests: made of what was parsed, or known from the very same bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from workbench.server.framing import Event, ParsedHead, Piece
from workbench.server.links import Head
from workbench.server.messages import Headers

__all__ = ["KnownRequests", "head_of"]


def head_of(parsed: ParsedHead, transport: asyncio.Transport, *, secure: bool) -> Head:
    """Make the head that links get.

    Parameters
    ----------
    parsed
        What the parser found.
    transport
        Whose addresses stand for a Host field that is missing, and for the client.
    secure
        Whether the connection is one of TLS.
    """
    headers = Headers.from_wire(parsed.fields)
    target = parsed.target.decode("latin-1")
    if "://" in target.partition("?")[0]:  # absolute form
        slash = target.find("/", target.index("://") + 3)
        target = target[slash:] if slash >= 0 else "/"
    scheme = "https" if secure or headers.get("x-forwarded-proto") == "https" else "http"
    place = headers.get("host")
    if place is None:
        place = "{}:{}".format(*transport.get_extra_info("sockname")[:2])
    peer = transport.get_extra_info("peername")
    return Head(
        parsed.method,
        target,
        f"{scheme}://{place}{target}",
        parsed.version,
        headers,
        peer[0] if isinstance(peer, tuple) else None,
        parsed.keep_alive,
        parsed.length,
        expects_continue=(headers.get("expect") or "").lower() == "100-continue",
        websocket=parsed.websocket,
    )


class KnownRequests(dict[bytes, tuple[ParsedHead, Head]]):
    """Whole requests without a body that were parsed and admitted, by their bytes: clients repeat themselves.

    Parsing bytes, and asking the policy about them, has one answer on all connections of a server. Some
    hundred short requests are kept.
    """

    MOST = 256
    LONGEST = 2048  # bytes

    def learn(self, data: bytes, parsed: ParsedHead, head: Head, rest: Sequence[Event]) -> None:
        """Keep a request, if its bytes say all about it.

        Parameters
        ----------
        data
            What came, on a connection on which nothing else was on its way.
        parsed, head
            What it is.
        rest
            What these bytes hold beside the head.
        """
        if len(data) > self.LONGEST or len(rest) != 1 or head.length != 0:
            return
        if head.websocket or head.expects_continue or "host" not in head.headers:
            return
        end = rest[0]
        if type(end) is Piece and end.last and not end.data:
            if len(self) >= self.MOST:
                self.clear()
            self[data] = (parsed, head.again(None))

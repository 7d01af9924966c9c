"""A connection that several applications share: each request goes to the one at its path, stage by stage."""

from __future__ import annotations

__all__ = ["SharedLink"]

from collections.abc import Callable

from workbench.server.errors import HttpFailure
from workbench.server.links import Application, Head, HttpLink, HttpTransport
from workbench.trace.connections import NO_CONNECTION


class SharedLink:
    """Gives each request to the link of the application at its path.

    The application at ``/`` learns of the connection before anything is read; others when the first request
    for them comes.

    Parameters
    ----------
    find
        Gives the application at a path.
    first
        The application at ``/``.
    transport
        The connection.

    """

    def __init__(
        self, find: Callable[[str], Application], first: Application, transport: HttpTransport
    ) -> None:
        self._find = find
        self._transport = transport
        self._links: dict[Application, HttpLink] = {}
        self._now = self._links[first] = first.connect(transport)

    @property
    def connection(self) -> int:
        """Its number in the trace, as the newest request's application counts; -1: it does not."""
        return getattr(self._now, "connection", NO_CONNECTION)

    def head(self, head: Head) -> None:
        """A request begins: find out whose."""
        application = self._find(head.target.partition("?")[0])
        link = self._links.get(application)
        if link is None:
            link = self._links[application] = application.connect(self._transport)
        self._now = link
        link.head(head)

    def body(self, data: bytes, last: bool) -> None:
        """A piece of its body."""
        self._now.body(data, last)

    def failed(self, failure: HttpFailure) -> None:
        """It cannot be read on."""
        self._now.failed(failure)

    def drained(self) -> None:
        """What was written has left."""
        self._now.drained()

    def lost(self) -> None:
        """The connection is gone, for all of them."""
        for link in self._links.values():
            link.lost()

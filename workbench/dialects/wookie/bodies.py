"""The body of one request: pieces for body-chunk hooks, for chunk routes, and the stored whole."""

from __future__ import annotations

__all__ = ["Body"]

from collections import deque
from typing import TYPE_CHECKING

from workbench.trace.moments import STAGE

if TYPE_CHECKING:
    from workbench.dialects.wookie.exchange import Exchange
    from workbench.dialects.wookie.profiles import Profile

_KEPT = 1024 * 1024
"""Bytes kept for a chunk route that does not take them yet; beyond, the client is held."""


class Body:
    """What has come of a body, and where it goes.

    A piece goes through the body-chunk hooks, then to the chunk route or into the store. The next one waits
    meanwhile, and so does the client.

    Parameters
    ----------
    exchange
        The request.
    profile
        How the pieces are cut.
    length
        Announced length; None: chunked.

    """

    __slots__ = (
        "_busy", "_calls", "_came", "_exchange", "_gathered", "_held", "_kept", "_kept_end", "_kept_size",
        "_length", "_lost", "_over", "_profile", "_stored", "_unwanted",
    )  # fmt: skip

    def __init__(self, exchange: Exchange, profile: Profile, length: int | None) -> None:
        self._exchange = exchange
        self._profile = profile
        self._length = length
        self._came = False
        self._gathered: list[bytes] | None = (
            [] if length is not None and 0 < length <= profile.whole_up_to else None
        )
        self._calls: deque[tuple[bytes, bool]] | None = None  # pieces that have not begun
        self._busy = False
        self._stored: list[bytes] = []
        self._kept: list[bytes] | None = None  # for a chunk route that does not take pieces yet
        self._kept_end = False
        self._kept_size = 0
        self._held = False
        self._lost = 0  # bytes that nobody took
        self._unwanted = False
        self._over = False

    # -- what comes

    def announced(self) -> None:
        """The headers are through their hooks; where nothing came with them, an empty piece says so (40)."""
        if self._profile.empty_last and self._length != 0 and not self._came:
            self._exchange.soon(self._headers_came_alone)

    def _headers_came_alone(self) -> None:
        if not self._came and not self._over:
            self._came = True
            self._put(b"", False)
            self._advance()

    def take(self, data: bytes, last: bool) -> None:
        """Take what the transport gives.

        Parameters
        ----------
        data
            Bytes.
        last
            Whether the body ends with them.

        """
        self._came = True
        if self._profile.empty_last:  # a piece per packet, then an empty one that says the end (B5, B7)
            if data:
                self._put(data, False)
            if last:
                self._put(b"", True)
        elif self._length == 0:
            self._exchange.completed(b"")
            return
        elif self._gathered is None:
            if data or last:
                self._put(data, last)
        else:
            self._gathered.append(data)
            if last:
                self._put(b"".join(self._gathered), True)
                self._gathered = None
        self._advance()

    def _put(self, data: bytes, last: bool) -> None:
        if self._calls is None:
            self._calls = deque()
        self._calls.append((data, last))

    def _advance(self) -> None:
        """Run the next piece through its hooks, unless one is on its way."""
        while self._calls and not self._busy and not self._over:
            self._busy = True
            self._exchange.run_chunk(*self._calls.popleft(), self._ran)

    def _ran(self, data: bytes, last: bool) -> None:
        """No hook has failed: hand the piece on."""
        if self._over:
            return
        route = self._exchange.chunk_route()
        callback = self._exchange.request.callback
        if route is None:
            if data:
                self._stored.append(data)
            self._through(last)
        elif callback is not None and self._kept is None:
            self._exchange.run_callback(callback, data, last, lambda: self._through(last))
        else:
            if not route.buffer_body or self._unwanted:
                self._lose(len(data), last)
            else:
                self._keep(data, last)
            self._through(last)

    def _through(self, last: bool) -> None:
        self._busy = False
        if last:
            self._exchange.completed(b"".join(self._stored))
        else:
            self._advance()

    # -- chunk routes that take nothing yet (F8, F9)

    def _keep(self, data: bytes, last: bool) -> None:
        if self._kept is None:
            self._kept = []
        self._kept.append(data)
        self._kept_end = last
        self._kept_size += len(data)
        if self._kept_size > _KEPT and not self._held:
            self._held = True
            self._exchange.hold()

    def _lose(self, size: int, last: bool) -> None:
        self._lost += size
        if last and not self._unwanted:
            self._exchange.tell(STAGE, f"{self._lost} bytes of body dropped: the route did not take them")

    def wanted(self) -> None:
        """The route takes pieces from now on: what was kept goes to it in one, when the loop turns."""
        if self._kept is not None:
            self._exchange.soon(self._hand_over)

    def _hand_over(self) -> None:
        callback = self._exchange.request.callback
        if self._kept is None or callback is None or self._over:
            return
        data, self._kept = b"".join(self._kept), None
        self._exchange.run_callback(callback, data, self._kept_end, self._release)

    def unwanted(self) -> None:
        """The request is answered: what nobody has taken so far is read and forgotten."""
        if self._exchange.request.callback is None:
            self._unwanted, self._kept = True, None
            self._release()

    def _release(self) -> None:
        if self._held:
            self._held = False
            self._exchange.release()

    def abandon(self) -> None:
        """Make nothing more of what comes."""
        self._over = True
        self._calls = self._kept = self._gathered = None
        self._stored.clear()
        self._release()

"""How long a WebSocket waits: for a client that is silent, and for the answer to a close frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Patience"]


class Patience:
    """The two timeouts of one WebSocket.

    Parameters
    ----------
    close_timeout
        Seconds that a client has to answer a close frame.
    late
        Called when it did not.
    beat
        Sends a heartbeat (crossws R50).
    silent
        Called when nothing was heard since the last heartbeat.
    excused
        Tells whether nothing can be heard, since nothing is read.

    Attributes
    ----------
    heard
        Whether something came since the last heartbeat; whoever takes a frame sets it.
    """

    __slots__ = (
        "_beat", "_close", "_close_timeout", "_excused", "_idle", "_late", "_loop", "_paused", "_silent",
        "heard",
    )  # fmt: skip

    def __init__(
        self,
        close_timeout: float,
        *,
        late: Callable[[], object],
        beat: Callable[[], object],
        silent: Callable[[], object],
        excused: Callable[[], bool],
    ) -> None:
        self.heard = True
        self._loop = asyncio.get_running_loop()
        self._close_timeout = close_timeout
        self._late, self._beat, self._silent, self._excused = late, beat, silent, excused
        self._idle: asyncio.TimerHandle | None = None
        self._close: asyncio.TimerHandle | None = None
        self._paused = False

    def watch(self, seconds: float) -> None:
        """Send a heartbeat each time so many seconds have passed, until the client is silent for as long."""
        self._idle = self._loop.call_later(seconds, self._sweep, seconds)

    def _sweep(self, seconds: float) -> None:
        if not (self.heard or self._paused or self._excused()):
            self._silent()
            return
        self.heard = False
        self.watch(seconds)
        self._beat()

    def closing(self) -> None:
        """Begin to wait for the answer to a close frame; again, or while paused: nothing."""
        if self._close is None and not self._paused:
            self._close = self._loop.call_later(self._close_timeout, self._late)

    def pause(self) -> None:
        """Let no timeout strike until `resume`."""
        self._paused = True
        if self._close is not None:
            self._close.cancel()
            self._close = None

    def resume(self, *, closing: bool) -> None:
        """Go on, as if the client had just been heard; `closing`: a close frame waits for its answer."""
        self._paused = False
        self.heard = True
        if closing:
            self.closing()

    def end(self) -> None:
        """Leave nothing behind in the loop."""
        for timer in (self._idle, self._close):
            if timer is not None:
                timer.cancel()

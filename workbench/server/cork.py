"""Frames that answer one read leave together: one system call in place of one per frame.

A client that sends several messages at once gets several answers at once. Each on its own costs more to
send than everything else that is done for it, so they wait in a `Cork` until the last of those messages was
handled.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

__all__ = ["Cork"]

_FULL = 64 * 1024
_FORGETFUL = (3, 12) <= sys.version_info < (3, 12, 9) or (3, 13) <= sys.version_info < (3, 13, 2)
"""Whether asyncio's `writelines` never pauses its protocol, so that nobody hears when all is sent."""


class Cork:
    """What picows takes for its transport: writes go to the real one, at once or in batches.

    How a connection ends is not picows' to say, so `close` and `abort` do nothing.

    Parameters
    ----------
    raw
        The real transport.

    Attributes
    ----------
    corked
        While True, what is written waits for `release`, 64 KiB at most.
    """

    def __init__(self, raw: asyncio.Transport) -> None:
        self.corked = False
        self.get_extra_info = raw.get_extra_info
        self._raw = raw
        self._size_below = raw.get_write_buffer_size
        self._parts: list[bytes] = []
        self._size = 0

    def get_write_buffer_size(self) -> int:
        """Bytes that wait; 1 while corked, so that picows hands its frames over and sends none itself."""
        return 1 if self.corked else self._size_below()

    def write(self, data: bytes) -> None:
        """Take a frame."""
        if not self.corked:
            self._pass_on(data)
            return
        self._parts.append(data)
        self._size += len(data)
        if self._size >= _FULL:
            self._flush()

    def writelines(self, pieces: Iterable[bytes | memoryview]) -> None:
        """Take a long frame: it goes out now, after what waits."""
        if self._parts:
            self._flush()
        # picows writes the next frame's head where it wrote this one's, which may have to wait by then
        kept = [bytes(piece) for piece in pieces]
        if _FORGETFUL:
            self._pass_on(b"".join(kept))
        elif not self._raw.is_closing():
            self._raw.writelines(kept)

    def release(self) -> None:
        """Send what waits, and from here on everything at once."""
        self.corked = False
        if self._parts:
            self._flush()

    def _flush(self) -> None:
        parts, self._parts, self._size = self._parts, [], 0
        self._pass_on(b"".join(parts))

    def _pass_on(self, data: bytes) -> None:
        if not self._raw.is_closing():  # asyncio would log a warning for each frame to a client that has gone
            self._raw.write(data)

    def close(self) -> None:
        """Leave it to whoever made this."""

    abort = close

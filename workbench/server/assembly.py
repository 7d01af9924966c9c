"""Messages out of frames: fragments, the size limit across them, UTF-8, compression (crossws R31, R41)."""

from __future__ import annotations

import codecs
from typing import Any

from workbench.server.deflate import Codec
from workbench.server.errors import WebSocketFailure

__all__ = ["BINARY", "CONTINUATION", "TEXT", "Assembler"]

CONTINUATION, TEXT, BINARY = 0, 1, 2
_decoder = codecs.getincrementaldecoder("utf-8")


class Assembler:
    """Puts the data frames of one connection together.

    Parameters
    ----------
    limit
        Bytes in a message, inflated.
    codec
        What inflates; None when compression was not agreed.

    """

    def __init__(self, limit: int, codec: Codec | None = None) -> None:
        self.active = False  # a message has begun and not ended
        self.size = 0  # bytes of the message at hand, or of the last one
        self._limit = limit
        self._codec = codec
        self._compressed = False
        self._text: codecs.IncrementalDecoder | None = None
        self._pieces: list[str | bytes] = []

    def feed(self, opcode: int, final: bool, compressed: bool, payload: bytes) -> str | bytes | None:
        """Take one frame; give the message that it completes, or None. Raises `WebSocketFailure`."""
        if opcode == CONTINUATION:
            if not self.active or compressed:
                raise WebSocketFailure(1002, "Received a continuation frame that continues nothing.")
        else:
            self._begin(opcode, compressed)
        if self._compressed and self._codec is not None:
            payload = self._codec.inflate(payload, final, self._limit - self.size)
        self.size += len(payload)
        if self.size > self._limit:
            raise WebSocketFailure(1009, f"Received a message larger than {self._limit} bytes.")
        self._add(payload, final)
        return self._end() if final else None

    def _begin(self, opcode: int, compressed: bool) -> None:
        if self.active:
            raise WebSocketFailure(1002, "Received a new message before the last one was complete.")
        if compressed and self._codec is None:
            raise WebSocketFailure(1002, "Received a compressed frame, but compression was not agreed.")
        self.active, self.size, self._compressed = True, 0, compressed
        self._text = _decoder() if opcode == TEXT else None
        self._pieces = []

    def _add(self, payload: bytes, final: bool) -> None:
        piece: str | bytes = payload
        if self._text is not None:
            try:
                piece = self._text.decode(payload, final)
            except UnicodeDecodeError:
                raise WebSocketFailure(1007, "Received a text message that is not UTF-8.") from None
        if piece:
            self._pieces.append(piece)

    def _end(self) -> str | bytes:
        self.active = False
        pieces: list[Any] = self._pieces
        self._pieces = []
        joined: str | bytes = b"".join(pieces) if self._text is None else "".join(pieces)
        return joined

"""Simulated editors of Hocuspocus documents: each types into its own copy, and sends what changed."""

from __future__ import annotations

__all__ = ["DocumentPlayer"]

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from pycrdt import Doc, Text

from workbench.client.traffic.players import WebSocketPlayer, filled, one_line
from workbench.client.traffic.tally import Tally

_SYNC, _AUTH, _SYNC_STATUS = 0, 2, 8  # types of frames
_UPDATE, _TOKEN, _DENIED, _GRANTED = 2, 0, 1, 2  # what stands in them
_PATIENCE: Final = 5.0


def _sized(data: bytes) -> bytes:
    """Put the length in front: little-endian base 128."""
    size, head = len(data), bytearray()
    while size > 0x7F:  # noqa: PLR2004 - seven bits
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes((*head, size)) + data


def _text(data: bytes) -> str:
    """Give a text with its length in front."""
    size = next((at for at, byte in enumerate(data) if byte <= 0x7F), -1) + 1  # noqa: PLR2004 - seven bits
    return data[size:].decode("utf-8", "replace")


class DocumentPlayer(WebSocketPlayer):
    """A client that edits one document; the server's sync status answers the oldest edit that waits."""

    def __init__(self, number: int, plan: Mapping[str, Any], tally: Tally) -> None:
        super().__init__(number, plan, tally)
        self._document: Doc[Any] = Doc()
        self._text = self._document.get("default", type=Text)
        self._prefix = _sized(filled(self._template["document"], number, 0).encode())

    async def _greet(self) -> str:
        """Show the token; why the document is refused, empty where it is not."""
        token = _sized(str(self._template.get("token", "")).encode())
        await self._socket.send(self._prefix + bytes((_AUTH, _TOKEN)) + token)
        async with asyncio.timeout(_PATIENCE):
            while True:
                body = await self._received()
                if body[:2] == bytes((_AUTH, _GRANTED)):
                    return ""
                if body[:2] == bytes((_AUTH, _DENIED)):
                    return one_line(f"the document was refused: {_text(body[2:])}")

    async def _received(self) -> bytes:
        data = await self._socket.recv()
        return data.removeprefix(self._prefix) if isinstance(data, bytes) else b"\xff"

    async def _read_one(self, data: str | bytes) -> None:
        body = data.removeprefix(self._prefix) if isinstance(data, bytes) else b""
        if body[:1] == bytes((_SYNC_STATUS,)):
            why = "the edit was not accepted" if body[1:2] == b"\0" else ""
            self._settle(next(iter(self._waiting), None), why)

    def _encoded(self, text: str) -> bytes:
        """Type a text, and give the frame that tells of it."""
        before = self._document.get_state()
        self._text += text
        return self._prefix + bytes((_SYNC, _UPDATE)) + _sized(self._document.get_update(before))

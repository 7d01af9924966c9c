"""permessage-deflate (RFC 7692): negotiation and codec. Inflating never yields more than is allowed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from workbench.server.errors import WebSocketFailure
from workbench.server.options import DeflateOptions

__all__ = ["Codec", "Parameters", "negotiate"]

_NAME = "permessage-deflate"
_TAIL = b"\x00\x00\xff\xff"
_BITS = {str(bits): bits for bits in range(9, 16)}  # zlib cannot do 8


@dataclass(slots=True)
class Parameters:
    """What was agreed. Window bits are 9 to 15."""

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int | None = None
    client_max_window_bits: int | None = None

    def header(self) -> str:
        """Give the value for the 101's Sec-WebSocket-Extensions."""
        parts = [_NAME]
        parts += [name for name in _FLAGS if getattr(self, name)]
        parts += [f"{name}={getattr(self, name)}" for name in _WINDOWS if getattr(self, name)]
        return "; ".join(parts)


_FLAGS = ("server_no_context_takeover", "client_no_context_takeover")
_WINDOWS = ("server_max_window_bits", "client_max_window_bits")


def negotiate(offered: str | None, options: bool | DeflateOptions) -> tuple[Codec | None, str]:
    """Take the client's first acceptable offer; give the codec and the header, or (None, "")."""
    if not options or not offered:
        return None, ""
    settings = options if isinstance(options, DeflateOptions) else DeflateOptions()
    for offer in offered.split(","):
        name, *parameters = [part.strip() for part in offer.split(";")]
        if name == _NAME:
            agreed = _agree(parameters, settings)
            if agreed is not None:
                return Codec(agreed, settings), agreed.header()
    return None, ""


def _agree(parameters: list[str], settings: DeflateOptions) -> Parameters | None:
    """Give what one offer and the settings come to; None when the offer is invalid or asks too much."""
    asked: dict[str, str | None] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        name = name.strip()
        if name in asked or not _is_valid(name, value.strip().strip('"') if equals else None):
            return None
        asked[name] = value.strip().strip('"') if equals else None
    agreed = Parameters(
        settings.server_no_context_takeover or "server_no_context_takeover" in asked,
        settings.client_no_context_takeover or "client_no_context_takeover" in asked,
    )
    agreed.server_max_window_bits = _least(
        asked.get("server_max_window_bits"), settings.server_max_window_bits
    )
    if "client_max_window_bits" in asked:
        agreed.client_max_window_bits = _least(
            asked["client_max_window_bits"], settings.client_max_window_bits
        )
    return agreed


def _is_valid(name: str, value: str | None) -> bool:
    if name in _FLAGS:
        return value is None
    if name == "client_max_window_bits" and value in (None, "8"):
        return True  # inflating takes any window
    return name in _WINDOWS and value in _BITS


def _least(asked: str | None, wanted: int | None) -> int | None:
    bits = [bit for bit in (int(asked) if asked else None, wanted) if bit]
    return min(bits) if bits else None


class Codec:
    """Compresses and inflates the messages of one connection."""

    def __init__(self, agreed: Parameters, settings: DeflateOptions) -> None:
        self.agreed = agreed
        self._settings = settings
        self._inflater = self._new_inflater()
        self._deflater: zlib._Compress | None = None

    def _new_inflater(self) -> zlib._Decompress:
        return zlib.decompressobj(-15)

    def _new_deflater(self) -> zlib._Compress:
        bits = self.agreed.server_max_window_bits or 15
        return zlib.compressobj(self._settings.level, zlib.DEFLATED, -bits, self._settings.memory_level)

    def compresses(self, size: int) -> bool:
        """Whether a message of so many bytes is worth it; with a kept context every one is."""
        return not self.agreed.server_no_context_takeover or size >= self._settings.threshold

    def deflate(self, data: bytes) -> bytes:
        """Compress one whole message."""
        if not data:
            return b"\x00"
        deflater = self._deflater or self._new_deflater()
        if not self.agreed.server_no_context_takeover:
            self._deflater = deflater
        return (deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH))[: -len(_TAIL)]

    def inflate(self, data: bytes, final: bool, room: int) -> bytes:
        """Inflate a fragment to at most `room` bytes.

        Raises `WebSocketFailure`: 1009 when it holds more, 1007 when it is not deflate.
        """
        if final:
            data += _TAIL
        try:
            inflated = self._inflater.decompress(data, room + 1)
        except zlib.error as error:
            raise WebSocketFailure(1007, f"Received data that cannot be inflated: {error}.") from None
        if len(inflated) > room:
            raise WebSocketFailure(1009, "Received a compressed message that is larger than allowed.")
        if final and (self.agreed.client_no_context_takeover or self._inflater.eof):
            self._inflater = self._new_inflater()
        return inflated

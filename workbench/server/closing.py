"""How connections end: close codes and reasons, sent and received (crossws R31, R38, R39)."""

from __future__ import annotations

import asyncio

from workbench.server.errors import InvalidClose, WebSocketFailure

__all__ = ["ABNORMAL", "NO_STATUS", "close_payload", "end_writing", "is_valid_code", "parse_close"]

NO_STATUS, ABNORMAL = 1005, 1006
_REASON_LIMIT = 123  # 125 bytes of a control frame without the code
_NEVER_SENT = (1004, NO_STATUS, ABNORMAL)


def is_valid_code(code: int) -> bool:
    """Whether a close frame may carry this code: 1000 to 1014 but for the reserved ones, 3000 to 4999."""
    return (1000 <= code <= 1014 and code not in _NEVER_SENT) or 3000 <= code <= 4999  # noqa: PLR2004


def close_payload(code: int | None, reason: str = "") -> bytes:
    """Give the payload of a close frame; None sends no code at all, and then no reason.

    Raises `InvalidClose` for a code that may not be sent, or a reason of more than 123 bytes.
    """
    if code is None:
        return b""
    if not isinstance(code, int) or not is_valid_code(code):
        raise InvalidClose(
            f"{code!r} cannot be sent as a close code: "
            "1000 to 1014 (but 1004 to 1006) or 3000 to 4999 are expected."
        )
    text = reason.encode()
    if len(text) > _REASON_LIMIT:
        raise InvalidClose(f"A close reason has at most {_REASON_LIMIT} bytes, this one has {len(text)}.")
    return code.to_bytes(2, "big") + text


def parse_close(payload: bytes) -> tuple[int, str]:
    """Give code and reason of a received close frame, 1005 when it has none; raises `WebSocketFailure`."""
    if not payload:
        return NO_STATUS, ""
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not is_valid_code(code):
        raise WebSocketFailure(1002, f"Received a close frame with an invalid code ({code}).")
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        raise WebSocketFailure(1007, "Received a close frame whose reason is not UTF-8.") from None


def end_writing(transport: asyncio.WriteTransport) -> None:
    """End our side of TCP after what was written; the client's stays, so that it can read to the end."""
    try:
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()
    except OSError:  # the client has gone already
        transport.abort()

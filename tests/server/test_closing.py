"""How connections end: codes, reasons, and our side of TCP."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.server.closing import close_payload, end_writing, is_valid_code, parse_close
from workbench.server.errors import InvalidClose, WebSocketFailure


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        *((code, True) for code in (1000, 1001, 1003, 1007, 1012, 1014, 3000, 4000, 4999)),
        *((code, False) for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535, -1)),
    ],
)
def test_codes_that_may_be_sent(code: int, valid: bool) -> None:
    """R38 of crossws, as ws has it: 1000 to 1014 but for the reserved ones, 3000 to 4999."""
    assert is_valid_code(code) is valid


@settings(deadline=None)
@given(st.sampled_from([1000, 1001, 3000, 4999]), st.text(max_size=30))
def test_what_is_sent_is_read_again(code: int, reason: str) -> None:
    """Code and reason survive the frame."""
    assert parse_close(close_payload(code, reason)) == (code, reason)


def test_no_code_is_1005() -> None:
    """An empty frame has no reason either."""
    assert close_payload(None, "ignored") == b""
    assert parse_close(b"") == (1005, "")


def test_reasons_have_123_bytes_at_most() -> None:
    """Bytes, not characters."""
    assert len(close_payload(1000, "x" * 123)) == 125
    with pytest.raises(InvalidClose, match="124"):
        close_payload(1000, "ä" * 62)
    with pytest.raises(InvalidClose, match="cannot be sent"):
        close_payload(cast("Any", "1000"))


@pytest.mark.parametrize(("payload", "code"), [(b"\x03", 1002), (b"\x03\xe7", 1002), (b"\x03\xe8\xff", 1007)])
def test_bad_close_frames(payload: bytes, code: int) -> None:
    """A half code, a forbidden one, a reason that is not UTF-8."""
    with pytest.raises(WebSocketFailure) as caught:
        parse_close(payload)
    assert caught.value.code == code


class Transport:
    """A transport that notes how it is ended."""

    def __init__(self, *, can: bool = True, gone: bool = False) -> None:
        self.can, self.gone = can, gone
        self.calls: list[str] = []

    def can_write_eof(self) -> bool:
        """What the test says."""
        return self.can

    def write_eof(self) -> None:
        """Note it, or fail as a socket does whose peer has gone."""
        self.calls.append("eof")
        if self.gone:
            raise OSError(107, "Transport endpoint is not connected")

    def close(self) -> None:
        """Note it."""
        self.calls.append("close")

    def abort(self) -> None:
        """Note it."""
        self.calls.append("abort")


@pytest.mark.parametrize(
    ("transport", "calls"),
    [
        (Transport(), ["eof"]),
        (Transport(can=False), ["close"]),
        (Transport(gone=True), ["eof", "abort"]),
    ],
)
def test_our_side_is_ended_as_well_as_can_be(transport: Transport, calls: list[str]) -> None:
    """Half where possible, wholly under TLS, at once where the client has gone."""
    end_writing(cast("asyncio.WriteTransport", transport))
    assert transport.calls == calls

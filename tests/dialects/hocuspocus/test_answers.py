"""What hooks may do with a connection that they have taken over."""

from __future__ import annotations

from typing import Any, cast

import pytest

from workbench.dialects.hocuspocus.answers import UpgradeSocket
from workbench.server.links import RawSocket


class Transport:
    """A transport that notes what is written, and refuses it once the client has gone."""

    def __init__(self, *, gone: bool) -> None:
        self.gone = gone
        self.written: list[bytes] = []

    def is_closing(self) -> bool:
        """What the test says."""
        return self.gone

    def write(self, data: bytes) -> None:
        """Note it."""
        if self.gone:
            raise RuntimeError("the handler is closed")
        self.written.append(data)

    def close(self) -> None:
        """Note it."""
        self.written.append(b"end")


class Handshake:
    """Hands a transport over."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def hand_over(self) -> RawSocket:
        """Hand it over."""
        return RawSocket(cast("Any", self.transport))


@pytest.mark.parametrize(("gone", "written"), [(False, [b"text", b"bytes", b"end"]), (True, [b"end"])])
def test_bytes_go_to_clients_that_are_there(gone: bool, written: list[bytes]) -> None:
    """To one that has gone nothing is written, and the hook need not know."""
    transport = Transport(gone=gone)
    taken = UpgradeSocket(cast("Any", Handshake(transport)))
    taken.write("text")
    taken.end(b"bytes")
    assert transport.written == written

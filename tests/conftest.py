"""What tests of the bench share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from workbench import Workbench


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Give a crossws bench with echo and shout, stopped at the end."""
    made = Workbench("crossws", name="chat")

    @made.hook("message")
    def echo(peer: Any, message: Any) -> None:
        peer.send(message.text())

    @made.hook("message")
    def shout(_: Any, message: Any) -> None:
        message.raw_data = message.text().upper()

    yield made
    made.stop()

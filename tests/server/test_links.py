"""What links may ask of their transports beyond their methods."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.drivers import Driver, wait_for
from tests.server.support import RecordingLink
from tests.server.test_transports import drive, opening
from workbench.server.links import size_of


class MuteLink(RecordingLink):
    """Answers no pings."""

    answers_pings = False


@pytest.mark.parametrize("transport", ["socket", "memory"])
def test_a_link_may_leave_pings_unanswered(transport: str) -> None:
    """A link that answers no pings hears of them, and the client gets no pong (Directus R56)."""
    link = MuteLink()

    async def body(driver: Driver) -> None:
        socket = await driver.connect()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.ping(b"anybody"), 0.2)
        await wait_for(link, "ping", 0.5)

    drive(transport, opening(link), body)


def test_size_of_text_is_that_of_its_bytes() -> None:
    """Text counts as its UTF-8 bytes, also where it cannot be encoded strictly."""
    assert [size_of(text) for text in ("abc", "äb", "\ud800", b"\xff\xff")] == [3, 3, 3, 2]

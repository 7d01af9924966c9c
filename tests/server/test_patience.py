"""The two timeouts of a WebSocket, on a loop whose time is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from workbench.server.patience import Patience


class Told(asyncio.SelectorEventLoop):
    """A loop on which so much time passes as a test says."""

    now = 0.0

    def time(self) -> float:
        """Tell the test's time."""
        return self.now

    async def pass_(self, seconds: float) -> None:
        """Let time pass, a tenth of a second after the other."""
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            await asyncio.sleep(0)
            await asyncio.sleep(0)


class Heard:
    """What a patience did, second by second."""

    def __init__(self, loop: Told) -> None:
        self.loop = loop
        self.events: list[tuple[str, int]] = []
        self.held = False
        self.patience = Patience(
            5,
            late=self._note("late"),
            beat=self._note("beat"),
            silent=self._note("silent"),
            excused=lambda: self.held,
        )

    def _note(self, what: str) -> Callable[[], None]:
        return lambda: self.events.append((what, round(self.loop.now)))


@pytest.fixture
def run() -> Any:
    """Give what runs a test on such a loop."""

    def run(test: Callable[[Told, Heard], Any]) -> None:
        loop = Told()

        async def main() -> None:
            await test(loop, Heard(loop))

        try:
            loop.run_until_complete(main())
        finally:
            loop.close()

    return run


def test_a_client_is_given_up_when_it_is_silent_after_a_heartbeat(run: Any) -> None:
    """Each that it answers is followed by another."""

    async def main(loop: Told, heard: Heard) -> None:
        heard.patience.watch(10)
        await loop.pass_(15)
        heard.patience.heard = True
        await loop.pass_(20)
        assert heard.events == [("beat", 10), ("beat", 20), ("silent", 30)]

    run(main)


def test_a_client_that_is_not_read_is_not_silent(run: Any) -> None:
    """Its heartbeats go on, and count again once it is read."""

    async def main(loop: Told, heard: Heard) -> None:
        heard.held = True
        heard.patience.watch(10)
        await loop.pass_(25)
        heard.held = False
        await loop.pass_(10)
        assert heard.events == [("beat", 10), ("beat", 20), ("silent", 30)]

    run(main)


def test_the_answer_to_a_close_frame_is_waited_for_once(run: Any) -> None:
    """A second close does not give the client more time."""

    async def main(loop: Told, heard: Heard) -> None:
        heard.patience.closing()
        await loop.pass_(3)
        heard.patience.closing()
        await loop.pass_(10)
        assert heard.events == [("late", 5)]

    run(main)


@pytest.mark.parametrize("closing", [False, True])
def test_nothing_strikes_during_a_pause(run: Any, closing: bool) -> None:
    """After it a close has its whole time again, where one waits, and the client counts as heard."""

    async def main(loop: Told, heard: Heard) -> None:
        patience = heard.patience
        patience.watch(10)
        if closing:
            patience.closing()
        patience.pause()
        patience.closing()
        await loop.pass_(34)
        patience.resume(closing=closing)
        await loop.pass_(8)
        assert heard.events == [
            *[("beat", when) for when in (10, 20, 30)],
            *([("late", 39)] if closing else []),
            ("beat", 40),
        ]

    run(main)


def test_nothing_is_left_in_the_loop_at_the_end(run: Any) -> None:
    """Neither timeout strikes."""

    async def main(loop: Told, heard: Heard) -> None:
        heard.patience.end()
        heard.patience.watch(10)
        heard.patience.closing()
        heard.patience.end()
        await loop.pass_(30)
        assert heard.events == []

    run(main)

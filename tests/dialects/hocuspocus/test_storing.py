"""When a document is stored: debounce, one at a time, retries with growing pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from workbench.dialects.hocuspocus import storing as module
from workbench.dialects.hocuspocus.settings import Settings
from workbench.dialects.hocuspocus.storing import Storing


class Desk:
    """A store that can be told to fail, and the notes of what happened."""

    def __init__(self, debounce: float = 0.02, max_debounce: float = 0.08) -> None:
        self.stored: list[Any] = []
        self.failures: list[tuple[str, float]] = []
        self.settled = 0
        self.fails = False
        self.takes = 0.0
        self.running = 0
        self.storing = Storing(
            Settings(debounce=debounce, max_debounce=max_debounce),
            self.store,
            self.settle,
            lambda error, pause: self.failures.append((str(error), pause)),
        )

    async def store(self, payload: Any) -> bool:
        """Store, or fail."""
        self.running += 1
        assert self.running == 1
        try:
            await asyncio.sleep(self.takes)
        finally:
            self.running -= 1
        if self.fails:
            raise RuntimeError("disk full")
        self.stored.append(payload)
        return True

    def settle(self) -> None:
        """Count that the document may go."""
        self.settled += 1


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a scene on a loop of its own."""
    asyncio.run(asyncio.wait_for(scene(), 10))


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds."""
    while not condition():  # noqa: ASYNC110  # a desk tells nobody
        await asyncio.sleep(0.005)


def test_changes_are_stored_once_with_the_last_payload() -> None:
    """39, 40: after a pause."""

    async def scene() -> None:
        desk = Desk()
        for number in range(5):
            desk.storing.changed(number)
        assert (desk.storing.state, desk.storing.unsaved, desk.storing.busy) == ("waiting", 5, True)
        assert desk.storing.due
        await asyncio.sleep(0.1)
        assert desk.stored == [4]
        assert (desk.storing.state, desk.storing.unsaved, desk.storing.busy) == ("stored", 0, False)
        assert desk.settled == 1
        assert not desk.storing.due
        assert len(desk.storing.changes) == 5
        ((begin, end, worked),) = desk.storing.stores
        assert worked
        assert end is not None
        assert end >= begin

    play(scene)


def test_a_change_late_enough_stores_at_once() -> None:
    """39: max_debounce is looked at when a change comes."""

    async def scene() -> None:
        desk = Desk(debounce=0.05, max_debounce=0.1)
        for number in range(8):
            desk.storing.changed(number)
            await asyncio.sleep(0.02)
        assert desk.stored
        assert desk.stored[0] < 7

    play(scene)


def test_stores_never_overlap() -> None:
    """41: a second one waits; the desk would complain."""

    async def scene() -> None:
        desk = Desk()
        desk.takes = 0.03
        desk.storing.changed(1)
        desk.storing.run_now()
        await asyncio.sleep(0.01)
        assert desk.storing.state == "storing"
        desk.storing.changed(2)
        desk.storing.run_now()
        await desk.storing.store(3)
        assert desk.stored[-1] == 3

    play(scene)


def test_a_failed_store_is_tried_again_in_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first pause, then twice as long up to the longest; the document stays until it works."""
    assert (module.FIRST_PAUSE, module.LONGEST_PAUSE) == (1.0, 60.0)
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.06)

    async def scene() -> None:
        desk = Desk()
        desk.fails = True
        desk.storing.changed(1)
        await until(lambda: len(desk.failures) >= 4)
        assert [round(pause, 2) for _, pause in desk.failures[:4]] == [0.02, 0.04, 0.06, 0.06]
        assert (desk.storing.state, desk.storing.reason, desk.storing.busy) == ("failed", "disk full", True)
        assert desk.storing.unsaved == 1
        assert desk.settled == 0
        desk.fails = False
        await until(lambda: desk.stored)
        await asyncio.sleep(0)
        assert (desk.storing.state, desk.storing.reason, desk.storing.unsaved) == ("stored", "", 0)
        await asyncio.sleep(0)
        assert desk.settled == 1

    play(scene)


def test_a_change_after_a_failure_stores_by_its_own_debounce() -> None:
    """43: what the original does, besides the retries."""

    async def scene() -> None:
        desk = Desk()
        desk.fails = True
        desk.storing.changed(1)
        await until(lambda: desk.failures)
        desk.fails = False
        desk.storing.changed(2)
        await asyncio.sleep(0.1)
        assert desk.stored == [2]
        assert desk.storing.due is None

    play(scene)


@pytest.mark.parametrize("fails", [False, True])
def test_the_last_try(fails: bool) -> None:
    """It stores what waits, says whether everything is stored, and plans nothing more."""

    async def scene() -> None:
        desk = Desk(debounce=5)
        desk.fails = fails
        desk.storing.changed(1)
        assert await desk.storing.last_try() is not fails
        assert desk.storing.due is None
        assert desk.storing.unsaved == int(fails)
        desk.storing.end()

    play(scene)


def test_nothing_to_store_is_stored() -> None:
    """A clean document needs no last try."""

    async def scene() -> None:
        desk = Desk()
        assert desk.storing.state == "clean"
        assert await desk.storing.last_try()
        assert desk.stored == []

    play(scene)

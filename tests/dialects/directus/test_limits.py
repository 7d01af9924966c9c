"""Rate limit and heartbeat, by their own clocks."""

from __future__ import annotations

import asyncio
from typing import Any

from workbench.dialects.directus.limits import Heartbeat, RateLimit


class Quiet:
    """Stands for a client."""

    def __init__(self) -> None:
        self.got: list[str] = []

    def send(self, text: str) -> None:
        """Note it."""
        self.got.append(text)

    def close(self) -> None:
        """Note it."""
        self.got.append("closed")


def test_rate_limit_counts_in_windows_that_begin_with_a_message() -> None:
    """Beyond the limit the milliseconds to the window's end are told; each client has a window of its own."""
    now = 100.0
    limit = RateLimit(2, 10, lambda: now)
    one: Any = Quiet()
    other: Any = Quiet()
    assert [limit.refused(one) for _ in range(3)] == [None, None, 10_000]
    assert limit.refused(other) is None
    now = 104.5
    assert limit.refused(one) == 5_500
    now = 110.0
    assert limit.refused(one) is None
    limit.forget(one)
    assert limit.refused(one) is None


def test_heartbeat_pings_all_and_closes_the_silent() -> None:
    """One timer runs while there are clients; whoever said nothing for a period is closed, once."""

    async def scene() -> None:
        clients: set[Any] = set()
        heart = Heartbeat(clients, 0.05, asyncio.get_running_loop)
        heart.check()
        await asyncio.sleep(0.08)
        alive, silent = Quiet(), Quiet()
        clients |= {alive, silent}
        heart.check()
        heart.check()
        await asyncio.sleep(0.07)
        assert alive.got == silent.got == ['{"type":"ping"}']
        heart.heard(alive)  # type: ignore[arg-type]  # it stands for one
        await asyncio.sleep(0.05)
        assert (alive.got[-1], silent.got[-1]) == ('{"type":"ping"}', "closed")
        clients.clear()
        heart.check()
        count = len(alive.got)
        await asyncio.sleep(0.08)
        assert len(alive.got) == count
        heart.stop()

    asyncio.run(scene())

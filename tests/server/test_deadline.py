"""One deadline, moved often."""

from __future__ import annotations

import asyncio
import time

from workbench.server.deadline import Deadline


def test_it_strikes_once_at_the_last_time_set() -> None:
    """Moving it later or earlier counts; None ends it; it may be set again afterwards."""
    struck: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        began = time.monotonic()
        deadline = Deadline(loop, lambda: struck.append(time.monotonic() - began))
        deadline.set(0.01)
        deadline.set(0.06)
        deadline.set(0.05)
        await asyncio.sleep(0.03)
        assert struck == []
        await asyncio.sleep(0.05)
        assert len(struck) == 1
        deadline.set(0.5)
        deadline.set(0.01)
        await asyncio.sleep(0.03)
        assert len(struck) == 2
        deadline.set(0.01)
        deadline.set(None)
        await asyncio.sleep(0.03)
        assert len(struck) == 2
        deadline.set(0.01)
        deadline.end_timer()
        deadline.end_timer()
        await asyncio.sleep(0.03)
        assert len(struck) == 2

    asyncio.run(main())

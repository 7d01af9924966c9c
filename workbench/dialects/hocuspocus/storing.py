"""When a document is stored: debounced, one store at a time, and again until it has worked (39 to 45)."""

from __future__ import annotations

__all__ = ["FIRST_PAUSE", "LONGEST_PAUSE", "RECENT", "Storing"]

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from workbench.dialects.hocuspocus.settings import Settings

State = Literal["clean", "waiting", "storing", "stored", "failed"]

FIRST_PAUSE = 1.0
"""Seconds from a failed store to the next try; doubled with each failure."""

LONGEST_PAUSE = 60.0
"""Seconds that a pause grows to at most."""

RECENT = 60.0
"""Seconds for which changes and stores are remembered."""

_REMEMBERED = 600


class Storing:
    """The clock of one document's stores.

    Parameters
    ----------
    settings
        For debounce and max_debounce.
    store
        Stores with the payload of the last change. Raises where it fails; False: somebody else stores it.
    settled
        Called, one turn later, when a store has passed: the document may be unloaded now.
    failed
        Takes the error of a store that failed, and the seconds to the next try.

    Attributes
    ----------
    unsaved
        Changes that no finished store holds.
    reason
        Why the last store failed; empty otherwise.
    """

    def __init__(
        self,
        settings: Settings,
        store: Callable[[Any], Awaitable[bool]],
        settled: Callable[[], object],
        failed: Callable[[Exception, float], object],
    ) -> None:
        self.unsaved = 0
        self.reason = ""
        self._settings = settings
        self._store = store
        self._settled = settled
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._due = 0.0  # when the timer's store is due: changes only move it, the timer looks when it rings
        self._first = 0.0  # when the first change came that waits for a store
        self._pause = 0.0
        self._payload: Any = None
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._changes: deque[float] = deque(maxlen=_REMEMBERED)
        self._stores: deque[tuple[float, float | None, bool]] = deque(maxlen=_REMEMBERED)

    # What is known --------------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether a change waits for its debounced store."""
        return self._timer is not None

    @property
    def busy(self) -> bool:
        """Whether the document must stay: a store waits, runs, or has failed and was not made up for."""
        return self._timer is not None or self._running > 0 or bool(self.reason)

    @property
    def locked(self) -> bool:
        """Whether a store runs at this moment."""
        return self._lock.locked()

    @property
    def state(self) -> State:
        """What the document's store does."""
        if self._running:
            return "storing"
        if self._timer is not None:
            return "waiting"
        if self.reason:
            return "failed"
        return "stored" if self._stores else "clean"

    @property
    def due(self) -> float | None:
        """When the next store begins, in seconds since 1970; None where none is planned."""
        if self._timer is not None:
            return time.time() + self._due - self._loop.time()
        return None if self._retry is None else time.time() + self._retry.when() - self._loop.time()

    @property
    def changes(self) -> list[float]:
        """When the newest changes came, in seconds since 1970."""
        limit = time.time() - RECENT
        return [stamp for stamp in self._changes if stamp >= limit]

    @property
    def stores(self) -> list[tuple[float, float | None, bool]]:
        """The newest stores: begin, end (None while it runs), and whether it worked."""
        limit = time.time() - RECENT
        return [store for store in self._stores if store[1] is None or store[1] >= limit]

    # What happens -----------------------------------------------------------------------------------

    def changed(self, payload: Any) -> None:
        """Arm the store for a change; one that comes late enough after the first stores at once (39)."""
        self._changes.append(time.time())
        self.unsaved += 1
        self.arm(payload)

    def arm(self, payload: Any) -> None:
        """Plan a store without a change, as a direct connection does that stays warm (69)."""
        self._payload = payload
        now = self._loop.time()
        if self._timer is None:
            self._cancel()
            self._first = now
        settings = self._settings
        if settings.debounce == 0 or now - self._first >= settings.max_debounce:
            self._cancel()
            self._start()
            return
        self._due = now + settings.debounce
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._ring)

    def run_now(self) -> None:
        """Run the waiting store at once; nothing happens where none waits (42)."""
        if self._timer is not None:
            self._cancel()
            self._start()

    async def store(self, payload: Any) -> None:
        """Store at once, change or not, and wait for it; what fails is tried again later (68)."""
        self._payload = payload
        self._cancel()
        await self._run()

    async def last_try(self) -> bool:
        """Store what waits or has failed, for the last time; whether everything is stored now."""
        if self._timer is not None or self.reason or self.unsaved:
            self._cancel()
            await self._run(again=False)
        elif self._running:
            async with self._lock:
                pass
        return not self.reason and not self.unsaved

    def end(self) -> None:
        """Forget all plans: the document is gone."""
        self._cancel()
        for task in list(self._tasks):
            task.cancel()

    def _cancel(self) -> None:
        for timer in (self._timer, self._retry):
            if timer is not None:
                timer.cancel()
        self._timer = self._retry = None

    def _ring(self) -> None:
        """Store, or wait on where changes came meanwhile."""
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._ring)
        else:
            self._start()

    def _start(self) -> None:
        self._timer = self._retry = None
        task = self._loop.create_task(self._run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, *, again: bool = True) -> None:
        self._running += 1
        try:
            async with self._lock:  # stores of one document never overlap (41)
                await self._one(again)
        finally:
            self._running -= 1
        if not self.reason:
            self._loop.call_soon(self._settled)

    async def _one(self, again: bool) -> None:
        begin, unsaved = time.time(), self.unsaved
        self._stores.append((begin, None, False))
        try:
            await self._store(self._payload)
        except Exception as error:  # noqa: BLE001  # whatever a hook raises, the document must not be lost
            self._ended(begin, worked=False)
            self._pause = min(self._pause * 2, LONGEST_PAUSE) if self._pause else FIRST_PAUSE
            self.reason = str(error) or type(error).__name__
            if again and self._timer is None:
                self._retry = self._loop.call_later(self._pause, self._start)
            self._failed(error, self._pause)
        except BaseException:
            self._ended(begin, worked=False)
            raise
        else:
            self._ended(begin, worked=True)
            self._pause, self.reason = 0.0, ""
            self.unsaved -= unsaved

    def _ended(self, begin: float, *, worked: bool) -> None:
        for index in range(len(self._stores) - 1, -1, -1):
            if self._stores[index] == (begin, None, False):
                self._stores[index] = (begin, time.time(), worked)
                return

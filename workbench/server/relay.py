"""One task for what begins together, as long as none of it has to wait.

A task of its own for each request would cost as much as a handful of hooks, and most requests wait for
nothing. So those that came in one turn of the loop share a task. One that has to wait keeps it for itself,
and the others go on in another: whoever cancels the current task, or sets it a timeout, meets one request's
alone. What somebody keeps by the task itself, a request that ended without waiting leaves to the next one;
what is kept in context variables it does not.
"""

from __future__ import annotations

import asyncio
import types
from collections import deque
from collections.abc import Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any

__all__ = ["Relay"]

Work = Coroutine[Any, Any, None]


class Relay:
    """Runs coroutines in tasks, each in a context of its own; used on one loop alone."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Context, Work]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself holds none
        self._next: asyncio.Task[None] | None = None  # takes what waits, and has not begun

    def begin(self, work: Work) -> None:
        """Run a coroutine from the next turn of the loop on."""
        self._waiting.append((copy_context(), work))
        if self._next is None:
            self._hand_over()

    def _hand_over(self) -> None:
        """See to it that some task takes what waits."""
        if self._waiting and self._next is None:
            self._next = task = asyncio.get_running_loop().create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task is self._next:  # cancelled before it began: so is what it was to run
            self._next = None
            while self._waiting:
                self._waiting.popleft()[1].close()

    async def _run(self) -> None:
        waiting, task, self._next = self._waiting, self._next, None
        assert task is not None  # noqa: S101 - it is the one that begins here
        try:
            while waiting and not task.cancelling():
                context, work = waiting.popleft()
                try:
                    pending = context.run(work.send, None)
                except (StopIteration, asyncio.CancelledError):
                    continue
                self._hand_over()
                await _rest(context, work, pending)
                return
        finally:
            self._hand_over()


@types.coroutine
def _rest(context: Context, work: Work, pending: Any) -> Generator[Any, Any, None]:
    """Go on with what has begun, in its context."""
    try:
        while True:
            try:
                sent = yield pending
            except GeneratorExit:
                context.run(work.close)
                raise
            except BaseException as error:  # noqa: BLE001 - it goes into the work
                pending = context.run(work.throw, error)
            else:
                pending = context.run(work.send, sent)
    except StopIteration:
        return

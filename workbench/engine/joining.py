"""The general runners of gather (started in order, awaited together) and spawn (awaited by nobody)."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable
from typing import Any

from workbench.engine.awaiting import must_await
from workbench.engine.chain import Chain, running_loop
from workbench.engine.errors import EventDropped
from workbench.engine.points import Destroyed
from workbench.engine.tracing import Run

__all__ = ["Gathering", "Spawning"]


class _Joining:
    """What both have in common: hooks called directly, tasks held, the run finished with the last one."""

    __slots__ = ("_error", "_left", "_open", "args", "chain", "connection", "run")

    def __init__(self, chain: Chain, run: Run, connection: int, args: tuple[Any, ...]) -> None:
        self.chain = chain
        self.run = run
        self.connection = connection
        self.args = args
        self._open = 0  # tasks not yet done
        self._left = False  # True: the caller has its answer, the last task finishes the run
        self._error: BaseException | None = None  # what decided the dispatch

    def go(self) -> Any:
        """Run; what the shape answers with, or an awaitable of it when something was pending."""
        return self._go_on(0)

    def resume(self, position: int, pending: Any) -> Any:
        """Go on from a hook that returned something to await.

        Parameters
        ----------
        position
            Where that hook stands.
        pending
            What it returned.
        """
        try:
            self._start(position, pending)
        except BaseException as error:
            self._leave(error)
            raise
        return self._go_on(position + 1)

    @abstractmethod
    def _go_on(self, position: int) -> Any:
        """Call the hooks from that position on, and answer."""

    def _call(self, position: int) -> Any:
        """Call one hook; None, or something to await."""
        args = self.chain.arguments(position, self.args)
        self.run.begin(position)
        try:
            result = self.chain.calls[position](*args)
        except BaseException as error:
            self.run.raised(position, error)
            self._snapshot(position)
            raise
        if result is not None and must_await(result):
            self.run.suspended(position)
            return result
        self.run.ended(position)
        self._snapshot(position)
        return None

    def _snapshot(self, position: int) -> None:
        if self.run.shot is not None:
            self.run.shot.step(position, self.args)

    async def _await(self, position: int, awaitable: Any) -> None:
        try:
            await self.run.step(position, awaitable)
        finally:
            self._snapshot(position)

    def _start(self, position: int, awaitable: Any) -> None:
        """Await something in a task of its own."""
        hook = self.chain.hooks[position]
        try:
            loop = running_loop(hook)
        except BaseException:
            getattr(awaitable, "close", lambda: None)()
            raise
        self._task(loop, position, self._await(position, awaitable))

    def _task(self, loop: asyncio.AbstractEventLoop, position: int, coroutine: Any) -> None:
        task = loop.create_task(coroutine, name=f"hook {self.chain.hooks[position].name}")
        self._open += 1
        self.chain.hold(task)
        task.add_done_callback(lambda done: self._done(position, done))

    def _done(self, position: int, task: asyncio.Task[Any]) -> None:
        self._open -= 1
        if not task.cancelled():
            error = task.exception()
            if error is not None:
                self._rejected(position, error)
        else:
            self._rejected(position, asyncio.CancelledError())
        if self._open == 0 and self._left:
            self.run.finish(self._error)

    @abstractmethod
    def _rejected(self, position: int, error: BaseException) -> None:
        """Decide what the error of a task means."""

    def _leave(self, error: BaseException | None = None) -> None:
        """The caller goes; the run ends now, or with the last task."""
        self._error = self._error or error
        self._left = True
        if self._open == 0:
            self.run.finish(self._error)


class Spawning(_Joining):
    """One dispatch of a spawn.

    A ``def`` that raises propagates to whoever emits and later hooks do not start (Directus R11); what an
    ``async def`` raises is reported and disturbs nothing (Directus R10).
    """

    __slots__ = ()

    def _go_on(self, position: int) -> None:
        try:
            for index in range(position, len(self.chain.hooks)):
                self._one(index)
        except BaseException as error:
            self._leave(error)
            raise
        self._leave()

    def _one(self, position: int) -> None:
        try:
            pending = self._call(position)
        except Exception as error:
            if self.chain.swallows(position, error):
                return
            raise
        if pending is not None:
            self._start(position, pending)

    def _rejected(self, position: int, error: BaseException) -> None:
        hook = self.chain.hooks[position]
        if not hook.scope.shadow and not isinstance(error, asyncio.CancelledError | EventDropped):
            self.chain.report(error, hook, self.connection)


class Gathering(_Joining):
    """One dispatch of a gather.

    Functions up to the first ``async def`` are called directly. From there on each hook, plain ones too, is
    the first step of its own task; tasks start first in, first out, and a shared flag keeps later ones from
    starting after a raise. A ``def`` that raises is a raise, an ``async def`` that raises is a rejection:
    the later ones have started. Siblings never cancel one another; the first failure decides.
    """

    __slots__ = ("_decided", "_failure", "_raised")

    def __init__(self, chain: Chain, run: Run, connection: int, args: tuple[Any, ...]) -> None:
        super().__init__(chain, run, connection, args)
        self._raised = False  # a plain function raised: nothing later starts
        self._failure: Destroyed | BaseException | None = None  # the first failure
        self._decided: asyncio.Future[None] | None = None  # done when the answer is known

    def _go_on(self, position: int) -> Any:
        hooks = self.chain.hooks
        try:
            border = self.chain.first_asynchronous
            if border < len(hooks):
                running_loop(hooks[border])
            for index in range(position, border):
                if not self._direct(index):
                    break
            else:
                for index in range(border, len(hooks)):
                    self._task(running_loop(hooks[index]), index, self._first_step(index))
        except BaseException as error:
            self._leave(error)
            raise
        if self._open == 0 or self._failure is not None:
            self._leave(self._failure.error if isinstance(self._failure, Destroyed) else None)
            return self._failure
        return self._join()

    def _task(self, loop: asyncio.AbstractEventLoop, position: int, coroutine: Any) -> None:
        if self._decided is None:
            self._decided = loop.create_future()
        super()._task(loop, position, coroutine)

    def _direct(self, position: int) -> bool:
        """Call a plain function; False: nothing later may start."""
        try:
            pending = self._call(position)
        except Exception as error:  # noqa: BLE001 - the policy decides
            return self._failed_directly(position, error)
        if pending is not None:
            self._start(position, pending)
        return True

    def _failed_directly(self, position: int, error: Exception) -> bool:
        hook = self.chain.hooks[position]
        if self.chain.swallows(position, error):
            return True
        if self.chain.contains(error):
            self.chain.report(error, hook, self.connection)
            return True
        if self.chain.point.policy.failure != "destroy":
            raise error
        self._failure = self._failure or Destroyed(error, hook)
        return False

    async def _first_step(self, position: int) -> None:
        """Be the task of one hook."""
        if self._raised:
            return
        try:
            pending = self._call(position)
        except Exception as error:
            self._raised = not (self.chain.swallows(position, error) or self.chain.contains(error))
            raise
        if pending is not None:
            await self._await(position, pending)

    def _rejected(self, position: int, error: BaseException) -> None:
        hook = self.chain.hooks[position]
        if self.chain.swallows(position, error) or self._failure is not None:
            return
        if isinstance(error, Exception) and self.chain.contains(error):
            self.chain.report(error, hook, self.connection)
            return
        if isinstance(error, Exception) and self.chain.point.policy.failure == "destroy":
            self._failure = Destroyed(error, hook)
        else:
            self._failure = error
        self._error = self._error or error
        self._decide()

    def _done(self, position: int, task: asyncio.Task[Any]) -> None:
        super()._done(position, task)
        if self._open == 0:
            self._decide()

    def _decide(self) -> None:
        if self._decided is not None and not self._decided.done():
            self._decided.set_result(None)

    def _join(self) -> Awaitable[Any]:
        assert self._decided is not None  # noqa: S101 - there is a task, so there is a future
        return self._wait(self._decided)

    async def _wait(self, decided: asyncio.Future[None]) -> Any:
        try:
            await decided
        except BaseException as error:
            self._leave(error)
            raise
        self._leave()
        if isinstance(self._failure, BaseException):
            raise self._failure
        return self._failure

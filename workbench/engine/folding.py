"""The general runner of folds: one hook after the other, an accumulator handed along."""

from __future__ import annotations

from typing import Any

from workbench.engine.awaiting import must_await
from workbench.engine.chain import Chain
from workbench.engine.points import Destroyed, Stop
from workbench.engine.tracing import Run

__all__ = ["Folding"]


class Folding:
    """One dispatch of a fold.

    Parameters
    ----------
    chain
        What runs.
    run
        Where it is recorded.
    connection
        Number of the connection, -1 for none.
    args
        The event's arguments.
    """

    __slots__ = ("_destroyed", "_total", "accumulator", "args", "chain", "connection", "count", "run")

    def __init__(self, chain: Chain, run: Run, connection: int, args: tuple[Any, ...]) -> None:
        self.chain = chain
        self.run = run
        self.connection = connection
        self.args = args
        self.count = len(chain.hooks)
        self.accumulator: Any = args[0] if chain.point.policy.reduce.feeds else None
        self._total: Any = None  # what the lanes before this one came to, where lanes are joined
        self._destroyed: Destroyed | None = None

    def go(self) -> Any:
        """Run; the answer, or a coroutine that brings it when a hook has to be awaited."""
        try:
            position, pending = self._advance(0)
        except BaseException as error:
            self.run.finish(error)
            raise
        if pending is not None:
            return self.wait(position, pending)
        self.run.finish(None if self._destroyed is None else self._destroyed.error)
        return self._answer()

    async def wait(self, position: int, pending: Any) -> Any:
        """Go on from a hook that returned something to await.

        Parameters
        ----------
        position
            Where that hook stands.
        pending
            What it returned.
        """
        try:
            while pending is not None:
                try:
                    result = await self.run.step(position, pending)
                except Exception as error:
                    if not self._goes_on(position, error):
                        raise
                    position = self._after(position)
                else:
                    position = self._settle(position, result)
                position, pending = self._advance(position)
        except BaseException as error:
            self.run.finish(error)
            raise
        self.run.finish(None if self._destroyed is None else self._destroyed.error)
        return self._answer()

    def _advance(self, position: int) -> tuple[int, Any]:
        """Run hooks until one is pending: its position and what it returned, or None at the end."""
        run = self.run
        calls = self.chain.calls
        while position < self.count:
            arguments = self._arguments(position)
            run.begin(position)
            try:
                result = calls[position](*arguments)
            except Exception as error:
                run.raised(position, error)
                if not self._goes_on(position, error):
                    raise
                position = self._after(position)
                continue
            except BaseException as error:
                run.raised(position, error)
                raise
            if result is not None and must_await(result):
                run.suspended(position)
                return position, result
            run.ended(position)
            position = self._settle(position, result)
        return position, None

    def _arguments(self, position: int) -> tuple[Any, ...]:
        args = (self.accumulator, *self.args[1:]) if self.chain.point.policy.reduce.feeds else self.args
        return self.chain.arguments(position, args)

    def _settle(self, position: int, result: Any) -> int:
        """Fold a result in; the position that comes next."""
        target = position + 1
        if result is not None and not self.chain.hooks[position].scope.shadow:
            reduce = self.chain.point.policy.reduce
            if reduce.changes is not None and reduce.changes(self.accumulator, result):
                self.run.changes(position)
            outcome = reduce.step(self.accumulator, result)
            if isinstance(outcome, Stop):
                self.run.stopped(position)
                target = self._lane_end(position) if outcome.lane_only else self.count
                outcome = outcome.value
            self.accumulator = outcome
        return self._after(position, target)

    def _after(self, position: int, target: int | None = None) -> int:
        """Leave a position: take the snapshot, and join lanes where one ends."""
        target = position + 1 if target is None else target
        if self.run.shot is not None and self.run.shot.step(position, self._plain_arguments()):
            self.run.changes(position)
        join = self.chain.point.policy.reduce.join
        if join is not None and target >= self._lane_end(position):
            self._total = join(self._total, self.accumulator)
            self.accumulator = None
        return self.count if self._destroyed is not None else target

    def _plain_arguments(self) -> tuple[Any, ...]:
        return (self.accumulator, *self.args[1:]) if self.chain.point.policy.reduce.feeds else self.args

    def _lane_end(self, position: int) -> int:
        hooks = self.chain.hooks
        lane = hooks[position].lane
        return next((index for index in range(position, self.count) if hooks[index].lane != lane), self.count)

    def _goes_on(self, position: int, error: Exception) -> bool:
        """Follow the failure policy; False: the error goes to the caller."""
        hook = self.chain.hooks[position]
        if self.chain.swallows(position, error):
            return True
        if self.chain.contains(error):
            self.chain.report(error, hook, self.connection)
            return True
        if self.chain.point.policy.failure == "destroy":
            self._destroyed = Destroyed(error, hook)
            return True
        return False

    def _answer(self) -> Any:
        if self._destroyed is not None:
            return self._destroyed
        return self.accumulator if self.chain.point.policy.reduce.join is None else self._total

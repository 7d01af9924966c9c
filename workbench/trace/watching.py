"""Calls of an onion's hooks as they are recorded: the hook's call, with its begin and its end noted."""

from __future__ import annotations

from collections.abc import Callable
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from workbench.engine.awaiting import AWAITS, Begun, must_await
from workbench.trace.runs import INSIDE

if TYPE_CHECKING:
    from workbench.engine.onion import Onioning

__all__ = ["watched"]


def watched(position: int, call: Callable[..., Any]) -> Callable[..., Any]:
    """Give a call that records itself; see `workbench.engine.onion.Watch`.

    A coroutine that is about to be awaited in this task is begun here, so that one which never waits for
    anything needs nobody who follows its steps.

    Parameters
    ----------
    position
        Of the hook in its plan, -1 for the core.
    call
        The hook's.
    """
    looks = position >= 0  # what the core comes to is kept in the context first

    def watch(onioning: Onioning, in_task: bool, *arguments: Any) -> Any:
        run: Any = onioning.run
        run.begin(position)
        try:
            result = call(*arguments)
            if in_task and type(result) is CoroutineType:
                token = INSIDE.set((run, position))
                try:
                    result = Begun(result, result.send(None))
                except StopIteration as done:
                    result = done.value
                finally:
                    INSIDE.reset(token)
        except BaseException as error:
            run.raised(position, error)
            if looks:
                onioning.look(position)
            raise
        if result is not None and AWAITS[type(result)] and must_await(result):
            run.suspended(position)
            rest = run.step(position, result)
            return _looked_after(onioning, position, rest) if looks and run.shot is not None else rest
        run.ended(position)
        if looks and run.shot is not None:
            onioning.look(position)
        return result

    return watch


async def _looked_after(onioning: Onioning, position: int, rest: Any) -> Any:
    """Look at what a hook has changed when it has ended later."""
    try:
        return await rest
    finally:
        onioning.look(position)

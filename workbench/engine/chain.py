"""The one description from which traced and untraced plans are made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workbench.engine.errors import EventDropped, NoLoop
from workbench.engine.hooks import Hook
from workbench.engine.points import Point

__all__ = ["Chain", "Report", "log_failure", "make_chain", "running_loop"]

Report = Callable[[BaseException, Hook, int], None]
"""Takes an error that nobody else will see: (error, hook, connection or -1)."""

_LOGGER = logging.getLogger("workbench.hooks")


def log_failure(error: BaseException, hook: Hook, connection: int) -> None:
    """Report a contained error to the log, where nobody set another sink.

    Parameters
    ----------
    error
        What the hook raised.
    hook
        The hook that raised it.
    connection
        Number of the connection, -1 where there is none.
    """
    _LOGGER.error(
        "hook %r (%s) at %s failed on connection %s",
        hook.name,
        hook.id,
        hook.point,
        connection,
        exc_info=error,
    )


@dataclass(frozen=True, slots=True)
class Chain:
    """Hooks in effective order, and all that running them needs.

    Parameters
    ----------
    point
        The point, with the policy of this revision.
    hooks
        Those that run, in their order.
    calls
        Their adapted functions, in the same order.
    report
        Where contained errors go.
    tasks
        Holds running tasks, so that they can be drained.
    """

    point: Point
    hooks: tuple[Hook, ...]
    calls: tuple[Callable[..., Any], ...]
    report: Report
    tasks: set[asyncio.Task[Any]] = field(repr=False)

    @property
    def first_asynchronous(self) -> int:
        """Position of the first ``async def``; the number of hooks when there is none."""
        return next((index for index, hook in enumerate(self.hooks) if hook.asynchronous), len(self.hooks))

    @property
    def plain(self) -> bool:
        """Whether the fast road may be taken: errors leave it, every result counts, one fold over lanes."""
        policy = self.point.policy
        if any(hook.scope.shadow for hook in self.hooks):
            return False
        if policy.shape == "fold":
            return policy.failure == "propagate" and (policy.reduce.join is None or not self.hooks)
        if policy.shape == "gather":
            return policy.failure != "contain" and self.first_asynchronous == len(self.hooks)
        return policy.shape == "spawn" and self.first_asynchronous == len(self.hooks)

    def swallows(self, position: int, error: BaseException) -> bool:
        """Tell whether an error of that hook has no effect: a shadow's, other than of a dropped event."""
        return self.hooks[position].scope.shadow and not isinstance(error, EventDropped)

    def contains(self, error: BaseException) -> bool:
        """Tell whether the policy goes on after this error."""
        return self.point.policy.failure == "contain" and not isinstance(error, EventDropped)

    def hold(self, task: asyncio.Task[Any]) -> None:
        """Keep a task until it is done."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def arguments(self, position: int, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Give shadow hooks the stand-ins of their point."""
        if self.hooks[position].scope.shadow and self.point.shadow is not None:
            return self.point.shadow(*args)
        return args


def make_chain(
    point: Point,
    hooks: tuple[Hook, ...],
    report: Report,
    tasks: set[asyncio.Task[Any]],
    events: tuple[str, ...] = (),
) -> Chain:
    """Describe how these hooks run at this point.

    Parameters
    ----------
    point
        With the policy to follow.
    hooks
        Those that run, in effective order.
    report
        Where contained errors go.
    tasks
        The set that holds running tasks.
    events
        For each hook the event of its section, where the point binds hooks to events.
    """
    bind = point.bind
    calls = (
        tuple(hook.call for hook in hooks)
        if bind is None
        else tuple(bind(hook, event) for hook, event in zip(hooks, events, strict=True))
    )
    return Chain(point, hooks, calls, report, tasks)


def running_loop(hook: Hook) -> asyncio.AbstractEventLoop:
    """Find the loop in which a hook's awaitable can run.

    Parameters
    ----------
    hook
        For the message.

    Raises
    ------
    NoLoop
        Where none runs.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise NoLoop(
            f"hook {hook.name!r} at {hook.point} has to be awaited, but no event loop runs in this thread; "
            "send the event through the bench, or make the hook a plain def"
        ) from None

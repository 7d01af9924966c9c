"""Awaiting what a hook returned, step by step, so that working and waiting are told apart."""

from __future__ import annotations

import types
from collections.abc import Generator
from typing import Any, Protocol

__all__ = ["Stepper", "stepped"]


class Stepper(Protocol):
    """Whoever wants to know about the steps."""

    def step_in(self, position: int) -> Any:
        """A step begins; what this returns is given to `step_out`."""

    def step_out(self, position: int, token: Any) -> None:
        """The step is over: the hook waits, or is done."""

    def done(self, position: int, error: BaseException | None) -> None:
        """Nothing more will come."""


def _iterator(awaitable: Any) -> Any:
    """Find what to send to: coroutines and old-style generator coroutines take it themselves."""
    if isinstance(awaitable, types.CoroutineType | types.GeneratorType):
        return awaitable
    return awaitable.__await__()


@types.coroutine
def stepped(stepper: Stepper, position: int, awaitable: Any) -> Generator[Any, Any, Any]:
    """Await something and report each step; as ``await awaitable`` in every other respect (PEP 380).

    What is yielded, sent, thrown and returned passes through unchanged, and no task or context is put in
    between, so cancellation, timeouts and context variables of the hook behave as if nobody watched.

    Parameters
    ----------
    stepper
        Who is told.
    position
        Which hook.
    awaitable
        What it returned.
    """
    iterator = None
    sent: Any = None
    thrown: BaseException | None = None
    try:
        while True:
            token = stepper.step_in(position)
            try:
                if iterator is None:
                    iterator = _iterator(awaitable)
                waits_for = _step(iterator, sent, thrown)
            except StopIteration as stop:
                result = stop.value
                break
            finally:
                stepper.step_out(position, token)
            sent = thrown = None
            try:
                sent = yield waits_for
            except GeneratorExit:
                _close(iterator)
                raise
            except BaseException as error:  # noqa: BLE001 - it goes into the hook
                thrown = error
    except BaseException as error:
        stepper.done(position, error)
        raise
    stepper.done(position, None)
    return result


def _step(iterator: Any, sent: Any, thrown: BaseException | None) -> Any:
    if thrown is not None:
        throw = getattr(iterator, "throw", None)
        if throw is None:
            raise thrown
        return throw(thrown)
    return (
        next(iterator)
        if sent is None and not isinstance(iterator, types.CoroutineType)
        else iterator.send(sent)
    )


def _close(iterator: Any) -> None:
    close = getattr(iterator, "close", None)
    if close is not None:
        close()

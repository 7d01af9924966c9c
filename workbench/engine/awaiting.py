"""Telling what must be awaited, at the price of one dictionary look-up."""

from __future__ import annotations

import inspect
from collections.abc import Coroutine, Generator
from types import CoroutineType, GeneratorType
from typing import Any

__all__ = ["AWAITS", "Begun", "is_asynchronous", "must_await"]


class _Awaits(dict[type, bool]):
    """Whether values of a type may have to be awaited. `inspect.isawaitable` costs ten times as much."""

    def __missing__(self, kind: type) -> bool:
        answer = self[kind] = hasattr(kind, "__await__") or issubclass(kind, GeneratorType)
        return answer


AWAITS = _Awaits({type(None): False, bool: False, int: False, str: False, dict: False, CoroutineType: True})


def must_await(value: object) -> bool:
    """Tell exactly, where AWAITS says "perhaps".

    A generator counts only when it is a coroutine of the old kind.

    Parameters
    ----------
    value
        What a hook returned.
    """
    if not AWAITS[type(value)]:
        return False
    if isinstance(value, GeneratorType):
        return bool(value.gi_code.co_flags & inspect.CO_ITERABLE_COROUTINE)
    return True


def is_asynchronous(function: Any) -> bool:
    """Tell whether a function is an ``async def``, also behind partials, methods and callable objects.

    Parameters
    ----------
    function
        Any callable.
    """
    if inspect.iscoroutinefunction(function):
        return True
    call = getattr(type(function), "__call__", None)  # noqa: B004 - the method itself is wanted
    return not inspect.isroutine(function) and inspect.iscoroutinefunction(call)


class Begun:
    """A coroutine whose first step was made by hand; awaiting it goes on from there.

    Parameters
    ----------
    coroutine
        What was begun.
    waits_for
        What its first step yielded, for the task that awaits this.
    """

    __slots__ = ("_coroutine", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        coroutine, waits_for = self._coroutine, self._waits_for
        try:
            while True:
                try:
                    sent = yield waits_for
                except GeneratorExit:
                    coroutine.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - it goes into the coroutine
                    waits_for = coroutine.throw(error)
                else:
                    waits_for = coroutine.send(sent)
        except StopIteration as done:
            return done.value

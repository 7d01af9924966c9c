"""Telling what must be awaited, at the price of one dictionary look-up."""

from __future__ import annotations

import inspect
from types import CoroutineType, GeneratorType
from typing import Any

__all__ = ["AWAITS", "is_asynchronous", "must_await"]


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

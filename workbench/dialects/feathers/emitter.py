"""Listeners of events, as services and applications have them."""

from __future__ import annotations

__all__ = ["BY_ITSELF", "Emitter", "fitted", "room_of"]

import inspect
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

from workbench.engine.errors import WorkbenchError

F = TypeVar("F", bound=Callable[..., Any])

BY_ITSELF: ContextVar[bool] = ContextVar("workbench feathers by itself", default=False)
"""Whether what is registered comes by itself with a bench: by a service's `setup`, or by the transports."""


def fitted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function be called with more positional arguments than it takes, as in JavaScript.

    Parameters
    ----------
    function
        Asked for its parameters once, here.

    """
    room = room_of(function)
    return function if room is None else lambda *arguments: function(*arguments[:room])


def room_of(function: Callable[..., Any]) -> int | None:
    """Count the positional arguments that a function takes; None for any number, or one that doesn't say."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a builtin
        return None
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return sum(
        parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        for parameter in parameters
    )


class Emitter:
    """Keeps listeners by event and calls them in the order in which they came."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[tuple[Callable[..., Any], Callable[..., Any], bool]]] = {}
        self._by_themselves: list[Callable[..., Any]] = []

    def on(self, event: str, listener: F | None = None) -> Any:
        """Listen to an event; without a listener, a decorator that does so.

        A listener may take fewer arguments than the event has. Of an ``async def`` the rest runs in a task.
        """
        return self._add(event, listener, once=False)

    def once(self, event: str, listener: F | None = None) -> Any:
        """Listen to the next such event only."""
        return self._add(event, listener, once=True)

    def _add(self, event: str, listener: F | None, *, once: bool) -> Any:
        if listener is None:
            return lambda function: self._add(event, function, once=once) and function
        if not callable(listener):
            raise WorkbenchError(f"A listener of {event!r} is a function, not {listener!r}")
        self._listeners.setdefault(event, []).append((listener, fitted(listener), once))
        if BY_ITSELF.get():
            self._by_themselves.append(listener)
        return self

    def listening(self) -> Iterator[tuple[str, Callable[..., Any], bool]]:
        """Give event, listener and whether it is for once, but for those that come by themselves."""
        for event, listeners in self._listeners.items():
            for listener, _, once in listeners:
                if listener not in self._by_themselves:
                    yield event, listener, once

    def off(self, event: str, listener: Callable[..., Any]) -> Any:
        """Forget a listener; nothing happens where it is unknown."""
        self._listeners[event] = [kept for kept in self._listeners.get(event, []) if kept[0] is not listener]
        return self

    def listeners(self, event: str) -> list[Callable[..., Any]]:
        """List the listeners of an event, in their order; a copy."""
        return [listener for listener, _, _ in self._listeners.get(event, [])]

    def call_listeners(self, event: str, *arguments: Any) -> Iterator[Any]:
        """Call them in order, until one raises; what each returned, before the next is called."""
        for listener, call, once in list(self._listeners.get(event, ())):
            if once:
                self.off(event, listener)
            yield call(*arguments)

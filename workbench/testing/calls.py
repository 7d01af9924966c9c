"""Hooks that write down how they were called."""

from __future__ import annotations

__all__ = ["Call", "CapturedCalls"]

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a captured hook.

    Attributes
    ----------
    name
        Name of the hook.
    arguments
        What it was called with.
    """

    name: str
    arguments: tuple[Any, ...]


class CapturedCalls:
    """A list of calls, and the hooks that add to it.

    Parameters
    ----------
    arity
        How many arguments the hooks take; a hook point accepts functions that take no more than it offers.

    Examples
    --------
    >>> calls = CapturedCalls(arity=2)
    >>> greet = calls.hook("greet", returns="hello")
    >>> greet("peer", "message")
    'hello'
    >>> calls.names
    ['greet']
    """

    def __init__(self, arity: int = 2) -> None:
        if arity not in _RECORDERS:
            message = f"Captured hooks take 0 to {max(_RECORDERS)} arguments, not {arity}."
            raise ValueError(message)
        self._arity = arity
        self._calls: list[Call] = []
        self._arrived = threading.Condition()

    def hook(
        self, name: str, *, returns: Any = None, raises: BaseException | None = None
    ) -> Callable[..., Any]:
        """Make a hook that records its calls.

        Parameters
        ----------
        name
            The function's name, and so the hook's.
        returns
            What it returns.
        raises
            What it raises instead, or None.
        """

        def record(*arguments: Any) -> Any:
            self._add(Call(name, arguments))
            if raises is not None:
                raise raises
            return returns

        function: Callable[..., Any] = _RECORDERS[self._arity](record)
        function.__name__ = function.__qualname__ = name
        return function

    @property
    def calls(self) -> list[Call]:
        """The calls so far, in order; a copy."""
        with self._arrived:
            return list(self._calls)

    @property
    def names(self) -> list[str]:
        """The names of the hooks called so far, in order."""
        return [call.name for call in self.calls]

    def wait_for(self, count: int, timeout: float = 5.0) -> list[Call]:
        """Wait, in another thread than the hooks', until so many calls were made.

        Parameters
        ----------
        count
            Number of calls.
        timeout
            Seconds to wait at most.

        Raises
        ------
        TimeoutError
            When fewer calls were made in that time; says which.
        """
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._calls) >= count, timeout):
                names = [call.name for call in self._calls]
                message = f"{count} calls were expected within {timeout} s, {len(names)} came: {names}."
                raise TimeoutError(message)
            return list(self._calls)

    def clear(self) -> None:
        """Forget the calls."""
        with self._arrived:
            self._calls.clear()

    def _add(self, call: Call) -> None:
        with self._arrived:
            self._calls.append(call)
            self._arrived.notify_all()


# Written out, since a point reads a hook's signature and `*arguments` would say nothing of what a test wants.
_RECORDERS: dict[int, Callable[[Callable[..., Any]], Any]] = {
    0: lambda record: lambda: record(),  # noqa: PLW0108 - the arity is the point
    1: lambda record: lambda first: record(first),  # noqa: PLW0108 - the arity is the point
    2: lambda record: lambda first, second: record(first, second),  # noqa: PLW0108 - the arity is the point
    3: lambda record: lambda first, second, third: record(first, second, third),  # noqa: PLW0108 - the arity is the point
}

"""The futures of the seed: `make_future`, `finish`, `signal_error` and what hooks return meanwhile."""

from __future__ import annotations

__all__ = ["Future", "finish", "make_future", "signal_error"]

import asyncio
import threading
from collections.abc import Generator
from typing import Any

from workbench.dialects.wookie.errors import FutureFinished, Signalled, WookieError


class Future:
    """Something that ends later; a hook returns it to make the request wait.

    Unlike asyncio's it can be made and ended in any thread, it belongs to no loop, it takes an error that is
    none (Wookie 31), and several may wait for it.
    """

    __slots__ = ("_ended", "_error", "_lock", "_value", "_waiting")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = False
        self._value: Any = None
        self._error: BaseException | None = None
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def finished(self) -> bool:
        """Whether it has ended, well or not."""
        return self._ended

    @property
    def error(self) -> BaseException | None:
        """What it ended with; None where it did well, or has not ended."""
        return self._error

    def end(self, value: Any, error: BaseException | None) -> None:
        """End it; see `finish` and `signal_error`."""
        with self._lock:
            if self._ended:
                raise FutureFinished("This future has ended already: finish it, or give it an error, once.")
            self._value, self._error, self._ended = value, error, True
            waiting, self._waiting = self._waiting, []
        for one in waiting:
            _wake(one)

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the end; gives the value, or raises the error."""
        with self._lock:
            waiter = None
            if not self._ended:
                waiter = asyncio.get_running_loop().create_future()
                self._waiting.append(waiter)
        if waiter is not None:
            try:
                yield from waiter
            finally:
                with self._lock:
                    if waiter in self._waiting:  # cancelled: nobody will wake it
                        self._waiting.remove(waiter)
        if self._error is not None:
            raise self._error
        return self._value

    def __repr__(self) -> str:
        if not self._ended:
            return "<future: pending>"
        return "<future: finished>" if self._error is None else f"<future: {self._error!r}>"


def _wake(waiter: asyncio.Future[None]) -> None:
    """Let the one who waits go on: at once on its own loop, else as soon as that loop turns."""
    loop = waiter.get_loop()
    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    if here:
        _settle(waiter)
    elif not loop.is_closed():
        loop.call_soon_threadsafe(_settle, waiter)


def _settle(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def make_future() -> Future:
    """Make a future that has not ended."""
    return Future()


def finish(future: Future, value: Any = None) -> None:
    """End a future well: what waited for it goes on.

    Parameters
    ----------
    future
        Of `make_future`.
    value
        What ``await future`` gives; hooks have no use for it (Wookie 24).

    Raises
    ------
    FutureFinished
        When it has ended already.
    WookieError
        When it is no such future.

    """
    _own(future, "finish").end(value, None)


def signal_error(future: Future, error: object = None) -> None:
    """End a future with an error: a request whose hook returned it is destroyed.

    Parameters
    ----------
    future
        Of `make_future`.
    error
        An exception, or anything else: Wookie ignores what it is (Wookie 31).

    Raises
    ------
    FutureFinished
        When it has ended already.
    WookieError
        When it is no such future.

    """
    failed = error if isinstance(error, Exception) else Signalled(error)
    _own(future, "signal_error").end(None, failed)


def _own(future: object, verb: str) -> Future:
    if not isinstance(future, Future):
        raise WookieError(f"{verb} takes a future that make_future() made, not {future!r}")
    return future

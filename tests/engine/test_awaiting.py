"""What must be awaited."""

from __future__ import annotations

import functools
import types
from collections.abc import Generator

import pytest

from workbench.engine.awaiting import Begun, is_asynchronous, must_await


@types.coroutine
def old_style() -> Generator[None, None, None]:
    """Be a coroutine of the old kind."""
    yield


class _Later:
    async def __call__(self) -> None:
        """Do nothing."""


def test_what_must_be_awaited() -> None:
    """Coroutines of both kinds; not plain generators. Callable objects may be asynchronous."""
    assert must_await(old_style())
    assert not must_await(one for one in [1])
    assert not must_await(object())
    assert is_asynchronous(_Later())
    assert not is_asynchronous(print)
    assert not is_asynchronous(functools.partial(print))


def test_a_coroutine_begun_by_hand_goes_on_where_it_stands() -> None:
    """What is sent and thrown reaches it, and closing ends it."""
    seen: list[str] = []

    @types.coroutine
    def wait(what: str) -> Generator[str, str, str]:
        return (yield what)

    async def work() -> str:
        try:
            seen.append(await wait("first"))
            try:
                await wait("second")
            except ValueError:
                seen.append("thrown")
            return await wait("third")
        finally:
            seen.append("ended")

    def begun() -> Generator[str, str | None, str]:
        coroutine = work()
        return Begun(coroutine, coroutine.send(None)).__await__()

    going = begun()
    assert next(going) == "first"
    assert going.send("sent") == "second"
    assert going.throw(ValueError()) == "third"
    with pytest.raises(StopIteration) as done:
        going.send("done")
    closed = begun()
    next(closed)
    closed.close()

    assert done.value.value == "done"
    assert seen == ["sent", "thrown", "ended", "ended"]

"""What must be awaited."""

from __future__ import annotations

import functools
import types
from collections.abc import Generator

from workbench.engine.awaiting import is_asynchronous, must_await


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

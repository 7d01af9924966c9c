"""The futures of the seed."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.dialects.wookie.support import turns
from workbench.dialects.wookie import Future, FutureFinished, Signalled, finish, make_future, signal_error
from workbench.dialects.wookie.errors import WookieError


async def wait(future: Future) -> object:
    """Wait in a task of its own."""
    return await future


def test_several_may_wait() -> None:
    """All that wait for a future get its value, and so does who comes later."""

    async def main() -> list[object]:
        future = make_future()
        tasks = [asyncio.ensure_future(wait(future)) for _ in range(2)]
        await turns(2)
        finish(future, 3)
        return [*await asyncio.gather(*tasks), await future]

    assert asyncio.run(main()) == [3, 3, 3]


def test_it_may_end_in_another_thread() -> None:
    """A future that is finished in another thread wakes the loop that waits."""

    async def main() -> object:
        future = make_future()
        threading.Timer(0.05, finish, (future, "there")).start()
        return await asyncio.wait_for(wait(future), 5)

    assert asyncio.run(main()) == "there"


def test_it_may_be_made_and_ended_without_a_loop() -> None:
    """No loop is needed before somebody waits."""
    future = make_future()
    assert (future.finished, repr(future)) == (False, "<future: pending>")
    finish(future)
    assert (future.finished, future.error, repr(future)) == (True, None, "<future: finished>")
    assert asyncio.run(wait(future)) is None


def test_an_error_is_raised_where_it_is_awaited() -> None:
    """signal_error ends the wait with the error."""
    future = make_future()
    signal_error(future, LookupError("nobody"))
    with pytest.raises(LookupError, match="nobody"):
        asyncio.run(wait(future))
    assert repr(future) == "<future: LookupError('nobody')>"


@pytest.mark.parametrize("value", [True, None, "text", KeyboardInterrupt()])
def test_what_is_no_error_is_signalled_all_the_same(value: object) -> None:
    """31: anything counts; asyncio's own futures would refuse it."""
    future = make_future()
    signal_error(future, value)
    with pytest.raises(Signalled) as caught:
        asyncio.run(wait(future))
    assert caught.value.value is value


def test_only_a_future_ends() -> None:
    """What is none is named."""
    for end in (finish, signal_error):
        with pytest.raises(
            WookieError, match=f"{end.__name__} takes a future that make_future.. made, not 3"
        ):
            end(3)  # type: ignore[arg-type]  # that is the mistake


def test_it_ends_once() -> None:
    """A second end is an error for whoever tries it, and changes nothing."""
    future = make_future()
    finish(future, 1)
    for again in (finish, signal_error):
        with pytest.raises(FutureFinished, match="ended already"):
            again(future)
    assert asyncio.run(wait(future)) == 1


def test_a_cancelled_wait_leaves_the_future_alone() -> None:
    """Whoever waits may be cancelled; the others go on."""

    async def main() -> object:
        future = make_future()
        tasks = [asyncio.ensure_future(wait(future)) for _ in range(2)]
        await turns(2)
        tasks[0].cancel()
        await turns(2)
        finish(future, 5)
        return await tasks[1]

    assert asyncio.run(main()) == 5


def test_a_loop_that_is_gone_is_not_woken() -> None:
    """Ending a future for which a loop waited that has closed since is no error."""
    future = make_future()

    async def main() -> None:
        asyncio.get_running_loop().create_future()
        waiting = future.__await__()
        next(waiting)
        held.append(waiting)

    held: list[object] = []
    asyncio.run(main())
    finish(future)
    assert future.finished

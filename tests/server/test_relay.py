"""What begins together shares a task until it waits; everything else is as with a task for each."""

from __future__ import annotations

import asyncio
import gc
from contextvars import ContextVar

from tests.support import in_a_loop
from workbench.server.relay import Relay

WORD: ContextVar[str] = ContextVar("word", default="none")


@in_a_loop
async def test_what_waits_for_nothing_is_over_at_the_next_turn_in_order() -> None:
    """Not before it: whoever begins it goes on first."""
    relay, done = Relay(), []

    async def work(number: int) -> None:
        done.append(number)

    for number in range(3):
        relay.begin(work(number))
    assert done == []
    await asyncio.sleep(0)
    assert done == [0, 1, 2]


@in_a_loop
async def test_what_waits_has_its_task_for_itself_from_its_first_step_on() -> None:
    """Those after it run in another one, and are not held up."""
    relay, tasks = Relay(), []
    go_on = asyncio.Event()

    async def waits(name: str) -> None:
        tasks.append((name, asyncio.current_task()))
        await go_on.wait()
        tasks.append((name, asyncio.current_task()))

    relay.begin(waits("a"))
    relay.begin(waits("b"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [name for name, _ in tasks] == ["a", "b"]
    go_on.set()
    await asyncio.sleep(0.01)
    assert sorted(name for name, _ in tasks) == ["a", "a", "b", "b"]
    of = {name: {task for whose, task in tasks if whose == name} for name in "ab"}
    assert len(of["a"]) == len(of["b"]) == 1
    assert of["a"] != of["b"]


@in_a_loop
async def test_each_has_a_context_of_its_own() -> None:
    """What one sets, the others do not see, before it waits or after."""
    relay, seen = Relay(), []

    async def work(word: str, pause: float) -> None:
        seen.append(WORD.get())
        WORD.set(word)
        await asyncio.sleep(pause)
        seen.append(WORD.get())

    WORD.set("outside")
    relay.begin(work("a", 0.002))
    relay.begin(work("b", 0.001))
    await asyncio.sleep(0.02)
    assert seen == ["outside", "outside", "b", "a"]
    assert WORD.get() == "outside"


@in_a_loop
async def test_one_that_is_cancelled_takes_no_other_along() -> None:
    """Whether it cancels its task in its first step, raises that itself, or is cancelled while it waits."""
    relay, told = Relay(), list[str]()
    tasks: list[asyncio.Task[None]] = []

    async def hasty() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    async def raising() -> None:
        raise asyncio.CancelledError

    async def waiting() -> None:
        tasks.extend(task for task in asyncio.all_tasks() if task is asyncio.current_task())
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    async def other() -> None:
        await asyncio.sleep(0)
        told.append("other")

    for work in (hasty, raising, waiting, other):
        relay.begin(work())
    await asyncio.sleep(0.01)
    assert told == ["other"]
    tasks[0].cancel()
    await asyncio.sleep(0.01)
    assert told == ["other", "cancelled"]


@in_a_loop
async def test_timeouts_strike_the_one_that_waits() -> None:
    """`asyncio.timeout` and `wait_for` meet the right task, also when begun in the first step."""
    relay, told = Relay(), []

    async def slow() -> None:
        try:
            async with asyncio.timeout(0.005):
                await asyncio.sleep(10)
        except TimeoutError:
            told.append("slow")

    async def quick() -> None:
        await asyncio.wait_for(asyncio.sleep(0.001), 5)
        told.append("quick")

    relay.begin(slow())
    relay.begin(quick())
    await asyncio.sleep(0.05)
    assert told == ["quick", "slow"]


@in_a_loop
async def test_an_error_that_nobody_caught_is_the_loops_and_the_others_go_on() -> None:
    """As with any task."""
    relay, told, reported = Relay(), [], []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: reported.append(about["exception"]))

    async def bad() -> None:
        raise ValueError("bad")

    async def good() -> None:
        told.append("good")

    relay.begin(bad())
    relay.begin(good())
    await asyncio.sleep(0.01)
    gc.collect()  # the loop hears of it when the task goes
    assert told == ["good"]
    assert [str(error) for error in reported] == ["bad"]


@in_a_loop
async def test_begun_inside_of_another_it_runs_too() -> None:
    """One that begins another does not wait for it."""
    relay, told = Relay(), []

    async def inner() -> None:
        told.append("inner")

    async def outer() -> None:
        relay.begin(inner())
        told.append("outer")

    relay.begin(outer())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert told == ["outer", "inner"]


def test_a_loop_that_ends_ends_what_runs() -> None:
    """What waits is cancelled."""
    ended: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            ended.append("waits")

    async def main() -> None:
        relay = Relay()
        relay.begin(waits())
        relay.begin(waits())
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert ended == ["waits", "waits"]


@in_a_loop
async def test_a_task_cancelled_before_it_began_ends_what_it_was_to_run() -> None:
    """Without a word of warning; what comes later runs."""
    relay, told = Relay(), []

    async def work(word: str) -> None:
        told.append(word)

    before = asyncio.all_tasks()
    relay.begin(work("a"))
    relay.begin(work("b"))
    (task,) = asyncio.all_tasks() - before
    task.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    relay.begin(work("c"))
    await asyncio.sleep(0)
    assert told == ["c"]

"""Holding events: before and after a hook, changed, dropped, failed, let go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.interventions.support import a_bench, answers, served, until
from workbench import Workbench
from workbench.engine.errors import BadSignature
from workbench.interventions.breakpoints import Breakpoint, Held
from workbench.interventions.errors import BreakpointError
from workbench.interventions.payloads import BadEdit
from workbench.testing.memory import MemoryClient

Decide = Callable[[Held], object]


def held_and(bench: Workbench, *decide: Decide, text: str = "one") -> list[str]:
    """Send one message, decide about each time it is held, and give what came back."""

    async def talk(client: MemoryClient) -> list[str]:
        socket = await client.connect("/")
        socket.send(text)
        for one in decide:
            held = await until(lambda: bench.breakpoints.held)
            one(held[0])
        heard = await answers(socket)
        assert bench.breakpoints.held == ()
        return heard

    result: list[str] = served(bench, talk)
    return result


def edited(value: Any) -> Decide:
    """Change the message, as a panel does."""

    def decide(held: Held) -> None:
        payload = held.payload
        payload["message"]["raw_data"] = value
        held.resume(payload)

    return decide


def test_an_event_is_held_before_a_plain_hook_and_goes_on_as_it_was_or_changed() -> None:
    """The chain waits, the payload can be seen and edited, and later hooks get the edit."""
    bench = a_bench()
    bench.breakpoints.set("message", hook="shout")

    def look(held: Held) -> None:
        assert held.payload == {"message": {"raw_data": "one"}, "context": {}}
        assert held.arguments["message"].text() == "one"
        assert (held.hook, held.when, held.result, held.over) == ("shout", "before", None, False)
        assert held.dispatch > 0 < held.connection
        held.resume()

    assert held_and(bench, look) == ["ONE"]
    assert held_and(bench, edited("other")) == ["OTHER"]
    assert list(bench.trace.moments.query("kind == 'held'")["text"]) == [
        "held before hook shout at message (e1)",
        "continued (e1)",
        "held before hook shout at message (e2)",
        "continued, payload changed (e2)",
    ]


def test_after_a_hook_its_payload_and_result_can_be_changed() -> None:
    """Held after the first of two hooks, the second gets what was put in; a result takes the place of one."""
    bench = a_bench()
    bench.breakpoints.set("message", hook="shout", when="after")
    assert held_and(bench, edited("not loud")) == ["not loud"]

    @bench.hook("upgrade")
    def header() -> dict[str, Any]:
        return {"context": {"user": "ada"}}

    bench.breakpoints.clear()
    bench.breakpoints.set("upgrade", hook="header", when="after")
    users: list[str] = []

    @bench.hook("open")
    def look(peer: Any) -> None:
        users.append(peer.context["user"])

    async def talk(client: MemoryClient) -> None:
        import asyncio

        connecting = asyncio.ensure_future(client.connect("/"))
        (held,) = await until(lambda: bench.breakpoints.held)
        assert held.result == {"context": {"user": "ada"}}
        held.resume(result={"context": {"user": "bob"}})
        await connecting

    served(bench, talk)
    assert users == ["bob"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_whole_chain_can_be_held(when: Any) -> None:
    """Without a hook, an event is held before the first or after the last of its hooks."""
    bench = a_bench()
    bench.breakpoints.set("message", when=when)
    assert held_and(bench, edited("other")) == (["OTHER"] if when == "before" else ["ONE"])


def test_a_held_event_can_be_dropped_or_made_to_fail() -> None:
    """Dropped, no later hook runs and the call counts as stopped; raised, the error is the hook's."""
    bench = a_bench()
    errors: list[BaseException] = []
    bench.on_error(errors.append)
    bench.breakpoints.set("message", hook="echo")
    assert held_and(bench, lambda held: held.drop()) == []
    assert errors == []
    assert held_and(bench, lambda held: held.raise_(ValueError("no"))) == []
    assert [str(error) for error in errors] == ["no"]
    assert list(bench.trace.calls.query("hook == 'echo'")["outcome"]) == ["stopped", "raised"]


def test_conditions_choose_which_events_are_held() -> None:
    """A condition takes what a hook takes; one that does not fit is refused at once."""
    bench = a_bench()
    bench.breakpoints.set("message", condition=lambda _peer, message: "stop" in message.text())
    assert held_and(bench) == ["ONE"]
    assert held_and(bench, edited("went on"), text="stop") == ["WENT ON"]
    with pytest.raises(BadSignature):
        bench.breakpoints.set("message", condition=lambda _a, _b, _c: True)


def test_a_condition_that_fails_lets_the_event_pass_and_says_so() -> None:
    """The mistake is the breakpoint's, not the event's."""
    bench = a_bench()
    point = bench.breakpoints.set("message", condition=lambda _peer, message: message.nothing)
    assert held_and(bench) == ["ONE"]
    assert "its condition fails: AttributeError" in point.where


def test_other_connections_pass() -> None:
    """A breakpoint of one connection holds nobody else."""
    bench = a_bench()
    point = bench.breakpoints.set("message", connection=99)
    assert held_and(bench) == ["ONE"]
    assert point.hits == 0


def test_clearing_lets_what_is_held_go_on() -> None:
    """Nothing stays held without a breakpoint."""
    bench = a_bench()
    first = bench.breakpoints.set("message", hook="shout")
    assert held_and(bench, lambda _held: bench.breakpoints.clear(first)) == ["ONE"]
    assert bench.breakpoints.list == []
    with pytest.raises(BreakpointError, match="No breakpoint 'b1' is set; none is"):
        bench.breakpoints.clear("b1")


def test_edits_that_cannot_be_put_back_leave_the_event_held() -> None:
    """The person is told, and can try again."""
    bench = a_bench()
    bench.breakpoints.set("message", hook="shout")

    def fumble(held: Held) -> None:
        with pytest.raises(BadEdit, match="no part 'massage'"):
            held.resume({"massage": 1})
        with pytest.raises(BreakpointError, match="no result to change"):
            held.resume(result=1)
        with pytest.raises(BreakpointError, match=r"An exception or a text is expected.*not <class"):
            held.raise_(ValueError)  # type: ignore[arg-type]
        assert bench.breakpoints.find(held.id) is held
        held.resume()
        with pytest.raises(BreakpointError, match="not held any more"):
            held.resume()
        with pytest.raises(BreakpointError, match="is held"):
            bench.breakpoints.find(held.id)

    assert held_and(bench, fumble) == ["ONE"]


def test_timeouts_of_the_connection_pause_while_it_is_held() -> None:
    """The connection's timers stand still from holding to letting go."""
    bench = a_bench()
    bench.breakpoints.set("message")
    seen: list[str] = []

    def watch(held: Held) -> None:
        transport = bench.interventions.wires.find(held.connection)
        assert transport is not None
        assert seen == ["paused"]
        held.resume()

    async def talk(client: MemoryClient) -> None:
        socket = await client.connect("/")
        transport = bench.interventions.wires.find(1)
        transport.pause_timers = lambda: seen.append("paused")
        transport.resume_timers = lambda: seen.append("resumed")
        socket.send("one")
        watch((await until(lambda: bench.breakpoints.held))[0])
        await answers(socket)

    served(bench, talk)
    assert seen == ["paused", "resumed"]


def test_any_thread_may_let_go() -> None:
    """A cell runs on another thread than the bench's loop."""
    bench = a_bench()
    bench.breakpoints.set("message")

    def elsewhere(held: Held) -> None:
        thread = threading.Thread(target=held.resume)
        thread.start()
        thread.join()

    assert held_and(bench, elsewhere) == ["ONE"]


def test_the_printed_line_sets_the_same_and_mistakes_are_named() -> None:
    """What a face shows runs as it stands."""
    bench = a_bench()
    made = bench.breakpoints.set("message", hook="shout", when="after", connection=3)
    again: Breakpoint = eval(made.python, {bench.board.spoken: bench})
    assert (again.point, again.hook, again.when, again.connection) == ("message", made.hook, "after", 3)
    assert repr(bench.breakpoints).startswith("<breakpoints: <breakpoint b1: after hook shout at message")
    with pytest.raises(BreakpointError, match='"before" or "after"'):
        bench.breakpoints.set("message", when="during")  # type: ignore[arg-type]
    with pytest.raises(BreakpointError, match="whole number from 1, not True"):
        bench.breakpoints.set("message", connection=True)
    with pytest.raises(BreakpointError, match="whole number"):
        bench.breakpoints.set("message", connection=0)

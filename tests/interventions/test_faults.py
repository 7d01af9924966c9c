"""Arming faults: what they do to messages and hooks, how often, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.interventions.support import a_bench, told
from workbench.engine.errors import UnknownHook, UnknownPoint
from workbench.interventions.errors import FaultError
from workbench.interventions.faults import Fault

THREE = ("one", "two", "three")


@pytest.mark.parametrize(
    ("kind", "where", "heard"),
    [
        ("raise", {"hook": "echo"}, []),
        ("raise", {"point": "message"}, []),
        ("drop", {"hook": "shout"}, []),
        ("drop", {"point": "message"}, []),
        ("drop", {}, []),
        ("duplicate", {"hook": "echo"}, ["ONE", "ONE", "TWO", "TWO", "THREE", "THREE"]),
        ("duplicate", {"point": "message"}, ["ONE", "ONE", "TWO", "TWO", "THREE", "THREE"]),
        ("duplicate", {}, ["ONE", "ONE", "TWO", "TWO", "THREE", "THREE"]),
        ("reorder", {"hook": "echo", "ms": 20}, ["TWO", "ONE", "THREE"]),
        ("reorder", {"point": "message", "ms": 20}, ["TWO", "ONE", "THREE"]),
        ("reorder", {"ms": 20}, ["TWO", "ONE", "THREE"]),
        ("delay", {"hook": "shout", "ms": 20}, ["ONE", "TWO", "THREE"]),
        ("delay", {"point": "message", "ms": 20}, ["ONE", "TWO", "THREE"]),
        ("hang", {"hook": "shout"}, []),
        ("hang", {"point": "message"}, []),
        ("close", {"hook": "echo"}, []),
    ],
)
def test_each_kind_does_what_it_says(kind: str, where: dict[str, Any], heard: list[str]) -> None:
    """At a hook, at a point, or on what clients send, in a chain of plain functions."""
    bench = a_bench()
    bench.on_error(lambda _error: None)
    fault = bench.faults.arm(kind, **where)
    if kind == "close":
        with pytest.raises(Exception, match="1011"):
            told(bench, *THREE)
    else:
        assert told(bench, *THREE, wait=0.1) == heard
    told_of = [text for text in bench.trace.moments["text"] if f"fault {fault.id}" in text]
    assert len(told_of) == fault.injected > 0
    assert set(bench.trace.moments["kind"]) >= {"fault"}


@pytest.mark.parametrize("where", [{}, {"point": "message"}, {"hook": "echo"}])
def test_corruption_changes_letters_and_the_seed_decides_which(where: dict[str, Any]) -> None:
    """Two benches with the same seed damage the same messages in the same way."""
    heard = []
    for _ in range(2):
        bench = a_bench()
        bench.faults.arm("corrupt", seed=5, **where)
        heard.append(told(bench, *THREE))
    assert heard[0] == heard[1]
    assert len(heard[0]) == 3
    assert all(damaged != text.upper() for damaged, text in zip(heard[0], THREE, strict=True))
    assert [len(damaged) for damaged in heard[0]] == [3, 3, 5]


def test_probability_and_seed_make_the_same_choice_each_time() -> None:
    """Half of fifty messages are dropped, the same ones under the same seed, others under another."""
    texts = [f"m{number}" for number in range(50)]

    def kept(seed: int) -> list[str]:
        bench = a_bench()
        fault = bench.faults.arm("drop", point="message", probability=0.5, seed=seed)
        heard = told(bench, *texts)
        assert (fault.considered, fault.injected) == (50, 50 - len(heard))
        return heard

    assert kept(1) == kept(1) != kept(2)
    assert 10 < len(kept(1)) < 40


def test_a_fault_acts_on_its_connection_alone_and_as_often_as_it_is_told() -> None:
    """Another connection does not meet it; after the last of its times it is armed no more."""
    bench = a_bench()
    elsewhere = bench.faults.arm("drop", connection=99)
    twice = bench.faults.arm("drop", times=2)
    assert told(bench, *THREE) == ["THREE"]
    assert bench.faults.list == [elsewhere]
    assert twice.spent
    assert elsewhere.considered == 0


def test_the_printed_line_arms_the_same_fault() -> None:
    """What a face shows runs as it stands, and says only what was said."""
    bench = a_bench()
    fault = bench.faults.arm("delay", point="message", hook="shout", ms=200, probability=0.5, seed=7)
    assert fault.python == (
        f"{bench.board.spoken}.faults.arm("
        '"delay", point="message", hook="shout", probability=0.5, seed=7, ms=200)'
    )
    again: Fault = eval(fault.python, {bench.board.spoken: bench})
    assert (again.ms, again.probability, again.seed, again.hook) == (200.0, 0.5, 7, fault.hook)


def test_disarmed_nothing_is_in_the_way() -> None:
    """The plans are the usual ones before and after, at the same revision, and the traffic is untouched."""
    bench = a_bench()
    plan = bench.board.plan("message").fire.__code__
    fault = bench.faults.arm("drop")
    bench.faults.arm("raise", hook="echo")
    assert bench.board.plan("message").fire.__code__ is not plan
    bench.faults.disarm(fault)
    bench.faults.disarm()
    assert bench.board.plan("message").fire.__code__ is plan
    assert bench.board.interceptor is None
    assert not bench.faults.armed
    assert told(bench, *THREE) == ["ONE", "TWO", "THREE"]


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("dely", {}, "did you mean 'delay'"),
        ("delay", {}, "needs ms="),
        ("drop", {"probability": 1.5}, "probability is a number from 0 to 1"),
        ("drop", {"probability": float("nan")}, "probability is a number"),
        ("delay", {"ms": "soon"}, "ms is a number"),
        ("drop", {"connection": 0}, "connection is a whole number from 1"),
        ("drop", {"seed": 1.5}, "seed is a whole number"),
        ("drop", {"times": 0}, "times is a whole number from 1"),
        ("close", {"code": 1006}, "cannot be sent as a close code"),
        ("close", {"reason": "x" * 200}, "at most 123 bytes"),
        ("close", {"reason": 3}, "reason is a text, not 3"),
        ("delay", {"ms": -1}, "ms is a number from 0 to 3600000, not -1"),
        (
            "raise",
            {"error": ValueError},
            r'error is an exception, as in ValueError\("bad"\), or a text, not <class',
        ),
    ],
)
def test_what_cannot_be_armed_is_refused_in_a_sentence(
    kind: str, given: dict[str, Any], sentence: str
) -> None:
    """Each mistake is named with what was expected, and the argument it is about; nothing is armed."""
    bench = a_bench()
    with pytest.raises(FaultError, match=sentence) as told:
        bench.faults.arm(kind, **given)
    assert told.value.argument == next(iter(given), "ms" if kind == "delay" else "kind")
    assert not bench.faults.armed


def test_unknown_places_are_refused() -> None:
    """A point or hook that is not there is refused with near names; so is disarming twice."""
    bench = a_bench()
    with pytest.raises(UnknownPoint, match="did you mean 'message'"):
        bench.faults.arm("drop", point="mesage")
    with pytest.raises(UnknownHook, match="did you mean 'shout'"):
        bench.faults.arm("drop", hook="shot")
    fault = bench.faults.arm("drop")
    bench.faults.disarm(fault.id)
    with pytest.raises(FaultError, match="No fault 'f1' is armed; none is"):
        bench.faults.disarm(fault)


def test_an_error_of_ones_own_is_raised_each_time_anew() -> None:
    """What `raise` raises reaches the bench as that error, without the frames of the time before."""
    bench = a_bench()
    seen: list[BaseException] = []
    bench.on_error(seen.append)
    bench.faults.arm("raise", hook="shout", error=ValueError("mine"))
    told(bench, "one", "two")
    assert [str(error) for error in seen] == ["mine", "mine"]
    assert seen[0] is not seen[1]


def test_what_hangs_goes_on_when_the_fault_is_disarmed() -> None:
    """A hang ends with its fault; the event then runs as if nothing had been."""
    bench = a_bench()
    bench.faults.arm("hang", hook="shout")
    assert "armed" not in repr(bench.faults)

    async def talk(client: Any) -> list[str]:
        socket = await client.connect("/")
        socket.send("one")
        from tests.interventions.support import answers

        assert await answers(socket) == []
        bench.faults.disarm()
        return await answers(socket)

    from tests.interventions.support import served

    assert served(bench, talk) == ["ONE"]


def test_a_spread_delay_is_drawn_from_its_seed_within_its_bounds() -> None:
    """Evenly from ms - spread_ms to ms + spread_ms, never below nothing."""
    bench = a_bench()
    one, two = (bench.faults.arm("delay", ms=10, spread_ms=15, seed=3) for _ in range(2))
    drawn = [one.seconds() for _ in range(100)]
    assert drawn == [two.seconds() for _ in range(100)]
    assert min(drawn) == 0.0
    assert 0.02 < max(drawn) <= 0.025

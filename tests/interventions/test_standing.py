"""Faults and breakpoints in the bench's history: one order of undo over edits of chains and all of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.interventions.support import a_bench, answers, served, told, until
from workbench.interventions.errors import BreakpointError, FaultError
from workbench.testing.memory import MemoryClient


def test_undo_goes_through_edits_faults_and_breakpoints_in_their_order() -> None:
    """Each is one entry with its line; redo brings the same ones back."""
    bench = a_bench()
    fault = bench.faults.arm("drop", point="message")
    bench.chain("message").enable("shout", False)
    point = bench.breakpoints.set("message", hook="echo", author="widget")
    noted = bench.board.journal[-3:]
    assert [(entry.kind, entry.author) for entry in noted] == [
        ("arm", "api"),
        ("enable", "api"),
        ("set_breakpoint", "widget"),
    ]
    assert [entry.hook for entry in noted[1:]] == [bench.chain("message").hooks[0].id, point.hook]
    assert noted[0].python == fault.python

    bench.undo()
    assert (bench.breakpoints.list, bench.faults.list) == ([], [fault])
    bench.undo()
    assert [hook.enabled for hook in bench.chain("message").hooks] == [True, True]
    bench.undo()
    assert (bench.faults.list, told(bench, "one")) == ([], ["ONE"])
    for _ in range(3):
        bench.redo()
    assert (bench.breakpoints.list, bench.faults.list) == ([point], [fault])
    assert [hook.enabled for hook in bench.chain("message").hooks] == [False, True]


def test_what_was_disarmed_and_cleared_comes_back_by_undo() -> None:
    """All that one line took away, in the order of its making; clearing nothing is no entry."""
    bench = a_bench()
    faults = [bench.faults.arm("hang", point="message"), bench.faults.arm("delay", ms=1)]
    points = [bench.breakpoints.set("message"), bench.breakpoints.set("open")]
    bench.faults.disarm(faults[0])
    bench.breakpoints.clear()
    bench.breakpoints.clear()
    lines = [entry.python.partition(".")[2] for entry in bench.board.journal[-2:]]
    assert lines == ['faults.disarm("f1")', "breakpoints.clear()"]

    bench.undo()
    bench.undo()

    assert (bench.faults.list, bench.breakpoints.list) == (faults, points)
    bench.redo()
    assert bench.faults.list == faults[1:]


def test_lines_for_a_cell_take_away_what_they_made_whatever_its_id_is_there() -> None:
    """What was undone has used up an id; a part of the history keeps the ids that it does not make."""
    bench = a_bench()
    bench.faults.arm("drop", point="open")
    bench.undo()
    with bench.board.together():
        gone = bench.faults.arm("delay", ms=1)
        bench.chain("message").enable("shout", False)
    stays = bench.faults.arm("raise", hook="echo")
    bench.mark("here")
    bench.faults.disarm(gone)
    bench.breakpoints.clear(bench.breakpoints.set("message"))
    lines = bench.board.lines()
    spoken = bench.board.spoken
    assert f'f2 = {spoken}.faults.arm("delay", ms=1)' in "\n".join(lines)
    assert lines[-3:] == (
        f"{spoken}.faults.disarm(f2)",
        f'b1 = {spoken}.breakpoints.set("message")',
        f"{spoken}.breakpoints.clear(b1)",
    )
    assert f'{spoken}.faults.disarm("f2")' in bench.board.lines(since="here")

    other = a_bench()
    exec("\n".join(line for line in lines if "attach" not in line), {spoken: other})
    assert [(fault.kind, fault.hook_name) for fault in other.faults.list] == [(stays.kind, "echo")]
    assert other.breakpoints.list == []


def test_undoing_a_breakpoint_lets_go_what_it_holds() -> None:
    """The event goes on as it is."""
    bench = a_bench()
    bench.breakpoints.set("message", hook="shout")

    async def talk(client: MemoryClient) -> list[str]:
        socket = await client.connect("/")
        socket.send("one")
        await until(lambda: bench.breakpoints.held)
        await asyncio.to_thread(bench.undo)
        return await answers(socket)

    assert served(bench, talk) == ["ONE"]


def test_a_fault_that_was_spent_begins_anew_when_it_is_armed_again() -> None:
    """Undo of a spent one takes nothing away; redo arms it for as many times, with the same chance."""
    bench = a_bench()
    fault = bench.faults.arm("drop", point="message", times=1)
    assert told(bench, "one", "two") == ["TWO"]
    bench.undo()
    assert told(bench, "three") == ["THREE"]

    bench.redo()

    assert (fault.injected, bench.faults.list) == (0, [fault])
    assert told(bench, "four", "five") == ["FIVE"]


def test_the_frame_of_edits_has_faults_and_breakpoints() -> None:
    """One row each, with the line that does the same."""
    bench = a_bench()
    bench.faults.arm("delay", ms=1, hook="echo")
    bench.mark("calm")
    row = bench.history.iloc[-2]
    assert (row["edit"], row["hook"], row["undone"]) == ("arm", "echo", False)
    assert row["python"].endswith('faults.arm("delay", hook="echo", ms=1)')


def test_whatever_is_not_there_is_named_and_nothing_is_taken_away() -> None:
    """Faults and breakpoints alike, also what cannot be an id and what is of the other sort."""
    bench = a_bench()
    fault, point = bench.faults.arm("delay", ms=1), bench.breakpoints.set("message")
    faults: tuple[tuple[Any, str], ...] = (("f2", "'f2'"), (["f1"], r"\['f1'\]"), (point, "'b1'"))
    for wrong, said in faults:
        with pytest.raises(FaultError, match=rf"^No fault {said} is armed; .*'f1'"):
            bench.faults.disarm(wrong)
    points: tuple[tuple[Any, str], ...] = (("b2", "'b2'"), ({}, "{}"), (fault, "'f1'"))
    for wrong, said in points:
        with pytest.raises(BreakpointError, match=rf"^No breakpoint {said} is set; .*'b1'"):
            bench.breakpoints.clear(wrong)
    assert (bench.faults.list, bench.breakpoints.list) == ([fault], [point])

"""Conditions of breakpoints, as functions and as expressions, and how they are written again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.interventions.support import a_bench, answers, served, until
from workbench import Workbench
from workbench.engine.errors import BadSignature
from workbench.interventions.breakpoints import Breakpoint
from workbench.interventions.errors import BreakpointError
from workbench.testing.memory import MemoryClient

WANTED = "two"


class Said:
    """A message."""

    def __init__(self, text: str) -> None:
        self.text = lambda: text


def is_two(_peer: Any, message: Any) -> bool:
    """Tell whether it is the wanted one."""
    return bool(message.text() == WANTED)


def an_echo() -> Workbench:
    """Make a bench of this module, whose variables conditions may name."""
    bench = Workbench("crossws", name="echo")
    bench.chain("message").attach(lambda peer, message: peer.send(message.text()), name="echo")
    return bench


def held_of(condition: Callable[..., object] | str, *texts: str) -> tuple[list[str], Breakpoint]:
    """Which of these texts are held, and by what."""
    bench = an_echo()
    point = bench.breakpoints.set("message", condition=condition)
    seen: list[str] = []

    async def talk(client: MemoryClient) -> None:
        socket = await client.connect("/")
        for text in texts:
            socket.send(text)
            if text == WANTED:
                (held,) = await until(lambda: bench.breakpoints.held)
                seen.append(held.payload["message"]["raw_data"])
                held.resume()
        assert sorted(await answers(socket)) == sorted(texts)

    served(bench, talk)
    return seen, point


@pytest.mark.parametrize(
    "condition",
    [
        "message.text() == 'two'",
        "message.text() == WANTED",
        "any(letter in message.text() for letter in 'w')",
        "(lambda text: text.startswith('tw'))(message.text())",
        lambda _peer, message: message.text() == "two",
    ],
)
def test_an_expression_holds_what_a_function_would(condition: Callable[..., object] | str) -> None:
    """It may name the point's arguments, variables of the notebook, what Python has, and its own."""
    held, point = held_of(condition, "one", "two", "three")
    assert (held, point.hits, point.error) == (["two"], 1, "")


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        ('message.text() == "two"', "condition='message.text() == \"two\"'"),
        (lambda _peer, message: message.text() == "two", "condition=lambda _peer, message: "),
        (is_two, "condition=is_two"),
    ],
)
def test_the_printed_line_holds_the_same_events(condition: Callable[..., object] | str, written: str) -> None:
    """A lambda is written out, where there is no name to write."""
    bench = a_bench()
    made = bench.breakpoints.set("message", condition=condition)
    assert written in made.python
    again = eval(made.python, {bench.board.spoken: bench, "is_two": is_two})
    assert isinstance(again, Breakpoint)
    for text in ("one", "two"):
        given = (None, Said(text))
        assert again.wants(1, given) == made.wants(1, given) == (text == "two")


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (
            "mesage.text()",
            r"'mesage', .* of message\(peer, message\) and no variable .*; did you mean 'message'",
        ),
        ("[peer for one in nobody]", "condition names 'nobody'"),
        (
            "message.text( ==",
            r'expression over the arguments of message\(peer, message\), and "message.text\( ==" is none: ',
        ),
        ("x = 1", 'and "x = 1" is none: '),
        ("await message", 'and "await message" is none: '),
        ("", 'and "" is none: '),
        ("\0", "is none: "),
    ],
)
def test_what_is_no_condition_is_refused_with_what_is_wrong(condition: str, sentence: str) -> None:
    """Before anything is set, and the sentence is about the condition."""
    bench = a_bench()
    with pytest.raises(BreakpointError, match=sentence) as told:
        bench.breakpoints.set("message", condition=condition)
    assert (told.value.argument, bench.breakpoints.list) == ("condition", [])


def test_a_function_that_wants_more_than_there_is_is_refused() -> None:
    """As a hook would be."""

    def greedy(_peer: Any, _message: Any, _more: Any) -> bool:
        return True

    with pytest.raises(BadSignature, match="requires 3 arguments"):
        a_bench().breakpoints.set("message", condition=greedy)


def test_one_that_fails_while_it_is_asked_lets_the_event_pass() -> None:
    """The breakpoint says how it failed."""
    held, point = held_of("message.nothing", "one")
    assert held == []
    assert "its condition fails: AttributeError" in point.where

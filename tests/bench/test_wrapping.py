"""Wrapped hooks: what stands around a hook, what it is called with, and how it is written and undone."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from typing import Any

import pytest

from tests.interventions.support import a_bench, told
from workbench import Workbench
from workbench.bench.chain import Chain
from workbench.engine.board import Board
from workbench.engine.points import Point, Policy

POINTS = (
    Point("message", ("peer", "message")),
    Point("picked", ("payload",), members=frozenset({"name", "age"})),
    Point("call", ("context", "next"), policy=Policy("onion")),
)


def a_chain(point: str) -> Chain:
    """Make a chain of a board of its own."""
    return Chain(Board(POINTS, spoken="bench"), point, lambda: "widget")


def ran(chain: Chain, *args: Any) -> Any:
    """Call the one hook of a chain as its point does."""
    return chain.hooks[0].call(*args)


def test_a_wrapped_hook_is_the_next_version_of_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """It does what it did and says how long that took; one undo takes the wrapper off."""
    bench = a_bench()
    before = bench.chain("message").hooks[0]

    made = bench.chain("message").wrap("shout")

    assert (made.id, made.name, made.version, made.lane) == (before.id, "shout", 2, before.lane)
    assert bench.board.journal[-1].python == f'{bench.board.spoken}.chain("message").wrap("shout")'
    assert told(bench, "one") == ["ONE"]
    assert "shout came to None after" in capsys.readouterr().out
    bench.undo()
    assert bench.chain("message").hooks[0] == before


def test_the_wrapper_is_a_text_to_edit() -> None:
    """It sees the variables of what it wraps, and the wrapped function by its name."""
    bench = a_bench()
    chain = bench.chain("message")
    chain.wrap("shout")
    text = chain.source("shout")
    assert text.startswith("def shout_wrapped(_peer, message):\n")
    assert "result = shout(_peer, message)" in text

    chain.rewrite("shout", text.replace("    return result", '    message.raw_data += "!"'))

    assert told(bench, "one") == ["ONE!"]


def test_wrapping_again_wraps_the_wrapper() -> None:
    """Its name stays the hook's, and does not grow."""
    bench = a_bench()
    chain = bench.chain("message")
    for _ in range(3):
        chain.wrap("shout")
    assert "result = shout_wrapped_(" in chain.source("shout")
    assert [hook.name for hook in chain] == ["shout", "echo"]
    assert told(bench, "one") == ["ONE"]


def test_the_wrapper_takes_what_the_hook_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """Fewer arguments, all of them, members by keyword with defaults; names that clash are told apart."""

    def message(message: Any) -> Any:
        return message

    def everything(*things: Any) -> Any:
        return things

    def members(*, name: str, age: int = 7, other: object = capsys) -> Any:
        return name, age, other is capsys

    chain = a_chain("message")
    chain.attach(message)
    chain.wrap("message")
    assert ran(chain, "peer", "text") == "peer"
    chain.remove("message")
    chain.attach(everything)
    chain.wrap("everything")
    assert ran(chain, "peer", "text") == ("peer", "text")
    picked = a_chain("picked")
    picked.attach(members)
    picked.wrap("members")
    assert ran(picked, {"name": "Ada"}) == ("Ada", 7, True)
    assert ran(picked, {"name": "Ada", "age": 9}) == ("Ada", 9, True)
    assert "message_ came to 'peer' after" in capsys.readouterr().out


def test_anything_that_can_be_called_can_be_wrapped() -> None:
    """Lambdas, objects, partials and builtins; names that are no names in Python become some."""

    class Shouting:
        def __call__(self, peer: Any) -> str:
            return f"{peer}!"

    for function, wanted in (
        (lambda peer: f"{peer}!", "peer!"),
        (Shouting(), "peer!"),
        (functools.partial("{}!".format), "peer!"),
        (print, None),
    ):
        chain = a_chain("message")
        chain.attach(function, name="my hook-2")
        chain.wrap("my hook-2")
        assert ran(chain, "peer", "text") == wanted


def test_an_asynchronous_hook_is_awaited(capsys: pytest.CaptureFixture[str]) -> None:
    """Its wrapper is one too."""
    chain = a_chain("message")

    async def slow(peer: str) -> str:
        return peer.upper()

    chain.attach(slow)
    assert chain.wrap("slow").asynchronous
    assert asyncio.run(ran(chain, "peer", "text")) == "PEER"
    assert "slow came to 'PEER'" in capsys.readouterr().out


def test_an_around_hook_gets_another_one_directly_outside() -> None:
    """In the same list, for the same connections; the history has the call that does the same."""
    chain = a_chain("call")

    async def log(_context: Any, onward: Any) -> None:
        await onward()

    def check(context: Any) -> None:
        """Do nothing."""

    chain.attach(log, kind="around", lane="all")
    chain.attach(check, kind="before", lane="all")
    made = chain.wrap("log")
    assert [(hook.name, hook.kind, hook.lane) for hook in chain.hooks[:2]] == [
        ("around_log", "around", "all"),
        ("log", "around", "all"),
    ]
    assert "await next()" in chain.source(made)
    assert chain._board.journal[-1].python == 'bench.chain("call").wrap("log")'
    chain.wrap("log")
    assert [hook.name for hook in chain.hooks[:3]] == ["around_log", "around_log-2", "log"]
    assert chain.wrap("check").name == "check"


def test_a_wrapped_hook_can_be_saved(tmp_path: Path) -> None:
    """The file has the wrapper, and what it calls."""
    bench = Workbench("crossws", name="wrapped")

    @bench.hook("message")
    def echo(peer: Any, message: Any) -> None:
        peer.send(message.text())

    bench.chain("message").wrap("echo")
    text = bench.save(tmp_path / "app.py").read_text()
    assert "def echo_wrapped(peer, message):" in text
    assert "\n    peer.send(message.text())" in text

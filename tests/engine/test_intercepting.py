"""Stepping in between plans and hooks, in all four shapes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import EventDropped
from workbench.engine.hooks import Hook, Scope
from workbench.engine.intercepting import Begin, Interception, ends_quietly
from workbench.engine.points import FIRST, IGNORE, REPLACE, Destroyed, Failure, Point, Policy, Reduce, Shape
from workbench.trace.recorder import OUTCOMES, Recorder

SHAPES: tuple[Shape, ...] = ("fold", "gather", "spawn", "onion")


@dataclass
class Stepping:
    """Steps in at one point: writes down what passes, and lets a test take its place."""

    point: str = "p"
    log: list[str] = field(default_factory=list)
    entering: Callable[[Any], Any] = lambda go: go()
    calling: Callable[[int, Any], Any] = lambda _position, go: go()

    def intercept(self, point: Point, hooks: tuple[Hook, ...]) -> Interception | None:
        """Step in at this point alone."""
        self.hooks = hooks
        return self if point.name == self.point else None

    def enter(self, connection: int, args: tuple[Any, ...], begin: Begin) -> Any:
        """Write the event down."""

        def go() -> Any:
            entry = begin(args)
            self.log.append(f"enter c{connection} #{entry.dispatch}")
            return entry.go(args)

        return self.entering(go)

    def call(self, position: int, connection: int, call: Callable[..., Any], *args: Any) -> Any:
        """Write the call down."""
        self.log.append(f"call {position} c{connection}")
        return self.calling(position, lambda: call(*args))


def a_board(shape: Shape, failure: Failure = "propagate", reduce: Reduce = IGNORE) -> Board:
    """Make a traced board with two points of that shape."""
    policy = Policy(shape, reduce, failure)
    board = Board([Point("p", ("context", "next"), policy), Point("q", ("context", "next"), policy)])
    board.tracer = Recorder()
    return board


def fire(board: Board, point: str = "p") -> Any:
    """Fire an event on connection 7 and wait for what it comes to."""

    async def main() -> Any:
        answer = board.plan(point).fire(7, {}, lambda *_: "core")
        answer = await answer if hasattr(answer, "__await__") else answer
        await board.drain()
        return answer

    return asyncio.run(main())


def visit(ran: list[str], name: str) -> Callable[..., None]:
    """Make a hook that writes its name down and goes inwards."""

    def hook(_context: object, following: Callable[..., Any] = print) -> None:
        ran.append(name)
        following()

    return hook


def raising(error: Exception) -> Callable[..., Any]:
    """Make something that raises."""

    def fail(*_: Any) -> Any:
        raise error

    return fail


def outcomes(board: Board) -> tuple[str, list[str]]:
    """Give the outcome of the one dispatch and of its calls."""
    assert isinstance(board.tracer, Recorder)
    rows = board.tracer.rows()
    return OUTCOMES[rows.dispatches["outcome"][0]], [OUTCOMES[code] for code in rows.calls["outcome"]]


@pytest.mark.parametrize("shape", SHAPES)
def test_it_stands_around_events_and_calls(shape: Shape) -> None:
    """Each dispatch and each call passes by it, with the connection, and the hooks run as ever."""
    board = a_board(shape)
    ran: list[str] = []
    board.attach("p", visit(ran, "one"), name="one")
    board.attach("p", visit(ran, "two"), name="two")
    stepping = Stepping()
    board.interceptor = stepping

    fire(board)

    assert ran == ["one", "two"]
    assert stepping.log == ["enter c7 #1", "call 0 c7", "call 1 c7"]
    assert [hook.name for hook in stepping.hooks] == ["one", "two"]
    assert board.interceptor is stepping


def test_nothing_is_paid_where_nothing_steps_in() -> None:
    """A point that the interceptor leaves alone keeps the usual plan; without one all do."""
    board = a_board("fold")
    board.attach("q", lambda _context: None, name="hook")
    usual = board.plan("q").fire.__code__
    stepping = Stepping()
    board.interceptor = stepping
    assert board.plan("q").fire.__code__ is usual
    fire(board, "q")
    assert stepping.log == []
    board.interceptor = None
    assert board.plan("q").fire.__code__ is usual
    assert board.revision == 1


def test_edits_keep_it() -> None:
    """The revisions after one that is stepped into are stepped into as well."""
    board = a_board("fold")
    stepping = Stepping()
    board.interceptor = stepping
    board.attach("p", lambda _context: None, name="hook")
    board.undo()
    board.tracer = None
    fire(board)
    assert stepping.log == ["enter c7 #-1"]


@pytest.mark.parametrize(
    ("shape", "answer"), [("fold", None), ("gather", None), ("spawn", None), ("onion", "core")]
)
def test_a_point_without_hooks_is_entered_too(shape: Shape, answer: object) -> None:
    """An event that no hook waits for passes by it, and comes to what it came to before."""
    board = a_board(shape)
    stepping = Stepping()
    board.interceptor = stepping
    assert fire(board) == answer
    assert stepping.log == ["enter c7 #-1"]


@pytest.mark.parametrize("shape", SHAPES)
def test_plain_hooks_can_be_made_to_wait(shape: Shape) -> None:
    """What is awaited in a plain call's place counts as its wait, and the result is the hook's."""
    board = a_board(shape, reduce=FIRST if shape == "fold" else IGNORE)
    board.attach("p", lambda _context, _next=None: "mine", name="hook")

    async def slow(go: Any) -> Any:
        await asyncio.sleep(0.03)  # far more than what a busy machine may take before the wait is measured
        return go()

    board.interceptor = Stepping(calling=lambda _position, go: slow(go))

    assert fire(board) == {"fold": "mine", "onion": "mine"}.get(shape)
    assert isinstance(board.tracer, Recorder)
    assert board.tracer.rows().calls["wait"][0] > 900_000


@pytest.mark.parametrize(
    ("shape", "silent"), [("fold", True), ("gather", False), ("spawn", True), ("onion", False)]
)
@pytest.mark.parametrize("late", [False, True])
def test_a_dropped_event_ends_there(shape: Shape, silent: bool, late: bool) -> None:
    """Later hooks do not run and the call counts as stopped; who waits for an answer is told, nobody else."""
    board = a_board(shape)
    ran: list[str] = []
    told: list[BaseException] = []
    board.report = lambda error, *_: told.append(error)
    board.attach("p", visit(ran, "one"), name="one")
    board.attach("p", lambda *_: ran.append("two"), name="two")

    async def drop() -> None:
        raise EventDropped("dropped")

    def at(position: int, go: Any) -> Any:
        return go() if position else drop() if late else raising(EventDropped("dropped"))()

    board.interceptor = Stepping(calling=at)

    if silent:
        assert fire(board) is None
    else:
        with pytest.raises(EventDropped):
            fire(board)
    assert ran == (["two"] if late and shape in ("gather", "spawn") else [])  # a sibling has started by then
    assert told == []
    assert outcomes(board)[0] == "stopped"
    assert outcomes(board)[1][0] == "stopped"


@pytest.mark.parametrize("shape", ["fold", "gather", "onion"])
def test_dropping_is_no_failure_to_contain(shape: Shape) -> None:
    """A policy that goes on after errors does not go on after a drop, nor does a shadow swallow it."""
    board = a_board(shape, "contain")
    ran: list[str] = []
    board.attach("p", lambda *_: None, name="shadow", scope=Scope(shadow=True))
    board.attach("p", lambda *_: ran.append("two"), name="two")
    board.interceptor = Stepping(
        calling=lambda position, go: go() if position else raising(EventDropped("dropped"))()
    )
    with pytest.raises(EventDropped):
        fire(board)
    assert ran == []


@pytest.mark.parametrize("shape", ["fold", "gather", "onion"])
def test_a_host_that_destroys_destroys_dropped_events(shape: Shape) -> None:
    """Under the policy destroy, dropping answers Destroyed, with the hook at which it happened."""
    board = a_board(shape, "destroy")
    board.attach("p", lambda *_: None, name="one")
    board.interceptor = Stepping(calling=lambda _position, _go: raising(EventDropped("dropped"))())
    answer = fire(board)
    assert isinstance(answer, Destroyed)
    assert answer.hook.name == "one"


def test_an_event_can_end_before_its_first_hook() -> None:
    """An entry that fails is on record with its error, and no hook of it has run."""
    board = a_board("fold")
    board.attach("p", lambda _context: None, name="hook")

    class Failing(Stepping):
        def enter(self, _connection: int, args: tuple[Any, ...], begin: Begin) -> Any:
            return begin(args).fail(ValueError("no"))

    board.interceptor = Failing()
    with pytest.raises(ValueError, match="no"):
        fire(board)
    assert outcomes(board) == ("raised", ["skipped"])


@pytest.mark.parametrize("late", [False, True])
def test_an_event_can_be_dropped_where_it_enters(late: bool) -> None:
    """Dropped at once or after a wait, an event that nobody waits for just ends; others say so."""

    async def drop() -> None:
        raise EventDropped("dropped")

    for reduce, silent in ((IGNORE, True), (REPLACE, False)):
        board = a_board("fold", reduce=reduce)
        board.interceptor = Stepping(
            entering=lambda _go: drop() if late else raising(EventDropped("dropped"))()
        )
        if silent:
            assert fire(board) is None
        else:
            with pytest.raises(EventDropped):
                fire(board)


def test_which_points_let_events_end_quietly() -> None:
    """Those whose answer nobody uses: spawned ones, and folds that ignore results and hand errors on."""
    assert ends_quietly(Policy("spawn"))
    assert ends_quietly(Policy("fold"))
    assert not ends_quietly(Policy("fold", REPLACE))
    assert not ends_quietly(Policy("fold", IGNORE, "destroy"))
    assert not ends_quietly(Policy("gather"))

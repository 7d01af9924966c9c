"""What may be asked of a board: points, plans, guests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import UnknownPoint
from workbench.engine.hooks import Hook, Scope
from workbench.engine.points import REPLACE, Named, Point, Policy, Section


def alpha(_peer: object) -> None:
    """Do nothing."""


def beta(_peer: object, _message: object) -> None:
    """Do nothing."""


def a_board() -> Board:
    """Make a board with two points."""
    return Board([Point("message", ("peer", "message"), alias="on_message"), Point("open", ("peer", "how"))])


def test_points_are_closed_or_made_on_demand() -> None:
    """An unknown name is refused with near ones, or made by the factory."""
    with pytest.raises(UnknownPoint, match="did you mean 'message'"):
        a_board().point("mesage")
    board = Board(open_points=lambda name: Point(name, ("payload",)))
    assert board.plan("items.create").fire(-1, 1) is None
    assert board.chain("items.create") == ()
    board.attach("items.create", alpha)
    assert [link.reason for link in board.chain("items.create")] == ["1st attached"]
    board.add_points([Point("more")])
    assert "more" in board.points


def test_guests_are_one_hook_per_function_and_scopes_pick_connections() -> None:
    """The same function is the same guest; hooks of limited scope run for their connections only."""
    board = a_board()
    guest = board.guest(beta, "message", lane="resolved")
    assert board.guest(beta, "message", lane="resolved") is guest
    assert board.guests() == (guest,)
    board.attach("message", alpha, scope=Scope(frozenset({1})))
    plans = board.plans_for(1)

    assert [hook.id for hook in plans.plan("message", (guest,)).hooks] == ["h1", "g1"]
    assert plans.plan("message", (guest,)) is plans.plan("message", (guest,))
    assert plans.plan("message") is plans.plan("message")
    assert plans.plan("message", (guest,)) is plans.plan("message", (guest,))
    assert board.plan("message", 2).skipped[0][1] == "not for this connection"
    assert board.plan("message").hooks == ()
    board.enable("alpha", False)
    assert [why for _, why in plans.plan("message").skipped] == ["disabled"]


class _Locked(WeakValueDictionary[object, Hook]):
    """Guests that note whether another thread could add one while they are listed."""

    def __init__(self, lock: Any) -> None:
        super().__init__()
        self.lock = lock
        self.open: list[bool] = []

    def values(self) -> Any:
        """List the guests, and let another thread try the lock."""
        thread = threading.Thread(target=lambda: self.open.append(self.lock.acquire(blocking=False)))
        thread.start()
        thread.join(10)
        return super().values()


def test_no_guest_comes_while_guests_are_listed() -> None:
    """The list is made under the lock that a new guest needs."""
    board = a_board()
    board._guests = locked = _Locked(board._lock)
    guest = board.guest(beta, "message", lane="resolved")
    assert board.guests() == (guest,)
    assert locked.open == [False]


class _Meeting(dict[object, Any]):
    """Plans of which the first two askers find none, at the same moment."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.barrier = threading.Barrier(2, timeout=10)

    def get(self, key: object, default: Any = None) -> Any:
        """Look, and let the first two wait for one another."""
        found = super().get(key, default)
        self.asked += 1
        if self.asked <= 2:
            self.barrier.wait()
        return found


def test_threads_that_ask_at_the_same_moment_get_the_same_plan() -> None:
    """Both find none; only one makes it."""
    board = Board([Point("p", ("a",))])
    board._state = replace(board.state, plans=_Meeting())
    plans: list[Any] = []
    threads = [threading.Thread(target=lambda: plans.append(board.plan("p"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert plans[0] is plans[1]


# Named chains -------------------------------------------------------------------------------------


def told(log: list[str]) -> Callable[[Hook, str], Callable[..., Any]]:
    """Bind hooks so that they log which event they run for."""

    def bind(hook: Hook, event: str) -> Callable[..., Any]:
        def call(value: Any) -> Any:
            log.append(f"{hook.name}@{event}")
            return hook.call(value)

        return call

    return bind


ITEMS = Named(
    "filter messages.create",
    (Section("create", ("create", "*")), Section("messages.create", ("messages.create", "*"))),
    "filter messages.create",
)


def test_named_chain_runs_sections_in_order() -> None:
    """A named chain runs section after section, lanes in their order, and tells each hook its event."""
    log: list[str] = []
    board = Board([Point("filter", ("value",), Policy("fold", REPLACE), bind=told(log))])
    for name, lane in (("star", "*"), ("mine", "messages.create"), ("all", "create"), ("other", "update")):
        board.attach("filter", lambda value, name=name: [*value, name], name=name, lane=lane)
    assert board.plan("filter", named=ITEMS).fire(-1, []) == ["all", "star", "mine", "star"]
    assert log == ["all@create", "star@create", "mine@messages.create", "star@messages.create"]


def test_named_plan_is_kept_under_its_name() -> None:
    """The plan of a named chain has the chain's name as its point's, and is made once per revision."""
    board = Board([Point("filter", ("value",), Policy("fold", REPLACE))])
    hook = board.attach("filter", len, lane="create")
    plan = board.plan("filter", named=ITEMS)
    assert (plan.point.name, plan.point.title) == ("filter messages.create", "filter messages.create")
    assert plan is board.plan("filter", named=ITEMS)
    assert plan is board.plan("filter", 3, named=ITEMS)
    assert plan is not board.plan("filter")
    assert plan.hooks == (hook,)
    board.set_scope(hook, Scope(frozenset({4})))
    assert board.plan("filter", 3, named=ITEMS).hooks == ()
    assert board.plan("filter", 4, named=ITEMS).hooks == (board.resolve(hook.id),)
    assert board.plan("filter", 3, named=ITEMS).skipped[0][1] == "not for this connection"


def test_bound_point_without_named_chain_has_no_event() -> None:
    """Where a point binds its hooks and no chain is named, the event is empty."""
    log: list[str] = []
    board = Board([Point("filter", ("value",), Policy("fold", REPLACE), bind=told(log))])
    board.attach("filter", lambda value: value + 1, name="one", lane="x")
    assert board.plan("filter").fire(-1, 1) == 2
    assert log == ["one@"]

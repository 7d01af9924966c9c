"""What workbench.trace.connections promises."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from workbench.trace.connections import Connection, Connections


@dataclass
class Counted:
    """What a transport counts."""

    messages_in: int = 0
    messages_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


def _register(limit: int = 10) -> Connections:
    return Connections(limit=limit, clock=count(100).__next__)


def test_figures_are_read_when_somebody_looks() -> None:
    """An open connection shows its transport's counts of that moment."""
    register, counted = _register(), Counted()
    index = register.opened("crossws", "/chat", None, counted)
    counted.messages_in, counted.bytes_in = 2, 20

    assert register.get(index) == Connection(1, "crossws", "/chat", "", 100, messages_in=2, bytes_in=20)
    assert (register.open, register.total, len(register)) == (1, 1, 1)


def test_a_closed_row_keeps_its_final_figures() -> None:
    """Counts, code, reason and time stay as they were at the end, whatever the transport does later."""
    register, counted = _register(), Counted(messages_out=1, bytes_out=5)
    index = register.opened("crossws", "/", "127.0.0.1", counted)
    register.closed(index, 1000, "bye")
    counted.messages_out = 9

    assert register.get(index) == Connection(
        1, "crossws", "/", "127.0.0.1", 100, 101, 1000, "bye", messages_out=1, bytes_out=5
    )
    assert register.open == 0


def test_closing_twice_or_nobody_does_nothing() -> None:
    """The first end counts; an unknown index is ignored."""
    register = _register()
    index = register.opened("wookie", "/", None)
    register.closed(index)
    register.closed(index, 1006)
    register.closed(99, 1000)

    assert [row.code for row in register.rows()] == [0]
    assert register.get(99) is None


def test_the_oldest_closed_ones_go_first() -> None:
    """Beyond the limit closed rows are forgotten and counted; open ones stay, whatever the limit."""
    register = _register(limit=2)
    first = register.opened("crossws", "/", None)
    for _ in range(3):
        register.closed(register.opened("crossws", "/", None))

    assert [row.index for row in register.rows()] == [first, 4]
    assert register.dropped == 2

    register.opened("crossws", "/", None)
    register.opened("crossws", "/", None)
    assert [row.index for row in register.rows()] == [1, 5, 6]


def test_clearing_forgets_the_closed_ones() -> None:
    """Open connections stay, and numbers go on."""
    register = _register()
    register.closed(register.opened("crossws", "/", None))
    still = register.opened("crossws", "/", None)
    register.clear()

    assert [row.index for row in register.rows()] == [still]
    assert register.opened("crossws", "/", None) == 3

"""The list of functions that a hook has had."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import EditRefused, StaleVersion
from workbench.engine.points import Point


def alpha(peer: Any, message: Any) -> None:
    """Be the first."""


def beta(peer: Any, message: Any) -> None:
    """Be the second."""


def gamma(peer: Any, message: Any) -> None:
    """Be the third."""


class Greeter:
    """Has a method to attach."""

    def greet(self, peer: Any, message: Any) -> None:
        """Greet."""


@pytest.fixture
def board() -> Board:
    """Give a board with one hook, h1."""
    made = Board([Point("message", ("peer", "message"))], clock=lambda: 12.5)
    made.attach("message", alpha, author="cell")
    return made


def functions(board: Board) -> list[tuple[int, Any, str, int]]:
    """List the versions of h1."""
    return [(one.number, one.hook.function, one.author, one.revision) for one in board.versions("h1")]


def test_attaching_and_replacing_make_versions(board: Board) -> None:
    """Each knows number, function, author, revision and time, whoever made it."""
    board.replace("alpha", beta, author="editor")
    board.attach("message", gamma, name="alpha", author="cell")

    assert functions(board) == [(1, alpha, "cell", 1), (2, beta, "editor", 2), (3, gamma, "cell", 3)]
    assert {one.time for one in board.versions("alpha")} == {12.5}


def test_a_function_that_the_hook_had_keeps_its_number(board: Board) -> None:
    """Going back, by replacing or by returning, makes no new version."""
    board.replace("alpha", beta)
    assert board.replace("alpha", alpha).version == 1
    assert board.return_to("alpha", 2).version == 2

    assert [row[0] for row in functions(board)] == [1, 2]
    assert board.journal[-1].python == 'bench.chain("message").return_to("alpha", 2)'


def test_a_method_is_the_same_however_often_it_is_asked_for(board: Board) -> None:
    """Two bound methods of one object are one version, those of two objects are two."""
    one, other = Greeter(), Greeter()
    for method in (one.greet, one.greet, other.greet):
        board.replace("alpha", method)

    assert [row[0] for row in functions(board)] == [1, 2, 3]


def test_no_number_is_given_twice(board: Board) -> None:
    """A version whose edit was undone keeps its number, and one can return to it."""
    board.replace("alpha", beta)
    board.undo()
    assert board.resolve("alpha").version == 1
    assert board.next_version("alpha") == 3
    assert board.replace("alpha", gamma).version == 3

    assert board.return_to("alpha", 2).function is beta


def test_returning_fits_the_function_to_what_the_hook_is_now(board: Board) -> None:
    """Name, place and switch stay; asked for a version that never was, the board lists those that were."""
    board.attach("message", gamma)
    board.replace("alpha", beta)
    board.enable("alpha", on=False)

    hook = board.return_to("alpha", 1)

    assert (hook.function, hook.enabled, hook.id) == (alpha, False, "h1")
    assert board.version("h1", 2).hook.function is beta
    with pytest.raises(EditRefused, match="'alpha' has no version 9; it has 1, 2"):
        board.return_to("alpha", 9)


def test_an_edit_made_for_another_version_is_refused(board: Board) -> None:
    """Whoever saw version 1 does not overwrite version 2 unawares."""
    board.replace("alpha", beta, seen=1)

    with pytest.raises(StaleVersion, match="'alpha' has version 2 by now, not 1"):
        board.replace("alpha", gamma, seen=1)
    with pytest.raises(StaleVersion):
        board.return_to("alpha", 1, seen=1)
    assert board.resolve("alpha").function is beta


def test_a_run_of_a_cell_keeps_each_version_that_it_made(board: Board) -> None:
    """Also where the journal has one entry for all of them."""
    with board.together():
        board.replace("alpha", beta)
        board.replace("alpha", gamma)

    assert [row[0] for row in functions(board)] == [1, 2, 3]

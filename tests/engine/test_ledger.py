"""The ledger: groups, marks, and the way back."""

from __future__ import annotations

from workbench.engine.board import Board
from workbench.engine.points import Point


def alpha(_peer: object) -> None:
    """Do nothing."""


def beta(_peer: object) -> None:
    """Do nothing."""


def a_board() -> Board:
    """Make a board with one point."""
    return Board([Point("p", ("peer",))], clock=lambda: 0.0)


def names(board: Board) -> list[str]:
    """Give the names of the hooks in their order."""
    return [row.hook.name for row in board.state.of("p")]


def test_edits_made_together_are_one_entry_and_one_undo() -> None:
    """Also those of a group inside the group; the printed lines make the same group."""
    board = a_board()
    with board.together():
        board.attach("p", alpha)
        with board.together():
            board.attach("p", beta)

    (entry,) = board.journal
    assert entry.kind == "group"
    assert entry.python.splitlines() == [
        "with bench.board.together():",
        '    bench.chain("p").attach(alpha)',
        '    bench.chain("p").attach(beta)',
    ]
    assert (board.undo(), names(board)) == (entry, [])
    assert board.redo() is not None
    assert names(board) == ["alpha", "beta"]


def test_redo_brings_back_what_was_undone_until_the_next_edit() -> None:
    """There is nothing to redo after an edit, and nothing to undo on an empty board."""
    board = a_board()
    assert (board.undo(), board.redo(), board.can_undo, board.can_redo) == (None, None, False, False)
    board.attach("p", alpha)
    board.undo("widget")
    assert (board.can_undo, board.can_redo, board.journal[0].undone) == (False, True, True)
    redone = board.redo("lab")
    assert redone is not None
    assert (redone.kind, names(board), board.journal[0].undone) == ("attach", ["alpha"], False)
    board.undo()
    board.attach("p", beta)

    assert board.can_redo is False
    assert [(entry.kind, entry.author) for entry in board.journal][:3] == [
        ("attach", "api"),
        ("undo", "widget"),
        ("redo", "lab"),
    ]


def test_a_mark_names_a_revision_and_is_no_edit() -> None:
    """It makes no revision, and undo passes over it."""
    board = a_board()
    board.attach("p", alpha)
    mark = board.mark("before the storm", author="lab")

    assert (mark.revision, mark.kind, mark.python) == (1, "mark", 'bench.board.mark("before the storm")')
    assert board.undo() is not None
    assert names(board) == []

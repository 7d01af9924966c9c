"""The ledger: groups, marks, and the way back."""

from __future__ import annotations

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import EditRefused
from workbench.engine.journal import Deed
from workbench.engine.points import Point, Policy


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

    assert (mark.revision, mark.kind, mark.python) == (1, "mark", 'bench.mark("before the storm")')
    assert board.undo() is not None
    assert names(board) == []


def test_returning_to_a_mark_is_one_edit_that_undo_takes_back() -> None:
    """Hooks and policies are what they were at the mark; undo brings back what came after it."""
    board = a_board()
    board.attach("p", alpha)
    board.mark("here")
    board.set_policy("p", Policy(failure="contain"))
    board.remove("alpha")
    board.attach("p", beta)
    at = board.revision

    board.return_to_mark("here", author="widget")
    board.return_to_mark("here")  # it is so already

    assert (names(board), board.point("p").policy, board.revision) == (["alpha"], Policy(), at + 1)
    last = board.journal[-1]
    assert (last.kind, last.author, last.python) == ("return", "widget", 'bench.return_to("here")')
    board.undo()
    assert (names(board), board.point("p").policy.failure) == (["beta"], "contain")


def test_a_name_means_its_newest_mark() -> None:
    """An unknown one is refused with what is near, or with how to set one."""
    board = a_board()
    with pytest.raises(EditRefused, match=r"there is no mark 'noon'; bench.mark\(\"...\"\) sets one"):
        board.return_to_mark("noon")
    board.mark("noon")
    board.attach("p", alpha)
    board.mark("noon")

    board.remove("alpha")
    board.return_to_mark("noon")

    assert (names(board), board.marks) == (["alpha"], {"noon": 2})
    with pytest.raises(EditRefused, match="did you mean 'noon'"):
        board.return_to_mark("nooon")
    for name in ("", " ", "two\nlines", "\u202eleft", "x" * 201, 7):
        with pytest.raises(EditRefused, match="a mark is a line of text"):
            board.mark(name)  # type: ignore[arg-type]


def test_faces_mark_and_return_as_they_edit() -> None:
    """Both come as JSON, with the name of the mark."""
    board = a_board()
    board.apply({"kind": "mark", "name": "here"}, author="widget")
    board.attach("p", alpha)
    board.apply({"kind": "return_to", "mark": "here"}, author="widget")

    assert names(board) == []
    assert [entry.author for entry in board.journal] == ["widget", "api", "widget"]


def test_the_lines_that_stand_can_be_cut_at_a_mark() -> None:
    """Until it: those that stood there, though undone since; after it: what came since and stands."""
    board = a_board()
    board.attach("p", alpha)
    board.attach("p", beta)
    board.mark("here")
    board.undo()
    board.remove("alpha")

    first, second, third = (
        'bench.chain("p").attach(alpha)',
        'bench.chain("p").attach(beta)',
        'bench.chain("p").remove("alpha")',
    )
    mark = 'bench.mark("here")'
    assert board.lines() == (first, mark, third)
    assert board.lines(until="here") == (first, second, mark)
    assert board.lines(since="here") == (mark, third)


def test_a_mark_made_inside_of_a_group_stays_an_entry_of_its_own() -> None:
    """What is edited together goes on behind it."""
    board = a_board()
    with board.together():
        board.attach("p", alpha)
        board.mark("here")
        board.attach("p", beta)

    assert [entry.kind for entry in board.journal] == ["attach", "mark", "attach"]


def a_switch(board: Board, on: list[str], name: str) -> None:
    """Do something beside the board, and note it."""
    on.append(name)
    board.note(
        "switch", f"switch({name!r})", Deed(on.clear, lambda: on.append(name)), point="p", author="lab"
    )


def test_what_is_done_beside_the_board_is_undone_in_its_turn() -> None:
    """It makes no revision; undo and redo go through edits and deeds in the order of their doing."""
    board, on = a_board(), list[str]()
    told = list[int]()
    board.subscribe(lambda: told.append(len(board.journal)))
    board.attach("p", alpha)
    a_switch(board, on, "fan")
    board.attach("p", beta)

    entry = board.journal[1]
    assert (entry.revision, entry.kind, entry.author, entry.point) == (1, "switch", "lab", "p")
    board.undo()
    undone = board.undo()
    assert undone is not None
    assert (undone.kind, on, names(board), board.revision) == ("switch", [], ["alpha"], 3)
    board.redo()
    assert (on, names(board), board.revision) == (["fan"], ["alpha"], 3)
    assert told == [1, 2, 3, 4, 5, 6]


def test_lines_of_a_cell_hold_what_they_take_away_by_a_variable() -> None:
    """Ids are other ones where the lines run; one whose making is not among them stays an id."""
    board = a_board()

    def nothing() -> None:
        """Stand for the way back."""

    for name in ("s1", "s2"):
        board.note("switch", "switch()", Deed(nothing, nothing, name, "switch()"))
    board.mark("half")
    board.note("off", 'off("s2")', Deed(nothing, nothing, "s2"))
    board.note("off", "off()", Deed(nothing, nothing))

    assert board.lines() == ("switch()", "s2 = switch()", 'bench.mark("half")', "off(s2)", "off()")
    assert board.lines(since="half") == ('bench.mark("half")', 'off("s2")', "off()")
    assert board.lines(until="half") == ("switch()", "switch()", 'bench.mark("half")')


def test_deeds_and_edits_made_together_are_one_entry() -> None:
    """One undo takes back all of it, the deeds last done first."""
    board, on = a_board(), list[str]()
    with board.together():
        board.attach("p", alpha)
        a_switch(board, on, "fan")
        a_switch(board, on, "lamp")

    (entry,) = board.journal
    assert entry.python.splitlines()[2:] == ["    switch('fan')", "    switch('lamp')"]
    board.undo()
    assert (on, names(board)) == ([], [])
    board.redo()
    assert (on, names(board)) == (["fan", "lamp"], ["alpha"])


def test_a_deed_that_cannot_be_taken_back_leaves_the_history_as_it_was() -> None:
    """Its error reaches whoever asked for the undo."""
    board = a_board()

    def stuck() -> None:
        raise OSError("stuck")

    board.note("switch", "switch()", Deed(stuck, stuck))
    with pytest.raises(OSError, match="stuck"):
        board.undo()
    assert (board.can_undo, board.can_redo) == (True, False)

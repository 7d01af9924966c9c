"""The board: edits, journal, undo, cells, printed Python lines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.engine.board import Board
from workbench.engine.errors import AmbiguousHook, BadSignature, EditRefused, UnknownHook
from workbench.engine.hooks import EFFECTS, KINDS, Origin, Scope
from workbench.engine.points import FIRST, IGNORE, MERGE, REPLACE, UPGRADE, Point, Policy


def alpha(_peer: object) -> None:
    """Do nothing."""


def beta(_peer: object, _message: object) -> None:
    """Do nothing."""


def gamma() -> None:
    """Do nothing."""


FUNCTIONS: dict[str, Any] = {"alpha": alpha, "beta": beta, "gamma": gamma, "lambda_": lambda: None}


def a_board() -> Board:
    """Make a board with two points."""
    return Board(
        [Point("message", ("peer", "message"), alias="on_message"), Point("open", ("peer", "how"))],
        clock=lambda: 0.0,
    )


class _Chain:
    """What a bench gives for a point, as far as printed lines use it."""

    def __init__(self, board: Board, point: str) -> None:
        self._board = board
        self._point = point

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._board, name)
        if name in ("attach", "clear", "set_policy"):
            return lambda *args, **keywords: method(self._point, *args, **keywords)
        return lambda ref, *args, **keywords: method(ref, *args, point=self._point, **keywords)


class _Bench:
    """A bench, as far as printed lines use it."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.mark = board.mark
        self.return_to = board.return_to_mark
        self.undo = board.undo
        self.redo = board.redo

    def chain(self, point: str) -> _Chain:
        """Give a chain."""
        return _Chain(self.board, point)


def rebuilt(board: Board) -> Board:
    """Run the printed lines of a board against a fresh one."""
    fresh = a_board()
    names = {
        "Policy": Policy,
        "Scope": Scope,
        "IGNORE": IGNORE,
        "REPLACE": REPLACE,
        "MERGE": MERGE,
        "FIRST": FIRST,
    }
    space = {"bench": _Bench(fresh), "UPGRADE": UPGRADE, **names, **FUNCTIONS}
    for entry in board.journal:
        exec(entry.python, space)
    return fresh


def rows(board: Board) -> Any:
    """Give all that an edit can change."""
    return {name: new for name, new in board.state.rows.items() if new}, dict(board.points)


_STEP = st.tuples(
    st.sampled_from(
        [
            "attach",
            "append",
            "remove",
            "move",
            "enable",
            "replace",
            "scope",
            "duplicate",
            "effects",
            "policy",
            "clear",
            "undo",
            "redo",
            "together",
            "mark",
            "return",
        ]
    ),
    st.sampled_from(["message", "open"]),
    st.sampled_from(sorted(FUNCTIONS)),
    st.integers(0, 9),
    st.integers(0, 9),
)


def perform(board: Board, step: tuple[str, str, str, int, int]) -> None:
    """Do one step of a random script; steps that do not apply do nothing."""
    what, point, function, first, second = step
    hooks = list(board.state.hooks())
    one = hooks[first % len(hooks)] if hooks else None
    other = hooks[second % len(hooks)] if hooks else None
    if what in ("attach", "append"):
        try:
            board.attach(
                point,
                FUNCTIONS[function],
                append=what == "append",
                priority=second % 2,
                lane="x" if first > 7 else "",
            )
        except AmbiguousHook:
            return
    elif what == "policy":
        board.set_policy(point, Policy(reduce=[IGNORE, MERGE, FIRST][first % 3]))
    elif what == "clear":
        board.clear(point)
    elif what == "mark":
        board.mark("here" if second % 2 else "there")
    elif what == "return" and board.marks:
        board.return_to_mark(sorted(board.marks)[first % len(board.marks)])
    elif what in ("undo", "redo"):
        getattr(board, what)()
    elif what == "together":
        with board.together():
            board.attach(point, FUNCTIONS[function], append=True)
            board.attach(point, FUNCTIONS[function], append=True)
    elif one is not None and other is not None:
        _change(board, what, one, other, function, second)


def _change(board: Board, what: str, one: Any, other: Any, function: str, number: int) -> None:
    if what == "remove":
        board.remove(one)
    elif what == "move":
        beside = other if other.point == one.point and other.id != one.id else None
        lane = "x" if number > 7 else None
        if number % 2:
            board.move(one, beside, lane=lane, kind=KINDS[number % 3])
        else:
            board.move(one, after=beside, lane=lane)
    elif what == "enable":
        board.enable(one, bool(number % 2))
    elif what == "replace":
        board.replace(one, FUNCTIONS[function])
    elif what == "duplicate":
        board.duplicate(one)
    elif what == "effects":
        board.set_effects(one, EFFECTS[number % 3])
    elif what == "scope":
        board.set_scope(one, Scope(frozenset({number}) if number % 2 else None, shadow=number > 5))


@settings(max_examples=150, deadline=None)
@given(st.lists(_STEP, max_size=25))
def test_printed_lines_rebuild_the_board(script: list[tuple[str, str, str, int, int]]) -> None:
    """Running the printed Python lines against a fresh board makes the same board, ids and revisions too."""
    board = a_board()
    for step in script:
        perform(board, step)

    again = rebuilt(board)

    assert rows(again) == rows(board)
    assert again.revision == board.revision
    assert [entry.python for entry in again.journal] == [entry.python for entry in board.journal]


@settings(max_examples=100, deadline=None)
@given(st.lists(_STEP, max_size=20))
def test_undo_all_is_the_start_and_redo_all_the_end(script: list[tuple[str, str, str, int, int]]) -> None:
    """Undoing everything leads back to the empty board, redoing everything to where it was."""
    board = a_board()
    start = rows(board)
    for step in script:
        perform(board, step)
    while board.redo() is not None:
        pass
    end = rows(board)

    while board.can_undo:
        board.undo()
    assert rows(board) == start

    while board.can_redo:
        board.redo()
    assert rows(board) == end


def test_the_same_name_replaces_in_place_and_append_does_not() -> None:
    """A name attached again keeps id and place; append stands beside it."""
    board = a_board()
    first = board.attach("message", alpha)
    board.attach("message", beta)

    again = board.attach("message", gamma, name="alpha")
    beside = board.attach("on_message", alpha, append=True)

    assert (again.id, again.version, beside.id) == (first.id, 2, "h3")
    assert [row.hook.name for row in board.state.of("message")] == ["alpha", "beta", "alpha"]
    with pytest.raises(AmbiguousHook, match=r"h1 .*h3"):
        board.resolve("alpha")
    assert board.resolve("h3") == board.resolve(beside) == beside
    assert board.resolve(beta).name == "beta"
    with pytest.raises(UnknownHook, match="did you mean 'beta'"):
        board.resolve("beto")
    with pytest.raises(UnknownHook, match=r"no hook 'test_the_same_name_.*'; there are: 'alpha', 'beta'"):
        board.resolve(test_the_same_name_replaces_in_place_and_append_does_not)


def test_running_a_cell_again_replaces_as_one_edit() -> None:
    """The second run takes the places of the first one's hooks, in one entry.

    What it no longer attaches goes away.
    """
    board = a_board()
    cell = Origin("cell", cell="c1")
    with board.cell_run("c1"):
        board.attach("message", alpha, origin=cell, append=True)
        board.attach("message", beta, origin=cell, append=True)
        board.attach("message", gamma, origin=cell, append=True)
    assert len(list(board.journal)) == 1

    with board.cell_run("c1"):
        board.attach("message", alpha, origin=cell, append=True)
        board.attach("message", FUNCTIONS["gamma"], name="beta", origin=cell, append=True)

    assert [(row.hook.id, row.hook.name) for row in board.state.of("message")] == [
        ("h1", "alpha"),
        ("h2", "beta"),
    ]
    assert len(list(board.journal)) == 2
    board.undo()
    assert [row.hook.name for row in board.state.of("message")] == ["alpha", "beta", "gamma"]


def test_a_failed_cell_takes_nothing_away() -> None:
    """Hooks that a failed run did not come to attach stay."""
    board = a_board()
    with board.cell_run("c1"):
        board.attach("message", alpha, origin=Origin("cell", cell="c1"))
    with pytest.raises(ZeroDivisionError), board.cell_run("c1"):
        raise ZeroDivisionError
    board.end_cell("never begun")

    assert board.resolve("alpha").id == "h1"


def test_faces_edit_with_the_revision_that_they_saw() -> None:
    """An edit of a hook that was edited since is refused and says by whom; others pass."""
    board = a_board()
    hook = board.apply({"kind": "attach", "point": "message", "function": alpha}, author="widget")
    assert hook is not None
    board.apply(
        {"kind": "attach", "point": "message", "function": beta, "before": "h1"}, author="lab", seen=1
    )
    board.apply({"kind": "move", "hook": "h1", "before": "h2"}, author="lab", seen=2)
    board.apply({"kind": "enable", "hook": "h2", "on": False}, author="lab", seen=2)
    board.apply({"kind": "replace", "hook": "h2", "function": gamma}, author="lab")
    board.apply({"kind": "set_scope", "hook": "h2", "connections": [1], "shadow": True}, author="lab")
    board.apply({"kind": "set_policy", "point": "message", "failure": "contain"}, author="lab")

    with pytest.raises(EditRefused, match="revision 3"):
        board.apply({"kind": "remove", "hook": "h1"}, author="widget", seen=2)
    for wrong in ({"kind": "mvoe"}, {"kind": "move"}, {"kind": "attach", "point": "message", "function": "x"},
                  {"kind": "set_policy", "point": "open", "reduce": "marge"}):  # fmt: skip
        with pytest.raises(EditRefused):
            board.apply(wrong, author="widget")
    with pytest.raises(EditRefused, match="next to itself"):
        board.move("h1", before="h1")
    with pytest.raises(EditRefused, match="not both"):
        board.move("h1", before="h2", after="h2")
    board.apply({"kind": "remove", "hook": "h1"}, author="widget", seen=board.revision)
    board.apply({"kind": "clear", "point": "message"}, author="widget")
    assert board.state.of("message") == ()


def test_a_duplicate_stands_right_behind_its_hook_and_has_a_name_of_its_own() -> None:
    """It has the hook's function, lane and scope, a version of 1, and is one edit that can be undone."""
    board = a_board()
    board.attach("message", alpha, lane="x", priority=3, scope=Scope(shadow=True))
    board.attach("message", beta)

    copy = board.duplicate("alpha")
    named = board.apply({"kind": "duplicate", "hook": copy.id, "name": "third"}, author="widget")

    assert [row.hook.name for row in board.state.of("message")] == ["alpha", "alpha-2", "third", "beta"]
    assert (copy.function, copy.lane, copy.priority, copy.scope.shadow) == (alpha, "x", 3, True)
    assert copy.version == 1
    assert named is not None
    assert board.journal[-1].python == 'bench.chain("message").duplicate("alpha-2", name="third")'
    with pytest.raises(EditRefused, match="name of a hook is a text"):
        board.duplicate("alpha", name=3)  # type: ignore[arg-type]
    board.undo()
    assert [row.hook.name for row in board.state.of("message")] == ["alpha", "alpha-2", "beta"]


def test_a_hook_that_moves_to_a_lane_of_another_kind_becomes_one_of_that_kind() -> None:
    """Its function is looked at again: one that wants `next` is no before hook."""
    board = Board([Point("call", ("context", "next"), Policy("onion"))])
    before = board.attach("call", alpha, kind="before", lane="b")
    board.attach("call", beta, kind="around", lane="a")

    moved = board.move("alpha", lane="c", kind="after")

    assert (moved.id, moved.kind, moved.lane) == (before.id, "after", "c")
    assert board.journal[-1].python == 'bench.chain("call").move("alpha", lane="c", kind="after")'
    edit = {"kind": "move", "hook": "h2", "lane": "b", "kind_of_hook": "before"}
    with pytest.raises(BadSignature, match="requires 2 arguments"):
        board.apply(edit, author="widget")
    with pytest.raises(EditRefused, match="no kind of hook"):
        board.move("alpha", kind="behind")  # type: ignore[arg-type]
    assert board.resolve("beta").lane == "a"


def test_what_a_hook_touches_is_an_edit_and_outlives_its_replacement() -> None:
    """A hook that is attached again under its name keeps it where the new run says nothing."""
    board = a_board()
    board.attach("message", alpha, effects="outside")
    assert board.attach("message", beta, name="alpha").effects == "outside"

    board.apply({"kind": "set_effects", "hook": "h1", "effects": "pure"}, author="widget")

    assert board.journal[0].python == 'bench.chain("message").attach(alpha, effects="outside")'
    assert board.journal[-1].python == 'bench.chain("message").set_effects("alpha", "pure")'
    with pytest.raises(EditRefused, match="one of context, pure, outside, not 'outsied'; did you mean"):
        board.set_effects("alpha", "outsied")  # type: ignore[arg-type]


def test_a_replacement_may_be_spoken_in_other_words() -> None:
    """Whoever found the function in another way says so in the journal."""
    board = a_board()
    board.attach("message", alpha)

    board.replace("alpha", beta, spoken='return_to("alpha", 1)')

    assert board.journal[-1].python == 'bench.chain("message").return_to("alpha", 1)'
    around = {"kind": "attach", "point": "message", "function": beta, "spoken": 'wrap("alpha")'}
    board.apply(around, author="widget")
    assert board.journal[-1].python == 'bench.chain("message").wrap("alpha")'


def test_signatures_are_checked_when_attached() -> None:
    """More required arguments than the point has are refused, and so is a generator."""
    board = a_board()
    with pytest.raises(
        BadSignature, match=r"'wants' requires 3 arguments \(a, b, c\), but message\(peer, message\) gives 2"
    ):
        board.attach("message", lambda a, b, c: (a, b, c), name="wants")
    with pytest.raises(BadSignature, match="contains yield"):
        board.attach("message", lambda: (yield), name="lazy")


def test_subscribers_are_told_after_each_publish() -> None:
    """A subscriber sees the new revision, until it leaves."""
    board = a_board()
    seen: list[int] = []
    leave = board.subscribe(lambda: seen.append(board.revision))
    board.attach("message", alpha)
    board.attach("message", alpha)  # nothing changes but the version is the same function: no new revision
    leave()
    leave()
    board.remove("alpha")

    assert seen[0] == 1
    assert set(seen) == {1}

"""What an edit is given is looked at before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workbench.engine.board import Board
from workbench.engine.errors import EditRefused
from workbench.engine.hooks import KINDS, Scope
from workbench.engine.points import Point


def echo(_peer: object, message: object) -> object:
    """Answer with what came."""
    return message


def a_board() -> Board:
    """Make a board with a hook on it."""
    board = Board([Point("message", ("peer", "message"))])
    board.attach("message", echo)
    return board


BAD_SCOPES = [
    ("nonsense", "the scope of a hook is a Scope such as Scope(frozenset({3})), not 'nonsense'"),
    (None, "not None; Scope() stands for all connections"),
    (Scope(3), "are a frozenset of their numbers, not 3"),  # type: ignore[arg-type]
    (Scope([3]), "are a frozenset of their numbers, not [3]"),  # type: ignore[arg-type]
    (Scope(frozenset({"3"})), "not frozenset({'3'}); write Scope(frozenset({3}))"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("scope", "words"), BAD_SCOPES)
def test_a_wrong_scope_is_refused(scope: Any, words: str) -> None:
    """Events would trip over it, so it never gets onto the board."""
    board = a_board()

    edits: list[Callable[[], object]] = [
        lambda: board.set_scope("echo", scope),
        lambda: board.attach("message", echo, scope=scope),
    ]
    for edit in edits:
        with pytest.raises(EditRefused) as refused:
            edit()
        assert words in str(refused.value)

    assert board.revision == 1
    assert board.plan("message").hooks[0].scope == Scope()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "arround"}, "there is no kind of hook 'arround'; did you mean 'around'?"),
        ({"kind": ["call"]}, "there is no kind of hook ['call']"),
        ({"priority": "hi"}, "the priority of a hook is a finite number such as 10, not 'hi'"),
        ({"priority": True}, "not True"),
        ({"priority": float("nan")}, "not nan"),
        ({"priority": float("inf")}, "not inf"),
        ({"name": 5}, "the name of a hook is a text that is not empty, not 5"),
        ({"name": ""}, "not ''; leave it out to take the function's name"),
        ({"lane": 5}, "the lane of a hook is a text, not 5"),
        ({"lane": None}, "not None; leave it out for the usual one"),
    ],
)
def test_attaching_refuses_what_no_hook_can_have(given: dict[str, Any], words: str) -> None:
    """One sentence says what was expected and what came, and the board stays as it is."""
    board = a_board()

    with pytest.raises(EditRefused) as refused:
        board.attach("message", echo, **given)

    assert words in str(refused.value)
    assert board.revision == 1


def test_moving_refuses_a_lane_that_is_no_text() -> None:
    """None means that the hook stays in its own."""
    board = a_board()

    with pytest.raises(EditRefused, match="the lane of a hook is a text, not 5"):
        board.move("echo", lane=5)  # type: ignore[arg-type]

    assert board.move("echo").lane == ""


def test_what_hooks_can_have_is_accepted() -> None:
    """All kinds, lanes that no dialect knows, fractions as priorities, and no connection at all."""
    board = a_board()

    for kind in KINDS:
        hook = board.attach(
            "message", echo, name=kind, kind=kind, lane="any", priority=-0.5, scope=Scope(frozenset())
        )
        assert (hook.kind, hook.lane, hook.priority) == (kind, "any", -0.5)

"""Edits: names of functions, places, refusals."""

from __future__ import annotations

import functools

import pytest

from workbench.engine.board import Board
from workbench.engine.edits import name_of
from workbench.engine.errors import EditRefused
from workbench.engine.hooks import HookFunction, Origin
from workbench.engine.points import Point


def alpha(_a: object) -> None:
    """Do nothing."""


def beta(_a: object) -> None:
    """Do nothing."""


class _Callable:
    def __call__(self, _a: object) -> None:
        """Do nothing."""


def a_board(**options: object) -> Board:
    """Make a board with two hooks."""
    board = Board([Point("p", ("a",))], **options)  # type: ignore[arg-type]
    board.attach("p", alpha)
    board.attach("p", beta)
    return board


def test_every_callable_has_a_name() -> None:
    """A partial that of its function, an object that of its class, a lambda its own word."""
    assert name_of(functools.partial(functools.partial(alpha))) == "alpha"
    assert name_of(_Callable()) == "_Callable"
    assert name_of(lambda: None) == "lambda"


def test_attaching_a_known_name_beside_another_hook_moves_it() -> None:
    """The hook keeps its id, and stands where it was asked to."""
    board = a_board()
    board.attach("p", beta, before="alpha")

    assert [row.hook.id for row in board.state.of("p")] == ["h2", "h1"]
    assert board.journal[-1].python == 'bench.chain("p").attach(beta, before="alpha")'


def test_an_edit_of_what_others_left_alone_passes_however_old() -> None:
    """A face that saw the empty board may edit what nobody edited since it was attached."""
    board = Board([Point("p", ("a",))])
    board.apply({"kind": "set_policy", "point": "p", "failure": "contain"}, author="lab", seen=0)
    board.apply({"kind": "attach", "point": "p", "function": alpha}, author="lab", seen=0)

    assert board.resolve("alpha").id == "h1"


def test_an_edit_that_another_one_overtakes_is_refused() -> None:
    """Between the look and the edit the hook was switched off: the replacement would switch it on again."""
    boards: list[Board] = []

    def whence(_function: HookFunction) -> Origin:
        for board in boards:
            board.enable("alpha", False)
        return Origin("file")

    boards_board = a_board(whence=whence)
    boards.append(boards_board)

    with pytest.raises(EditRefused, match="'alpha' was edited at the same moment"):
        boards_board.replace("alpha", beta)
    assert not boards_board.resolve("alpha").enabled


def test_a_function_comes_from_where_the_board_is_told() -> None:
    """Whoever attaches without an origin gets the one that the bench finds."""
    board = a_board(whence=lambda _function: Origin("cell", "In[7]", 3, "c1"))

    assert board.resolve("alpha").origin == Origin("cell", "In[7]", 3, "c1")


def test_a_function_without_a_name_is_written_as_what_it_is() -> None:
    """The printed line has a name that stands for it, and says for what and where that is."""
    board = a_board()
    board.attach("p", lambda _a: None, origin=Origin("cell", "In[7]", 3, "c1"))
    board.attach("p", lambda _a: 1, origin=Origin("cell", "In[8]", 1, "c2"))
    board.attach("p", functools.partial(alpha), name="part", origin=Origin("cell", "In[9]", 1, "c3"))
    board.replace("alpha", _Callable())

    lines, attach = [entry.python for entry in board.journal][2:], 'bench.chain("p").attach('
    assert lines == [
        f'{attach}lambda_, name="lambda")  # lambda_ stands for a lambda of In[7], line 3',
        f'{attach}lambda_, name="lambda", append=True)  # lambda_ stands for a lambda of In[8], line 1',
        f'{attach}alpha_, name="part")  # alpha_ stands for a partial object of In[9], line 1',
        'bench.chain("p").replace("alpha", _Callable_)  # _Callable_ stands for a _Callable object',
    ]


class _Extension:
    def on_change(self, _a: object) -> None: ...


def test_a_method_is_written_with_its_class_and_the_name_of_its_file() -> None:
    """No line shows where on this machine a file is."""
    board = Board([Point("p", ("a",))])
    board.attach("p", _Extension().on_change, origin=Origin("file", "/home/ada/project/extension.py", 3))

    remark = board.journal[-1].python.partition("  # ")[2]
    assert remark == "on_change stands for that of a _Extension, extension.py, line 3"


def test_a_ready_made_function_is_written_with_its_import() -> None:
    """The printed line says where its name comes from, since a notebook does not know it."""
    board = Board([Point("p", ("a",))])
    board.attach("p", alpha, name="alpha-2", origin=Origin("ready"))

    assert board.journal[-1].python == (
        f'bench.chain("p").attach(alpha, name="alpha-2")  # from {__name__} import alpha'
    )


def test_a_cell_that_runs_again_is_written_as_the_replacement_that_it_is() -> None:
    """By name where one hook has it, by id where several do; run by hand, the lines append nothing twice."""
    board = Board([Point("p", ("a",))])
    origin = Origin("cell", "In[1]", 1, "c1")
    for _ in range(2):
        with board.cell_run("c1"):
            board.attach("p", alpha, origin=origin, append=True)
    board.attach("p", alpha, append=True)
    with board.cell_run("c1"):
        board.attach("p", beta, name="alpha", origin=origin, append=True)

    lines = [entry.python for entry in board.journal]
    assert lines == [
        'bench.chain("p").attach(alpha, append=True)',
        'bench.chain("p").attach(alpha, append=True)',
        'bench.chain("p").replace("h1", beta)',
    ]

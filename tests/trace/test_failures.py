"""What workbench.trace.failures promises."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from workbench.engine.errors import FaultInjected
from workbench.engine.templates import ROAD
from workbench.trace import failures
from workbench.trace.failures import Failures, call_of, mark_call, one_line, user_traceback


def _raised(function: Callable[[], Any]) -> BaseException:
    try:
        function()
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("it raised nothing")


def _from_cell(source: str) -> dict[str, Any]:
    """Run source as IPython runs a cell: its lines are in linecache only."""
    name = "<ipython-input-7>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {}
    exec(compile(source, name, "exec"), namespace)
    return namespace


def test_one_line_says_class_and_first_line() -> None:
    """Later lines, blank ones and what is too long are left out."""
    assert one_line(ValueError("bad\nworse")) == "ValueError: bad"
    assert one_line(ValueError("\n\n  bad")) == "ValueError: bad"
    assert one_line(KeyError()) == "KeyError"
    assert one_line(ValueError("x" * 400)).endswith("xxx...")
    assert len(one_line(ValueError("x" * 400))) == 300


def test_a_member_by_a_near_name_is_told() -> None:
    """As Python does where it prints an error: most come of JavaScript's spelling."""

    @dataclass
    class Message:
        raw_data: str

    def said(name: str) -> str:
        return one_line(_raised(lambda: getattr(Message("x"), name)))

    assert (
        said("rawData")
        == "AttributeError: 'Message' object has no attribute 'rawData'; did you mean 'raw_data'?"
    )
    assert said("colour") == "AttributeError: 'Message' object has no attribute 'colour'"
    assert one_line(AttributeError("'Message' has none")) == "AttributeError: 'Message' has none"


def test_an_error_that_cannot_be_printed_is_still_one() -> None:
    """A raising __str__ becomes a note."""

    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert one_line(MuteError()) == "MuteError: <no text>"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], Any]:
    """Calls what it is given from a file that counts as the workbench's."""
    monkeypatch.setattr(failures, "_PACKAGE", "/made/up/workbench/")
    namespace: dict[str, Any] = {}
    exec(compile("def run(hook):\n    hook()\n", "/made/up/workbench/engine/run.py", "exec"), namespace)
    called: Callable[[Callable[[], Any]], Any] = namespace["run"]
    return called


def test_what_the_workbench_writes_and_runs_is_its_own_too() -> None:
    """The functions of the fast road stand in no file."""
    namespace: dict[str, Any] = {}
    exec(compile("def fire(hook):\n    hook()\n", f"{ROAD}1>", "exec"), namespace)
    cell = _from_cell("def hook():\n    1 / 0\n")

    text = user_traceback(_raised(lambda: namespace["fire"](cell["hook"])))

    assert ROAD not in text
    assert "    1 / 0" in text


def test_the_workbench_itself_is_left_out_of_tracebacks(run: Callable[..., Any]) -> None:
    """Only the user's frames remain, with the lines of the cell, in the error and in what led to it."""
    cell = _from_cell(
        "def hook():\n    try:\n        {}['x']\n"
        "    except KeyError as error:\n        raise ValueError('bad') from error\n"
    )

    text = user_traceback(_raised(lambda: run(cell["hook"])))

    assert "run.py" not in text
    assert "{}['x']" in text
    assert "raise ValueError('bad') from error" in text
    assert text.endswith("ValueError: bad\n")


def test_groups_are_cut_inside_too(run: Callable[..., Any]) -> None:
    """The members of an exception group lose the workbench's frames as well."""
    error = _raised(lambda: run({}.popitem))
    assert isinstance(error, Exception)
    group = ExceptionGroup("both", [error])

    text = user_traceback(group)

    assert "run.py" not in text
    assert "KeyError: 'popitem()" in text


def test_an_error_of_the_workbench_itself_keeps_its_frames(run: Callable[..., Any]) -> None:
    """Without a frame of the user, all are shown: somebody will have to mend it."""
    error = _raised(lambda: run({}.popitem))
    while error.__traceback__ is not None and error.__traceback__.tb_next is not None:
        error.__traceback__ = error.__traceback__.tb_next

    assert "run.py" in user_traceback(error)


def test_an_error_that_is_meant_for_users_is_its_sentence_alone(run: Callable[..., Any]) -> None:
    """What a fault injects has no frame of the user, and those of the workbench say nothing."""

    def inject() -> None:
        raise FaultInjected("boom")

    error = _raised(lambda: run(inject))
    assert "in inject" in user_traceback(error)
    own = error.with_traceback(_raised(lambda: run({}.popitem)).__traceback__)
    while own.__traceback__ is not None and own.__traceback__.tb_next is not None:
        own.__traceback__ = own.__traceback__.tb_next

    assert "run.py" not in user_traceback(own)
    assert user_traceback(own).endswith("workbench.engine.errors.FaultInjected: boom\n")


def test_errors_that_refer_to_each_other_end() -> None:
    """A circle of contexts is told once."""
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one

    assert user_traceback(one).count("ValueError: one\n") == 1


def test_long_tracebacks_are_cut() -> None:
    """Of a very long text sixteen thousand characters are kept."""
    assert user_traceback(ValueError("x" * 20_000)).endswith("\n... (cut)\n")


def test_the_list_is_bounded() -> None:
    """The oldest go, and the counters say so; clearing starts anew."""
    kept = Failures(limit=2)
    for number in range(3):
        kept.add(ValueError(number), point="message", hook="shout", connection=2, dispatch=number)

    assert [(row.dispatch, row.error) for row in kept.rows()] == [(1, "ValueError: 1"), (2, "ValueError: 2")]
    assert (kept.total, kept.dropped, len(kept)) == (3, 1, 2)

    kept.clear()
    assert (kept.total, kept.dropped, kept.rows()) == (0, 0, [])


def test_marked_errors_know_their_call() -> None:
    """The mark fills in what nobody says; what somebody says counts more; some errors take no mark."""
    kept, error = Failures(), ValueError("bad")
    mark_call(error, 7, "shout")
    for row in (kept.add(error), kept.add(error, dispatch=8, hook="echo")):
        assert (row.dispatch, row.hook) in {(7, "shout"), (8, "echo")}
    assert [row.dispatch for row in kept.rows()] == [7, 8]

    class Bare(ValueError):
        @property
        def __dict__(self) -> Any:  # type: ignore[override]
            raise AttributeError

    bare = Bare()
    mark_call(bare, 7, "shout")
    assert call_of(bare) == (-1, "")


def test_nobody_is_no_connection() -> None:
    """0 and below stand for an error without a connection."""
    assert [Failures().add(ValueError(), connection=number).connection for number in (-5, 0, 3)] == [
        -1,
        -1,
        3,
    ]


def test_no_error_is_kept_alive() -> None:
    """Only texts are kept."""
    row = Failures().add(ValueError("bad"))
    assert (row.dispatch, row.point, row.hook, row.connection) == (-1, "", "", -1)
    assert isinstance(row.traceback, str)

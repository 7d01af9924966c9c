"""Names out of the running program."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Self

import pytest

from workbench.naming import assigned_name, caller_outside, name_in_namespace, slug, warn_caller


class Made:
    """Notes the name that its call is assigned to."""

    def __init__(self) -> None:
        self.name = assigned_name(_caller())

    def start(self) -> Made:
        """As a bench's start does."""
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Nothing to do."""


def _caller() -> FrameType:
    frame = sys._getframe(2)
    assert frame is not None
    return frame


def test_a_plain_assignment_names() -> None:
    """The variable on the left is the name."""
    bench = Made()

    assert bench.name == "bench"


def test_an_annotated_assignment_names() -> None:
    """An annotation does not hide the variable."""
    bench: Made = Made()

    assert bench.name == "bench"


def test_a_call_over_several_lines_names() -> None:
    """The call is found by its position, however it is laid out."""
    # fmt: off
    bench = (
        Made(
        )
    )
    # fmt: on

    assert bench.name == "bench"


def test_a_start_behind_the_call_is_seen_through() -> None:
    """`start` returns the bench itself, so the variable is still its name."""
    bench = Made().start()

    assert bench.name == "bench"


def test_two_at_once_are_told_apart() -> None:
    """Of a tuple each value has the name in its own place."""
    first, second = Made(), Made()

    assert (first.name, second.name) == ("first", "second")


def test_a_walrus_and_a_with_statement_name() -> None:
    """Every way of binding a plain name counts."""
    assert (bench := Made()).name == "bench"
    assert bench
    with Made() as held:
        assert held.name == "held"


def test_what_is_not_assigned_has_no_name() -> None:
    """An argument, an attribute and an item are no variables."""
    things = {"key": Made()}
    things["other"] = Made()

    assert [thing.name for thing in things.values()] == [None, None]


def test_code_without_source_has_no_name() -> None:
    """Where Python does not know the source, nothing is guessed and nothing raised."""
    space: dict[str, object] = {"Made": Made}
    exec("bench = Made()", space)

    made = space["bench"]
    assert isinstance(made, Made)
    assert made.name is None


def test_a_parser_that_stumbles_costs_the_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11 raises SystemError when another thread builds a tree at the same time."""

    def stumble(_: str) -> None:
        raise SystemError("AST constructor recursion depth mismatch")

    monkeypatch.setattr("ast.parse", stumble)
    made = Made()
    assert made.name is None


def test_a_namespace_is_searched_by_identity_and_skips_private_names() -> None:
    """IPython keeps results as `_` and `_3`; those are not what a person calls a thing."""
    thing, twin = [1], [1]

    assert name_in_namespace(thing, {"_": thing, "twin": twin, "mine": thing}) == "mine"
    assert name_in_namespace(thing, {"_3": thing}) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bench", "bench"),
        ("My Chat!", "my-chat"),
        ("größe", "gr-e"),
        ("", "bench"),
        ("_", "bench"),
        ("x" * 99, "x" * 48),
    ],
)
def test_a_slug_is_fit_for_files_and_urls(name: str, expected: str) -> None:
    """Lower case letters, digits and hyphens remain, and never nothing."""
    assert slug(name) == expected


def test_the_caller_is_the_first_frame_outside_the_package() -> None:
    """Here the test calls, so the caller is its own first line."""
    caller = caller_outside()
    for _ in range(2):
        with pytest.warns(UserWarning, match="mind the gap") as told:
            warn_caller("mind the gap")
        assert (told[0].filename, told[0].lineno) == (__file__, caller.line + 3)

    assert caller.file == __file__
    assert caller.line == test_the_caller_is_the_first_frame_outside_the_package.__code__.co_firstlineno + 2

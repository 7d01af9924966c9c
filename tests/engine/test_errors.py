"""Errors that say which argument they are about."""

from __future__ import annotations

import pytest

from workbench.engine.errors import (
    AmbiguousHook,
    EditRefused,
    UnknownHook,
    UnknownPoint,
    WorkbenchError,
    is_near,
)


@pytest.mark.parametrize(
    ("error", "argument"),
    [
        (UnknownPoint("no"), "point"),
        (UnknownHook("no"), "hook"),
        (AmbiguousHook("no"), "hook"),
        (EditRefused("no"), ""),
        (EditRefused("no").about("times"), "times"),
    ],
)
def test_an_error_names_the_argument_that_it_is_about(error: WorkbenchError, argument: str) -> None:
    """Of its kind, or as whoever raises it says; a page puts the sentence beside that field."""
    assert (error.argument, str(error)) == (argument, "no")


def test_a_name_that_looks_like_a_known_one_is_probably_misspelt() -> None:
    """Others are names of their own."""
    assert is_near("mesage", ["open", "message"])
    assert not is_near("close", ["open", "message"])

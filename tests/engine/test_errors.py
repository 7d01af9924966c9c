"""Errors that say which argument they are about."""

from __future__ import annotations

import pytest

from workbench.engine.errors import AmbiguousHook, EditRefused, UnknownHook, UnknownPoint, WorkbenchError


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

"""What is said where the original would do something else."""

from __future__ import annotations

import pytest

from workbench.dialects.wookie.differences import on_failure, on_waiting
from workbench.dialects.wookie.errors import Signalled
from workbench.dialects.wookie.profiles import PROFILES

ERROR = LookupError("nobody")


def test_waiting() -> None:
    """Waiting differs at three points, and only there."""
    assert "(Q5)" in on_waiting("parsed-headers")
    assert "(Q6)" in on_waiting("body-chunk")
    assert "(Q9)" in on_waiting("connect")
    assert on_waiting("pre-route") == ""


@pytest.mark.parametrize(
    ("profile", "point", "error", "unsent", "part"),
    [
        ("head", "pre-route", ERROR, True, ""),
        ("head", "pre-route", ERROR, False, "(Q1)"),
        ("head", "pre-route", Signalled(True), True, "(Q4)"),
        ("head", "response-started", ERROR, True, "until the process dies"),
        ("head", "parsed-headers", ERROR, True, "404"),
        ("head", "body-chunk", ERROR, True, "each failing call"),
        ("docs", "pre-route", ERROR, True, ""),
        ("docs", "pre-route", Signalled(True), False, ""),
        ("docs", "parsed-headers", ERROR, True, "404"),
        ("docs", "body-chunk", ERROR, True, "ignored"),
    ],
)
def test_failures(profile: str, point: str, error: Exception, unsent: bool, part: str) -> None:
    """Each generation has its own defects; where it has none nothing is said."""
    text = on_failure(PROFILES[profile], point, error, unsent=unsent)
    assert part in text
    assert bool(text) is bool(part)
    assert not text or PROFILES[profile].version in text

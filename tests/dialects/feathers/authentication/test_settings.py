"""Settings have two spellings and one meaning."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.feathers.authentication.settings import merged, seconds, settings
from workbench.engine.errors import WorkbenchError


def test_both_spellings_are_one() -> None:
    """On every level but the headers of tokens."""
    given = {"authStrategies": ["jwt"], "jwtOptions": {"expiresIn": "1h", "header": {"typ": "a", "keyId": 1}}}

    assert settings(given) == {
        "auth_strategies": ["jwt"],
        "jwt_options": {"expires_in": "1h", "header": {"typ": "a", "keyId": 1}},
    }
    assert settings(None) == {}


def test_later_settings_win_inside_of_each_other() -> None:
    """What they don't name stays."""
    first = {"jwtOptions": {"issuer": "a", "audience": "b"}, "secret": "s"}

    assert merged(first, {"jwt_options": {"issuer": "c"}}, None) == {
        "jwt_options": {"issuer": "c", "audience": "b"},
        "secret": "s",
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (90, 90),
        (0.5, 0.5),
        ("1d", 86_400),
        ("15 minutes", 900),
        ("2h", 7200),
        ("500ms", 0.5),
        ("1000", 1),
        ("1.5 s", 1.5),
    ],
)
def test_durations(text: Any, number: float) -> None:
    """A number is seconds, a text has a unit or is milliseconds."""
    assert seconds(text) == number


@pytest.mark.parametrize("text", ["", "soon", "1 fortnight and more", None, True, "-1d"])
def test_other_durations_are_refused(text: Any) -> None:
    """With what was expected."""
    with pytest.raises(WorkbenchError, match="A duration is"):
        seconds(text)

"""Passwords are stored as hashes that only the password fits."""

from __future__ import annotations

import pytest

from workbench.store import hash_secret, secret_matches


def test_a_password_fits_its_own_hash_only() -> None:
    """The text itself is nowhere in what is stored."""
    stored = hash_secret("correct horse")

    assert "correct" not in stored
    assert secret_matches(stored, "correct horse")
    assert not secret_matches(stored, "correct horsf")


@pytest.mark.parametrize("stored", [None, "", "plain text"])
def test_nothing_fits_what_is_no_hash(stored: str | None) -> None:
    """Nobody's hash and a broken one answer no, rather than raise."""
    assert not secret_matches(stored, "anything")

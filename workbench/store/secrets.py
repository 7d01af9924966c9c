"""Passwords and tokens as they are stored: argon2 hashes, never the text."""

from __future__ import annotations

__all__ = ["hash_secret", "secret_matches"]

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_secret(secret: str) -> str:
    """Give what is stored of a password: an argon2id hash with its own salt and costs.

    It takes some tens of milliseconds on purpose, so call it in a thread where a loop runs
    (`asyncio.to_thread`).

    Parameters
    ----------
    secret
        Any text.
    """
    return _hasher.hash(secret)


def secret_matches(stored: str | None, offered: str) -> bool:
    """Tell whether an offered password is the one that was stored; as slow as `hash_secret`.

    Parameters
    ----------
    stored
        A hash; None for nobody, which costs the same time, so that an answer doesn't tell who exists.
    offered
        What somebody typed.
    """
    if stored is None:
        _hasher.hash(offered)
        return False
    try:
        return _hasher.verify(stored, offered)
    except (VerificationError, InvalidHashError):
        return False

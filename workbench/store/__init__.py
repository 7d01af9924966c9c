"""Where dialects keep things: SQL databases, and secrets that are stored as hashes."""

from __future__ import annotations

__all__ = ["Database", "hash_secret", "secret_matches"]

from workbench.store.database import Database
from workbench.store.secrets import hash_secret, secret_matches

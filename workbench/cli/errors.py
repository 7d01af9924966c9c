"""What a command line may end with."""

from __future__ import annotations

__all__ = ["CommandError"]


class CommandError(Exception):
    """A command cannot be carried out; the one sentence that is printed says why and what to do."""

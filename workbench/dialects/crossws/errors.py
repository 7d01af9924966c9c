"""The one error that crossws makes itself."""

from __future__ import annotations

__all__ = ["WSError"]


class WSError(Exception):
    """What `error` hooks get: a client broke the protocol or a limit, or a ping was too long (R31, R42).

    Parameters
    ----------
    message
        One sentence about what was wrong.
    code
        The close code that the client is sent: 1002, 1007 or 1009; None where the connection lives on.

    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code

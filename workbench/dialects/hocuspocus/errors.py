"""Rejections, and the ways in which a connection is closed (Hocuspocus 5, 19, 30 to 32, 44, 62)."""

from __future__ import annotations

__all__ = [
    "CONNECTION_TIMEOUT",
    "FORBIDDEN",
    "PROVIDER_INITIATED",
    "RESET_CONNECTION",
    "UNAUTHORIZED",
    "CloseEvent",
    "DocumentRefused",
    "Rejection",
    "SkipFurtherHooks",
    "UnsavedDocuments",
    "is_nothing",
    "reason_of",
    "reject",
]

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from workbench.engine.errors import WorkbenchError


@dataclass(frozen=True, slots=True)
class CloseEvent:
    """Why a document or a socket is closed.

    Attributes
    ----------
    code
        Of the WebSocket's close frame; a document's close frame carries the reason alone (31).
    reason
        In words.
    """

    code: int
    reason: str


RESET_CONNECTION = CloseEvent(4205, "Reset Connection")
UNAUTHORIZED = CloseEvent(4401, "Unauthorized")
FORBIDDEN = CloseEvent(4403, "Forbidden")
CONNECTION_TIMEOUT = CloseEvent(4408, "Connection Timeout")
PROVIDER_INITIATED = CloseEvent(1000, "provider_initiated")


class Rejection(Exception):
    """What `reject` raises: a refusal by a hook.

    Parameters
    ----------
    message
        For the log and the trace; clients do not see it.
    reason
        What the client is told; None: the default of the place where it is raised.
    code
        Kept for those who read it; no client sees it (19, 31).
    """

    def __init__(self, message: str = "", *, reason: str | None = None, code: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.code = code

    def __str__(self) -> str:
        return str(self.args[0]) or self.reason or ""


class SkipFurtherHooks(Exception):
    """Raised in onStoreDocument: somebody else stores it; later units are skipped quietly (44)."""


class DocumentRefused(WorkbenchError):
    """A document that cannot be opened, such as one with a blank name (22)."""


class UnsavedDocuments(WorkbenchError):
    """Documents whose content no store has taken; names them and the files that keep it.

    Parameters
    ----------
    documents
        Their names.
    folder
        Where the recovery files lie.
    """

    def __init__(self, documents: Iterable[str], folder: str) -> None:
        self.documents = list(documents)
        self.folder = folder
        names = ", ".join(repr(name) for name in self.documents)
        super().__init__(
            f"Not stored: {names}. The content is kept in {folder} and taken up when the document is loaded "
            f"again; see why the store failed in bench.trace.errors."
        )


def reject(message: str = "", *, reason: str | None = None, code: int | None = None) -> NoReturn:
    """Refuse, from inside of a hook: `reject()`, `reject(reason="no-connect")`.

    Parameters
    ----------
    message, reason, code
        See `Rejection`. Without any of them it is a rejection "with nothing", which some hooks treat
        differently: onRequest and onUpgrade then take it that the hook has answered itself.

    Raises
    ------
    Rejection
        Always.
    """
    raise Rejection(message, reason=reason, code=code)


def is_nothing(error: BaseException) -> bool:
    """Tell whether a hook rejected with nothing, as `reject()` does."""
    return isinstance(error, Rejection) and not error.args[0] and error.reason is None and error.code is None


def reason_of(error: BaseException, default: str) -> str:
    """Give the reason that an error carries, or the default.

    Parameters
    ----------
    error
        Any error with a `reason`; those of Python's own errors mean something else and do not count.
    default
        What to say otherwise.
    """
    if isinstance(error, OSError | UnicodeError):
        return default
    reason = getattr(error, "reason", None)
    return default if reason is None else str(reason)

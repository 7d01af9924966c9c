"""Errors as Directus shows them: a code, a message and an HTTP status; anything else stays inside (R4)."""

from __future__ import annotations

__all__ = [
    "DirectusError",
    "Forbidden",
    "InvalidCollection",
    "InvalidCredentials",
    "InvalidPayload",
    "InvalidQuery",
    "NotNullViolation",
    "RecordNotUnique",
    "RouteNotFound",
    "TokenExpired",
    "WebSocketError",
    "create_error",
    "for_http",
    "for_socket",
    "is_directus_error",
]

from collections.abc import Callable, Mapping
from typing import Any

from workbench.engine.errors import Told

_NO_UID: Any = object()
_LONGEST = 200  # characters of a client's text that an error message repeats


class DirectusError(Told):
    """An error that clients may see.

    Parameters
    ----------
    code
        Such as ``MESSAGE_BLOCKED``.
    message
        One sentence for people.
    status
        Of the HTTP answer.
    extensions
        More for programs; HTTP answers carry it beside the code.

    """

    def __init__(
        self, code: str, message: str, status: int = 400, extensions: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.extensions = dict(extensions or {})

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies be made of any of the family, whatever its constructor takes."""
        return _revived, (type(self), self.args, dict(self.__dict__))


def _revived(kind: type[DirectusError], args: tuple[Any, ...], members: dict[str, Any]) -> DirectusError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(members)
    return error


def create_error(
    code: str, message: str | Callable[[Any], str], status: int = 500
) -> Callable[..., DirectusError]:
    """Make errors of one code, as Directus's own `createError` does.

    Parameters
    ----------
    code
        Of all of them.
    message
        Text, or a function from the extensions to the text.
    status
        Of the HTTP answer.

    Returns
    -------
    callable
        ``make(extensions=None)``, to be raised.

    """

    def make(extensions: Mapping[str, Any] | None = None) -> DirectusError:
        text = message if isinstance(message, str) else message(extensions)
        return DirectusError(code, text, status, extensions)

    return make


def is_directus_error(error: BaseException) -> bool:
    """Tell whether clients may see an error: known by the name of its class, not by the class (R4)."""
    return any(kind.__name__ == "DirectusError" for kind in type(error).__mro__)


class Forbidden(DirectusError):
    """Something is not there, or not for this person; which of both stays open (R81, R95)."""

    def __init__(self, message: str = "You don't have permission to access this.") -> None:
        super().__init__("FORBIDDEN", message, 403)

    @classmethod
    def field(cls, field: str, collection: str) -> Forbidden:
        """Make the error about a field."""
        return cls(
            f'You don\'t have permission to access field "{_cut(field)}" in collection "{collection}" '
            "or it does not exist. Queried in root."
        )


class InvalidPayload(DirectusError):
    """The data is not what it has to be."""

    def __init__(self, reason: str) -> None:
        super().__init__("INVALID_PAYLOAD", f"Invalid payload. {reason}.", 400, {"reason": reason})


class InvalidQuery(DirectusError):
    """The query cannot be understood."""

    def __init__(self, reason: str) -> None:
        super().__init__("INVALID_QUERY", f"Invalid query. {_cut(reason)}.", 400, {"reason": _cut(reason)})


class InvalidCredentials(DirectusError):
    """Nobody has such a token, or e-mail address and password."""

    def __init__(self) -> None:
        super().__init__("INVALID_CREDENTIALS", "Invalid user credentials.", 401)


class TokenExpired(DirectusError):
    """The token was good once."""

    def __init__(self) -> None:
        super().__init__("TOKEN_EXPIRED", "Token expired.", 401)


class InvalidCollection(DirectusError):
    """The collection is one of the system's own (R95)."""

    def __init__(self) -> None:
        super().__init__(
            "INVALID_COLLECTION", "The provided collection does not exists or is not accessible.", 400
        )


class RecordNotUnique(DirectusError):
    """A key is taken (R106)."""

    def __init__(self, collection: str, field: str, value: object) -> None:
        super().__init__(
            "RECORD_NOT_UNIQUE",
            f'Value "{_cut(str(value))}" for field "{field}" in collection "{collection}" has to be unique.',
            400,
            {"collection": collection, "field": field},
        )


class NotNullViolation(DirectusError):
    """A field needs a value."""

    def __init__(self, collection: str, field: str) -> None:
        super().__init__(
            "NOT_NULL_VIOLATION",
            f'Value for field "{field}" in collection "{collection}" can\'t be null.',
            400,
            {"collection": collection, "field": field},
        )


class RouteNotFound(DirectusError):
    """No route has this path."""

    def __init__(self, path: str) -> None:
        super().__init__("ROUTE_NOT_FOUND", f"Route {path} doesn't exist.", 404, {"path": path})


class WebSocketError(Exception):
    """An error of the WebSocket protocol itself.

    Parameters
    ----------
    kind
        The message's type: ``auth``, ``server``, ``subscribe``, ``items``.
    code, message
        As for `DirectusError`.
    uid
        Of the client's message; left out where none is given.

    """

    def __init__(self, kind: str, code: str, message: str, uid: Any = _NO_UID) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.uid = uid

    def to_json(self) -> dict[str, Any]:
        """Give the message that the client gets."""
        message: dict[str, Any] = {
            "type": self.kind,
            "status": "error",
            "error": {"code": self.code, "message": str(self)},
        }
        if self.uid is not _NO_UID and self.uid is not None:
            message["uid"] = self.uid
        return message


def for_socket(error: BaseException, kind: str, uid: Any = None) -> dict[str, Any] | None:
    """Give the message by which a client hears of an error; None where it hears nothing (R4).

    Parameters
    ----------
    error
        What was raised.
    kind
        The type that the message has, where the error has none of its own.
    uid
        Of the client's message, None where it is not to be repeated.

    """
    if isinstance(error, WebSocketError):
        return error.to_json()
    if not is_directus_error(error):
        return None
    code, message = str(getattr(error, "code", "")), str(getattr(error, "message", error))
    return WebSocketError(kind, code, message, uid).to_json()


def for_http(error: BaseException, *, to_admin: bool) -> tuple[int, dict[str, Any]]:
    """Give status and entry of the ``errors`` list for an error.

    Parameters
    ----------
    error
        What was raised.
    to_admin
        Administrators see the text of ordinary errors (R123).

    """
    if is_directus_error(error):
        extensions = {**getattr(error, "extensions", {}), "code": getattr(error, "code", "")}
        entry = {"message": str(getattr(error, "message", error)), "extensions": extensions}
        return int(getattr(error, "status", 500)), entry
    text = str(error) if to_admin else "An unexpected error occurred."
    return 500, {"message": text, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

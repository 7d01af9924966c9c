"""The errors of Feathers, as hooks raise them and as they travel.

FeathersError
├── BadRequest          400    ├── Conflict           409
├── NotAuthenticated    401    ├── Gone               410
├── PaymentError        402    ├── LengthRequired     411
├── Forbidden           403    ├── Unprocessable      422
├── NotFound            404    ├── TooManyRequests    429
├── MethodNotAllowed    405    ├── GeneralError       500
├── NotAcceptable       406    ├── NotImplemented     501
├── Timeout             408    ├── BadGateway         502
└── Unavailable         503

What a client gets of one is `wire_form`, whatever was raised; a traceback is never part of it.
"""

from __future__ import annotations

__all__ = [
    "ERRORS",
    "BadGateway",
    "BadRequest",
    "Conflict",
    "FeathersError",
    "Forbidden",
    "GeneralError",
    "Gone",
    "LengthRequired",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotAuthenticated",
    "NotFound",
    "NotImplemented",
    "PaymentError",
    "Timeout",
    "TooManyRequests",
    "Unavailable",
    "Unprocessable",
    "convert",
    "status_of",
    "wire_form",
]

from collections.abc import Mapping
from typing import Any, ClassVar

from workbench.engine.errors import Told


class FeathersError(Told):
    """An error with a name, a code and a class name, which clients turn back into an error of that name.

    Parameters
    ----------
    message
        What happened, as text; an object or an exception gives its own `message`, and its other members
        are the data. None is "Error".
    name, code, class_name
        How the error is told apart: "BadRequest", 400, "bad-request". The code is the HTTP status.
    data
        More about it, as JSON. An object loses `message` (it wins over the text) and `errors` to those
        members; a list is kept as it is; None leaves the member out.

    Attributes
    ----------
    message : str
    data, errors : Any
        None where there are none; such a member does not travel.

    """

    type: ClassVar[str] = "FeathersError"
    name: str = "FeathersError"
    code: int = 500
    class_name: str = "feathers-error"

    def __init__(
        self,
        message: object = None,
        name: str | None = None,
        code: int | None = None,
        class_name: str | None = None,
        data: object = None,
    ) -> None:
        self.message = message if isinstance(message, str) else "Error"
        self.errors: Any = None
        self.data: Any = data
        if not isinstance(data, list | tuple):
            self._take_apart(data if message is None or isinstance(message, str) else _members(message))
        self.name = self.name if name is None else name
        self.code = self.code if code is None else code
        self.class_name = self.class_name if class_name is None else class_name
        super().__init__(self.message)

    def _take_apart(self, told: object) -> None:
        """Give `message` and `errors` of an object their own members."""
        if isinstance(told, Mapping):
            rest = dict(told)
            self.message = rest.pop("message", None) or self.message
            self.errors = rest.pop("errors", None)
            told = rest
        self.data = told

    def to_json(self) -> dict[str, Any]:
        """Give what travels: name, message, code, className, and data and errors where there are any."""
        told = {
            "name": self.name,
            "message": self.message,
            "code": self.code,
            "className": self.class_name,
            "data": self.data,
            "errors": self.errors,
        }
        return {key: value for key, value in told.items() if value is not None}

    def __repr__(self) -> str:
        return f"{self.name}({self.message!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args), dict(vars(self))


class _Known(FeathersError):
    """An error of the table: its class says name, code and class name."""

    def __init__(self, message: object = None, data: object = None) -> None:
        super().__init__(message, data=data)


class BadRequest(_Known):
    """The request can not be served as it was asked."""

    name = "BadRequest"
    code = 400
    class_name = "bad-request"


class NotAuthenticated(_Known):
    """Nobody is logged in, or the login does not hold."""

    name = "NotAuthenticated"
    code = 401
    class_name = "not-authenticated"


class PaymentError(_Known):
    """Somebody has to pay first."""

    name = "PaymentError"
    code = 402
    class_name = "payment-error"


class Forbidden(_Known):
    """The user may not do it."""

    name = "Forbidden"
    code = 403
    class_name = "forbidden"


class NotFound(_Known):
    """There is no such service, method or record."""

    name = "NotFound"
    code = 404
    class_name = "not-found"


class MethodNotAllowed(_Known):
    """The service has no such method, or does not show it to clients."""

    name = "MethodNotAllowed"
    code = 405
    class_name = "method-not-allowed"


class NotAcceptable(_Known):
    """There is nothing of the kind that the client accepts."""

    name = "NotAcceptable"
    code = 406
    class_name = "not-acceptable"


class Timeout(_Known):
    """It took too long."""

    name = "Timeout"
    code = 408
    class_name = "timeout"


class Conflict(_Known):
    """It contradicts what is there."""

    name = "Conflict"
    code = 409
    class_name = "conflict"


class Gone(_Known):
    """It was there once."""

    name = "Gone"
    code = 410
    class_name = "gone"


class LengthRequired(_Known):
    """The request has to say how long it is."""

    name = "LengthRequired"
    code = 411
    class_name = "length-required"


class Unprocessable(_Known):
    """It was understood, and makes no sense."""

    name = "Unprocessable"
    code = 422
    class_name = "unprocessable"


class TooManyRequests(_Known):
    """The client asks too often."""

    name = "TooManyRequests"
    code = 429
    class_name = "too-many-requests"


class GeneralError(_Known):
    """Something failed."""

    name = "GeneralError"
    code = 500
    class_name = "general-error"


class NotImplemented(_Known):  # noqa: A001  # the name that Feathers has for it
    """Nobody wrote this yet."""

    name = "NotImplemented"
    code = 501
    class_name = "not-implemented"


class BadGateway(_Known):
    """Another server answered wrongly."""

    name = "BadGateway"
    code = 502
    class_name = "bad-gateway"


class Unavailable(_Known):
    """The server can not answer now."""

    name = "Unavailable"
    code = 503
    class_name = "unavailable"


ERRORS: Mapping[str, type[_Known]] = {known.name: known for known in _Known.__subclasses__()}
"""The classes of the table by name."""


def convert(told: object) -> Exception:
    """Make an error of what travelled, as the client does (R111).

    Parameters
    ----------
    told
        The JSON form of an error. One whose name is in the table becomes that class; another form that has
        a code becomes a `FeathersError` which keeps name, code and class name; anything else is a plain
        `Exception` with the message.
    """
    if not isinstance(told, Mapping):
        return Exception(str(told))
    message, name, code = str(told.get("message", "")), told.get("name"), told.get("code")
    error: FeathersError
    if isinstance(name, str) and name in ERRORS:
        error = ERRORS[name](message)
    elif isinstance(code, int):
        error = FeathersError(message, str(name or "FeathersError"), code, str(told.get("className", "")))
    else:
        return Exception(message)
    error.data, error.errors = told.get("data"), told.get("errors")
    return error


def wire_form(error: BaseException) -> dict[str, Any]:
    """Give what a client is sent of an error, over REST as over a socket.

    Parameters
    ----------
    error
        What was raised. One with a `to_json` of its own decides itself; a plain one gives its message alone
        (R89, R106): neither traceback nor members, whatever the mode of the server.
    """
    to_json = getattr(error, "to_json", None)
    if callable(to_json):
        told = to_json()
        return dict(told) if isinstance(told, Mapping) else {"message": str(told)}
    return {"message": _message(error)}


def status_of(error: BaseException) -> int:
    """Give the HTTP status of an error: its code, and 500 for a plain one (R88, R89)."""
    return error.code if isinstance(error, FeathersError) else 500


def _members(told: object) -> object:
    """List the members of an object that was given as the message."""
    if isinstance(told, FeathersError):
        kept = {"name": told.name, "code": told.code, "className": told.class_name, "data": told.data}
        return {"message": told.message, "errors": told.errors, **kept}
    if isinstance(told, BaseException):
        return {"message": _message(told)}
    return told


def _message(error: BaseException) -> str:
    """Give a plain error's text; a KeyError's own adds quotes that nobody wrote."""
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _again(kind: type[FeathersError], args: tuple[Any, ...]) -> FeathersError:
    """Make an error again without its constructor, which a subclass may have changed; copies are made so."""
    return kind.__new__(kind, *args)

"""Feathers: services, and hooks around, before, after and on errors of their methods."""

from __future__ import annotations

__all__ = [
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
]

from workbench.dialects.feathers.errors import (
    BadGateway,
    BadRequest,
    Conflict,
    FeathersError,
    Forbidden,
    GeneralError,
    Gone,
    LengthRequired,
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    NotFound,
    NotImplemented,  # noqa: A004  # the name that Feathers has for it
    PaymentError,
    Timeout,
    TooManyRequests,
    Unavailable,
    Unprocessable,
)

"""Shapes of messages: what each type must look like before it is handled (R51, R83, R96)."""

from __future__ import annotations

__all__ = ["check_auth", "check_items", "check_message", "check_subscribe"]

from collections.abc import Mapping
from typing import Any

_ACTIONS = ("create", "read", "update", "delete")
_EVENTS = ("create", "update", "delete")


class ShapeError(ValueError):
    """A message is not shaped as its type asks for."""


def _fail(expected: str, member: str = "") -> ShapeError:
    where = f' at "{member}"' if member else ""
    return ShapeError(f"Validation error: {expected}{where}")


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def check_message(message: Any) -> dict[str, Any]:
    """Take a message that has a type, and perhaps a uid.

    Raises
    ------
    ValueError
        With a text that begins with "Validation error".
    """
    if not isinstance(message, Mapping):
        raise _fail(f"Expected object, received {_kind(message)}")
    if "type" not in message:
        raise _fail("Required", "type")
    if not isinstance(message["type"], str):
        raise _fail(f"Expected string, received {_kind(message['type'])}", "type")
    if "uid" in message and not _is_id(message["uid"]):
        raise _fail("Invalid input", "uid")
    return message if isinstance(message, dict) else dict(message)


def check_auth(message: Any) -> dict[str, Any]:
    """Take an auth message with an access token, a refresh token, or an e-mail address and a password."""
    checked = check_message(message)
    one_of = (("email", "password"), ("access_token",), ("refresh_token",))
    if not any(all(isinstance(checked.get(name), str) for name in names) for names in one_of):
        raise _fail("Invalid input")
    return checked


def check_subscribe(message: Mapping[str, Any]) -> None:
    """Take a subscribe message."""
    _check_text(message, "collection")
    if "event" in message and message["event"] not in _EVENTS:
        raise _fail("Invalid input", "event")
    if "item" in message and not _is_id(message["item"]):
        raise _fail("Invalid input", "item")


def check_items(message: Mapping[str, Any]) -> None:
    """Take an items message. A create without data passes, as in the system (R96)."""
    if message.get("action") not in _ACTIONS:
        raise _fail("Invalid input", "action")
    _check_text(message, "collection")
    if "id" in message and not _is_id(message["id"]):
        raise _fail("Invalid input", "id")
    ids = message.get("ids", [])
    if not isinstance(ids, list) or not all(_is_id(one) for one in ids):
        raise _fail("Invalid input", "ids")


def _check_text(message: Mapping[str, Any], name: str) -> None:
    if name not in message:
        raise _fail("Required", name)
    if not isinstance(message[name], str):
        raise _fail(f"Expected string, received {_kind(message[name])}", name)

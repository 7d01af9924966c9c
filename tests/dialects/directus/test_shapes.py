"""Shapes of messages."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.dialects.directus.shapes import check_auth, check_items, check_message, check_subscribe


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (None, "Expected object, received null"),
        (True, "Expected object, received boolean"),
        (4, "Expected object, received number"),
        ([], "Expected object, received array"),
        ("x", "Expected object, received string"),
        ({}, 'Required at "type"'),
        ({"type": {}}, 'Expected string, received object at "type"'),
        ({"type": "x", "uid": True}, 'Invalid input at "uid"'),
    ],
)
def test_no_messages(message: Any, text: str) -> None:
    """What is no message is refused with what was expected and what came (R51)."""
    with pytest.raises(ValueError, match=f"Validation error: {text}"):
        check_message(message)


def test_auth_needs_something_to_sign_in_with() -> None:
    """A token, a refresh token, or both an e-mail address and a password."""
    for fine in ({"access_token": "t"}, {"refresh_token": "t"}, {"email": "e", "password": "p"}):
        assert check_auth({"type": "auth", **fine})["type"] == "auth"
    for wrong in ({}, {"email": "e"}, {"access_token": None}, {"email": 1, "password": "p"}):
        with pytest.raises(ValueError, match="Invalid input"):
            check_auth({"type": "auth", **wrong})


def test_subscribe_and_items() -> None:
    """Collections are text, events and actions known ones, keys text or numbers."""
    check_subscribe({"collection": "messages", "event": "create", "item": 4})
    check_items({"action": "create", "collection": "messages"})
    for wrong in (
        {},
        {"collection": 4},
        {"collection": "m", "event": "x"},
        {"collection": "m", "item": None},
    ):
        with pytest.raises(ValueError, match="Validation error"):
            check_subscribe(wrong)
    read = {"action": "read", "collection": "m"}
    more: dict[str, Any]
    for more in ({"action": "x"}, {"collection": None}, {"id": {}}, {"ids": 4}, {"ids": [None]}):
        with pytest.raises(ValueError, match="Validation error"):
            check_items({**read, **more})

"""Errors: which clients see, and as what."""

from __future__ import annotations

import copy
import pickle

from workbench.dialects.directus.errors import (
    DirectusError,
    Forbidden,
    InvalidQuery,
    WebSocketError,
    create_error,
    for_http,
    for_socket,
    is_directus_error,
)


def test_known_by_name() -> None:
    """An error counts as Directus's by the name of its class, whoever defined it (R4)."""
    foreign = type("DirectusError", (Exception,), {"code": "X", "message": "text", "status": 418})
    assert is_directus_error(foreign())
    assert is_directus_error(Forbidden())
    assert not is_directus_error(ValueError())
    assert for_socket(foreign(), "items", 3) == {
        "type": "items", "status": "error", "error": {"code": "X", "message": "text"}, "uid": 3,
    }  # fmt: skip
    assert for_http(foreign(), to_admin=False) == (418, {"message": "text", "extensions": {"code": "X"}})


def test_ordinary_errors_stay_inside() -> None:
    """A socket is told nothing, HTTP a 500, and administrators the text (R123)."""
    assert for_socket(ValueError("secret"), "items") is None
    assert for_http(ValueError("secret"), to_admin=False)[1]["message"] == "An unexpected error occurred."
    assert for_http(ValueError("secret"), to_admin=True)[1]["message"] == "secret"


def test_created_errors() -> None:
    """`create_error` makes errors of one code, with a text or a function of the extensions."""
    made = create_error("TEAPOT", lambda extensions: f"short and {extensions['shape']}", 418)(
        {"shape": "stout"}
    )
    assert (made.code, made.message, made.status) == ("TEAPOT", "short and stout", 418)
    assert str(create_error("A", "text")()) == "text"
    assert isinstance(made, DirectusError)


def test_copies() -> None:
    """Every error of the family can be copied and pickled, as faults and other processes do."""
    for error in (DirectusError("A", "text", 418, {"x": 1}), Forbidden(), Forbidden.field("f", "c")):
        for copied in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            assert type(copied) is type(error)
            assert (str(copied), copied.code, copied.status, copied.extensions) == (
                str(error), error.code, error.status, error.extensions,
            )  # fmt: skip


def test_uids_and_long_texts() -> None:
    """A uid is repeated where there is one, 0 too; what a client wrote is cut in messages."""
    assert WebSocketError("auth", "X", "text", 0).to_json()["uid"] == 0
    assert "uid" not in WebSocketError("auth", "X", "text").to_json()
    assert "uid" not in WebSocketError("auth", "X", "text", None).to_json()
    assert len(str(Forbidden.field("f" * 10_000, "messages"))) < 400
    assert len(str(InvalidQuery("q" * 10_000))) < 300

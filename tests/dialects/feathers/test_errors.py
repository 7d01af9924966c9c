"""The errors of Feathers have their names, codes and JSON, and plain ones tell nothing but their message."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from workbench.dialects.feathers import errors
from workbench.dialects.feathers.errors import (
    ERRORS,
    BadRequest,
    FeathersError,
    NotFound,
    convert,
    status_of,
    wire_form,
)

TABLE = {
    "BadRequest": (400, "bad-request"),
    "NotAuthenticated": (401, "not-authenticated"),
    "PaymentError": (402, "payment-error"),
    "Forbidden": (403, "forbidden"),
    "NotFound": (404, "not-found"),
    "MethodNotAllowed": (405, "method-not-allowed"),
    "NotAcceptable": (406, "not-acceptable"),
    "Timeout": (408, "timeout"),
    "Conflict": (409, "conflict"),
    "Gone": (410, "gone"),
    "LengthRequired": (411, "length-required"),
    "Unprocessable": (422, "unprocessable"),
    "TooManyRequests": (429, "too-many-requests"),
    "GeneralError": (500, "general-error"),
    "NotImplemented": (501, "not-implemented"),
    "BadGateway": (502, "bad-gateway"),
    "Unavailable": (503, "unavailable"),
}


def test_the_family_is_whole() -> None:
    """The seventeen classes, no more and no less."""
    assert set(ERRORS) == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_each_error_has_its_json(name: str) -> None:
    """Name, message, code and className in this order; no data, no member (R109)."""
    code, class_name = TABLE[name]

    error = getattr(errors, name)("This is it")

    told = {"name": name, "message": "This is it", "code": code, "className": class_name}
    assert json.dumps(wire_form(error)) == json.dumps(told)
    assert status_of(error) == code
    assert error.type == "FeathersError"


def test_errors_are_split_from_data() -> None:
    """An object given as data loses its `errors` (R110)."""
    error = BadRequest("with data", {"field": "text", "errors": [{"path": "text"}]})

    assert error.to_json()["data"] == {"field": "text"}
    assert error.to_json()["errors"] == [{"path": "text"}]


def test_data_that_holds_errors_alone_leaves_an_empty_object() -> None:
    """The rest of the object is the data, even when nothing is left."""
    assert BadRequest("x", {"errors": ["y"]}).to_json()["data"] == {}


def test_a_list_as_data_is_kept() -> None:
    """A list has no members to lose."""
    assert BadRequest("with list", [1, 2]).to_json() == {
        "name": "BadRequest",
        "message": "with list",
        "code": 400,
        "className": "bad-request",
        "data": [1, 2],
    }


def test_a_message_in_the_data_wins() -> None:
    """As in the original, the object's own message replaces the text."""
    assert BadRequest("text", {"message": "member", "n": 1}).to_json()["message"] == "member"


@pytest.mark.parametrize(
    ("given", "message", "data"),
    [
        ({"message": "told", "n": 1}, "told", {"n": 1}),
        ({"n": 1}, "Error", {"n": 1}),
        (ValueError("plain"), "plain", {}),
        (None, "Error", None),
        ("", "", None),
    ],
)
def test_the_message_may_be_an_object(given: object, message: str, data: object) -> None:
    """Its members become the error's."""
    error = NotFound(given)

    assert (error.message, error.data) == (message, data)


def test_an_error_given_as_the_message_is_kept_as_data() -> None:
    """What it was stays readable."""
    told = BadRequest(NotFound("gone", {"id": 1, "errors": ["e"]})).to_json()

    assert told["message"] == "gone"
    assert told["errors"] == ["e"]
    assert told["data"] == {"name": "NotFound", "code": 404, "className": "not-found", "data": {"id": 1}}


def test_an_error_of_ones_own_keeps_name_code_and_class() -> None:
    """Types outside the table travel as they are."""
    error = FeathersError("own failure", "Teapot", 418, "teapot", {"size": 1})

    assert wire_form(error) == {
        "name": "Teapot",
        "message": "own failure",
        "code": 418,
        "className": "teapot",
        "data": {"size": 1},
    }


def test_a_subclass_may_have_a_constructor_of_its_own() -> None:
    """Such an error can be copied, which the trace does."""

    class Teapot(FeathersError):
        def __init__(self, size: int) -> None:
            super().__init__("short and stout", "Teapot", 418, "teapot", {"size": size})

    twin = copy.copy(Teapot(3))

    assert twin.to_json() == Teapot(3).to_json()
    assert isinstance(twin, Teapot)


def test_errors_survive_a_pickle() -> None:
    """With all their members."""
    error = BadRequest("x", {"n": 1, "errors": [2]})

    twin = pickle.loads(pickle.dumps(error))

    assert twin.to_json() == error.to_json()
    assert str(twin) == "x"
    assert repr(twin) == "BadRequest('x')"


def test_a_plain_error_sends_its_message_alone() -> None:
    """Neither traceback nor members, and 500 is its status (R89, R106)."""
    error = ValueError("plain failure")
    error.secret = "s3cret"  # type: ignore[attr-defined]
    try:
        raise error
    except ValueError as raised:
        told = wire_form(raised)

    assert told == {"message": "plain failure"}
    assert status_of(error) == 500


@pytest.mark.parametrize(("error", "message"), [(KeyError("room"), "room"), (KeyError(), "")])
def test_the_message_of_a_key_error_is_the_key(error: Exception, message: str) -> None:
    """Python's text of it adds quotes."""
    assert wire_form(error) == {"message": message}


@pytest.mark.parametrize(("told", "form"), [({"a": 1}, {"a": 1}), ("text", {"message": "text"})])
def test_an_error_may_say_itself_what_travels(told: object, form: dict[str, Any]) -> None:
    """Any exception with a `to_json` does."""

    class Own(Exception):
        def to_json(self) -> object:
            return told

    assert wire_form(Own()) == form


@pytest.mark.parametrize("name", TABLE)
def test_what_travelled_becomes_the_error_again(name: str) -> None:
    """With its data and errors."""
    error = ERRORS[name]("m", {"n": 1, "errors": [1]})

    again = convert(json.loads(json.dumps(error.to_json())))

    assert type(again) is type(error)
    assert wire_form(again) == error.to_json()


def test_an_unknown_form_keeps_what_it_has() -> None:
    """A name outside the table stays; without a code it is a plain error."""
    teapot = {"name": "Teapot", "message": "m", "code": 418, "className": "teapot"}

    assert wire_form(convert(teapot)) == teapot
    assert wire_form(convert({"message": "m"})) == {"message": "m"}
    assert str(convert("text")) == "text"

"""Tokens are those of Feathers, and so are the words of their errors."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from workbench.dialects.feathers.authentication.settings import DEFAULTS
from workbench.dialects.feathers.authentication.tokens import payload_of, sign, verify
from workbench.dialects.feathers.errors import NotAuthenticated

SECRET = "a secret of more than forty-eight bytes, which HS384 wants"
OPTIONS: dict[str, Any] = {**DEFAULTS["jwt_options"], "subject": "7"}


def test_a_token_has_feathers_claims_and_header() -> None:
    """Twenty-four hours, an id of its own, the issuer "feathers"."""
    token = sign({"role": "a"}, SECRET, OPTIONS)

    payload = verify(token, SECRET, OPTIONS)
    assert payload["exp"] - payload["iat"] == 86_400
    assert {name: payload[name] for name in ("role", "sub", "iss", "aud")} == {
        "role": "a",
        "sub": "7",
        "iss": "feathers",
        "aud": "https://yourdomain.com",
    }
    assert len(payload["jti"]) == 36
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "access"}
    assert payload_of(token) == payload


def other(**changes: Any) -> str:
    """Make a token that differs from the wanted one."""
    return sign({}, SECRET, {**OPTIONS, **changes})


FORGED = sign({}, SECRET + "!", OPTIONS)
NONE = jwt.encode({"sub": "7"}, None, algorithm="none")


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (None, "jwt must be a string"),
        ({"$ne": ""}, "jwt must be a string"),
        ("", "jwt malformed"),
        ("nonsense", "jwt malformed"),
        ("a.b.c", "invalid token"),
        (FORGED, "invalid signature"),
        (FORGED + "x", "invalid signature"),
        (NONE, "invalid algorithm"),
        (other(algorithm="HS384"), "invalid algorithm"),
        (other(audience="x"), "jwt audience invalid. expected: https://yourdomain.com"),
        (other(issuer="x"), "jwt issuer invalid. expected: feathers"),
        (other(audience=None), "jwt audience invalid. expected: https://yourdomain.com"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(token: Any, message: str) -> None:
    """In the words of Feathers' own library, with its error's name as the data."""
    with pytest.raises(NotAuthenticated) as refused:
        verify(token, SECRET, OPTIONS)

    assert refused.value.to_json() == {
        "name": "NotAuthenticated",
        "message": message,
        "code": 401,
        "className": "not-authenticated",
        "data": {"name": "JsonWebTokenError"},
    }


def test_an_expired_token_says_when() -> None:
    """The name is another one, too."""
    with pytest.raises(NotAuthenticated, match="jwt expired") as refused:
        verify(sign({"iat": 0, "exp": 3600}, SECRET, {**OPTIONS, "expires_in": None}), SECRET, OPTIONS)

    assert refused.value.data == {"name": "TokenExpiredError", "expiredAt": "1970-01-01T01:00:00.000Z"}


def test_several_audiences_are_named() -> None:
    """One of them has to fit."""
    options = {**OPTIONS, "audience": ["a", "b"]}
    assert verify(sign({}, SECRET, {**OPTIONS, "audience": "b"}), SECRET, options)["aud"] == "b"
    with pytest.raises(NotAuthenticated, match="expected: a or b"):
        verify(sign({}, SECRET, OPTIONS), SECRET, options)

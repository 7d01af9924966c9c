"""JSON Web Tokens as Feathers makes and reads them, with the words of its errors."""

from __future__ import annotations

__all__ = ["payload_of", "sign", "verify"]

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt

from workbench.dialects.feathers.authentication.settings import seconds
from workbench.dialects.feathers.errors import NotAuthenticated

_CLAIMS = {"subject": "sub", "audience": "aud", "issuer": "iss", "jwtid": "jti"}


def sign(payload: Mapping[str, Any], secret: str, options: Mapping[str, Any]) -> str:
    """Make a token.

    Parameters
    ----------
    payload
        Claims of one's own.
    secret
        The key; HS256 wants 32 bytes.
    options
        `subject`, `audience`, `issuer`, `jwtid` (a new one by default), `algorithm`, `expires_in` (seconds or
        "1d") and `header`.
    """
    now = int(time.time())
    claims: dict[str, Any] = {"iat": now, **payload}
    if options.get("expires_in") is not None:
        claims["exp"] = now + int(seconds(options["expires_in"]))
    told = {"jwtid": str(uuid.uuid4()), **options}
    claims |= {claim: told[name] for name, claim in _CLAIMS.items() if told.get(name) is not None}
    header = dict(options.get("header") or {})
    return jwt.encode(claims, secret, algorithm=_algorithms(options)[0], headers=header)


def verify(token: object, secret: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Give the payload of a token.

    Parameters
    ----------
    token
        What a client sent.
    secret
        The key.
    options
        `audience`, `issuer` and `algorithm` that the token has to have.

    Raises
    ------
    NotAuthenticated
        "jwt expired", "invalid signature" and so on; the data has the name of the error.

    """
    if not isinstance(token, str):
        raise _refused("jwt must be a string")
    audience, issuer = options.get("audience"), options.get("issuer")
    checks: Any = {"verify_aud": audience is not None, "verify_iat": False}
    try:
        payload: dict[str, Any] = jwt.decode(
            token, secret, algorithms=_algorithms(options), audience=audience, issuer=issuer, options=checks
        )
    except jwt.ExpiredSignatureError:
        raise _refused("jwt expired", "TokenExpiredError", expiredAt=_end_of(token)) from None
    except (jwt.InvalidAudienceError, jwt.MissingRequiredClaimError):
        raise _refused(f"jwt audience invalid. expected: {_either(audience)}") from None
    except jwt.InvalidIssuerError:
        raise _refused(f"jwt issuer invalid. expected: {_either(issuer)}") from None
    except jwt.InvalidSignatureError:
        raise _refused("invalid signature") from None
    except jwt.InvalidAlgorithmError:
        raise _refused("invalid algorithm") from None
    except jwt.PyJWTError as error:
        if token.count(".") != 2:  # noqa: PLR2004 - header, payload, signature
            raise _refused("jwt malformed") from None
        spoilt = "padding" in str(error) and "crypto" in str(error)  # a signature that is no base64
        raise _refused("invalid signature" if spoilt else "invalid token") from None
    return payload


def payload_of(token: str) -> dict[str, Any]:
    """Give the payload of a token that was made here, without another check."""
    return dict(jwt.decode(token, options={"verify_signature": False}))


def _algorithms(options: Mapping[str, Any]) -> list[str]:
    given = options.get("algorithms") or options.get("algorithm") or "HS256"
    return [given] if isinstance(given, str) else list(given)


def _refused(message: str, name: str = "JsonWebTokenError", **more: Any) -> NotAuthenticated:
    return NotAuthenticated(message, {"name": name, **more})


def _end_of(token: str) -> str:
    moment = datetime.fromtimestamp(payload_of(token)["exp"], UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _either(expected: Any) -> str:
    return expected if isinstance(expected, str) else " or ".join(expected or ())

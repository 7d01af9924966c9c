"""Signing in: passwords, static tokens, access tokens and refresh tokens (R40, R48, spec d.9, d.10)."""

from __future__ import annotations

__all__ = ["Authentication", "Grant", "SignIn", "public"]

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from workbench.dialects.context import Context
from workbench.dialects.directus.accounts import Accounts, User
from workbench.dialects.directus.errors import InvalidCredentials, InvalidPayload, TokenExpired
from workbench.dialects.directus.events import Emitter, settled
from workbench.store import secret_matches
from workbench.trace.connections import NO_CONNECTION

ISSUER = "directus"
PROVIDER = "default"


def public(ip: str | None = None, user_agent: str | None = None, origin: str | None = None) -> Context:
    """Make the accountability of somebody who is not signed in.

    Parameters
    ----------
    ip, user_agent, origin
        Where the request came from; the last two are left out where unknown.
    """
    made = Context(role=None, user=None, roles=[], admin=False, app=False, ip=ip)
    if user_agent:
        made["userAgent"] = user_agent
    if origin:
        made["origin"] = origin
    return made


@dataclass(frozen=True, slots=True)
class Grant:
    """What a login answers: tokens, and how long the first one lives, in milliseconds."""

    access_token: str
    refresh_token: str
    expires: int

    def to_json(self) -> dict[str, Any]:
        """Give the ``data`` of the HTTP answer."""
        return {
            "expires": self.expires,
            "refresh_token": self.refresh_token,
            "access_token": self.access_token,
        }


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who a client is, and until when (seconds since 1970, None: for good)."""

    accountability: Context
    expires_at: int | None
    refresh_token: str | None = None


class Authentication:
    """Signs people in.

    Parameters
    ----------
    accounts
        Who there is.
    emitter
        Whose hooks are asked.
    context
        Makes the context of events that have a schema: from an accountability.
    secret
        Signs access tokens.
    access_seconds, refresh_seconds
        How long tokens live.
    """

    def __init__(
        self,
        accounts: Accounts,
        emitter: Emitter,
        context: Callable[[Any], Context],
        *,
        secret: str,
        access_seconds: float,
        refresh_seconds: float,
    ) -> None:
        self.accounts = accounts
        self._emitter = emitter
        self._context = context
        self._key = hashlib.sha256(secret.encode()).digest()  # as long as HS256 asks for, whatever was given
        self._access_seconds = access_seconds
        self._refresh_seconds = refresh_seconds

    # Passwords and refresh tokens -----------------------------------------------------------------

    async def login(self, payload: Mapping[str, Any], accountability: Context) -> Grant:
        """Sign somebody in by e-mail address and password (R127, R128).

        Raises
        ------
        DirectusError
            ``INVALID_CREDENTIALS``, or what a filter raised.
        """
        email, password = payload.get("email"), payload.get("password")
        if not isinstance(email, str) or not isinstance(password, str):
            raise InvalidPayload('"email" and "password" are required')
        user = await self.accounts.by_email(email)
        meta = {"status": "pending", "user": None if user is None else user.id, "provider": PROVIDER}
        body: Any = dict(payload)
        context = self._context(accountability)
        if user is not None:  # nobody is no login for a filter, only a failed one for actions (R128)
            body = await settled(self._emitter.filter(("auth.login",), body, meta, context))
        stored = None if user is None else user.password
        given = body.get("password") if isinstance(body, Mapping) else None
        fits = await asyncio.to_thread(secret_matches, stored, given if isinstance(given, str) else "")
        error = None if fits and user is not None else InvalidCredentials()
        told = {**meta, "payload": body, "status": "fail" if error else "success", "error": error}
        self._emitter.action(("auth.login",), told, context)
        if error is not None or user is None:
            raise error or InvalidCredentials()
        return await self._grant(user, "login", context)

    async def refresh(self, token: object, accountability: Context) -> Grant:
        """Give new tokens for a refresh token, which is used up."""
        if not isinstance(token, str):
            raise InvalidPayload('"refresh_token" is required in either the JSON payload or Cookie')
        identity = await self.accounts.end_session(token)
        user = None if identity is None else await self.accounts.by_id(identity)
        if user is None:
            raise InvalidCredentials
        return await self._grant(user, "refresh", self._context(accountability))

    async def logout(self, token: object) -> None:
        """Use a refresh token up."""
        if not isinstance(token, str):
            raise InvalidPayload('"refresh_token" is required in either the JSON payload or Cookie')
        await self.accounts.end_session(token)

    async def _grant(self, user: User, kind: str, context: Context) -> Grant:
        role = user.role
        claims: Any = {
            "id": user.id,
            "role": None if role is None else role.id,
            "app_access": role is not None and (role.app_access or role.admin_access),
            "admin_access": role is not None and role.admin_access,
        }
        meta = {"status": "pending", "user": user.id, "provider": PROVIDER, "type": kind}
        claims = await settled(self._emitter.filter(("auth.jwt",), claims, meta, context))
        now = int(time.time())
        payload = {**claims, "iat": now, "exp": now + max(1, round(self._access_seconds)), "iss": ISSUER}
        access = jwt.encode(payload, self._key, algorithm="HS256")
        refresh = await self.accounts.new_session(user.id, self._refresh_seconds)
        return Grant(access, refresh, round(self._access_seconds * 1000))

    # Tokens ---------------------------------------------------------------------------------------

    async def accountability(self, token: object, base: Mapping[str, Any]) -> tuple[Context, int | None]:
        """Find out who a token belongs to, and until when.

        Parameters
        ----------
        token
            An access token, or a static one.
        base
            The accountability of nobody, with what is known of the connection.

        Raises
        ------
        DirectusError
            ``TOKEN_EXPIRED`` or ``INVALID_CREDENTIALS``.
        """
        if not isinstance(token, str) or not token:
            raise InvalidCredentials
        if _is_ours(token):
            claims = self._claims(token)
            role = claims.get("role")
            known = {
                "user": claims.get("id"),
                "role": role,
                "roles": [] if role is None else [role],
                "admin": claims.get("admin_access") in (True, 1),
                "app": claims.get("app_access") in (True, 1),
            }
            return Context({**base, **known}), int(claims["exp"])
        user = await self.accounts.by_token(token)
        if user is None:
            raise InvalidCredentials
        return _of_user(user, base), None

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token, self._key, algorithms=["HS256"], issuer=ISSUER, options={"require": ["exp", "iss"]}
            )
        except jwt.ExpiredSignatureError:
            raise TokenExpired from None
        except jwt.PyJWTError:
            raise InvalidCredentials from None

    async def sign_in(
        self, message: Mapping[str, Any], base: Context, connection: int = NO_CONNECTION
    ) -> SignIn:
        """Sign a WebSocket client in by what its message has (R40, R48).

        Parameters
        ----------
        message
            With ``access_token``, ``email`` and ``password``, or ``refresh_token``.
        base
            The accountability of nobody.
        connection
            Of the client.

        Raises
        ------
        Exception
            Whatever was wrong; clients are told one and the same thing (R41).
        """
        token, refresh_token = message.get("access_token"), None
        if "email" in message and "password" in message:
            grant = await self.login(message, base)
            token, refresh_token = grant.access_token, grant.refresh_token
        elif "refresh_token" in message:
            grant = await self.refresh(message["refresh_token"], base)
            token, refresh_token = grant.access_token, grant.refresh_token
        if not isinstance(token, str) or not token:
            raise InvalidCredentials
        given = Context(base)
        chosen = await settled(
            self._emitter.filter(("websocket.authenticate",), given, {"message": message}, None, connection)
        )
        if isinstance(chosen, Mapping) and chosen is not given and dict(chosen) != dict(given):
            return SignIn(Context(chosen), _expiry(token), refresh_token)
        accountability, expires_at = await self.accountability(token, base)
        return SignIn(accountability, expires_at, refresh_token)


def _of_user(user: User, base: Mapping[str, Any]) -> Context:
    role = user.role
    known = {
        "user": user.id,
        "role": None if role is None else role.id,
        "roles": [] if role is None else [role.id],
        "admin": role is not None and role.admin_access,
        "app": role is not None and (role.app_access or role.admin_access),
    }
    return Context({**base, **known})


def _unverified(token: str) -> Mapping[str, Any]:
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token, options={"verify_signature": False, "verify_exp": False}
        )
    except (jwt.PyJWTError, ValueError, RecursionError):
        return {}
    return claims


def _is_ours(token: str) -> bool:
    return token.count(".") == 2 and _unverified(token).get("iss") == ISSUER  # noqa: PLR2004 - the parts of a JWT


def _expiry(token: str) -> int | None:
    """Read when a token expires, without asking whether it is good (R48)."""
    expires = _unverified(token).get("exp")
    return int(expires) if isinstance(expires, (int, float)) else None

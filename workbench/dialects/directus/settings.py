"""The options of a Directus application, checked."""

from __future__ import annotations

__all__ = ["OPTIONS", "STARTER_TOKEN", "STARTER_USERS", "Settings"]

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.engine.errors import near
from workbench.server.errors import InvalidOption

OPTIONS: Mapping[str, str] = {
    "collections": "fields of each collection by name; without it messages, notifications and products",
    "roles": "list of roles: id, name, admin, app, permissions ({collection: actions or '*'})",
    "users": "list of users: id, email, password, token, role, first_name, last_name",
    "public": "permissions of people who are not signed in: {collection: actions or '*'}",
    "database": "URL of the database; without it a SQLite file that lives as long as the bench",
    "extensions": "list of extension functions to begin with",
    "mode": "how clients sign in: handshake, public or strict",
    "follow": "system, or documentation where that differs (order of actions, silent filters, auth.success)",
    "auth_timeout": "seconds that a client has for its auth message",
    "heartbeat": "whether clients are pinged, and pings answered",
    "heartbeat_period": "seconds between pings",
    "max_clients": "how many clients may be signed in at once; None: any number",
    "rate_limit": "messages that a client may send in rate_period; None: any number",
    "rate_period": "seconds of the rate limit's window",
    "access_token_ttl": "seconds that an access token lives",
    "refresh_token_ttl": "seconds that a refresh token lives",
    "secret": "signs access tokens; without it one that is made up",
}

_TIME = {"type": "timestamp", "default": "$NOW"}
STARTER: Mapping[str, Any] = {
    "messages": {
        "text": "string",
        "channel": {"type": "string", "default": "general"},
        "date_created": _TIME,
    },
    "notifications": {"title": "string", "target": "string", "date_created": _TIME},
    "products": {
        "title": "string",
        "slug": "string",
        "price": "float",
        "stock": {"type": "integer", "default": 0},
    },
}
"""Collections of a bench for which none are named."""

STARTER_ROLES: Sequence[Mapping[str, Any]] = ({"name": "administrator", "admin": True},)
STARTER_TOKEN = "admin-token"  # noqa: S105 - not a secret, the manual names it
STARTER_USERS: Sequence[Mapping[str, Any]] = (
    {"email": "admin@example.com", "password": "admin", "token": STARTER_TOKEN, "role": "administrator"},
)
"""The user of a bench for which no users are named; the bench listens on this machine only unless told."""

MODES = ("handshake", "public", "strict")
FOLLOWS = ("system", "documentation")


@dataclass(frozen=True, slots=True)
class Settings:
    """What an application was told; see `OPTIONS` for each."""

    collections: Mapping[str, Any] = field(default_factory=lambda: dict(STARTER))
    roles: Sequence[Mapping[str, Any]] = STARTER_ROLES
    users: Sequence[Mapping[str, Any]] = STARTER_USERS
    public: Mapping[str, Any] = field(default_factory=dict)
    database: str | None = None
    extensions: Sequence[Any] = ()
    mode: str = "handshake"
    follow: str = "system"
    auth_timeout: float = 10.0
    heartbeat: bool = True
    heartbeat_period: float = 30.0
    max_clients: int | None = None
    rate_limit: int | None = None
    rate_period: float = 1.0
    access_token_ttl: float = 900.0
    refresh_token_ttl: float = 7 * 24 * 3600.0
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Settings:
        """Take options; None stands for what is usual. The usual user brings the usual role along.

        Raises
        ------
        InvalidOption
            For a value that cannot be.
        """
        settings = cls(**{name: value for name, value in options.items() if value is not None})
        named = {role.get("name") for role in settings.roles if isinstance(role, Mapping)}
        if settings.users is STARTER_USERS and STARTER_ROLES[0]["name"] not in named:
            return replace(settings, roles=(*settings.roles, *STARTER_ROLES))
        return settings

    def __post_init__(self) -> None:
        for name, known in (("mode", MODES), ("follow", FOLLOWS)):
            value = getattr(self, name)
            if value not in known:
                raise InvalidOption(
                    f"{name} is {' or '.join(known)}, not {value!r}{near(str(value), known)}."
                )
        for name in (
            "auth_timeout",
            "heartbeat_period",
            "rate_period",
            "access_token_ttl",
            "refresh_token_ttl",
        ):
            value = getattr(self, name)
            if not _is_number(value) or value <= 0:
                raise InvalidOption(f"{name} is a number of seconds above 0, not {value!r}.")
        for name in ("max_clients", "rate_limit"):
            value = getattr(self, name)
            if value is not None and (not _is_number(value) or value != int(value) or value < 1):
                raise InvalidOption(f"{name} is a whole number from 1 on, or None, not {value!r}.")
        for name in ("roles", "users", "extensions"):
            if isinstance(getattr(self, name), (str, Mapping)) or not isinstance(
                getattr(self, name), Sequence
            ):
                raise InvalidOption(f"{name} is a list, not {getattr(self, name)!r}.")
        if not isinstance(self.secret, str) or not self.secret:
            raise InvalidOption("secret is a text of at least one character.")

    @property
    def documented(self) -> bool:
        """Whether the documentation is followed where the running system differs."""
        return self.follow == "documentation"

    @property
    def rights(self) -> dict[str | None, Any]:
        """Permissions by the id of the role, None for the public."""
        rights: dict[str | None, Any] = {None: self.public}
        for role in self.roles:
            rights[str(role.get("id") or role.get("name"))] = role.get("permissions") or {}
        return rights

    @property
    def env(self) -> dict[str, Any]:
        """The same under the names that Directus gives them, as extensions see them; without secrets."""
        return {
            "WEBSOCKETS_ENABLED": True,
            "WEBSOCKETS_REST_AUTH": self.mode,
            "WEBSOCKETS_REST_AUTH_TIMEOUT": self.auth_timeout,
            "WEBSOCKETS_REST_PATH": "/websocket",
            "WEBSOCKETS_REST_CONN_LIMIT": self.max_clients,
            "WEBSOCKETS_HEARTBEAT_ENABLED": self.heartbeat,
            "WEBSOCKETS_HEARTBEAT_PERIOD": self.heartbeat_period,
            "ACCESS_TOKEN_TTL": self.access_token_ttl,
            "REFRESH_TOKEN_TTL": self.refresh_token_ttl,
            "QUERY_LIMIT_DEFAULT": 100,
        }


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

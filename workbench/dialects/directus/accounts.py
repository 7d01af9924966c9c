"""Users, roles, rights and refresh tokens: what people declare, and how it is kept."""

from __future__ import annotations

__all__ = ["Accounts", "Rights", "Role", "User"]

import hashlib
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sql

from workbench.engine.errors import WorkbenchError, near
from workbench.store import Database, hash_secret

ACTIONS = ("create", "read", "update", "delete")

_METADATA = sql.MetaData()
_USERS = sql.Table(
    "directus_users",
    _METADATA,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("email", sql.String(255), unique=True),
    sql.Column("password", sql.String(255)),
    sql.Column("token", sql.String(64), unique=True),
    sql.Column("role", sql.String(36)),
    sql.Column("first_name", sql.String(50)),
    sql.Column("last_name", sql.String(50)),
)
_ROLES = sql.Table(
    "directus_roles",
    _METADATA,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("name", sql.String(100), nullable=False),
    sql.Column("admin_access", sql.Boolean, nullable=False),
    sql.Column("app_access", sql.Boolean, nullable=False),
)
_SESSIONS = sql.Table(
    "directus_sessions",
    _METADATA,
    sql.Column("token", sql.String(64), primary_key=True),
    sql.Column("user", sql.String(36), nullable=False),
    sql.Column("expires", sql.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `None` as its id stands for the people who are not signed in."""

    id: str
    name: str
    admin_access: bool = False
    app_access: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """A user as sign-in needs one; `password` is a hash."""

    id: str
    email: str | None
    password: str | None
    role: Role | None
    first_name: str | None = None
    last_name: str | None = None


class Rights:
    """Who may do what in which collection, for whole collections.

    Parameters
    ----------
    roles
        From the id of a role, or None for the public, to collections and actions.
    """

    def __init__(self, roles: Mapping[str | None, Any]) -> None:
        self._roles = {role: _rights(role, given) for role, given in roles.items()}

    def allow(self, accountability: Mapping[str, Any] | None, collection: str, action: str) -> bool:
        """Tell whether somebody may do something; None is the system itself, which may do everything."""
        if accountability is None or accountability.get("admin"):
            return True
        roles = list(accountability.get("roles") or [])
        if accountability.get("role") is not None:
            roles.append(accountability["role"])
        who: Iterable[str | None] = roles or ([None] if accountability.get("user") is None else [])
        return any(action in self._roles.get(role, {}).get(collection, ()) for role in who)


def _rights(role: object, given: Any) -> dict[str, frozenset[str]]:
    if not isinstance(given, Mapping):
        raise WorkbenchError(
            f"The rights of {role or 'the public'} are a mapping of collections, not {given!r}"
        )
    rights = {}
    for collection, actions in given.items():
        listed = ACTIONS if actions == "*" else (actions,) if isinstance(actions, str) else tuple(actions)
        for action in listed:
            if action not in ACTIONS:
                raise WorkbenchError(
                    f"The rights in {collection} are {', '.join(ACTIONS)} or *, not {action!r}"
                    f"{near(str(action), ACTIONS)}"
                )
        rights[str(collection)] = frozenset(listed)
    return rights


def digest(token: str) -> str:
    """Give what is stored of a token: it is looked up by it, so its hash has no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Accounts:
    """The users and roles of one database.

    Parameters
    ----------
    database
        Where they are kept.
    roles, users
        As people declare them; those that are there already, by id or e-mail address, are brought up to date.
    """

    def __init__(
        self, database: Database, roles: Iterable[Mapping[str, Any]], users: Iterable[Mapping[str, Any]]
    ) -> None:
        self._database = database
        self._roles = [_role(given) for given in roles]
        known = {role.id for role in self._roles} | {role.name for role in self._roles}
        self._users = [_user(given, known) for given in users]

    def prepare(self, connection: sql.Connection) -> None:
        """Make the tables and put in what was declared; passwords are hashed here, so not on a loop."""
        _METADATA.create_all(connection)
        names = {role.name: role.id for role in self._roles}
        for role in self._roles:
            row = {"name": role.name, "admin_access": role.admin_access, "app_access": role.app_access}
            _put(connection, _ROLES, role.id, row)
        for given in self._users:
            row = {name: given.get(name) for name in ("email", "role", "first_name", "last_name")}
            wanted = row["role"]
            row["role"] = None if wanted is None else names.get(str(wanted), str(wanted))
            row["password"] = hash_secret(given["password"]) if given.get("password") else None
            row["token"] = digest(given["token"]) if given.get("token") else None
            _put(connection, _USERS, self._id_of(connection, given), row)

    def _id_of(self, connection: sql.Connection, given: Mapping[str, Any]) -> str:
        if given.get("id"):
            return str(given["id"])
        found = connection.execute(
            sql.select(_USERS.c.id).where(_USERS.c.email == given.get("email"))
        ).scalar()
        return str(found or uuid4())

    # Looking up -----------------------------------------------------------------------------------

    async def by_email(self, email: str) -> User | None:
        """Find a user by e-mail address, whatever its case."""
        return await self._find(sql.func.lower(_USERS.c.email) == email.lower())

    async def by_token(self, token: str) -> User | None:
        """Find a user by static token."""
        return await self._find(_USERS.c.token == digest(token))

    async def by_id(self, identity: str) -> User | None:
        """Find a user by id."""
        return await self._find(_USERS.c.id == identity)

    async def _find(self, clause: Any) -> User | None:
        def work(connection: sql.Connection) -> User | None:
            row = connection.execute(sql.select(_USERS).where(clause)).mappings().first()
            if row is None:
                return None
            role = connection.execute(sql.select(_ROLES).where(_ROLES.c.id == row["role"])).mappings().first()
            return User(
                row["id"], row["email"], row["password"], None if role is None else Role(**role),
                row["first_name"], row["last_name"],
            )  # fmt: skip

        return await self._database.run(work)

    # Refresh tokens -------------------------------------------------------------------------------

    async def new_session(self, user: str, seconds: float) -> str:
        """Make a refresh token for a user."""
        token = secrets.token_urlsafe(48)

        def work(connection: sql.Connection) -> None:
            connection.execute(sql.delete(_SESSIONS).where(_SESSIONS.c.expires < time.time()))
            row = {"token": digest(token), "user": user, "expires": time.time() + seconds}
            connection.execute(sql.insert(_SESSIONS).values(**row))

        await self._database.run(work)
        return token

    async def end_session(self, token: str) -> str | None:
        """Use a refresh token up; the id of its user, None where it is none (any more)."""

        def work(connection: sql.Connection) -> str | None:
            mine = _SESSIONS.c.token == digest(token)
            row = connection.execute(sql.select(_SESSIONS).where(mine)).mappings().first()
            connection.execute(sql.delete(_SESSIONS).where(mine))
            return str(row["user"]) if row is not None and row["expires"] > time.time() else None

        return await self._database.run(work)


def _put(connection: sql.Connection, table: sql.Table, identity: str, row: Mapping[str, Any]) -> None:
    changed = connection.execute(sql.update(table).where(table.c.id == identity).values(**row))
    if not changed.rowcount:
        connection.execute(sql.insert(table).values(id=identity, **row))


def _role(given: Mapping[str, Any]) -> Role:
    allowed = ("id", "name", "admin", "app", "permissions")
    _check("A role", given, allowed)
    name = str(given.get("name") or given.get("id") or "")
    if not name:
        raise WorkbenchError(f"A role has a name, such as {{'name': 'editor'}}, not {dict(given)!r}")
    return Role(str(given.get("id") or name), name, bool(given.get("admin")), bool(given.get("app")))


def _user(given: Mapping[str, Any], roles: set[str]) -> Mapping[str, Any]:
    _check("A user", given, ("id", "email", "password", "token", "role", "first_name", "last_name"))
    if given.get("role") is not None and given["role"] not in roles:
        who = next((str(given[name]) for name in ("email", "id") if given.get(name)), "a user")
        raise WorkbenchError(f"There is no role {given['role']!r} for {who}{near(str(given['role']), roles)}")
    for name in ("email", "password", "token"):
        if given.get(name) is not None and not isinstance(given[name], str):
            raise WorkbenchError(f"The {name} of a user is a text, not {given[name]!r}")
    return given


def _check(what: str, given: Any, allowed: tuple[str, ...]) -> None:
    if not isinstance(given, Mapping):
        raise WorkbenchError(f"{what} is a mapping with {', '.join(allowed)}, not {given!r}")
    for name in given:
        if name not in allowed:
            raise WorkbenchError(f"{what} has no {name!r}{near(str(name), allowed)}")

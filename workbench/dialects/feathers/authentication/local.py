"""Logins by name and password, and what keeps passwords from being seen."""

from __future__ import annotations

__all__ = ["LocalStrategy", "hash_password", "password_hash", "protect"]

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from workbench.dialects.context import Context
from workbench.dialects.feathers.adapter import copied
from workbench.dialects.feathers.authentication.lookup import default_authentication
from workbench.dialects.feathers.authentication.strategies import Params, Strategy
from workbench.dialects.feathers.errors import BadRequest, NotAuthenticated
from workbench.engine.errors import WorkbenchError
from workbench.store import hash_secret, secret_matches

Hook = Callable[..., Awaitable[Any]]


class LocalStrategy(Strategy):
    """By name and password: `{"strategy": "local", "email": ..., "password": ...}`.

    Its settings are `username_field` and `password_field`, and, where the records have other names for them,
    `entity_username_field` and `entity_password_field`; `error_message` is what everybody hears who fails.
    """

    @property
    def configuration(self) -> dict[str, Any]:
        """As of `Strategy`, with the settings above."""
        given = super().configuration
        return {
            "error_message": "Invalid login",
            "entity_username_field": given.get("username_field"),
            "entity_password_field": given.get("password_field"),
            **given,
        }

    def verify_configuration(self) -> None:
        """The two fields have to be named."""
        for name in ("username_field", "password_field"):
            if not isinstance(self.configuration.get(name), str):
                raise WorkbenchError(f"The {self.name!r} authentication strategy needs the setting {name!r}")

    async def authenticate(self, authentication: Mapping[str, Any], params: Params) -> dict[str, Any]:
        """Find who has that name and compare the password; it takes as long for nobody as for somebody."""
        told = self.configuration
        username = at(authentication, told["username_field"])
        password = at(authentication, told["password_field"])
        if not (isinstance(username, str) and username and isinstance(password, str) and password):
            raise NotAuthenticated(told["error_message"])  # an object in place of the name would be a query
        inside = {name: value for name, value in params.items() if name != "provider"}
        found = await self.find_entity(username, inside)
        stored = at(found, told["entity_password_field"]) if found else None
        fits = await asyncio.to_thread(secret_matches, stored if isinstance(stored, str) else None, password)
        if not fits or found is None:
            raise NotAuthenticated(told["error_message"])
        entity = await self.get_entity(found, params)
        return {"authentication": {"strategy": self.name}, told["entity"]: entity}

    async def find_entity(self, username: str, params: Params) -> Mapping[str, Any] | None:
        """Find the entity of a name from inside; None where there is none."""
        query = {"$limit": 1, self.configuration["entity_username_field"]: username}
        result = await self.entity_service.find(Context(params, query=query))
        records = result.get("data") if isinstance(result, Mapping) else result
        return records[0] if records else None

    async def get_entity(self, found: Mapping[str, Any], params: Params) -> Any:
        """Get the entity as the caller may see it: for a client through the hooks for clients."""
        told = self.configuration
        id_ = found.get(told["entity_id"] or self.entity_service.id)
        if id_ is None:
            raise NotAuthenticated("Could not get local entity")
        if params.get("provider") is None:
            return found
        return await self.entity_service.get(id_, Context(params, query={}, **{told["entity"]: found}))

    async def hash_password(self, password: str) -> str:
        """Give what is stored of a password."""
        return await asyncio.to_thread(hash_secret, password)


def password_hash(
    strategy: str = "local", service: str | None = None
) -> Callable[..., Awaitable[str | None]]:
    """Make a resolver of a member that holds a password: what is stored is its hash.

    Parameters
    ----------
    strategy
        Name of the local strategy.
    service
        Path of its authentication service; None is the only one.
    """

    async def password_hash(value: Any, _obj: Any, context: Any) -> str | None:
        return None if value is None else await _hashed(value, context.app, strategy, service)

    return password_hash


def hash_password(field: str, strategy: str = "local", service: str | None = None) -> Hook:
    """Make a hook, around or before, that hashes a member of the data, also in each entry of a list.

    Parameters
    ----------
    field
        Name of the member; `login.password` goes into nested objects.
    strategy, service
        As of `password_hash`.
    """

    async def change(data: Any, app: Any) -> Any:
        password = at(data, field)
        if password is None:
            return data
        changed = copied(data)
        *way, last = field.split(".")
        at(changed, ".".join(way))[last] = await _hashed(password, app, strategy, service)
        return changed

    async def hash_password(context: Any, next: Any = None) -> None:  # noqa: A002  # Feathers' name
        data = context.get("data")
        if isinstance(data, list):
            context.data = [await change(one, context.app) for one in data]
        elif data is not None:
            context.data = await change(data, context.app)
        if next is not None:
            await next()

    return hash_password


def protect(*fields: str) -> Hook:
    """Make a hook, around or after, that keeps members of the result from clients.

    Parameters
    ----------
    *fields
        Names of the members. The result keeps them for calls from inside, `dispatch` has them not.
    """

    def without(value: Any) -> Any:
        if isinstance(value, list):
            return [without(one) for one in value]
        if not isinstance(value, Mapping):
            return value
        return {name: part for name, part in value.items() if name not in fields}

    async def protect(context: Any, next: Any = None) -> None:  # noqa: A002  # Feathers' name
        if next is not None:
            await next()
        result = context.get("dispatch", context.get("result"))
        if result is None:
            return
        if context.method == "find" and isinstance(result, Mapping) and "data" in result:
            context.dispatch = {**result, "data": without(result["data"])}
        else:
            context.dispatch = without(result)
        if context.params.get("provider"):
            context.result = context.dispatch

    return protect


def at(value: Any, path: str) -> Any:
    """Give the member at a dotted path; None where there is none, and the value itself for no path."""
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


async def _hashed(password: Any, app: Any, strategy: str, service: str | None) -> str:
    if not isinstance(password, str):
        raise BadRequest(f"A password is a text, not {type(password).__name__}")
    auth = default_authentication(app, service)
    local = auth.get_strategy(strategy) if auth is not None else None
    if local is None:
        raise BadRequest(f"Could not find '{strategy}' strategy to hash password")
    hashed: str = await local.hash_password(password)
    return hashed

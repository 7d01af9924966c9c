"""Ways to tell who is calling; this one by a token."""

from __future__ import annotations

__all__ = ["JWTStrategy", "Strategy"]

import asyncio
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.dialects.context import Context
from workbench.dialects.feathers.errors import NotAuthenticated

if TYPE_CHECKING:
    from workbench.dialects.feathers.authentication.service import AuthenticationService

Params = Mapping[str, Any]

_SCHEME_AND_VALUE = re.compile(r"(\S+)\s+(\S+)")


class Strategy:
    """What strategies have in common; one of your own is a subclass with `authenticate`.

    Attributes
    ----------
    name
        Under which it was registered, and under which its settings are.
    auth
        The service that it is registered at.

    """

    name: str
    auth: AuthenticationService

    @property
    def configuration(self) -> dict[str, Any]:
        """The settings of this strategy, and `service`, `entity` and `entity_id` of all."""
        shared = self.auth.configuration
        common = {name: shared.get(name) for name in ("service", "entity", "entity_id")}
        return common | (shared.get(self.name) or {})

    @property
    def entity_service(self) -> Any:
        """The service that has the users; None where there is none."""
        path = self.configuration.get("service")
        return self.auth.app.service(path) if path else None

    def verify_configuration(self) -> None:
        """Raise WorkbenchError where a setting is missing; called when it is registered."""

    async def authenticate(self, authentication: Mapping[str, Any], params: Params) -> dict[str, Any]:
        """Give `{"authentication": {"strategy": ...}, <entity>: ...}`, or raise NotAuthenticated.

        Parameters
        ----------
        authentication
            What the client sent, with `strategy`; hostile.
        params
            Those of the call.
        """
        raise NotImplementedError

    async def parse(self, headers: Mapping[str, str]) -> dict[str, Any] | None:
        """Find what `authenticate` takes among the headers of a request; None where it is not there."""

    async def handle_connection(self, event: str, connection: Any, result: Any = None) -> None:
        """Take notice of a "login", "logout" or "disconnect" of a socket's connection."""


class JWTStrategy(Strategy):
    """By a token: `{"strategy": "jwt", "accessToken": ...}`, or a header ``Authorization: Bearer ...``."""

    def __init__(self) -> None:
        self._ends: dict[int, asyncio.TimerHandle] = {}  # by the connection's identity

    @property
    def configuration(self) -> dict[str, Any]:
        """As of `Strategy`, with `header` and `schemes`."""
        return {"header": "Authorization", "schemes": ["Bearer", "JWT"], **super().configuration}

    async def authenticate(self, authentication: Mapping[str, Any], params: Params) -> dict[str, Any]:
        """Check the token and get the entity that it is about."""
        token = authentication.get("accessToken")
        entity = self.configuration["entity"]
        if not token:
            raise NotAuthenticated("No access token")
        payload = await self.auth.verify_access_token(token, params.get("jwt"))
        found = {
            "accessToken": token,
            "authentication": {"strategy": self.name, "accessToken": token, "payload": payload},
        }
        if entity is None:
            return found
        return {**found, entity: await self.get_entity(payload.get("sub"), params)}

    async def get_entity(self, id_: Any, params: Params) -> Any:
        """Get the entity from inside, and for a client once more through the hooks for clients."""
        service = self.entity_service
        if service is None:
            raise NotAuthenticated("Could not find entity service")
        inside = {name: value for name, value in params.items() if name != "provider"}
        entity = await service.get(id_, Context(inside, query={}))
        if params.get("provider") is None:
            return entity
        known = {self.configuration["entity"]: entity}
        return await service.get(id_, Context(params, query={}, **known))

    async def parse(self, headers: Mapping[str, str]) -> dict[str, Any] | None:
        """Read the header."""
        given = headers.get(self.configuration["header"].lower())
        if not given:
            return None
        found = _SCHEME_AND_VALUE.search(given)
        if found is None:
            return {"strategy": self.name, "accessToken": given}
        schemes = {scheme.lower() for scheme in self.configuration["schemes"]}
        if found[1].lower() not in schemes:
            return None
        return {"strategy": self.name, "accessToken": found[2]}

    async def handle_connection(self, event: str, connection: Any, result: Any = None) -> None:
        """Give a connection its entity at a login, until the token ends, and take it away at a logout."""
        entity, held = self.configuration["entity"], connection.get("authentication") or {}
        token = result.get("accessToken") if isinstance(result, Mapping) else None
        if event == "login" and token:
            self._end_with(token, result, connection)
            connection["authentication"] = {"strategy": self.name, "accessToken": token}
            if entity is not None:
                connection[entity] = result[entity]
        elif event == "disconnect" or (event == "logout" and token and held.get("accessToken") == token):
            self._forget_end(connection)
            await asyncio.sleep(0)  # what else hears of the event still sees whose connection it was
            connection.pop("authentication", None)
            connection.pop(entity, None)

    def _end_with(self, token: str, result: Mapping[str, Any], connection: Any) -> None:
        """Disconnect when the token expires."""
        self._forget_end(connection)
        payload = (result.get("authentication") or {}).get("payload") or self.auth.payload_of(token)
        if payload.get("exp") is not None:
            left = max(payload["exp"] - time.time(), 0)
            end = asyncio.get_running_loop().call_later(left, self.auth.app.emit, "disconnect", connection)
            self._ends[id(connection)] = end

    def _forget_end(self, connection: Any) -> None:
        end = self._ends.pop(id(connection), None)
        if end is not None:
            end.cancel()

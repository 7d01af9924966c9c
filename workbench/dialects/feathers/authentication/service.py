"""The service that clients log in to: `create` makes a token, `remove` ends what it was used for."""

from __future__ import annotations

__all__ = ["AuthenticationService"]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.context import Context
from workbench.dialects.feathers.authentication import tokens
from workbench.dialects.feathers.authentication.hooks import connection_hook, event_hook
from workbench.dialects.feathers.authentication.lookup import remember
from workbench.dialects.feathers.authentication.settings import DEFAULTS, merged
from workbench.dialects.feathers.authentication.strategies import Strategy
from workbench.dialects.feathers.errors import NotAuthenticated
from workbench.dialects.feathers.resolver_hooks import resolve_external
from workbench.engine.errors import WorkbenchError

Params = Mapping[str, Any]


class AuthenticationService:
    """Feathers' authentication service.

    Parameters
    ----------
    app
        The application.
    config_key
        Name under which the application has the settings: `secret`, `entity` ("user"; None for none),
        `service` ("users"), `auth_strategies`, `jwt_options`, and those of each strategy under its name.
    options
        Settings that are given here instead.

    """

    def __init__(
        self, app: Any, config_key: str = "authentication", options: Mapping[str, Any] | None = None
    ) -> None:
        self.app = app
        self.config_key = config_key
        self.path = config_key  # until it is set up
        self.options = options
        self._strategies: dict[str, Strategy] = {}
        remember(app, self)

    @property
    def configuration(self) -> dict[str, Any]:
        """The settings as they are now, with names in snake_case."""
        return merged(DEFAULTS, self.app.get(self.config_key), self.options)

    @property
    def strategies(self) -> dict[str, Strategy]:
        """The registered strategies by their names; a copy."""
        return dict(self._strategies)

    @property
    def strategy_names(self) -> list[str]:
        """Names of the registered strategies."""
        return list(self._strategies)

    def register(self, name: str, strategy: Strategy) -> None:
        """Register a strategy under a name; its settings are checked."""
        strategy.name, strategy.auth = name, self
        strategy.verify_configuration()
        self._strategies[name] = strategy

    def get_strategy(self, name: str) -> Strategy | None:
        """Give the strategy of a name; None where there is none."""
        return self._strategies.get(name)

    async def create_access_token(
        self, payload: Params, options: Params | None = None, secret: str | None = None
    ) -> str:
        """Make a token; options and secret win over the settings."""
        told = self.configuration
        return tokens.sign(payload, secret or self._secret(), merged(told["jwt_options"], options))

    async def verify_access_token(
        self, token: object, options: Params | None = None, secret: str | None = None
    ) -> dict[str, Any]:
        """Give the payload of a token, or raise NotAuthenticated."""
        told = self.configuration
        return tokens.verify(token, secret or self._secret(), merged(told["jwt_options"], options))

    def payload_of(self, token: str) -> dict[str, Any]:
        """Give the payload of a token without a check."""
        return tokens.payload_of(token)

    async def authenticate(self, authentication: Any, params: Params, *allowed: str) -> dict[str, Any]:
        """Authenticate by the strategy that is asked for, where it is one of the allowed.

        Parameters
        ----------
        authentication
            What a client sent: an object with `strategy`.
        params
            Those of the call.
        *allowed
            Names of strategies.
        """
        name = authentication.get("strategy") if isinstance(authentication, Mapping) else None
        strategy = self._strategies.get(name) if isinstance(name, str) else None
        if strategy is None or name not in allowed:
            why = "" if name in allowed else " (strategy not allowed in authStrategies)"
            raise NotAuthenticated(
                "Invalid authentication information" + (why if name else " (no `strategy` set)")
            )
        return await strategy.authenticate(authentication, Context(params, authenticated=True))

    async def handle_connection(self, event: str, connection: Any, result: Any = None) -> None:
        """Tell every strategy of a "login", "logout" or "disconnect" of a connection."""
        for strategy in self._strategies.values():
            await strategy.handle_connection(event, connection, result)

    async def parse(self, headers: Mapping[str, str], *names: str) -> dict[str, Any] | None:
        """Find authentication among headers (in lower case) by the first strategy that does, or None."""
        for strategy in filter(None, map(self._strategies.get, names)):
            found = await strategy.parse(headers)
            if found is not None:
                return found
        return None

    async def get_payload(self, _result: Params, params: Params) -> dict[str, Any]:
        """Give claims of one's own for a new token: `params.payload`, or none."""
        return dict(params.get("payload") or {})

    async def get_token_options(self, result: Params, params: Params) -> dict[str, Any]:
        """Give the options of a new token; its subject is the entity's id."""
        told = self.configuration
        options = merged(params.get("jwt_options"), params.get("jwt"))
        service, entity = told.get("service"), told.get("entity")
        value = result.get(entity) if service and entity else None
        if value and options.get("subject") is None:
            name = told.get("entity_id") or self.app.service(service).id
            if value.get(name) is None:
                raise NotAuthenticated(f"Can not set subject from {entity}.{name}")
            options["subject"] = str(value[name])
        return options

    async def create(self, data: Any, params: Params | None = None) -> dict[str, Any]:
        """Log in: give `accessToken`, `authentication` with its payload, and the entity."""
        params = params or {}
        allowed = params.get("auth_strategies") or self.configuration["auth_strategies"]
        if not allowed:
            raise NotAuthenticated(
                "No authentication strategies allowed for creating a JWT (`authStrategies`)"
            )
        result = await self.authenticate(data, params, *allowed)
        if result.get("accessToken"):
            return result
        payload = await self.get_payload(result, params)
        options = await self.get_token_options(result, params)
        token = await self.create_access_token(payload, options, params.get("secret"))
        told = {**result.get("authentication", {}), "payload": tokens.payload_of(token)}
        return {"accessToken": token, **result, "authentication": told}

    async def remove(self, id: Any, params: Params | None = None) -> dict[str, Any]:  # noqa: A002  # its name
        """Log out: check the token once more and give what `create` gave. It stays valid until it expires."""
        params = params or {}
        given = params.get("authentication")
        if id is not None and id != (given or {}).get("accessToken"):
            raise NotAuthenticated("Invalid access token")
        return await self.authenticate(given, params, *self.configuration["auth_strategies"])

    async def setup(self, app: Any, path: str) -> None:
        """Check the settings, and add the hooks that tell of logins and logouts."""
        self.path = path
        told = self.configuration
        self._secret()
        entity, service = told.get("entity"), told.get("service")
        if entity is not None:
            if service is None:
                raise WorkbenchError("The 'service' option is not set in the authentication configuration")
            if getattr(app.service(service), "id", None) is None and told.get("entity_id") is None:
                raise WorkbenchError(
                    f"The '{service}' service does not have an 'id' property and no 'entity_id' option is set"
                )
        own = app.service(path)
        own.hooks(
            {
                "around": {
                    "create": [resolve_external(), event_hook("login"), connection_hook("login")],
                    "remove": [resolve_external(), event_hook("logout"), connection_hook("logout")],
                }
            }
        )
        own.publish(lambda *_: None)  # nobody else hears of a login
        app.on("disconnect", self._disconnected)

    async def _disconnected(self, connection: Any) -> None:
        await self.handle_connection("disconnect", connection)

    def _secret(self) -> str:
        secret = self.configuration.get("secret")
        if not isinstance(secret, str):
            raise WorkbenchError("A 'secret' must be provided in your authentication configuration")
        return secret

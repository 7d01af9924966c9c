"""The chat of Feathers' guide: the registration sample of its page on hooks, with users and logins."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from workbench import Workbench
from workbench.dialects.feathers import (
    MemoryService,
    get_data_validator,
    get_validator,
    query_syntax,
    resolve,
    resolve_data,
    resolve_external,
    resolve_query,
    resolve_result,
    validate_data,
    validate_query,
    virtual,
)
from workbench.dialects.feathers.authentication import (
    AuthenticationService,
    JWTStrategy,
    LocalStrategy,
    authenticate,
    password_hash,
)

SETTINGS: dict[str, Any] = {
    "secret": "a secret that is known to readers of this file only",
    "entity": "user",
    "service": "users",
    "authStrategies": ["jwt", "local"],
    "local": {"usernameField": "email", "passwordField": "password"},
}

# -- src/hooks/log-runtime


async def log_runtime(context: Any, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002
    """Print how long a call took."""
    start_time = time.perf_counter()
    # Run everything else (other hooks and service call)
    await next()

    duration = (time.perf_counter() - start_time) * 1000
    print(f"Calling {context.method} on {context.path} took {duration:.3f}ms")


# -- src/services/users

user = {"id": {"type": "number"}, "email": {"type": "string"}, "password": {"type": "string"}}
user_data_validator = get_validator(
    {"type": "object", "additionalProperties": False, "required": ["email", "password"], "properties": user}
)
user_query_validator = get_validator(
    {"type": "object", "additionalProperties": False, "properties": query_syntax(user)}, coerce=True
)
user_data_resolver = resolve({"password": password_hash("local")})
user_external_resolver = resolve({"password": lambda: None})


def users(app: Any) -> None:
    """Register the service with the people."""
    app.use("users", MemoryService(paginate={"default": 10, "max": 50}))
    app.service("users").hooks(
        {
            "around": {
                "all": [resolve_external(user_external_resolver)],
                "find": [authenticate("jwt")],
                "get": [authenticate("jwt")],
            },
            "before": {
                "all": [validate_query(user_query_validator)],
                "create": [validate_data(user_data_validator), resolve_data(user_data_resolver)],
            },
        }
    )


# -- src/authentication


def authentication(app: Any) -> None:
    """Register the service that people log in to."""
    app.set("authentication", SETTINGS)
    service = AuthenticationService(app)
    service.register("jwt", JWTStrategy())
    service.register("local", LocalStrategy())
    app.use("authentication", service)


# -- src/services/messages

message = {
    "id": {"type": "number"},
    "text": {"type": "string"},
    "createdAt": {"type": "number"},
    "userId": {"type": "number"},
}
message_validators = get_data_validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["text"],
        "properties": {"text": {"type": "string", "maxLength": 400}},
    }
)
message_data_validator = message_validators["create"]
message_patch_validator = message_validators["patch"]
message_query_validator = get_validator(
    {"type": "object", "additionalProperties": False, "properties": query_syntax(message)}, coerce=True
)


async def message_user(obj: Any, context: Any) -> Any:
    """Give the person who wrote a message."""
    return await context.app.service("users").get(obj["userId"])


message_resolver = resolve({"user": virtual(message_user)})
message_external_resolver = resolve({})
message_data_resolver = resolve(
    {
        "userId": lambda _value, _obj, context: context.params.user["id"],
        "createdAt": lambda: int(time.time() * 1000),
    }
)
message_patch_resolver = resolve({})
message_query_resolver = resolve(
    {
        # one may change and remove one's own messages only
        "userId": lambda value, _obj, context: (
            value if context.method in ("find", "get") else context.params.user["id"]
        )
    }
)


def messages(app: Any) -> None:
    """Register the service and its hooks, in the order of the sample."""
    app.use("messages", MemoryService(paginate={"default": 10, "max": 50}))
    app.service("messages").hooks(
        {
            "around": {
                "all": [
                    log_runtime,
                    authenticate("jwt"),
                    resolve_external(message_external_resolver),
                    resolve_result(message_resolver),
                ]
            },
            "before": {
                "all": [validate_query(message_query_validator), resolve_query(message_query_resolver)],
                "find": [],
                "get": [],
                "create": [validate_data(message_data_validator), resolve_data(message_data_resolver)],
                "patch": [validate_data(message_patch_validator), resolve_data(message_patch_resolver)],
                "remove": [],
            },
            "after": {"all": []},
            "error": {"all": []},
        }
    )


# -- src/channels


def channels(app: Any) -> None:
    """Let those who are logged in hear of everything."""

    def login(_result: Any, params: Any) -> None:
        connection = params.get("connection")
        if connection is not None:
            app.channel("authenticated").join(connection)

    app.on("login", login)
    app.publish(lambda _data, _context: app.channel("authenticated"))


chat = Workbench("feathers", name="chat")
chat.configure(users)
chat.configure(authentication)
chat.configure(messages)
chat.configure(channels)

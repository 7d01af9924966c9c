"""The samples of Feathers' page on hooks, in Python, do what the page says of them."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from workbench import Workbench
from workbench.cli import main
from workbench.dialects.feathers import (
    Application,
    AuthenticationService,
    BadRequest,
    JWTStrategy,
    LocalStrategy,
    MemoryService,
    NotAuthenticated,
    authenticate,
    feathers,
    get_data_validator,
    get_validator,
    password_hash,
    query_syntax,
    resolve,
    resolve_data,
    resolve_external,
    resolve_query,
    resolve_result,
    validate_data,
    validate_query,
)

Next = Callable[[], Awaitable[None]]
logged: list[str] = []


async def log_runtime(context: Any, next: Next) -> None:  # noqa: A002  # the sample's name
    """The first sample: src/hooks/log-runtime."""
    start_time = time.perf_counter()
    # Run everything else (other hooks and service call)
    await next()

    duration = (time.perf_counter() - start_time) * 1000
    logged.append(f"Calling {context.method} on {context.path} took {duration:.3f}ms")


TEXT = {"text": {"type": "string"}}
message_data_validator = get_data_validator({"type": "object", "required": ["text"], "properties": TEXT})
message_query_validator = get_validator(
    {"type": "object", "additionalProperties": False, "properties": query_syntax(TEXT)}, coerce=True
)
message_resolver = resolve({})
message_external_resolver = resolve({"userId": lambda: None})
message_data_resolver = resolve({"userId": lambda _value, _obj, context: context.params.user["id"]})
message_patch_resolver = resolve({})
message_query_resolver = resolve({})


def message(app: Any) -> None:
    """The registration sample: a configure function that registers the service and its hooks."""
    # Register our service on the Feathers application
    app.use(
        "messages",
        MemoryService(),
        # A list of all methods this service exposes externally
        methods=["find", "get", "create", "patch", "remove"],
        # You can add additional custom events to be sent to clients here
        events=[],
    )
    # Initialize hooks
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
                "patch": [validate_data(message_data_validator), resolve_data(message_patch_resolver)],
                "remove": [],
            },
            "after": {"all": []},
            "error": {"all": []},
        }
    )


def accounts(app: Any) -> None:
    """What the sample's authenticate("jwt") stands on."""
    app.set(
        "authentication",
        {
            "secret": "known to this test, and long enough for HS256",
            "entity": "user",
            "service": "users",
            "authStrategies": ["jwt", "local"],
            "local": {"usernameField": "email", "passwordField": "password"},
        },
    )
    app.use("users", MemoryService())
    app.service("users").hooks({"before": {"create": [resolve_data(resolve({"password": password_hash()}))]}})
    service = AuthenticationService(app)
    service.register("jwt", JWTStrategy())
    service.register("local", LocalStrategy())
    app.use("authentication", service)


async def chat() -> tuple[Application, dict[str, Any]]:
    """Give an application with the sample's service, and the params of somebody who is logged in."""
    logged.clear()
    app = feathers()
    app.configure(accounts)
    app.configure(message)
    await app.setup()
    await app.service("users").create({"email": "a@b.c", "password": "pw"})
    login = await app.service("authentication").create(
        {"strategy": "local", "email": "a@b.c", "password": "pw"}
    )
    token = {"strategy": "jwt", "accessToken": login["accessToken"]}
    return app, {"provider": "rest", "authentication": token}


def test_every_time_the_service_is_called_the_runtime_is_logged() -> None:
    """With method and path, for each call that comes through."""

    async def work() -> None:
        app, params = await chat()
        messages = app.service("messages")
        await messages.create({"text": "hello"}, params)
        await messages.find({**params, "query": {"$limit": "5"}})
        await messages.patch(1, {"text": "bye"}, params)

    asyncio.run(work())
    assert [line.split(" took ")[0] for line in logged] == [
        "Calling create on messages",
        "Calling find on messages",
        "Calling patch on messages",
    ]


def test_a_hook_that_throws_skips_the_rest() -> None:
    """The error is returned; neither the service nor the log line is reached."""

    async def work() -> None:
        app, params = await chat()
        messages = app.service("messages")
        with pytest.raises(NotAuthenticated, match="Not authenticated"):
            await messages.create({"text": "hello"}, {"provider": "rest"})
        with pytest.raises(BadRequest, match="validation failed"):
            await messages.create({"txt": "hello"}, params)
        with pytest.raises(BadRequest, match="validation failed"):
            await messages.find({**params, "query": {"$where": "1"}})
        assert await messages.find({**params, "query": {}}) == []

    asyncio.run(work())
    assert len(logged) == 1


def test_resolvers_complete_data_and_hide_members_from_clients() -> None:
    """The writer's id is stored, and clients do not see it."""

    async def work() -> None:
        app, params = await chat()
        context = app.service("messages").create_context("create")
        await app.service("messages").create({"text": "hello"}, params, context)

        assert context.result == {"text": "hello", "userId": 1, "id": 1}
        assert context.dispatch == {"text": "hello", "id": 1}

    asyncio.run(work())


def test_method_specific_hooks_are_registered_by_their_name() -> None:
    """The tip: authenticate for all, log the runtime for find and get only."""

    async def work() -> None:
        app, params = await chat()
        app.use("notes", MemoryService())
        app.service("notes").hooks(
            {"around": {"all": [authenticate("jwt")], "find": [log_runtime], "get": [log_runtime]}}
        )
        logged.clear()
        await app.service("notes").create({}, params)
        await app.service("notes").find(params)
        await app.service("notes").get(1, params)
        with pytest.raises(NotAuthenticated):
            await app.service("notes").find({"provider": "rest"})

    asyncio.run(work())
    assert [line.split()[1] for line in logged] == ["find", "get"]


def test_the_context_has_what_the_page_lists() -> None:
    """Read-only and writable members, and `error` in error hooks."""
    seen: dict[str, Any] = {}

    async def around(context: Any, next: Next) -> None:  # noqa: A002  # Feathers' name
        seen["kept"] = (context.app, context.service.path, context.path, context.method, context.type)
        context.params = {**context.params, "user": "ada"}
        context.id = 1
        context.data = {**context.data, "changed": True}
        await next()
        seen["result"] = context.result
        context.result = {"replaced": True}

    async def work() -> Any:
        app = feathers()
        app.use("messages", MemoryService(store={1: {}}))
        app.service("messages").hooks(
            {
                "around": {"patch": [around]},
                "error": {"get": [lambda context: seen.update(error=context.error, type=context.type)]},
            }
        )
        patched = await app.service("messages").patch(9, {"text": "a"}, {"query": {}})
        with pytest.raises(Exception, match="No record found for id '9'"):
            await app.service("messages").get(9)
        assert seen["kept"] == (app, "messages", "messages", "patch", "around")
        return patched

    assert asyncio.run(work()) == {"replaced": True}
    assert seen["result"] == {"id": 1, "text": "a", "changed": True}
    assert (str(seen["error"]), seen["type"]) == ("No record found for id '9'", "error")


def test_the_generators_hook_logs_on_a_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`npx feathers generate hook` is `workbench new hook log-runtime --dialect feathers`."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "hook", "log-runtime", "--dialect", "feathers"]) == 0
    spec = importlib.util.spec_from_file_location("log_runtime", tmp_path / "hooks" / "log_runtime.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    bench = Workbench("feathers", name="generated")
    bench.use("messages", MemoryService())
    bench.service("messages").hooks({"around": {"all": [module.log_runtime]}})

    async def work() -> Any:
        return await bench.service("messages").find()

    assert asyncio.run(work()) == []
    assert "Running hook log_runtime on messages.find" in capsys.readouterr().out
    calls = bench.trace.calls
    assert calls["hook"].astype(str).tolist() == ["log_runtime"]


def test_log_runtime_gives_the_number_of_the_trace() -> None:
    """To a millisecond: what the hook measured is what the trace has of it."""
    bench = Workbench("feathers", name="measured")
    bench.use("messages", MemoryService())
    logged.clear()

    async def slow(_context: Any) -> None:
        await asyncio.sleep(0.03)

    bench.service("messages").hooks({"around": {"all": [log_runtime]}, "before": {"all": [slow]}})

    async def work() -> None:
        await bench.service("messages").find()

    asyncio.run(work())
    printed = float(logged[0].split(" took ")[1].removesuffix("ms"))
    calls = bench.trace.calls
    traced = float(calls["duration_ns"][calls["hook"] == "log_runtime"].iloc[0]) / 1e6
    assert printed == pytest.approx(traced, abs=2)
    assert printed >= 30

"""The authentication service of an application: what it takes, gives, and keeps to itself."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from workbench import Workbench
from workbench.dialects.context import Context
from workbench.dialects.feathers import (
    AuthenticationService,
    BadRequest,
    FeathersError,
    JWTStrategy,
    LocalStrategy,
    MemoryService,
    NotAuthenticated,
    authenticate,
    feathers,
    hash_password,
    password_hash,
    protect,
    resolve,
    resolve_data,
    resolve_external,
)
from workbench.dialects.feathers.authentication import authenticate_connection, parse_authentication
from workbench.engine.errors import WorkbenchError
from workbench.store import secret_matches

SETTINGS: dict[str, Any] = {
    "secret": "a secret of more than thirty-two bytes",
    "entity": "user",
    "service": "users",
    "authStrategies": ["jwt", "local"],
    "local": {"usernameField": "email", "passwordField": "password"},
}
LOGIN = {"strategy": "local", "email": "a@b.c", "password": "pw"}


def furnish(app: Any, **changes: Any) -> AuthenticationService:
    """Give an application users, authentication and a service that only they may use."""
    app.set("authentication", {**SETTINGS, **changes})
    app.use("users", MemoryService())
    app.service("users").hooks(
        {
            "around": {"all": [resolve_external(resolve({"password": lambda: None}))]},
            "before": {"create": [resolve_data(resolve({"password": password_hash()}))]},
        }
    )
    service = AuthenticationService(app)
    service.register("jwt", JWTStrategy())
    service.register("local", LocalStrategy())
    app.use("authentication", service)
    app.use("notes", MemoryService())
    app.service("notes").hooks({"around": {"all": [authenticate("jwt")]}})
    return service


async def furnished(**changes: Any) -> Any:
    """Give an application of its own, set up, with one user."""
    app = feathers()
    furnish(app, **changes)
    await app.setup()
    await app.service("users").create({"email": "a@b.c", "password": "pw"})
    return app


def run(work: Any) -> Any:
    """Run a coroutine that takes the application."""

    async def running() -> Any:
        return await work(await furnished())

    return asyncio.run(running())


def test_a_login_makes_a_token_that_lets_in() -> None:
    """From outside; calls from inside need none."""

    async def work(app: Any) -> None:
        login = await app.service("authentication").create(LOGIN)
        token = {"strategy": "jwt", "accessToken": login["accessToken"]}
        params = {"provider": "rest", "authentication": token}
        context = app.service("notes").create_context("find")
        assert await app.service("notes").find(params, context) is context

        assert context.params.user["email"] == "a@b.c"
        assert context.params.authenticated is True
        assert context.params.authentication["payload"] == login["authentication"]["payload"]
        assert "accessToken" not in context.params
        assert await app.service("notes").find() == []

    run(work)


REFUSED: list[tuple[Any, str]] = [
    ({}, "Invalid authentication information (no `strategy` set)"),
    ([], "Invalid authentication information (no `strategy` set)"),
    ({"strategy": "magic"}, "Invalid authentication information (strategy not allowed in authStrategies)"),
    ({"strategy": ["local"]}, "Invalid authentication information (strategy not allowed in authStrategies)"),
    ({"strategy": "jwt"}, "No access token"),
    ({"strategy": "jwt", "accessToken": "x"}, "jwt malformed"),
    ({**LOGIN, "password": "no"}, "Invalid login"),
    ({**LOGIN, "password": ""}, "Invalid login"),
    ({**LOGIN, "password": {"$ne": 1}}, "Invalid login"),
    ({**LOGIN, "email": "nobody"}, "Invalid login"),
    ({**LOGIN, "email": {"$ne": ""}}, "Invalid login"),
    ({"strategy": "local"}, "Invalid login"),
]


@pytest.mark.parametrize(("data", "message"), REFUSED)
def test_a_login_that_does_not_hold_is_refused(data: Any, message: str) -> None:
    """As NotAuthenticated, whatever came."""

    async def work(app: Any) -> None:
        with pytest.raises(NotAuthenticated) as refused:
            await app.service("authentication").create(data, {"provider": "rest"})
        assert refused.value.message == message

    run(work)


def test_a_logout_wants_the_token_again() -> None:
    """An id has to be that token."""

    async def work(app: Any) -> None:
        service = app.service("authentication")
        token = (await service.create(LOGIN))["accessToken"]
        params = {"authentication": {"strategy": "jwt", "accessToken": token}}

        assert (await service.remove(token, params))["user"]["email"] == "a@b.c"
        assert (await service.remove(None, params))["accessToken"] == token
        for id_, other in (("x", params), (None, {}), ("x", {})):
            with pytest.raises(NotAuthenticated):
                await service.remove(id_, other)

    run(work)


def test_logins_are_told_to_the_application() -> None:
    """Those from outside, with result, params and context."""

    async def work(app: Any) -> None:
        told: list[Any] = []

        def note(result: Any, params: Any, context: Any) -> None:
            told.append((result["user"]["id"], params.provider, context.path))

        app.on("login", note)
        await app.service("authentication").create(LOGIN)
        await app.service("authentication").create(LOGIN, {"provider": "rest"})

        assert told == [(1, "rest", "authentication")]

    run(work)


def test_clients_never_see_the_stored_password() -> None:
    """The result of a login has it for calls from inside, its dispatch has not."""

    async def work(app: Any) -> None:
        service = app.service("authentication")
        context = service.create_context("create")
        await service.create(LOGIN, {"provider": "rest"}, context)

        assert context.dispatch["user"] == {"id": 1, "email": "a@b.c"}

    run(work)


def test_a_connection_that_logs_in_has_a_user_until_it_logs_out() -> None:
    """And is let go when the token expires."""

    async def work(app: Any) -> None:
        service, connection = app.service("authentication"), Context(provider="socketio")
        login = await service.create(LOGIN, {"provider": "socketio", "connection": connection})

        assert connection.user["email"] == "a@b.c"
        assert connection.authentication == {"strategy": "jwt", "accessToken": login["accessToken"]}
        await service.remove(None, {"connection": connection, **connection})
        assert connection == {"provider": "socketio"}

        gone: list[Any] = []
        app.on("disconnect", gone.append)
        await service.create(LOGIN, {"connection": connection, "jwt_options": {"expires_in": 0}})
        await asyncio.sleep(0.05)
        assert gone == [connection]
        assert "user" not in connection

    run(work)


def test_headers_authenticate_requests_and_sockets() -> None:
    """By the schemes Bearer and JWT, or the token alone."""

    async def work(app: Any) -> None:
        token = (await app.service("authentication").create(LOGIN))["accessToken"]
        found = {"strategy": "jwt", "accessToken": token}
        for header in (f"Bearer {token}", f"jwt  {token}", token):
            assert await parse_authentication(app, {"authorization": header}) == found
        for headers in ({}, {"authorization": f"Basic {token}"}):
            assert await parse_authentication(app, headers) is None

        connection = Context(headers={"authorization": f"Bearer {token}"})
        await authenticate_connection(app, connection)
        assert connection.user["email"] == "a@b.c"
        with pytest.raises(NotAuthenticated, match="jwt malformed"):
            await authenticate_connection(app, Context(headers={"authorization": "Bearer x"}))
        assert await parse_authentication(feathers(), {}) is None
        await authenticate_connection(feathers(), Context())

    run(work)


def test_the_hook_says_where_it_does_not_belong() -> None:
    """After a method, without a service, and on the service itself."""

    async def work(app: Any) -> None:
        notes = app.service("notes")
        notes.hooks({"after": {"get": [authenticate("jwt")]}})
        await notes.create({})
        with pytest.raises(NotAuthenticated, match="must be used as a before hook"):
            await notes.get(1)
        app.service("authentication").hooks([authenticate("jwt")])
        with pytest.raises(NotAuthenticated, match="does not need to be used on the authentication service"):
            await app.service("authentication").create(LOGIN)
        alone = feathers()
        alone.use("notes", MemoryService())
        alone.service("notes").hooks([authenticate("jwt")])
        with pytest.raises(NotAuthenticated, match="Could not find a valid authentication service"):
            await alone.service("notes").find()

    run(work)
    with pytest.raises(WorkbenchError, match="needs the name of a strategy"):
        authenticate()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"secret": None}, "A 'secret' must be provided"),
        ({"service": None}, "The 'service' option is not set"),
        ({"service": "people"}, "Can not find service 'people'"),
    ],
)
def test_settings_are_checked_at_setup(changes: dict[str, Any], sentence: str) -> None:
    """Before anybody logs in."""
    with pytest.raises(WorkbenchError, match=sentence):
        asyncio.run(furnished(**changes))


def test_a_strategy_is_checked_when_it_is_registered() -> None:
    """A local one needs its two fields."""
    app = feathers()
    app.set("authentication", {**SETTINGS, "local": {"usernameField": "email"}})

    with pytest.raises(WorkbenchError, match="needs the setting 'password_field'"):
        AuthenticationService(app).register("local", LocalStrategy())


def test_without_an_entity_a_token_is_enough() -> None:
    """`entity` is None, then."""

    async def work() -> Any:
        app = feathers()
        app.set("authentication", {"secret": SETTINGS["secret"], "entity": None, "authStrategies": ["jwt"]})
        service = AuthenticationService(app)
        service.register("jwt", JWTStrategy())
        app.use("authentication", service)
        await app.setup()
        token = await service.create_access_token({"role": "robot"})
        return await app.service("authentication").create({"strategy": "jwt", "accessToken": token})

    result = asyncio.run(work())
    assert result["authentication"]["payload"]["role"] == "robot"
    assert set(result) == {"accessToken", "authentication"}


def test_passwords_are_hashed_by_a_hook_too() -> None:
    """Nested ones as well, and one by one."""

    async def work(app: Any) -> None:
        app.use("people", MemoryService(multi=True))
        app.service("people").hooks({"before": {"create": [hash_password("login.password")]}})
        ada, nobody = await app.service("people").create([{"login": {"password": "x"}}, {"name": "n"}])

        assert secret_matches(ada["login"]["password"], "x")
        assert nobody == {"name": "n", "id": 2}
        with pytest.raises(BadRequest, match="A password is a text, not int"):
            await app.service("people").create({"login": {"password": 5}})
        app.service("people").hooks({"before": {"patch": [hash_password("p", "other")]}})
        with pytest.raises(BadRequest, match="Could not find 'other' strategy"):
            await app.service("people").patch(1, {"p": "x"})

    run(work)


def test_protect_keeps_members_from_clients() -> None:
    """Of records, lists and pages."""

    async def work() -> None:
        app = feathers()
        app.use("things", MemoryService(store={1: {"a": 1, "b": 2}}, paginate={"default": 5}))
        service = app.service("things")
        service.hooks({"after": {"all": [protect("b")]}})
        for method, arguments, expected in (
            ("get", (1,), {"id": 1, "a": 1}),
            ("find", (), {"total": 1, "limit": 5, "skip": 0, "data": [{"id": 1, "a": 1}]}),
        ):
            context = service.create_context(method)
            await getattr(service, method)(*arguments, {"provider": "rest"}, context)
            assert context.dispatch == context.result == expected
        assert (await service.get(1))["b"] == 2

    asyncio.run(work())


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Give a bench that runs."""
    made = Workbench("feathers", name="logins").start()
    yield made
    made.stop()


def test_a_service_added_while_serving_is_set_up_before_the_next_request(bench: Workbench) -> None:
    """Also from a cell, whose own loop is busy until it ends; a login would show the password otherwise."""

    async def cell() -> Any:
        furnish(bench)
        post(bench, "/users", {"email": "a@b.c", "password": "pw"})
        return post(bench, "/authentication", LOGIN)

    assert asyncio.run(cell())["user"] == {"id": 1, "email": "a@b.c"}


def test_events_by_hand_are_emitted_where_the_server_is(bench: Workbench) -> None:
    """So what they send to clients leaves from its loop."""
    bench.use("notes", MemoryService())
    heard: list[Any] = []

    async def listen(data: Any) -> None:
        heard.append((data, asyncio.get_running_loop()))

    bench.service("notes").on("created", listen)
    bench.on("cry", listen)

    async def cell() -> Any:
        bench.service("notes").emit("created", 1)
        bench.emit("cry", 2)
        return asyncio.get_running_loop()

    own = asyncio.run(cell())
    for _ in range(200):
        if len(heard) == 2:
            break
        time.sleep(0.01)
    assert [data for data, _ in heard] == [1, 2]
    assert all(loop is not own for _, loop in heard)


def post(bench: Workbench, path: str, data: Any) -> Any:
    """Post over REST."""
    request = urllib.request.Request(
        str(bench.url).rstrip("/") + path, json.dumps(data).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise FeathersError(error.read().decode()) from error

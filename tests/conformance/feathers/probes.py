"""What the scenario of Feathers runs inside the server, in fresh applications without transports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from workbench.dialects.feathers import Application, FeathersError, feathers
from workbench.engine.errors import WorkbenchError

Probe = Callable[[Any], Awaitable[Any]]
late_services: list[str] = []


class One:
    """A service whose methods are given as functions."""

    def __init__(self, **methods: Callable[..., Any]) -> None:
        self.__dict__.update(methods)


def inner(events: list[str] | None = None, **methods: Callable[..., Any]) -> Application:
    """Make an application with a service `one`."""
    return feathers().use("one", One(**methods), events=events)


def labelled(log: list[Any], label: str) -> Callable[[Any, Any], Any]:
    """Make a hook that logs entering and leaving."""

    async def hook(_context: Any, next: Any) -> None:  # noqa: A002
        log.append(f"{label}>")
        await next()
        log.append(f"{label}<")

    return hook


async def give(id: Any) -> Any:  # noqa: A002
    """Give an id back."""
    return {"id": id}


async def internal(bench: Any) -> Any:
    """Call from inside, without params."""
    return await bench.service("echo").get(7)


async def lifecycle(_bench: Any) -> Any:
    """Set up, register late, remove, tear down."""
    log: list[Any] = []

    def living(name: str) -> One:
        async def setup(_app: Any, path: str) -> None:
            log.append(f"setup {name} at {path}")

        async def teardown(_app: Any, path: str) -> None:
            log.append(f"teardown {name} at {path}")

        return One(get=give, setup=setup, teardown=teardown)

    app = feathers().use("one", living("one")).use("/two/", living("two"))
    app.hooks(
        {
            "setup": [labelled(log, "setup.1"), labelled(log, "setup.2")],
            "teardown": [labelled(log, "teardown.1")],
        }
    )
    await app.setup()
    app.use("late", living("late"))
    await app.settled()
    await app.unuse("late")
    await app.teardown()
    return log


async def dynamic(_bench: Any) -> Any:
    """Register hooks while a call runs."""
    log: list[Any] = []

    async def get(id: Any) -> Any:  # noqa: A002
        log.append("method")
        return id

    app = inner(get=get)
    registered: list[bool] = []

    def late(_context: Any) -> None:
        log.append("late")

    def first(_context: Any) -> None:
        log.append("first")
        if not registered:
            registered.append(True)
            app.service("one").hooks({"before": {"get": [late]}, "after": {"get": [late]}})

    app.service("one").hooks({"before": {"get": [first]}})
    await app.service("one").get(1)
    log.append("|")
    await app.service("one").get(1)
    return log


async def original(_bench: Any) -> Any:
    """Fail after the method, and look at what is kept of the context."""
    log: list[Any] = []
    app = inner(get=give)

    def fail(_context: Any) -> None:
        raise RuntimeError("after failed")

    def look(context: Any) -> None:
        log.append(
            {
                "type": context.type,
                "originalType": context.original.type,
                "originalResult": context.original.result,
                "hasResult": "result" in context,
            }
        )

    app.service("one").hooks({"after": {"get": [fail]}, "error": {"get": [look]}})
    try:
        await app.service("one").get(1)
    except RuntimeError as error:
        log.append(str(error))
    return log


async def swallowed(_bench: Any) -> Any:
    """Swallow an error at the service, and read it at the application."""
    log: list[Any] = []

    async def get(_id: Any) -> Any:
        raise RuntimeError("lost")

    def swallow(context: Any) -> None:
        context.result = {"ok": True}

    app = inner(get=get)
    app.service("one").hooks({"error": {"get": [swallow]}})
    app.hooks({"after": {"all": [lambda context: log.append([context.type, str(context.error)])]}})
    log.append(await app.service("one").get(1))
    return log


async def events(_bench: Any) -> Any:
    """Emit events of calls, of other names, and by hand."""
    log: list[Any] = []
    chosen: list[str] = []

    async def create(data: Any) -> Any:
        return data

    app = inner(create=create, get=give, events=["status"])
    one = app.service("one")

    def listener(event: str) -> Callable[..., Any]:
        return lambda data, context: log.append([event, data, context.method if context else None])

    for event in ("created", "status", "other"):
        one.on(event, listener(event))

    async def leave(_context: Any, next: Any) -> None:  # noqa: A002
        await next()
        log.append("app exit")

    def choose(context: Any) -> None:
        if chosen:
            context.event = chosen[-1]

    app.hooks({"around": {"all": [leave]}})
    one.hooks({"before": {"all": [choose]}})
    await one.create({"n": 1})
    chosen.append("other")
    await one.create({"n": 2})
    await one.get(3)
    chosen.append("status")
    await one.create({"n": 4})
    one.emit("status", {"n": 5})
    return log


async def context(_bench: Any) -> Any:
    """List which members a context says it has."""
    found: list[str] = []
    wanted = ["app", "service", "path", "method", "type", "id", "params", "event", "arguments"]

    def look(context: Any) -> None:
        names = context.to_json()
        found.extend(name for name in wanted if name in names)

    app = inner(get=give)
    app.service("one").hooks({"before": {"get": [look]}})
    await app.service("one").get(1)
    return found


async def late(bench: Any) -> Any:
    """Register a service while the server runs."""
    path = f"late-{len(late_services) + 1}"
    late_services.append(path)

    async def find() -> Any:
        return {"path": path}

    bench.use(path, One(find=find), methods=["find"])
    return {"path": path}


async def unuse(bench: Any) -> Any:
    """Remove the latest such service."""
    path = late_services[-1]
    await bench.unuse(path)
    return {"path": path}


async def invalid(bench: Any) -> Any:
    """Try registrations that are to be refused."""

    def refused(attempt: Callable[[], object]) -> bool:
        with suppress(WorkbenchError, FeathersError):
            attempt()
            return False
        return True

    def app() -> Application:
        return inner(get=give)

    return {
        "unknownHookType": refused(lambda: app().service("one").hooks({"before": {}, "nope": {}})),
        "unknownMethodMap": refused(lambda: app().service("one").hooks({"nope": [print]})),
        "noMethods": refused(inner),
        "protectedName": refused(lambda: feathers().use("x", One(get=give, on=give), methods=["get", "on"])),
        "missingCustom": refused(lambda: feathers().use("x", One(get=give), methods=["get", "zap"])),
        "unknownService": refused(lambda: app().service("nowhere")),
        "unknownEvent": refused(lambda: bench.service("echo").publish("zzz", lambda: None)),
    }


PROBES: dict[str, Probe] = {
    "internal": internal,
    "lifecycle": lifecycle,
    "dynamic": dynamic,
    "original": original,
    "swallowed": swallowed,
    "events": events,
    "context": context,
    "late": late,
    "unuse": unuse,
    "invalid": invalid,
}

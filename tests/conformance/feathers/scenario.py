"""The scenario app of Feathers: labelled hooks, a journal and services that show the rules from outside.

Serve it with ``workbench serve tests/conformance/feathers/scenario.py --port 8000``. Calls may carry
``query.rid``; ``GET /journal/<rid>`` then lists what happened in them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from tests.conformance.feathers.probes import PROBES
from workbench import Workbench
from workbench.dialects.feathers import ERRORS, BadRequest, Conflict, FeathersError, Gone, NotFound

Next = Callable[[], Awaitable[Any]]
STANDARD = ["find", "get", "create", "update", "patch", "remove"]

bench = Workbench("feathers", name="feathers-scenario", hosts="*")
journal: dict[str, list[Any]] = {}
setup_log: list[str] = []


# Labelled hooks -----------------------------------------------------------------------------------------


def note(params: Any, entry: Any) -> None:
    """Append to the journal of the call's rid; without one nothing happens."""
    rid = (params.get("query") or {}).get("rid")
    if rid is not None:
        journal.setdefault(rid, []).append(entry)


def fault(params: Any, label: str) -> Exception:
    """Make the fault of a label: a BadRequest, or a plain error where the query asks for one."""
    text = f"fault at {label}"
    return RuntimeError(text) if "plain" in params.get("query", {}) else BadRequest(text)


def step(label: str) -> Callable[[Any], Any]:
    """Make a before, after or error hook that obeys the control keys of the query."""

    async def hook(context: Any) -> Any:
        query = context.params.get("query", {})
        note(context.params, f"{label}:{context.type}")

        def told(key: str) -> bool:
            return bool(query.get(key) == label)

        if told("fault") or told("refault"):
            raise fault(context.params, label)
        set_members(context, label, told)
        if told("merge"):
            return {"result": {"merged": label}}
        if told("mutate"):
            mutate(context)
        return None

    hook.__name__ = label
    return hook


def set_members(context: Any, label: str, told: Callable[[str], bool]) -> None:
    """Set result, error or event as the control keys say."""
    if told("short"):
        context.result = {"short": label}
    if told("none"):
        context.result = None
    if told("swallow"):
        context.result = {"swallowed": message_of(context.error)}
    if told("replace"):
        context.error = Conflict(f"replaced at {label}")
    if told("noevent"):
        context.event = None


def mutate(context: Any) -> None:
    """Replace the result in an after hook; id, data and params in others."""
    if context.type == "after":
        context.result = with_mark(context.result)
        return
    if "id" in context:
        context.id = "mutated"
    if "data" in context:
        context.data = with_mark(context.data)
    context.params = {**context.params, "mutated": True}


def with_mark(value: Any) -> Any:
    """Copy a value with the mark; a list becomes an object by its indexes, as spreading does."""
    if isinstance(value, list):
        value = {str(index): entry for index, entry in enumerate(value)}
    return {**(value or {}), "mutated": True}


def message_of(error: BaseException) -> str:
    """Give the text of an error."""
    return str(getattr(error, "message", None) or error)


def wrap(label: str) -> Callable[[Any, Next], Any]:
    """Make an around hook that obeys the control keys of the query."""

    async def hook(context: Any, next: Next) -> str | None:  # noqa: A002  # the system's own name
        query = context.params.get("query", {})
        note(context.params, f"{label}>{context.type}")
        if query.get("fault") == label:
            raise fault(context.params, label)
        if query.get("short") == label:
            context.result = {"short": label}
        if query.get("skip") == label:
            return None
        try:
            await next()
            if query.get("twice") == label:
                await next()
        except Exception as error:
            note(context.params, f"{label}!{message_of(error)}")
            if query.get("rescue") == label:
                context.result = {"rescued": message_of(error)}
                return None
            raise
        note(context.params, f"{label}<")
        if query.get("faultafter") == label:
            raise fault(context.params, label)
        return "ignored"

    hook.__name__ = label
    return hook


# Services -----------------------------------------------------------------------------------------------


class Journal:
    """Lists what happened in the calls of a rid."""

    async def get(self, id: str, _params: Any) -> list[Any]:  # noqa: A002
        """Give the list."""
        return journal.get(id, [])


class Trace:
    """Answers at once, after a while, or with the fault of the method."""

    async def find(self, params: Any) -> Any:
        """Give two records."""
        return await self._answer("find", params, [{"n": 1}, {"n": 2}])

    async def get(self, id: Any, params: Any) -> Any:  # noqa: A002
        """Give the id."""
        return await self._answer("get", params, {"id": id})

    async def create(self, data: Any, params: Any) -> Any:
        """Give a copy of the data."""
        return await self._answer("create", params, {**data})

    async def shout(self, data: Any, params: Any) -> Any:
        """Give the text in capitals."""
        return await self._answer("shout", params, {"shouted": str(data.get("text")).upper()})

    async def _answer(self, name: str, params: Any, result: Any) -> Any:
        note(params, f"method.{name}")
        query = params.get("query") or {}
        if query.get("delay"):
            await asyncio.sleep(float(query["delay"]) / 1000)
        if query.get("fault") == "method":
            raise fault(params, "method")
        if params.get("mutated") and isinstance(result, dict):
            result["sawParams"] = True
        return result


def as_text(value: Any) -> str:
    """Spell a value as JavaScript's String() does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


class Messages:
    """A store with ids that count from 1."""

    passed_over = frozenset({"rid", "noevent", "fault", "swallow", "short", "skip", "none"})

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.last = 0

    def matches(self, params: Any) -> list[dict[str, Any]]:
        """List the records whose members equal the query's, compared as texts."""
        wanted = {key: value for key, value in params.get("query", {}).items() if key not in self.passed_over}
        return [
            record
            for record in self.records.values()
            if all(
                (as_text(record[key]) if key in record else "undefined") == as_text(value)
                for key, value in wanted.items()
            )
        ]

    def one(self, id: Any) -> dict[str, Any]:  # noqa: A002
        """Find a record by its id, as a text."""
        if as_text(id) not in self.records:
            raise NotFound(f"No record found for id '{as_text(id)}'")
        return self.records[as_text(id)]

    def put(self, record: dict[str, Any]) -> dict[str, Any]:
        """Store a record."""
        self.records[str(record["id"])] = record
        return record

    async def find(self, params: Any) -> Any:
        """List what matches."""
        return self.matches(params)

    async def get(self, id: Any, _params: Any) -> Any:  # noqa: A002
        """Give one."""
        return self.one(id)

    async def create(self, data: Any, params: Any) -> Any:
        """Store one, or each of a list."""
        note(params, "method.create")
        if params.get("query", {}).get("fault") == "method":
            raise BadRequest("fault at method")
        made = []
        for record in data if isinstance(data, list) else [data]:
            self.last += 1
            made.append(self.put({**record, "id": self.last}))
        return made if isinstance(data, list) else made[0]

    async def update(self, id: Any, data: Any, _params: Any) -> Any:  # noqa: A002
        """Replace all but the id."""
        if id is None:
            raise BadRequest("Can not replace multiple records")
        return self.put({**data, "id": self.one(id)["id"]})

    async def patch(self, id: Any, data: Any, params: Any) -> Any:  # noqa: A002
        """Merge; with id None into all that match."""
        if id is None:
            return [self.put({**record, **data, "id": record["id"]}) for record in self.matches(params)]
        record = self.one(id)
        return self.put({**record, **data, "id": record["id"]})

    async def remove(self, id: Any, params: Any) -> Any:  # noqa: A002
        """Delete; with id None all that match."""
        gone = self.matches(params) if id is None else [self.one(id)]
        for record in gone:
            del self.records[str(record["id"])]
        return gone if id is None else gone[0]


class Echo:
    """Says what arrived."""

    async def find(self, params: Any) -> Any:
        """Say it."""
        return self._said("find", params)

    async def get(self, id: Any, params: Any) -> Any:  # noqa: A002
        """Say it."""
        return self._said("get", params, id=id)

    async def create(self, data: Any, params: Any) -> Any:
        """Say it."""
        return self._said("create", params, data=data)

    async def update(self, id: Any, data: Any, params: Any) -> Any:  # noqa: A002
        """Say it."""
        return self._said("update", params, id=id, data=data)

    async def patch(self, id: Any, data: Any, params: Any) -> Any:  # noqa: A002
        """Say it."""
        return self._said("patch", params, id=id, data=data)

    async def remove(self, id: Any, params: Any) -> Any:  # noqa: A002
        """Say it."""
        return self._said("remove", params, id=id)

    async def poke(self, data: Any, params: Any) -> Any:
        """Say it."""
        return self._said("poke", params, data=data)

    def _said(self, method: str, params: Any, **arguments: Any) -> dict[str, Any]:
        return {
            "method": method,
            **arguments,
            "query": params.get("query") or {},
            "provider": params.get("provider"),
            "route": params.get("route"),
            "hasHeaders": bool(params.get("headers")),
            "hasConnection": bool(params.get("connection")),
        }


class Failures:
    """Fails as the id says."""

    async def get(self, id: str, _params: Any) -> Any:  # noqa: A002
        """Raise it."""
        if id == "plain":
            raise RuntimeError("plain failure")
        if id == "data":
            raise BadRequest("with data", {"field": "text", "errors": [{"path": "text"}]})
        if id == "list":
            raise BadRequest("with list", [1, 2])
        if id == "own":
            raise FeathersError("own failure", "Teapot", 418, "teapot", {"size": 1})
        raise ERRORS[id](f"This is {id}")


class Values:
    """Gives the value that the id names."""

    values: ClassVar[dict[str, Any]] = {
        "null": None,
        "zero": 0,
        "false": False,
        "empty": "",
        "number": 42,
        "true": True,
        "list": [],
        "object": {},
    }

    async def get(self, id: str, _params: Any) -> Any:  # noqa: A002
        """Give it."""
        return self.values[id]


class Gateway:
    """Gives back what it got; its hook answers in many ways."""

    async def get(self, id: str, _params: Any) -> Any:  # noqa: A002
        """Give the id."""
        return {"id": id}

    async def create(self, data: Any, _params: Any) -> Any:
        """Give the data."""
        return data


class Inspect(Echo):
    """As Echo, but for get."""

    async def get(self, id: Any, _params: Any) -> Any:  # noqa: A002
        """Give the id, or be gone."""
        if id == "bad":
            raise Gone("gone")
        return {"id": id}


class Limited:
    """Has three methods, of which clients may call one."""

    async def find(self, _params: Any) -> Any:
        """Say so."""
        return ["only find"]

    async def get(self, id: Any, _params: Any) -> Any:  # noqa: A002
        """Give the id."""
        return {"id": id}

    async def create(self, data: Any, _params: Any) -> Any:
        """Give the data."""
        return data


class Pinger:
    """Emits two events, one of which is the service's own."""

    async def get(self, id: Any, _params: Any) -> Any:  # noqa: A002
        """Give the id."""
        return {"id": id}

    async def ping(self, data: Any, _params: Any) -> Any:
        """Emit them."""
        service = bench.service("pinger")
        service.emit("pinged", {"from": data["from"]})
        service.emit("silent", {"from": data["from"]})
        return {"sent": True}


class Probe:
    """Runs a scenario inside the server."""

    async def get(self, id: str, _params: Any) -> Any:  # noqa: A002
        """Run it."""
        return await PROBES[id](bench)


class SetupLog:
    """Lists what happened at setup."""

    async def setup(self, _app: Any, path: str) -> None:
        """Note it."""
        setup_log.append(f"setup setuplog at {path}")

    async def teardown(self, _app: Any, path: str) -> None:
        """Note it."""
        setup_log.append(f"teardown setuplog at {path}")

    async def get(self, _id: Any, _params: Any) -> Any:
        """Give the list."""
        return setup_log


bench.use("journal", Journal(), methods=["get"])
bench.use("trace", Trace(), methods=["find", "get", "create", "shout"])
bench.use("messages", Messages(), methods=STANDARD)
bench.use("echo", Echo(), methods=[*STANDARD, "poke"])
bench.use("users/:userId/echo", Echo(), methods=[*STANDARD, "poke"])
bench.use("failures", Failures(), methods=["get"])
bench.use("values", Values(), methods=["get"])
bench.use("gateway", Gateway(), methods=["get", "create"])
bench.use("inspect", Inspect(), methods=[*STANDARD, "poke"])
bench.use("limited", Limited(), methods=["find"])
bench.use("pinger", Pinger(), methods=["get", "ping"], events=["pinged"])
bench.use("probe", Probe(), methods=["get"])
bench.use("setuplog", SetupLog(), methods=["get"])


# Hooks --------------------------------------------------------------------------------------------------


async def hide_secrets(context: Any) -> None:
    """Let clients see a result without its secret."""
    result = context.result
    if isinstance(result, list):
        if any(record.get("secret") for record in result):
            context.dispatch = [without_secret(record) for record in result]
    elif result.get("secret"):
        context.dispatch = without_secret(result)


def without_secret(record: dict[str, Any]) -> dict[str, Any]:
    """Copy a record without its secret."""
    return {key: value for key, value in record.items() if key != "secret"}


async def answer_by_mode(context: Any, next: Next) -> None:  # noqa: A002
    """Answer as the id or the data says."""
    await next()
    mode = context.id if "id" in context else context.data.get("mode")
    http = {**(context.get("http") or {})}
    match mode:
        case "status":
            context.http = {**http, "status": 202}
        case "statuscode":
            context.status_code = 203
        case "headers":
            context.http = {**http, "headers": {"X-Scenario": "yes"}}
        case "location":
            context.http = {**http, "location": "/some where"}
        case "moved":
            context.http = {**http, "location": "/moved", "status": 301}
        case "dispatch":
            context.dispatch = {"safe": True}
        case "hollow":
            context.dispatch = {}
        case "hollowlist":
            context.dispatch = []
        case "nothing":
            context.dispatch = None


def inspect(context: Any) -> None:
    """Note what the context holds, and count how often it was seen."""
    seen = context.get("seen", 0)
    error = context.get("error")
    note(
        context.params,
        {
            "type": context.type,
            "method": context.method,
            "path": context.path,
            "id": context.get("id"),
            "data": context.get("data"),
            "provider": context.params.get("provider"),
            "event": context.get("event"),
            "result": context.get("result"),
            "error": None if error is None else message_of(error),
            "seen": seen,
            "sameApp": context.app.service("inspect") is context.service,
            "sameService": context.service is bench.service("inspect"),
        },
    )
    context.seen = seen + 1


async def inspect_around(context: Any, next: Next) -> None:  # noqa: A002
    """Inspect ahead of the rest."""
    inspect(context)
    await next()


def steps(kind: str) -> dict[str, list[Any]]:
    """Make the lists of one kind at the service `trace`."""
    return {
        "get": [step(f"svc.{kind}.get.1"), step(f"svc.{kind}.get.2")],
        "shout": [step(f"svc.{kind}.shout")],
        "all": [step(f"svc.{kind}.all.1"), step(f"svc.{kind}.all.2")],
    }


def wraps() -> dict[str, list[Any]]:
    """Make the around lists at the service `trace`."""
    return {
        "get": [wrap("svc.around.get.1"), wrap("svc.around.get.2")],
        "shout": [wrap("svc.around.shout")],
        "all": [wrap("svc.around.all.1"), wrap("svc.around.all.2")],
    }


trace = bench.service("trace")
trace.hooks({"around": wraps(), **{kind: steps(kind) for kind in ("before", "after", "error")}})
trace.hooks([wrap("svc.list")])
trace.hooks({"get": [wrap("svc.map.get")]})
trace.hooks({"before": {"get": [step("svc.before.get.3")]}})
bench.service("messages").hooks(
    {
        "before": {"all": [step("svc.before.all")]},
        "after": {"create": [hide_secrets]},
        "error": {"create": [step("svc.error.create")]},
    }
)
bench.service("gateway").hooks({"around": {"all": [answer_by_mode]}})
bench.service("inspect").hooks(
    {
        "around": {"all": [inspect_around]},
        "before": {"all": [inspect]},
        "after": {"all": [inspect]},
        "error": {"all": [inspect]},
    }
)
bench.hooks(
    {
        "around": {"get": [wrap("app.around.get")], "all": [wrap("app.around.all")]},
        **{
            kind: {"get": [step(f"app.{kind}.get")], "all": [step(f"app.{kind}.all")]}
            for kind in ("before", "after", "error")
        },
    }
)
bench.hooks([wrap("app.list")])


def setup_step(label: str) -> Callable[[Any, Next], Any]:
    """Make a setup hook."""

    async def hook(_context: Any, next: Next) -> None:  # noqa: A002
        setup_log.append(f"{label}>")
        await next()
        setup_log.append(f"{label}<")

    hook.__name__ = label
    return hook


bench.hooks({"setup": [setup_step("app.setup.1"), setup_step("app.setup.2")]})


# Channels -----------------------------------------------------------------------------------------------


def join(connection: Any) -> None:
    """Join everybody, and the room that the handshake names."""
    bench.channel("everybody").join(connection)
    bench.channel("extra").join(connection)
    room = connection.headers.get("x-room")
    if room:
        bench.channel(f"room/{room}").join(connection)


def to_room(data: Any) -> Any:
    """Publish to the room of the data, to nobody, or to everybody."""
    if isinstance(data, dict) and data.get("room"):
        return bench.channel(f"room/{data['room']}")
    if isinstance(data, dict) and data.get("mute"):
        return None
    return bench.channel("everybody")


def gone(data: Any) -> Any:
    """Publish that a message is gone, in a nested list."""
    everybody = bench.channel("everybody").send({"id": data["id"], "gone": True})
    return [[everybody], bench.channel("extra").send({"other": True})]


def fail(_data: Any) -> Any:
    """Fail."""
    raise RuntimeError("publisher")


bench.on("connection", join)
bench.publish(lambda: bench.channel("everybody"))
bench.service("messages").publish(to_room)
bench.service("messages").publish("removed", gone)
bench.service("messages").publish("updated", fail)

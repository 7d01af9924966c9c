"""The Directus scenario: one app, in four sign-in profiles, whose hooks show every rule from outside.

`workbench serve tests/conformance/directus/scenario.py --port P` serves `main`, `public`, `strict` and
`limits` on P to P+3. Each has a list that its hooks append to, which is read by a message of type `trace`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from workbench import NULL, Workbench
from workbench.dialects.directus import DirectusError, Registrar

EDITOR = "11111111-1111-4111-8111-111111111111"
READER = "22222222-2222-4222-8222-222222222222"
ALICE = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
BOB = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
RITA = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"

TEXT = {"type": "string"}
COLLECTIONS: dict[str, Any] = {
    "messages": {
        "text": TEXT,
        "status": {"type": "string", "default": "published"},
        "channel": {"type": "string", "default": "general"},
        "likes": {"type": "integer", "default": 0},
        "secret": TEXT,
    },
    "notifications": {"title": TEXT, "target": TEXT, "target_role": TEXT},
    "bulletin": {"title": TEXT},
    "board": {"fields": {"headline": {"type": "string", "default": "nothing yet"}}, "singleton": True},
}
ROLES = [
    {"name": "administrator", "admin": True},
    {"id": EDITOR, "name": "editor", "permissions": dict.fromkeys(COLLECTIONS, "*")},
    {"id": READER, "name": "reader", "permissions": {"messages": ["read"]}},
]
USERS = [
    {
        "id": identity,
        "email": f"{name}@example.com",
        "password": f"{name}-pass-1",
        "token": token,
        "role": role,
    }
    for name, identity, token, role in (
        ("admin", None, "admin-static-token", "administrator"),
        ("alice", ALICE, "alice-token", EDITOR),
        ("bob", BOB, "bob-token", EDITOR),
        ("rita", RITA, "rita-token", READER),
    )
]


class OrdinaryError(Exception):
    """An error that clients never see."""


def names(mapping: Mapping[str, Any]) -> list[str]:
    """Give the sorted names of a hook's argument."""
    return sorted(mapping)


def user_of(who: Mapping[str, Any] | None) -> Any:
    """Give the user of an accountability, or None."""
    return who.get("user") if who else None


def kind_of(message: Any) -> Any:
    """Give the type of a message, None where it has none."""
    return message.get("type") if isinstance(message, Mapping) else None


def is_probe(message: Any) -> bool:
    """Tell whether a message is one to be recorded."""
    return str(kind_of(message) or "").startswith("probe")


def reply(client: Any, message: Mapping[str, Any], /, **answer: Any) -> None:
    """Send to the same client, with the uid of its message."""
    if "uid" in message:
        answer["uid"] = message["uid"]
    client.send(answer)


def text_of(payload: Any) -> str:
    """Give the text of an item, empty where it has none."""
    text = payload.get("text") if isinstance(payload, Mapping) else None
    return text if isinstance(text, str) else ""


def steps_of(message: Mapping[str, Any]) -> list[Any]:
    """Give the steps of an order; an absent list counts as empty."""
    return message.get("steps") or []


def add_in_place(message: Any, step: str) -> None:
    """Append a step to an order in place."""
    message.setdefault("steps", []).append(step)


def shape_of(value: Any) -> str:
    """Name the JSON type of a value."""
    if value is None:
        return "null"
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "boolean"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
        (int, "number"),
        (float, "number"),
    )
    return next(name for kind, name in kinds if isinstance(value, kind))


class Scene:
    """The hooks of one bench, and the list that they append to."""

    def __init__(self) -> None:
        self.trace: list[dict[str, Any]] = []
        self.ticks = 0
        self.kept: set[str] = set()

    def record(self, kind: str, event: str, label: str, **more: Any) -> None:
        """Append an entry to the trace."""
        self.trace.append({"n": len(self.trace) + 1, "kind": kind, "event": event, "label": label, **more})

    # S2 Application -------------------------------------------------------------------------------
    def application(self, init: Registrar, action: Registrar, schedule: Registrar, embed: Any) -> None:
        """Register what belongs to the application."""
        for event in (
            "app.before",
            "middlewares.before",
            "middlewares.after",
            "routes.before",
            "routes.custom.before",
            "routes.custom.after",
            "routes.after",
            "app.after",
        ):
            init(event, lambda meta: self.record("init", meta["event"], "init", keys=names(meta)))

        @action("server.start")
        def server_start(meta: Any, context: Any) -> None:
            self.record("action", meta["event"], "server-start", keys=names(meta), context=names(context))

        @schedule("* * * * * *")
        def tick() -> None:
            self.ticks += 1
            if self.ticks == 2:
                raise OrdinaryError("second tick")

        schedule("not a cron line", lambda: self.record("schedule", "", "bad-cron"))
        embed("head", '<meta name="workbench-scenario" content="on">')
        embed("body", lambda: "<!-- workbench-scenario-body -->")

    # S3 Filters on incoming messages --------------------------------------------------------------
    def incoming_filters(self, filter: Registrar) -> None:  # noqa: A002, C901 - hooks, one by one
        """Register the filters on messages."""

        @filter("**")
        def deep(message: Any, meta: Any) -> None:
            if meta["event"] == "websocket.message" and kind_of(message) == "order":
                add_in_place(message, "deep")

        @filter("websocket.*")
        def star(message: Any) -> None:
            if kind_of(message) == "order":
                add_in_place(message, "star")

        @filter("websocket.message")
        def one(message: Any) -> Any:
            return {**message, "steps": [*steps_of(message), "one"]} if kind_of(message) == "order" else None

        @filter("websocket.message")
        async def two(message: Any) -> None:
            if kind_of(message) == "order":
                await asyncio.sleep(0.02)
                add_in_place(message, "two")

        @filter("websocket.message")
        def three(message: Any) -> Any:
            if kind_of(message) == "order":
                return {**message, "steps": [*steps_of(message), "three"]}
            return message if message is not None else NULL

        @filter("websocket.message")
        def default_fields(message: Any) -> Any:
            if kind_of(message) == "subscribe" and message.get("collection") == "messages":
                query = message.get("query") or {}
                if not query.get("fields"):
                    message["query"] = {**query, "fields": ["id", "text"]}
                return message
            return None

        @filter("websocket.message")
        def refuse(message: Any) -> None:
            if kind_of(message) == "forbidden":
                raise DirectusError("MESSAGE_BLOCKED", "This message type is not allowed.", 400)
            if kind_of(message) == "explode":
                raise OrdinaryError("explode")

        @filter("websocket.message")
        def exchange(message: Any) -> Any:
            match kind_of(message):
                case "alias-ping":
                    return {**message, "type": "ping"}
                case "return-number":
                    return 42
                case "return-null":
                    return NULL
                case "return-false":
                    return False
                case "return-untyped":
                    return {"hello": "world"}
            return None

        @filter("websocket.message")
        async def slow(message: Any) -> None:
            if kind_of(message) == "probe-slow":
                await asyncio.sleep(message["ms"] / 1000)

        @filter("websocket.message")
        def incoming(message: Any, meta: Any, context: Any) -> None:
            kind = kind_of(message)
            if not isinstance(kind, str) or kind.startswith("probe"):
                self.record(
                    "filter",
                    meta["event"],
                    "incoming",
                    type=kind,
                    payload=shape_of(message),
                    keys=names(meta),
                    context=names(context),
                    client=meta["client"].uid,
                )

    # S4 Actions on incoming messages --------------------------------------------------------------
    def incoming_actions(self, action: Registrar, services: Any, emitter: Any) -> None:  # noqa: C901, PLR0915 - hooks, one by one
        """Register the actions on messages."""

        @action("websocket.message")
        def incoming(meta: Any, context: Any) -> None:
            if is_probe(meta["message"]):
                self.record(
                    "action",
                    meta["event"],
                    "incoming",
                    type=kind_of(meta["message"]),
                    keys=names(meta),
                    context=names(context),
                    client=meta["client"].uid,
                    accountability=context["accountability"],
                    schema=context["schema"],
                )

        @action("websocket.message")
        def saw_ping(*, message: Any, client: Any) -> None:
            if message["type"] == "ping" and message.get("tag"):
                client.send({"type": "saw-ping", "tag": message["tag"]})

        @action("websocket.message")
        def typing(*, message: Any, client: Any) -> None:
            if message["type"] == "typing-indicator":
                for other in services.WebSocketService().clients():
                    if other is not client:
                        user = user_of(client.accountability)
                        other.send({"type": "typing", "user": user, "channel": message.get("channel")})

        @action("websocket.message")
        def say(*, message: Any, client: Any) -> None:
            if message["type"] == "say":
                said = {"type": "said", "text": message.get("text"), "from": user_of(client.accountability)}
                service = services.WebSocketService()
                service.broadcast(message["text"] if message.get("raw") is True else said, message.get("to"))

        @action("websocket.message")
        def whoami(*, message: Any, client: Any) -> None:
            if message["type"] == "whoami":
                who, clients = client.accountability, services.WebSocketService().clients()
                reply(
                    client,
                    message,
                    type="whoami",
                    client=client.uid,
                    user=who["user"],
                    role=who["role"],
                    roles=who["roles"],
                    admin=who["admin"],
                    clients=len(clients),
                    listed=client in clients,
                    expires=client.expires_at,
                )

        @action("websocket.message")
        def order(*, message: Any, client: Any) -> None:
            if message["type"] == "order":
                reply(client, message, type="order-result", steps=message["steps"])

        @action("websocket.message")
        async def slow_racer(*, message: Any, client: Any) -> None:
            if message["type"] == "race":
                await asyncio.sleep(0.06)
                client.send({"type": "race", "who": "slow"})

        @action("websocket.message")
        def fast_racer(*, message: Any, client: Any) -> None:
            if message["type"] == "race":
                client.send({"type": "race", "who": "fast"})

        @action("websocket.message")
        def kick(*, message: Any, client: Any) -> None:
            if message["type"] == "kick":
                client.close(message["code"], message.get("reason", ""))

        emitter.on_action(
            "scenario.note",
            lambda meta: self.record("action", meta["event"], "context-emitter", value=meta["value"]),
        )
        action(
            "scenario.note",
            lambda meta: self.record("action", meta["event"], "register-function", value=meta["value"]),
        )

        @action("websocket.message")
        def emit(*, message: Any, client: Any) -> None:
            if message["type"] == "emit":
                emitter.emit_action("scenario.note", {"value": message.get("value")})
                reply(client, message, type="emitted")

        @action("websocket.message")
        def tell_trace(*, message: Any, client: Any) -> None:
            if message["type"] == "trace":
                found = [entry for entry in self.trace if entry["n"] > message.get("after", 0)]
                last = len(self.trace)
                reply(client, message, type="trace", last=last, ticks=self.ticks, entries=found)

        @action("websocket.message")
        def throw_sync(*, message: Any) -> None:
            if message.get("throwSync") is True:
                raise OrdinaryError("sync")

        @action("websocket.message")
        async def throw_async(*, message: Any) -> None:
            await asyncio.sleep(0)
            if message.get("throwAsync") is True:
                raise OrdinaryError("async")

        @action("websocket.message")
        def after_throw(meta: Any) -> None:
            message = meta["message"]
            if message.get("throwSync") is True or message.get("throwAsync") is True:
                self.record("action", meta["event"], "after-throw", tag=message.get("tag"))

    # S5 Connections -------------------------------------------------------------------------------
    def connections(self, action: Registrar, filter: Registrar, services: Any) -> None:  # noqa: A002 - its name there
        """Register what concerns connections."""

        @action("websocket.connect")
        def connect(meta: Any) -> None:
            client = meta["client"]
            user = user_of(client.accountability)
            self.record("action", meta["event"], "connect", client=client.uid, user=user, keys=names(meta))
            client.send({"type": "welcome", "client": client.uid, "user": user})

        @action("websocket.close")
        def close(meta: Any) -> None:
            client = meta["client"]
            listed = client in services.WebSocketService().clients()
            self.record(
                "action",
                "websocket.close",
                "close",
                client=client.uid,
                user=user_of(client.accountability),
                code=meta["event"],
                listed=listed,
            )

        @action("websocket.error")
        def error(meta: Any) -> None:
            broken = isinstance(meta["event"], Exception)
            self.record("action", "websocket.error", "error", client=meta["client"].uid, error=broken)

        def auth(meta: Any) -> None:
            client = meta["client"]
            user = user_of(client.accountability)
            self.record("action", meta["event"], "auth", client=client.uid, user=user)
            client.send({"type": "hook", "event": meta["event"], "user": user})

        action("websocket.auth.success", auth)
        action("websocket.auth.failure", auth)

        @filter("websocket.authenticate")
        def authenticate(payload: Any, meta: Any) -> Any:
            ip = "string" if isinstance(payload.get("ip"), str) else payload.get("ip")
            self.record(
                "filter",
                meta["event"],
                "authenticate",
                user=payload["user"],
                role=payload["role"],
                ip=ip,
                keys=names(meta),
            )
            token = meta["message"].get("access_token")
            if token == "magic-token":
                return {**payload, "user": ALICE, "role": EDITOR, "roles": [EDITOR]}
            if token == "trap-token":
                raise OrdinaryError("trap")
            return None

    # S6 Items -------------------------------------------------------------------------------------
    def item_filters(self, filter: Registrar) -> None:  # noqa: A002, C901 - hooks, one by one
        """Register the filters on items."""

        @filter("messages.items.create")
        def create_specific(payload: Any, meta: Any, context: Any) -> Any:
            self.record(
                "filter",
                meta["event"],
                "create-specific",
                keys=names(meta),
                context=names(context),
                collection=meta["collection"],
                user=user_of(context["accountability"]),
                text=payload.get("text"),
            )
            text = text_of(payload)
            return {**payload, "text": f"{text}|specific"} if text.startswith("chain") else None

        @filter("items.create")
        def create_general(payload: Any, meta: Any) -> Any:
            self.record(
                "filter",
                meta["event"],
                "create-general",
                collection=meta["collection"],
                text=payload.get("text"),
            )
            if meta["collection"] != "messages":
                return None
            text = text_of(payload)
            if text == "reject":
                raise DirectusError("MESSAGE_REJECTED", "Rejected by hook.", 400)
            if text == "reject-plain":
                raise OrdinaryError("reject-plain")
            if text == "default-channel":
                payload["channel"] = "lobby"
            return {**payload, "text": f"{text}|general"} if text.startswith("chain") else None

        @filter("items.update")
        def update_general(payload: Any, meta: Any) -> Any:
            self.record(
                "filter",
                meta["event"],
                "update-general",
                collection=meta["collection"],
                keys=meta["keys"],
                payload=payload,
            )
            return {**payload, "text": "SHOUT"} if text_of(payload) == "shout" else None

        @filter("messages.items.delete")
        def delete_specific(payload: Any, meta: Any) -> Any:
            self.record("filter", meta["event"], "delete-specific", payload=payload)
            return [key for key in payload if str(key) not in self.kept]

        @filter("messages.items.query")
        def only_one(query: Any) -> Any:
            if query.get("search") == "only-one":
                return {**{name: value for name, value in query.items() if name != "search"}, "limit": 1}
            return None

        @filter("messages.items.read")
        def mask(records: Any) -> Any:
            return [{**row, "text": "***"} if text_of(row).startswith("mask:") else row for row in records]

    def item_actions(self, action: Registrar, services: Any) -> None:  # noqa: C901 - hooks, one by one
        """Register the actions on items."""

        @action("messages.items.create")
        def created_specific(meta: Any, context: Any) -> None:
            self.record(
                "action",
                meta["event"],
                "create-specific",
                key=meta["key"],
                collection=meta["collection"],
                payload=meta["payload"],
                keys=names(meta),
                user=user_of(context["accountability"]),
            )

        @action("items.create")
        def created_general(meta: Any) -> None:
            self.record(
                "action", meta["event"], "create-general", key=meta["key"], collection=meta["collection"]
            )
            if text_of(meta["payload"]) == "action-throw":
                raise OrdinaryError("action-throw")

        @action("items.create")
        async def created_late(meta: Any) -> None:
            await asyncio.sleep(0)
            if text_of(meta["payload"]) == "action-reject":
                raise OrdinaryError("action-reject")

        @action("items.create")
        def notify(*, key: Any, payload: Any, collection: Any) -> None:
            if collection == "notifications":
                to = {"user": payload.get("target")} if payload.get("target") else {}
                if not to and payload.get("target_role"):
                    to = {"role": payload["target_role"]}
                services.WebSocketService().broadcast(
                    {"type": "notification", "key": key, "data": payload}, to
                )

        def changed(meta: Any) -> None:
            self.record(
                "action",
                meta["event"],
                "changed",
                keys=meta["keys"],
                payload=meta["payload"],
                collection=meta["collection"],
            )

        action("messages.items.update", changed)
        action("messages.items.delete", changed)

        @action("websocket.message")
        def keep(*, message: Any, client: Any) -> None:
            if message["type"] == "keep":
                self.kept.add(str(message["id"]))
                reply(client, message, type="kept")

    # S7 HTTP --------------------------------------------------------------------------------------
    def http(self, filter: Registrar, action: Registrar) -> None:  # noqa: A002, C901 - hooks, one by one
        """Register what concerns HTTP."""

        @filter("request.not_found")
        def not_found(payload: Any, meta: Any) -> Any:
            path = meta["request"].path
            if path == "/custom/teapot":
                self.record("filter", meta["event"], "not-found", payload=payload, keys=names(meta))
                meta["response"].status(418).json({"data": "short and stout"})
                return True
            if path == "/custom/fail":
                raise DirectusError("CUSTOM_FAIL", "Refused by the not-found hook.", 400)
            return None

        @filter("request.error")
        def request_error(errors: Any, meta: Any) -> Any:
            codes = [error["extensions"]["code"] for error in errors]
            self.record("filter", meta["event"], "request-error", codes=codes, keys=names(meta))
            for error in errors:
                if error["extensions"]["code"] == "CUSTOM_FAIL":
                    error["extensions"]["seen"] = True
            return errors

        @action("response")
        def response(meta: Any) -> None:
            request = meta["request"]
            if request["path"].startswith("/custom"):
                duration = "string" if isinstance(meta["duration"], str) else meta["duration"]
                self.record(
                    "action",
                    meta["event"],
                    "response",
                    keys=names(meta),
                    method=request["method"],
                    path=request["path"],
                    status=meta["response"]["status"],
                    finished=meta["finished"],
                    duration=duration,
                )

        @filter("authenticate")
        def as_bob(payload: Any, meta: Any) -> Any:
            if meta["req"].headers.get("x-scenario-user") == "bob":
                return {**payload, "user": BOB, "role": EDITOR, "roles": [EDITOR]}
            return None

        @filter("auth.login")
        def login(payload: Any, meta: Any) -> None:
            self.record(
                "filter",
                meta["event"],
                "login",
                status=meta["status"],
                user=meta["user"],
                provider=meta["provider"],
                keys=names(meta),
            )
            if payload.get("note") == "refuse":
                raise DirectusError("LOGIN_REFUSED", "Not today.", 400)

        @action("auth.login")
        def logged_in(meta: Any) -> None:
            self.record(
                "action", meta["event"], "login", status=meta["status"], user=meta["user"], keys=names(meta)
            )

        @filter("auth.jwt")
        def claims(payload: Any, meta: Any) -> Any:
            self.record(
                "filter", meta["event"], "jwt", type=meta["type"], keys=names(meta), claims=names(payload)
            )
            return {**payload, "scenario": "yes"}

    @property
    def extensions(self) -> list[Any]:
        """The extensions in the order in which they register."""
        return [
            self.application,
            self.incoming_filters,
            self.incoming_actions,
            self.connections,
            self.item_filters,
            self.item_actions,
            self.http,
        ]


# Benches ------------------------------------------------------------------------------------------

SHARED: dict[str, Any] = {
    "collections": COLLECTIONS,
    "roles": ROLES,
    "users": USERS,
    "public": {"bulletin": ["read"]},
    "secret": "one secret for all four",
}

main = Workbench("directus", extensions=Scene().extensions, **SHARED)
public = Workbench("directus", extensions=Scene().extensions, mode="public", **SHARED)
strict = Workbench("directus", extensions=Scene().extensions, mode="strict", heartbeat=False, **SHARED)
limits = Workbench(
    "directus",
    extensions=Scene().extensions,
    auth_timeout=2,
    access_token_ttl=4,
    heartbeat_period=2,
    max_clients=3,
    rate_limit=6,
    rate_period=2,
    **SHARED,
)

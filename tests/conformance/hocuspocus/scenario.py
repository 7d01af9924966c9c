"""The Hocuspocus scenario: five units with a function for every hook, which trace what they are given.

`workbench serve tests/conformance/hocuspocus/scenario.py --port P` serves it. What a document or a token does
is in its name; `/__...` paths show the trace and steer the server.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Callable
from typing import Any

from pycrdt import Doc, Map

from workbench import Response, Workbench
from workbench.dialects.hocuspocus import SkipFurtherHooks, reject
from workbench.dialects.hocuspocus.payloads import PAYLOADS

HOOKS = tuple(PAYLOADS)

Behaviour = Callable[[Any], Any]

# Trace ----------------------------------------------------------------------------------------------

trace: list[dict[str, Any]] = []


def name_of(data: Any) -> str | None:
    """Give the document's name without any session."""
    name = getattr(data, "document_name", None)
    return None if name is None else name.partition("\0")[0]


def family(data: Any) -> str:
    """Give the part of the document's name before the first dot."""
    return (name_of(data) or "").partition(".")[0]


def camel(name: str) -> str:
    """Write a name as the original does."""
    return re.sub("_(.)", lambda found: found[1].upper(), name)


def source_of(origin: Any) -> str | None:
    """Give an origin's source, where it has one."""
    return getattr(origin, "source", None)


READERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "context": ("ctx", dict),
    "last_context": ("ctx", dict),
    "socket_id": ("socketId", str),
    "clients_count": ("clients", int),
    "token": ("token", str),
    "provider_version": ("providerVersion", lambda version: version),
    "connection_config": ("readOnly", lambda config: config.read_only),
    "transaction_origin": ("origin", source_of),
    "last_transaction_origin": ("origin", source_of),
}

OF_HOOK: dict[str, Callable[[Any], dict[str, Any]]] = {
    "onConnect": lambda data: {
        "query": data.request_parameters.get("q"),
        "header": data.request_headers.get("x-scenario"),
    },
    "onStateless": lambda data: {"payload": data.payload},
    "beforeBroadcastStateless": lambda data: {"payload": data.payload},
    "beforeSync": lambda data: {"type": data.type},
    "beforeHandleAwareness": lambda data: {
        "states": [[client, state] for client, state in data.states.items()]
    },
    "onAwarenessUpdate": lambda data: {
        "added": data.added,
        "updated": data.updated,
        "removed": data.removed,
    },
    "onRequest": lambda data: {"url": data.request.target},
    "onUpgrade": lambda data: {"url": data.request.target},
    "onListen": lambda data: {"port": data.port},
}


def record(unit: str, hook: str, data: Any) -> None:
    """Append an entry to the trace; requests for the control routes leave none."""
    if hook in ("onRequest", "onUpgrade") and data.request.target.startswith("/__"):
        return
    entry: dict[str, Any] = {"seq": len(trace) + 1, "ext": unit, "hook": hook, "doc": name_of(data)}
    if hook in ("onCreateDocument", "onStoreDocument"):
        entry["keys"] = sorted(camel(key) for key in data)
    for member, (field, read) in READERS.items():
        if hasattr(data, member):
            entry[field] = read(getattr(data, member))
    entry |= OF_HOOK.get(hook, lambda _: {})(data)
    trace.append(json.loads(json.dumps(entry)))


# Behaviour ------------------------------------------------------------------------------------------

BEHAVIOUR: dict[tuple[str, str], Behaviour] = {}


def behaves(unit: str, hook: str) -> Callable[[Behaviour], Behaviour]:
    """Register what a unit does at a hook, after it has traced the call."""

    def register(function: Behaviour) -> Behaviour:
        BEHAVIOUR[unit, hook] = function
        return function

    return register


@behaves("mid", "onConnect")
def _connect(data: Any) -> dict[str, Any]:
    if family(data) == "noconnect":
        reject(reason="no-connect")
    return {"a": 1, "x": "mid"}


@behaves("mid2", "onConnect")
def _connect_second(_: Any) -> dict[str, Any]:
    return {"x": "mid2"}


@behaves("mid", "onAuthenticate")
async def _authenticate(data: Any) -> dict[str, Any]:
    token = data.token
    if token == "deny":
        raise RuntimeError("denied with a message")
    if token == "deny-empty":
        reject()
    if token == "deny-reason":
        reject(reason="custom-reason")
    if token == "slow":
        await asyncio.sleep(0.3)
    if token.startswith("ro"):
        data.connection_config.read_only = True
    return {"user": token}


@behaves("mid", "onTokenSync")
def _token_sync(data: Any) -> dict[str, Any]:
    if data.token == "expired":
        reject(reason="expired")
    if data.token == "expired-empty":
        reject()
    data.connection.read_only = data.token.startswith("ro")
    return {"synced": data.token}


def _map_of(**values: Any) -> Doc[Any]:
    document: Doc[Any] = Doc()
    document.get("m", type=Map).update(values)
    return document


@behaves("hi", "onLoadDocument")
def _load_first(data: Any) -> Any:
    return _map_of(one=1) if family(data) == "load" else None


@behaves("mid", "onLoadDocument")
async def _load(data: Any) -> Any:
    if family(data) == "noload":
        reject(reason="no-load")
    if family(data) == "slowload":
        await asyncio.sleep(0.25)
    return _map_of(two=2).get_update() if family(data) == "load" else None


@behaves("mid2", "onLoadDocument")
def _load_third(data: Any) -> None:
    if family(data) == "load":
        data.document.get_map("m")["three"] = 3


@behaves("lo", "onLoadDocument")
def _load_last(data: Any) -> Any:
    return "not a document" if family(data) == "load" else None


@behaves("mid", "connected")
def _connected(data: Any) -> None:
    if family(data) == "noconnected":
        reject(reason="no-connected")


@behaves("mid", "beforeHandleMessage")
async def _before_message(data: Any) -> None:
    if family(data) == "block" and len(data.update) >= 200:
        await asyncio.sleep(0.06)
        reject(code=4999, reason="blocked")
    if family(data) == "blockerr" and len(data.update) >= 200:
        raise RuntimeError("ordinary")
    if family(data) == "slowmsg":
        await asyncio.sleep(0.06)


@behaves("mid", "beforeSync")
def _before_sync(data: Any) -> None:
    if family(data) == "nosync" and data.type == 2:
        reject(reason="no-sync")


@behaves("mid", "afterHandleMessage")
def _after_message(data: Any) -> None:
    if family(data) == "after":
        raise RuntimeError("after")


@behaves("mid", "beforeHandleAwareness")
def _before_awareness(data: Any) -> None:
    if family(data) != "aw":
        return
    for client, state in list(data.states.items()):
        if "reject" in state:
            reject(reason="no-awareness")
        if "drop" in state:
            del data.states[client]
        elif "user" in state:
            state["user"] = f"server:{state['user']}"


@behaves("hi", "onStoreDocument")
def _store_first(data: Any) -> None:
    if family(data) == "skip":
        raise SkipFurtherHooks


@behaves("mid", "onStoreDocument")
async def _store(data: Any) -> None:
    if family(data) == "failstore":
        raise RuntimeError("store failed")
    if family(data) == "slowstore":
        await asyncio.sleep(0.3)


@behaves("mid", "beforeUnloadDocument")
def _before_unload(data: Any) -> None:
    if family(data) == "keep":
        raise RuntimeError("keep")


@behaves("mid", "onStateless")
def _stateless(data: Any) -> None:
    word, _, rest = data.payload.partition(":")
    if data.payload == "ping":
        data.connection.send_stateless("pong")
    elif data.payload == "stop":
        reject()
    elif word == "all":
        data.document.broadcast_stateless(f"bc:{rest}")
    elif word == "others":
        data.document.broadcast_stateless(f"bc:{rest}", lambda other: other is not data.connection)


@behaves("mid", "onRequest")
def _take(data: Any) -> None:
    if data.request.path == "/take":
        data.response.write_head(201, {"Content-Type": "text/plain", "X-Scenario": "taken"})
        data.response.end("taken")
        reject()


@behaves("mid", "onUpgrade")
def _deny_upgrade(data: Any) -> None:
    if data.request.path.startswith("/deny-upgrade"):
        data.socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        reject()


@behaves("cfg", "onRequest")
async def _control(data: Any) -> None:
    route = ROUTES.get(data.request.path)
    if data.request.path.startswith("/__"):
        answer = None if route is None else route(data.request.query)
        if asyncio.iscoroutine(answer):
            answer = await answer
        raise Response.json(answer)


# Control routes -------------------------------------------------------------------------------------

ROUTES: dict[str, Callable[[Any], Any]] = {}
held: dict[str, Any] = {}


def route(path: str) -> Callable[[Behaviour], Behaviour]:
    """Register what answers a control route."""

    def register(function: Behaviour) -> Behaviour:
        ROUTES[path] = function
        return function

    return register


@route("/__trace")
def _trace(query: Any) -> list[dict[str, Any]]:
    wanted = query.get("doc")
    return [entry for entry in trace if not wanted or entry["doc"] == wanted]


@route("/__stats")
def _stats(_: Any) -> dict[str, Any]:
    return {
        "documents": main.get_documents_count(),
        "connections": main.get_connections_count(),
        "loaded": [report.name for report in main.documents() if report.state != "refused"],
    }


@route("/__json")
def _json(query: Any) -> Any:
    document = main.document(query["doc"])
    return None if document is None else document.get_map("m").to_py()


@route("/__close")
def _close(query: Any) -> None:
    main.close_connections(query.get("doc"))


@route("/__broadcast")
def _broadcast(query: Any) -> None:
    if (document := main.document(query["doc"])) is not None:
        document.broadcast_stateless(query["payload"])


def _connections(query: Any) -> list[Any]:
    document = main.document(query["doc"])
    return [] if document is None else document.get_connections()


@route("/__request-token")
def _request_token(query: Any) -> None:
    for connection in _connections(query):
        connection.request_token()


@route("/__readonly")
def _read_only(query: Any) -> None:
    for connection in _connections(query):
        connection.read_only = query["value"] == "1"


@route("/__flush")
def _flush(_: Any) -> None:
    main.flush_pending_stores()


@route("/__direct")
async def _direct(query: Any) -> None:
    direct = await main.open_direct_connection(query["doc"], {"user": "direct"})
    await direct.transact(lambda document: document.get_map("m").update({query["key"]: query["value"]}))
    await direct.disconnect(unload_immediately=query.get("warm") != "1")


@route("/__direct-hold")
async def _hold(query: Any) -> None:
    held[query["doc"]] = await main.open_direct_connection(query["doc"], {"user": "direct"})


@route("/__direct-release")
async def _release(query: Any) -> None:
    if (direct := held.pop(query["doc"], None)) is not None:
        await direct.disconnect()


# Units ----------------------------------------------------------------------------------------------


def unit(name: str) -> dict[str, Any]:
    """Make a unit: a function for every hook that traces its call, then does what is registered."""

    def function(hook: str) -> Behaviour:
        async def call(data: Any) -> Any:
            record(name, hook, data)
            behaviour = BEHAVIOUR.get((name, hook))
            answer = None if behaviour is None else behaviour(data)
            return await answer if asyncio.iscoroutine(answer) else answer

        call.__name__ = hook
        return call

    return {hook: function(hook) for hook in HOOKS}


main: Any = Workbench(
    "hocuspocus",
    name="main",
    database=None,
    recovery=tempfile.mkdtemp(),
    debounce=0.3,
    max_debounce=0.9,
    timeout=2.5,
    max_unauthenticated_queue_messages=20,
    max_unauthenticated_queue_size=4096,
    max_pending_documents=5,
)
main.configure(
    extensions=[
        {"extension_name": "mid", **unit("mid")},
        {"extension_name": "lo", "priority": 50, **unit("lo")},
        {"extension_name": "hi", "priority": 200, **unit("hi")},
        {"extension_name": "mid2", **unit("mid2")},
    ],
    **unit("cfg"),
)

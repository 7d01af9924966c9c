"""The crossws scenario: one app whose paths and commands show every rule from outside.

`workbench serve tests/conformance/crossws/scenario.py --port P` serves `main` on P and `idle` on P+1. Each
URL of a client carries `?tag=<unique>`, by which the log is read: `GET /_/log?tag=<unique>`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from workbench import Request, Response, Workbench, define_hooks

# Log ----------------------------------------------------------------------------------------------

log: list[dict[str, Any]] = []
escaped: list[str] = []
_lock = threading.Lock()  # two servers, two threads, one log


def note(who: str, hook: str, request: Any, **info: Any) -> None:
    """Append an entry to the log."""
    with _lock:
        log.append(
            {
                "n": len(log),
                "who": who,
                "hook": hook,
                "path": request.path,
                "tag": request.query.get("tag"),
                "info": info,
            }
        )


async def later(milliseconds: float, then: Callable[[], Any]) -> Any:
    """Wait, then do something."""
    await asyncio.sleep(milliseconds / 1000)
    return then()


def fail(error: Exception) -> Callable[[], Any]:
    """Make a function that raises."""

    def raise_it() -> Any:
        raise error

    return raise_it


class WrappedError(Exception):
    """Carries a response, as errors of some frameworks do."""

    def __init__(self, response: Response) -> None:
        super().__init__("wrapped")
        self.response = response


# Global hooks -------------------------------------------------------------------------------------


def _plain_error() -> Any:
    raise RuntimeError("upgrade sync")


def _request_context(request: Any) -> None:
    request.context.data = "myData"


def _both_contexts(request: Any) -> dict[str, Any]:
    request.context.a = 1
    return {"context": {"b": 2}}


UPGRADES: dict[str, Callable[[Any], Any]] = {
    "/u/null": lambda _: None,
    "/u/res-return": lambda _: Response("denied", status=401, headers={"x-why": "auth"}),
    "/u/res-throw": lambda _: fail(Response("forbidden", status=403, status_text="Go Away"))(),
    "/u/res-wrapped": lambda _: fail(WrappedError(Response("teapot", status=418)))(),
    "/u/res-async": lambda _: later(30, fail(Response("late", status=409))),
    "/u/res-200": lambda _: Response("fine", status=200),
    "/u/err": lambda _: _plain_error(),
    "/u/err-async": lambda _: later(10, fail(RuntimeError("upgrade async"))),
    "/u/headers": lambda _: {"headers": {"x-one": "1", "set-cookie": "a=b"}},
    "/u/headers-multi": lambda _: {"headers": [("set-cookie", "a=1"), ("set-cookie", "b=2")]},
    "/u/ctx": lambda _: {"context": {"user": "bob"}},
    "/u/reqctx": _request_context,
    "/u/ctx-both": _both_contexts,
    "/u/ns": lambda _: {"namespace": "room-1"},
    "/u/ns-empty": lambda _: {"namespace": ""},
    "/u/proto": lambda _: {"protocol": "p2"},
    "/u/proto-header": lambda _: {"headers": {"sec-websocket-protocol": "p1"}},
    "/u/proto-both": lambda _: {"protocol": "p2", "headers": {"sec-websocket-protocol": "p1"}},
    "/u/slow": lambda _: later(200, lambda: {"context": {"slow": True}}),
    "/u/deflate": lambda _: {"perMessageDeflate": True},
    "/r/both": lambda _: {"headers": {"x-g": "1"}, "context": {"g": 1}},
    "/r/g-result": lambda _: {"headers": {"x-g": "1"}, "context": {"g": 1}},
    "/r/g-return-401": lambda _: Response("global says no", status=401),
    "/r/g-throw-401": lambda _: fail(Response("global says no", status=401))(),
}


def upgrade(request: Any) -> Any:
    """Answer as the path says."""
    note(
        "G",
        "upgrade",
        request,
        method=request.method,
        url=request.url,
        probe=request.headers.get("x-probe"),
    )
    answer = UPGRADES.get(request.path)
    return None if answer is None else answer(request)


def opened(peer: Any) -> Awaitable[Any] | None:
    """Do on opening what the path says."""
    note(
        "G",
        "open",
        peer.request,
        namespace=peer.namespace,
        context=dict(peer.context),
        peers=len(peer.peers),
        self=peer in peer.peers,
    )
    match peer.request.path:
        case "/o/send":
            peer.send("hello")
        case "/o/close":
            peer.close(4005, "closed in open")
        case "/o/reject":
            return later(10, fail(RuntimeError("open async")))
        case "/o/throw":
            raise RuntimeError("open sync")
        case "/o/slow":
            return later(200, lambda: peer.send("open-done"))
        case "/o/room":
            peer.subscribe("room")
    return None


def closed(peer: Any, details: Any) -> Awaitable[Any] | None:
    """Do on closing what the path says."""
    note(
        "G",
        "close",
        peer.request,
        code=details.code,
        reason=details.reason,
        self=peer in peer.peers,
        context=dict(peer.context),
    )
    if peer.request.path == "/c/pub":
        peer.publish("room", f"bye {details.code}")
    if peer.request.path == "/c/reject":
        return later(1, fail(RuntimeError("close async")))
    return None


def failed(peer: Any, error: Exception) -> None:
    """Log what the client did wrong."""
    note("G", "error", peer.request, name=type(error).__name__, self=peer in peer.peers)


def pinged(peer: Any, data: bytes) -> None:
    """Log a ping."""
    note("G", "ping", peer.request, data=data.decode("utf-8", "replace"))


def ponged(peer: Any, data: bytes) -> None:
    """Log a pong."""
    note("G", "pong", peer.request, data=data.decode("utf-8", "replace"))


def message(peer: Any, message: Any) -> Any:
    """Answer bytes and JSON with what they are; otherwise do what the first word says."""
    text, binary = message.text(), isinstance(message.raw_data, bytes)
    note("G", "message", peer.request, text=text[:80], binary=binary)
    if binary:
        peer.send({"binary": True, "length": len(message.bytes()), "text": text})
        return None
    if text.startswith("{"):
        peer.send(_parsed(message))
        return None
    command, _, rest = text.partition(" ")
    function = COMMANDS.get(command)
    return {"ignored": True} if function is None else function(peer, rest, message)


def _parsed(message: Any) -> dict[str, Any]:
    try:
        return {"json": message.json()}
    except ValueError:
        return {"jsonError": True}


# Commands -----------------------------------------------------------------------------------------

Command = Callable[[Any, str, Any], Any]
COMMANDS: dict[str, Command] = {}


def command(name: str) -> Callable[[Command], Command]:
    """Register what a first word does: function(peer, rest of the text, message)."""

    def register(function: Command) -> Command:
        COMMANDS[name] = function
        return function

    return register


def _split(rest: str) -> tuple[str, str]:
    first, _, more = rest.partition(" ")
    return first, more


@command("echo")
def _echo(peer: Any, rest: str, _: Any) -> None:
    peer.send(rest)


@command("sleep")
def _sleep(peer: Any, rest: str, _: Any) -> Awaitable[Any]:
    return later(float(rest), lambda: peer.send(f"slept {rest}"))


@command("reject")
def _reject(*_: Any) -> Awaitable[Any]:
    return later(1, fail(RuntimeError("message async")))


@command("greject")
def _greject(*_: Any) -> Awaitable[Any]:
    return later(1, fail(RuntimeError("global message async")))


@command("throw")
def _throw(*_: Any) -> None:
    raise RuntimeError("message sync")


@command("gslow")
def _gslow(peer: Any, *_: Any) -> Awaitable[Any]:
    return later(120, lambda: note("G", "gslow-done", peer.request))


@command("close")
def _close(peer: Any, rest: str, _: Any) -> None:
    code, reason = _split(rest)
    peer.close(int(code), reason)


@command("close0")
def _close0(peer: Any, *_: Any) -> None:
    peer.close()


@command("terminate")
def _terminate(peer: Any, *_: Any) -> None:
    peer.terminate()


@command("badclose")
def _badclose(peer: Any, *_: Any) -> None:
    _refused_close(peer, 999, "x")


@command("longreason")
def _longreason(peer: Any, *_: Any) -> None:
    _refused_close(peer, 4000, "x" * 124)


def _refused_close(peer: Any, code: int, reason: str) -> None:
    try:
        peer.close(code, reason)
    except ValueError:
        peer.send("close refused")


@command("lateclose")
def _lateclose(peer: Any, *_: Any) -> None:
    peer.close(4006, "bye")
    threw = False
    try:
        peer.send("late")
    except Exception:  # noqa: BLE001  # whether anything is raised at all is the question
        threw = True
    note("G", "late-send", peer.request, threw=threw)


@command("sub")
def _sub(peer: Any, rest: str, _: Any) -> None:
    peer.subscribe(rest)


@command("unsub")
def _unsub(peer: Any, rest: str, _: Any) -> None:
    peer.unsubscribe(rest)


@command("pub")
def _pub(peer: Any, rest: str, _: Any) -> None:
    topic, text = _split(rest)
    peer.publish(topic, text)


@command("pubobj")
def _pubobj(peer: Any, rest: str, _: Any) -> None:
    peer.publish(rest, {"from": "object"})


@command("pubbin")
def _pubbin(peer: Any, rest: str, _: Any) -> None:
    peer.publish(rest, bytes([1, 2, 3]))


@command("topics")
def _topics(peer: Any, *_: Any) -> None:
    peer.send({"topics": sorted(peer.topics)})


@command("peers")
def _peers(peer: Any, *_: Any) -> None:
    peer.send({"count": len(peer.peers), "self": peer in peer.peers})


@command("setctx")
def _setctx(peer: Any, rest: str, _: Any) -> None:
    key, value = _split(rest)
    peer.context[key] = value


@command("getctx")
def _getctx(peer: Any, *_: Any) -> None:
    peer.send({"context": peer.context})


@command("info")
def _info(peer: Any, _: str, message: Any) -> None:
    peer.send(
        {
            "id": peer.id,
            "text": str(peer),
            "namespace": peer.namespace,
            "url": peer.request.url,
            "header": peer.request.headers.get("x-probe"),
            "remoteAddress": peer.remote_address,
            "readyState": peer.websocket.ready_state,
            "wsurl": peer.websocket.url,
            "messageId": message.id,
            "sameMessageId": message.id == message.id,  # read twice on purpose
            "samePeer": message.peer is peer,
            "messageText": str(message),
        }
    )


@command("types")
def _types(peer: Any, *_: Any) -> None:
    for value in ("s", 5, 1.5, True, False, {"a": 1, "b": [1, "x"]}, None, bytes([0, 255]), "types-end"):
        peer.send(value)


@command("numbers")
def _numbers(peer: Any, rest: str, _: Any) -> None:
    for number in range(int(rest)):
        peer.send(number)


@command("buffered")
def _buffered(peer: Any, *_: Any) -> None:
    buffered = peer.buffered_amount
    returned = peer.send("x")
    peer.send(
        {"buffered": buffered, "returned": "number" if isinstance(returned, int) else str(type(returned))}
    )


@command("drain")
async def _drain(peer: Any, *_: Any) -> None:
    await peer.wait_for_drain()
    peer.send("drained")


@command("ping")
def _ping(peer: Any, rest: str, _: Any) -> None:
    peer.ping(rest)


@command("bigping")
def _bigping(peer: Any, *_: Any) -> None:
    peer.ping("x" * 126)


# Resolver and resolved hooks ----------------------------------------------------------------------


def resolve(request: Any) -> Any:
    """Supply a second hooks object below /r/."""
    note("resolver", "resolve", request)
    path = request.path
    if not path.startswith("/r/") or path == "/r/miss":
        return None
    if path == "/r/boom":
        raise RuntimeError("resolver failed")
    if path == "/r/boom-402":
        raise Response("resolver says no", status=402)
    hooks = define_hooks(upgrade=r_upgrade, open=r_open, message=r_message, close=r_close)
    return later(50, lambda: hooks) if path == "/r/async" else hooks


R_UPGRADES: dict[str, Callable[[], Any]] = {
    "/r/both": lambda: {"headers": {"x-r": "1"}, "context": {"r": 1}},
    "/r/g-return-401": lambda: {"headers": {"x-r": "1"}},
    "/r/r-403": lambda: Response("resolved says no", status=403),
}


def r_upgrade(request: Any) -> Any:
    """Answer as the path says, for the resolver's part."""
    note("R", "upgrade", request)
    answer = R_UPGRADES.get(request.path)
    return None if answer is None else answer()


def r_open(peer: Any) -> None:
    """Log the opening."""
    note("R", "open", peer.request)


def r_message(peer: Any, message: Any) -> None:
    """Answer `rsend X` with `R:X`."""
    text = message.text()
    note("R", "message", peer.request, text=text)
    if text.startswith("rsend "):
        peer.send("R:" + text.removeprefix("rsend "))


def r_close(peer: Any) -> None:
    """Log the end."""
    note("R", "close", peer.request)


# The two servers ----------------------------------------------------------------------------------


def handle_protocols(offered: Any, _: Any) -> str | None:
    """Speak `neg` with those who offer it."""
    return "neg" if "neg" in offered else None


OPTIONS: dict[str, Any] = {
    "resolve": resolve,
    "handle_protocols": handle_protocols,
    "max_payload": 65536,
}

main = Workbench("crossws", name="main", **OPTIONS)
idle = Workbench("crossws", name="idle", idle_timeout=0.4, **OPTIONS)

GLOBAL = {
    "upgrade": upgrade,
    "open": opened,
    "message": message,
    "close": closed,
    "error": failed,
    "ping": pinged,
    "pong": ponged,
}
hooks = main.define_hooks(GLOBAL)
idle.define_hooks(GLOBAL)


def swapped(peer: Any, message: Any) -> None:
    """Take the place of the message hook for a while."""
    peer.send("swapped:" + message.text())


def escape(error: BaseException) -> None:
    """Keep what hooks raised and nobody handled."""
    escaped.append(str(error))


# Control routes -----------------------------------------------------------------------------------

Route = Callable[[Request], Any]
ROUTES: dict[str, Route] = {}


def route(path: str) -> Callable[[Route], Route]:
    """Register what answers a path, on both servers."""

    def register(function: Route) -> Route:
        ROUTES[path] = function
        return function

    return register


@route("/_/health")
def _health(_: Request) -> str:
    return "ok"


@route("/_/log")
def _log(request: Request) -> list[dict[str, Any]]:
    tag = request.query.get("tag")
    with _lock:
        return [entry for entry in log if tag is None or entry["tag"] == tag]


@route("/_/reset")
def _reset(_: Request) -> str:
    with _lock:
        log.clear()
        escaped.clear()
    return "ok"


@route("/_/escaped")
def _escaped(_: Request) -> list[str]:
    return list(escaped)


@route("/_/peers")
def _peer_counts(_: Request) -> dict[str, int]:
    return {namespace: len(peers) for namespace, peers in main.peers.items() if peers}


@route("/_/publish")
def _publish(request: Request) -> str:
    query = request.query
    main.publish(query.get("topic", ""), query.get("message", ""), namespace=query.get("ns"))
    return "ok"


@route("/_/closeall")
def _close_all(request: Request) -> str:
    code = request.query.get("code")
    main.close_all(
        int(code) if code else None, request.query.get("reason", ""), force="force" in request.query
    )
    return "ok"


@route("/_/hook")
def _hook(request: Request) -> str:
    operation = request.query.get("op")
    if operation == "swap":
        hooks.message = swapped
    elif operation == "restore":
        hooks.message = message
    elif operation == "remove" and "message" in hooks:
        del hooks.message
    return "ok"


def _as_json(function: Route) -> Route:
    return lambda request: Response.json(function(request))


for bench in (main, idle):
    bench.on_error(escape)
    for path, function in ROUTES.items():
        bench.get(path)(_as_json(function))
del bench

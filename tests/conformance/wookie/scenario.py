"""The Wookie scenario: one app whose hooks are set by requests, so that every rule shows from outside.

`workbench serve tests/conformance/wookie/scenario.py --port P` serves the profile `docs` on P and `head` on
P+1, each with its own hooks, events and control routes (`/trace`, `/_/...`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from workbench import Headers, Workbench
from workbench.dialects.wookie import (
    Future,
    Request,
    Response,
    ResponseAlreadySent,
    Socket,
    finish,
    finish_response,
    make_future,
    next_route,
    request_data,
    send_100_continue,
    send_response,
    signal_error,
    start_response,
    with_chunking,
)

CAPABILITIES = "suppress-100 buffer-body replace priority request-body"
Hook = Callable[..., Any]


def is_control(path: str) -> bool:
    """Whether a request steers the scenario: it is never recorded."""
    return path == "/trace" or path.startswith("/_/")


def kind_of(argument: object) -> str:
    """Name what a hook was given."""
    kinds: list[tuple[Any, str]] = [
        (Socket, "socket"),
        (Request, "request"),
        (Response, "response"),
        (bool, "bool"),
        (type(None), "bool"),
        (bytes, "bytes"),
        (int, "int"),
        (str, "string"),
        ((Headers, dict, list), "headers"),
    ]
    return next((name for kind, name in kinds if isinstance(argument, kind)), "other")


def after(milliseconds: str, *functions: Callable[[], Any]) -> None:
    """Do some things later, on the server's loop."""
    for function in functions:
        asyncio.get_running_loop().call_later(int(milliseconds) / 1000, function)


class Numbers:
    """Small numbers for objects, in the order in which they are met."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, object]] = {}

    def of(self, thing: object) -> int:
        """Give the number of an object; it is kept, so that no other one can take its place."""
        return self._known.setdefault(id(thing), (len(self._known) + 1, thing))[0]


class Scenario:
    """Hooks, events and routes of one bench."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.started = time.monotonic()
        self.reset()
        self._add_routes()
        self._add_chunk_routes()

    def reset(self) -> None:
        """Remove all hooks, forget all functions, empty the trace."""
        self.bench.clear_hooks()
        self.functions: dict[tuple[str, str], Hook] = {}
        self.events: list[dict[str, Any]] = []
        self.requests = Numbers()
        self.sockets = Numbers()

    def record(
        self, at: str, request: Request | None = None, socket: Socket | None = None, **info: Any
    ) -> None:
        """Append an event."""
        socket = socket if request is None else request.socket
        self.events.append(
            {
                "seq": len(self.events) + 1,
                "t_ms": (time.monotonic() - self.started) * 1000,
                "conn": None if socket is None else self.sockets.of(socket),
                "req": None if request is None else self.requests.of(request),
                "at": at,
                **info,
            }
        )

    # -- hooks

    def function(self, hook: str, label: str, action: str) -> Hook:
        """Give the function of a point and label; what it does is fixed when it is first seen."""
        if (hook, label) not in self.functions:
            self.functions[hook, label] = self._make(hook, label, action)
        return self.functions[hook, label]

    def _make(self, hook: str, label: str, action: str) -> Hook:
        name, *parts = action.split(":")
        act: Callable[..., Any] = getattr(self, "do_" + name.replace("-", "_"))

        def function(*arguments: Any) -> Any:
            request = next((one for one in arguments if isinstance(one, Request)), None)
            if request is not None and is_control(request.path):
                return None
            socket = next((one for one in arguments if isinstance(one, Socket)), None)
            known = {"hook": hook, "fn": label}
            self.record("hook", request, socket, **known, **self._seen(hook, arguments))

            def done() -> None:
                self.record("hook-done", request, socket, **known)

            call = Call(hook, label, request, socket, done)
            answer = act(call, *parts)
            if not isinstance(answer, Future):
                done()
            return answer

        return function

    def _seen(self, hook: str, arguments: tuple[Any, ...]) -> dict[str, Any]:
        seen: dict[str, Any] = {"args": [kind_of(argument) for argument in arguments]}
        if hook == "body-chunk":
            seen |= {"size": len(arguments[1]), "last": arguments[-1]}
        elif hook == "response-started":
            seen |= {"status": arguments[2]}
        return seen

    def do_ok(self, call: Call) -> None:
        """Return nothing."""

    def do_value(self, call: Call) -> str:
        """Return a plain string."""
        return call.label

    def do_delay(self, call: Call, milliseconds: str) -> Future:
        """Return a future that finishes later."""
        future = make_future()
        after(milliseconds, call.done, lambda: finish(future))
        return future

    def do_never(self, _call: Call) -> Future:
        """Return a future that never finishes."""
        return make_future()

    def do_error(self, call: Call) -> None:
        """Raise."""
        raise call.failure()

    def do_reject(self, call: Call, milliseconds: str) -> Future:
        """Return a future that fails later."""
        return self._failing(call, milliseconds, call.failure())

    def do_reject_nonerror(self, call: Call, milliseconds: str) -> Future:
        """Return a future that fails later, with a value that is no error."""
        return self._failing(call, milliseconds, True)

    def _failing(self, call: Call, milliseconds: str, value: object) -> Future:
        future = make_future()
        after(milliseconds, call.done, lambda: signal_error(future, value))
        return future

    def do_send(self, call: Call, status: str) -> None:
        """Send a response."""
        send_response(call.response, status=int(status), body="from-hook")

    def do_send_error(self, call: Call, status: str) -> None:
        """Send a response, then raise."""
        self.do_send(call, status)
        raise call.failure()

    def do_send_reject(self, call: Call, status: str, milliseconds: str) -> Future:
        """Send a response, then return a future that fails."""
        self.do_send(call, status)
        return self.do_reject(call, milliseconds)

    def do_remove_self(self, call: Call) -> None:
        """Take this function off its point."""
        self.bench.remove_hook(call.hook, self.functions[call.hook, call.label])

    def do_remove_fn(self, call: Call, label: str) -> None:
        """Take another function off this point."""
        self.bench.remove_hook(call.hook, self.function(call.hook, label, "ok"))

    def do_add_fn(self, call: Call, label: str) -> None:
        """Add another function to this point."""
        self.bench.add_hook(call.hook, self.function(call.hook, label, "ok"))

    def do_set_header(self, call: Call) -> None:
        """Set a header of the response."""
        call.response.headers["X-Hook"] = call.label

    def do_set_data(self, call: Call) -> None:
        """Keep the label with the request."""
        assert call.request is not None
        request_data(call.request, call.label)

    # -- routes

    def _add_routes(self) -> None:
        self._control("/trace", lambda _: json.dumps(self.events))
        self._control("/_/caps", lambda _: CAPABILITIES)
        self._control("/_/reset", lambda _: self.reset())
        self._control("/_/add", self._add)
        self._control("/_/remove", self._remove)
        self._control("/_/clear", lambda query: self.bench.clear_hooks(query["hook"]))
        self._answer("ok", "GET", "/ok", "ok")
        self._add_route(
            "data", "GET", "/data", lambda req, res: send_response(res, body=str(request_data(req)))
        )
        self._add_route("late", "GET", "/late/([0-9]+)", self._late)
        self._add_route("boom", "GET", "/boom", self._boom)
        self._add_route("twice", "GET", "/twice", self._twice)
        self._add_route("next-1", "GET", "/next/go", self._pass_on)
        self._answer("next-2", "GET", "/next/go", "second route", replace=False)
        self._answer("next-first", "GET", "/next/.*", "first route")
        self._add_route("nextnone", "GET", "/nextnone", lambda _req, _res: next_route())
        self._add_route(
            "re",
            "GET",
            "/re/([0-9]+)/([a-z]+)",
            lambda _req, res, *groups: send_response(res, body=",".join(groups)),
        )
        self._answer("literal", "GET", "/literal.(x)", "literal", regex=False)
        self._answer("nocase", "GET", "/nocase", "nocase", case_sensitive=False)
        self._add_route(
            "multi", ("PUT", "DELETE"), "/multi", lambda req, res: send_response(res, body=req.method.lower())
        )
        self._answer("any", "*", "/any", "any")
        with self.bench.with_vhost("one.test"):
            self._answer("host", "GET", "/host/one", "one")
        self._add_route("chunked", "GET", "/chunked", self._chunked)
        self._add_route("echo", "POST", "/echo", lambda req, res: send_response(res, body=req.body))
        self._answer("low", "GET", "/prio.*", "low")
        self._answer("high", "GET", "/prio/.*", "high", priority=10)
        self._answer("replaced", "GET", "/replaced", "old")
        self._answer("replaced", "GET", "/replaced", "new")

    def _add_chunk_routes(self) -> None:
        self._add_route("stream", "POST", "/stream", self._stream, chunk=True)
        self._add_route("stream-quiet", "POST", "/stream-quiet", self._stream, chunk=True, suppress_100=True)
        self._add_route("stream-own", "POST", "/stream-own", self._stream_own, chunk=True, suppress_100=True)
        self._add_route(
            "stream-unbuffered", "POST", "/stream-unbuffered", self._stream, chunk=True, buffer_body=False
        )

    def _add_route(
        self, name: str, method: str | tuple[str, ...], path: str, function: Hook, **options: Any
    ) -> None:
        def route(request: Request, response: Response, *groups: str) -> None:
            self.record("route", request, id=name)
            function(request, response, *groups)

        self.bench.route(method, path, **options)(route)

    def _answer(self, name: str, method: str, path: str, text: str, **options: Any) -> None:
        self._add_route(name, method, path, lambda _req, res: send_response(res, body=text), **options)

    def _control(self, path: str, function: Callable[[Any], str | None]) -> None:
        def route(request: Request, response: Response) -> None:
            send_response(response, body=function(request.query) or "ok")

        self.bench.route("GET", path, regex=False)(route)

    def _add(self, query: dict[str, str]) -> None:
        hook = query["hook"]
        self.bench.add_hook(hook, self.function(hook, query["fn"], query["do"]), query.get("name"))

    def _remove(self, query: dict[str, str]) -> None:
        hook = query["hook"]
        which = query["name"] if "name" in query else self.functions.get((hook, query["fn"]))
        if which is not None:
            self.bench.remove_hook(hook, which)

    def _late(self, request: Request, response: Response, milliseconds: str) -> None:
        def send() -> None:
            self.record("late", request)
            send_response(response, body="late")

        after(milliseconds, send)

    def _boom(self, _request: Request, _response: Response) -> None:
        raise RuntimeError("planned failure route/boom")

    def _twice(self, request: Request, response: Response) -> None:
        send_response(response, body="first")
        try:
            send_response(response, body="second")
        except ResponseAlreadySent:
            self.record("already-sent", request)

    def _pass_on(self, request: Request, _response: Response) -> None:
        next_route()
        self.record("after-next", request)  # type: ignore[unreachable]  # so it is to be

    def _chunked(self, _request: Request, response: Response) -> None:
        stream = start_response(response)
        stream.write("hello ")
        stream.write("world")
        finish_response(response)

    def _stream(self, request: Request, response: Response) -> None:
        pieces: list[bytes] = []

        def take(chunk: bytes, last: bool) -> None:
            self.record("chunk", request, size=len(chunk), last=last)
            pieces.append(chunk)
            if last:
                send_response(response, body=b"".join(pieces))

        with_chunking(request, take)

    def _stream_own(self, request: Request, response: Response) -> None:
        send_100_continue(response)
        self._stream(request, response)


class Call:
    """One call of a hook function."""

    def __init__(
        self,
        hook: str,
        label: str,
        request: Request | None,
        socket: Socket | None,
        done: Callable[[], None],
    ) -> None:
        self.hook = hook
        self.label = label
        self.request = request
        self.socket = socket
        self.done = done

    @property
    def response(self) -> Response:
        """The response of the request."""
        assert self.request is not None, f"{self.hook} has no response"
        return self.request.response

    def failure(self) -> RuntimeError:
        """Make the planned error."""
        return RuntimeError(f"planned failure {self.hook}/{self.label}")


docs = Workbench("wookie", profile="docs", hosts="*")
head = Workbench("wookie", profile="head", hosts="*")
scenarios = [Scenario(docs), Scenario(head)]

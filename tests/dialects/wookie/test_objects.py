"""Requests, responses and sockets as hooks and routes hold them."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any
from weakref import ReferenceType, ref

import pytest

from tests.dialects.wookie.support import Stage, play, turns
from workbench import WorkbenchError
from workbench.dialects.wookie import ResponseAlreadySent, ResponseNotStarted, send_response
from workbench.server.memory import MemoryConnection


def test_a_request_has_what_was_sent() -> None:
    """Method, target, decoded path, query, headers, body, socket."""
    seen: list[Any] = []

    def look(request: Any, response: Any) -> None:
        seen.append((request.method, request.target, request.path, request.query["q"], request.body))
        seen.append((request.headers["x-a"], request.socket.connection, request.response is response))
        seen.append((repr(request), repr(response), repr(request.socket)))
        send_response(response)

    async def scene(stage: Stage) -> None:
        stage.route(look, "/a b")
        await stage.get("/a%20b?q=1", **{"x-a": "2"})

    play(scene)
    assert seen == [
        ("GET", "/a%20b?q=1", "/a b", "1", b""),
        ("2", 1, True),
        ("<request GET /a%20b?q=1>", "<response to GET /a%20b?q=1>", "<socket c1 of 127.0.0.1>"),
    ]


def test_changes_are_the_hooks() -> None:
    """What a hook puts into the data, or into the response's headers, is its change in the trace."""

    def data(request: Any, _response: Any) -> None:
        request.data = 1

    def header(_request: Any, response: Any) -> None:
        response.headers["x-a"] = "1"
        del response.headers["x-a"]

    async def scene(stage: Stage) -> None:
        stage.route(lambda _request, response: send_response(response))
        for function in (data, header, lambda _request, response: response.headers.get("x")):
            stage.bench.add_hook("pre-route", function)
        await stage.get()

    assert play(scene).bench.trace.calls["outcome"].astype(str).tolist() == ["changed", "changed", "ok"]


@pytest.mark.parametrize("wrong", [{"status": 100}, {"status": "200"}, {"status": True}, {"status": 1000}])
def test_statuses(wrong: dict[str, Any]) -> None:
    """A response has a final status; the sender is told at once, and may send another."""
    caught: list[str] = []

    def route(_request: Any, response: Any) -> None:
        with pytest.raises(WorkbenchError, match="200 to 999") as error:
            send_response(response, **wrong)
        caught.append(str(error.value))
        with pytest.raises(WorkbenchError):
            response.send_response(body=_pieces())
        with pytest.raises(ResponseNotStarted):
            response.finish_response()
        send_response(response, status=201)

    async def _pieces() -> Any:
        yield b""

    async def scene(stage: Stage) -> None:
        stage.route(route)
        assert (await stage.get()).status == 201

    play(scene)
    assert len(caught) == 1


def test_close() -> None:
    """`close` says whether the connection ends with the response, whatever the client wished."""

    async def scene(stage: Stage) -> None:
        stage.route(lambda _request, response: send_response(response, close=True), "/close")
        stage.route(lambda _request, response: send_response(response, close=False), "/keep")
        assert (await stage.get("/close")).headers["connection"] == "close"
        assert "connection" not in (await stage.get("/keep", connection="close")).headers

    play(scene)


def test_any_thread_may_answer() -> None:
    """A thread of the application's own sends as the loop would."""

    def route(_request: Any, response: Any) -> None:
        threading.Timer(0.02, lambda: send_response(response, body="from a thread")).start()

    async def scene(stage: Stage) -> None:
        stage.route(route)
        assert (await stage.get()).text() == "from a thread"

    play(scene)


def test_streams() -> None:
    """A stream takes text and bytes, waits for slow clients, and ends once."""

    async def route(_request: Any, response: Any) -> None:
        stream = response.start_response()
        stream.write("text ")
        await stream.drain()
        stream.write(b"bytes")
        response.finish_response()
        stream.finish()
        stream.write(b"after the end")

    async def scene(stage: Stage) -> None:
        stage.route(route)
        assert (await stage.get()).text() == "text bytes"

    play(scene)


def test_drain_waits_for_slow_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """While much waits for the client, drain does not return."""
    order: list[str] = []
    waiting = [100_000]
    monkeypatch.setattr(MemoryConnection, "buffered_amount", property(lambda _: waiting[0]))

    async def route(_request: Any, response: Any) -> None:
        with response.start_response() as stream:
            await stream.drain()
            order.append("drained")

    async def scene(stage: Stage) -> None:
        stage.route(route)
        connection = stage.client.connection()
        task = asyncio.ensure_future(stage.ask(connection))
        await turns()
        order.append("caught up")
        waiting[0] = 0
        connection.link.drained()
        await task

    play(scene)
    assert order == ["caught up", "drained"]


def test_a_request_that_is_through_leaves_no_circle() -> None:
    """Requests without a body go when nobody holds them any more, without the garbage collector."""
    gone: list[ReferenceType[Any]] = []

    def route(request: Any, response: Any) -> None:
        gone.append(ref(request))
        send_response(response)

    async def scene(stage: Stage) -> None:
        stage.route(route)
        connection = stage.client.connection()
        await stage.ask(connection)
        gc.disable()
        try:
            await stage.ask(connection)
            await stage.ask(connection)
            assert [one() is None for one in gone[:2]] == [True, True]
        finally:
            gc.enable()

    play(scene)


def test_a_request_that_somebody_kept_has_its_response() -> None:
    """Kept objects can be read when the request is through; what sends with them is told that it is late."""
    kept: list[Any] = []

    def route(request: Any, response: Any) -> None:
        response.headers["x-a"] = "1"
        kept.append((request, response if request.path == "/both" else None))
        send_response(response)

    async def scene(stage: Stage) -> None:
        stage.route(route, "/.*")
        await stage.get("/both")
        await stage.get("/one")

    play(scene)
    gc.collect()
    (both, response), (one, _) = kept
    assert both.response is response
    assert response.request is both
    assert response.headers["x-a"] == "1"
    for late in (response, one.response):
        assert late.finished
        late.send_100_continue()
        with pytest.raises(ResponseAlreadySent, match=r"A response to GET /(both|one) has been sent"):
            late.send_response()
        with pytest.raises(ResponseAlreadySent):
            late.start_response()
        with pytest.raises(ResponseNotStarted):
            late.finish_response()

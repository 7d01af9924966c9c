"""One request: its story in the trace, its moments, what it does to late and lost senders."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.dialects.wookie.support import Stage, play, turns
from workbench.dialects.wookie import (
    ResponseAlreadySent,
    finish,
    make_future,
    next_route,
    send_response,
    signal_error,
)
from workbench.server.memory import ConnectionLost

POINTS = (
    "connect",
    "parsed-headers",
    "body-chunk",
    "body-complete",
    "pre-route",
    "post-route",
    "response-started",
)


def answer(_request: Any, response: Any) -> None:
    """Answer."""
    send_response(response, body="answer")


def test_a_request_is_one_story() -> None:
    """All dispatches of a request have its first as parent, on the fast road and when they wait."""

    async def wait(*_: Any) -> None:
        await asyncio.sleep(0)

    async def scene(stage: Stage) -> None:
        stage.route(answer)
        for function in (lambda *_: None, wait):
            stage.bench.clear_hooks()
            for point in POINTS:
                stage.bench.add_hook(point, function)
            await stage.post(b"body")
            await turns()

    frame = play(scene).bench.trace.dispatches
    for connection in (1, 2):
        mine = frame[frame.connection == connection]
        points = mine["point"].astype(str).tolist()
        assert sorted(points) == sorted(POINTS)
        root = mine["dispatch"].iloc[points.index("parsed-headers")]
        parents = dict(zip(points, mine["parent"], strict=True))
        assert (parents.pop("connect"), parents.pop("parsed-headers")) == (-1, -1)
        assert set(parents.values()) == {root}


def test_what_hooks_send_belongs_to_their_dispatch() -> None:
    """A response that a hook sends is started inside the hook's dispatch."""

    async def scene(stage: Stage) -> None:
        stage.route(answer)
        stage.bench.add_hook("parsed-headers", lambda: None)
        stage.bench.add_hook("pre-route", answer)
        stage.bench.add_hook("response-started", lambda: None)
        assert (await stage.get()).text() == "answer"

    frame = play(scene).bench.trace.dispatches.set_index("point")
    assert frame["parent"].tolist() == [-1, 1, 2]


def test_futures_have_their_own_ends() -> None:
    """Calls that overlap have each its own duration, almost all of it waiting."""

    def after(seconds: float) -> Any:
        def hook(_request: Any, _response: Any) -> Any:
            future = make_future()
            asyncio.get_running_loop().call_later(seconds, finish, future)
            return future

        return hook

    async def scene(stage: Stage) -> None:
        stage.route(answer)
        for name, seconds in {"a": 0.05, "b": 0.15, "c": 0.1}.items():
            stage.bench.add_hook("pre-route", after(seconds), name)
        await stage.get()

    calls = play(scene).bench.trace.calls.set_index("hook")
    took = calls["duration_ns"] / 1e9
    assert 0.045 < took["a"] < 0.09 < took["c"] < 0.14 < took["b"] < 0.3
    assert (calls["wait_ns"] > calls["duration_ns"] * 0.9).all()
    assert (calls["start"].max() - calls["start"].min()).total_seconds() < 0.04


def test_stages_are_moments() -> None:
    """Routes, answers and failures are moments of their request."""

    def fail() -> None:
        raise LookupError("nobody")

    async def scene(stage: Stage) -> None:
        stage.route(answer, "/a")
        await stage.get("/a")
        await stage.get("/b")
        stage.bench.add_hook("pre-route", fail)
        with pytest.raises(ConnectionLost):
            await stage.get("/a")

    assert play(scene).moments() == [
        "stage: route * /a",
        "sent: 200",
        "sent: 404",
        "stage: dropped without an answer: pre-route failed",
    ]


def test_differences_are_told() -> None:
    """Where the original would do something else, the trace says so."""

    def answered(_request: Any, response: Any) -> None:
        send_response(response, status=401)
        raise LookupError("nobody")

    async def scene(stage: Stage) -> None:
        stage.route(answer)
        stage.bench.add_hook("pre-route", answered)
        assert (await stage.get()).status == 401
        stage.bench.clear_hooks()
        stage.bench.add_hook("parsed-headers", lambda _request: asyncio.sleep(0))
        await stage.get()

    told = [text for text in play(scene, profile="head").moments() if "would differ" in text]
    assert len(told) == 2
    assert "(Q1)" in told[0]
    assert "(Q5)" in told[1]


def test_ten_thousand_requests_with_a_hook_that_waits() -> None:
    """None is lost, doubled, or answered with another's data."""

    async def look_up(request: Any, _response: Any) -> None:
        await asyncio.sleep(0)
        request.data = request.query["n"]

    async def scene(stage: Stage) -> None:
        stage.route(lambda request, response: send_response(response, body=request.data))
        stage.bench.add_hook("pre-route", look_up)

        async def client(first: int) -> list[str]:
            connection = stage.client.connection()
            return [(await stage.ask(connection, f"/?n={first + n}")).text() for n in range(200)]

        found = await asyncio.gather(*(client(200 * number) for number in range(50)))
        assert [text for texts in found for text in texts] == [str(number) for number in range(10_000)]

    stage = play(scene)
    assert stage.escaped == []
    assert stage.bench.trace.recorder.events == 10_000


def test_a_native_route_waits_before_post_route() -> None:
    """An async route has returned when it is through; its errors are the route's."""
    order: list[str] = []

    async def slow(_request: Any, response: Any) -> None:
        await asyncio.sleep(0)
        order.append("route")
        send_response(response)

    async def broken(_request: Any, _response: Any) -> None:
        await asyncio.sleep(0)
        raise LookupError("broken")

    async def passing(_request: Any, _response: Any) -> None:
        await asyncio.sleep(0)
        next_route()

    async def scene(stage: Stage) -> None:
        stage.route(passing, "/.*")
        stage.route(slow, "/slow")
        stage.route(broken, "/broken")
        stage.bench.add_hook("post-route", lambda: order.append("post-route"))
        await stage.get("/slow")
        await turns()
        assert (await stage.get("/none")).status == 404
        with pytest.raises(ConnectionLost):
            await stage.get("/broken")

    assert play(scene).escaped == ["broken"]
    assert order == ["route", "post-route"]


def test_sending_twice_is_the_senders_error() -> None:
    """37: the second sender is told, with the request's name; the first answer counts."""
    caught: list[str] = []

    def twice(request: Any, response: Any) -> None:
        answer(request, response)
        assert response.finished
        for send in (response.send_response, response.start_response):
            with pytest.raises(ResponseAlreadySent) as error:
                send()
            caught.append(str(error.value))

    async def scene(stage: Stage) -> None:
        stage.route(twice)
        assert (await stage.get()).text() == "answer"

    play(scene)
    assert caught[0].startswith("A response to GET / has been sent")


def test_late_senders_of_destroyed_requests_are_told_nothing_went_out() -> None:
    """Sending after the request was destroyed sends nothing, raises nothing, and is told in the trace."""
    kept: list[Any] = []

    def fail(_request: Any, response: Any) -> None:
        kept.append(response)
        raise LookupError("nobody")

    async def scene(stage: Stage) -> None:
        stage.bench.add_hook("pre-route", fail)
        with pytest.raises(ConnectionLost):
            await stage.get()
        kept[0].send_response(body="late")

    assert "stage: not sent: the request was destroyed" in play(scene).moments()


def test_other_policies_are_followed() -> None:
    """A point that contains errors goes on; one that propagates them destroys the request."""

    def fail() -> None:
        raise LookupError("nobody")

    async def scene(stage: Stage) -> None:
        stage.route(answer)
        stage.bench.add_hook("pre-route", fail)
        stage.bench.chain("pre-route").set_policy(failure="contain")
        assert (await stage.get()).text() == "answer"
        for failure, shape in (("propagate", "gather"), ("propagate", "fold")):
            stage.bench.chain("pre-route").set_policy(failure=failure, shape=shape)
            assert (await stage.get()).status == 500

    assert play(scene, profile="head").escaped == ["nobody"]


def test_a_cancelled_hook_is_a_failure() -> None:
    """A hook that was cancelled by itself destroys the request as an error does."""

    async def cancelled(_request: Any, _response: Any) -> None:
        raise asyncio.CancelledError

    async def scene(stage: Stage) -> None:
        stage.route(answer)
        stage.bench.add_hook("pre-route", cancelled)
        assert (await stage.get()).status == 500

    play(scene, profile="head")


def test_errors_of_routes_at_head_are_not_for_the_error_handler() -> None:
    """36: at head hook and route errors are answered and reach no handler of the application's own."""

    def fail() -> None:
        raise LookupError("nobody")

    async def scene(stage: Stage) -> None:
        stage.route(fail)
        answered = await stage.get()
        assert (answered.status, answered.text()) == (500, "LookupError: nobody\n")
        stage.bench.add_hook("pre-route", fail)
        assert (await stage.get()).status == 500

    stage = play(scene, profile="head")
    assert stage.escaped == []
    assert stage.bench.trace.errors["point"].tolist() == ["route"]
    assert stage.bench.trace.dispatches["error"].tolist() == ["LookupError: nobody"]


def test_streams_wait_for_their_start() -> None:
    """What is written before a slow response-started has let the head go follows it in order."""

    def stream(_request: Any, response: Any) -> None:
        with response.start_response(headers={"x-a": "1"}) as body:
            body.write("one ")
            body.write(b"two")

    async def scene(stage: Stage) -> None:
        stage.route(stream)
        stage.bench.add_hook("response-started", lambda: asyncio.sleep(0.02))
        response = await stage.get()
        assert (response.text(), response.headers["x-a"]) == ("one two", "1")

    play(scene)


def test_headers_of_both() -> None:
    """The object's headers and the sender's are sent together; of single fields the sender's win."""

    def both(_request: Any, response: Any) -> None:
        response.headers["content-type"] = "text/html"
        response.headers["x-a"] = "1"
        send_response(response, body="x", headers={"content-type": "text/css", "x-a": "2"})

    async def scene(stage: Stage) -> None:
        stage.route(both)
        headers = (await stage.get()).headers
        assert (headers["content-type"], headers["x-a"]) == ("text/css", "1, 2")

    play(scene)


def test_signal_error_after_answering() -> None:
    """The seed's recipe: a 401, then any error at all; one answer, and the route does not run."""
    ran: list[str] = []

    def check(_request: Any, response: Any) -> Any:
        future = make_future()

        def decide() -> None:
            send_response(response, status=401, body="User auth failed!")
            signal_error(future, True)

        asyncio.get_running_loop().call_later(0.01, decide)
        return future

    async def scene(stage: Stage) -> None:
        stage.route(lambda: ran.append("route"))
        stage.bench.add_hook("pre-route", check, "check")
        assert (await stage.get()).status == 401
        await turns()

    for profile in ("docs", "head"):
        play(scene, profile=profile)
    assert ran == []

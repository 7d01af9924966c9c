"""The application's options, members and commands, and the dialect as the bench knows it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.dialects.wookie.support import Stage, play
from workbench import Workbench, WorkbenchError
from workbench.dialects.wookie import DIALECT, RouteNotFound, send_response
from workbench.server.errors import InvalidOption


def test_seven_points() -> None:
    """The points are those of the manual, each with a sentence and a stand-in for shadow hooks."""
    assert [point.name for point in DIALECT.points] == [
        "connect",
        "parsed-headers",
        "body-chunk",
        "body-complete",
        "pre-route",
        "post-route",
        "response-started",
    ]
    assert all(point.doc for point in DIALECT.points)
    assert {point.policy.describe() for point in DIALECT.points} == {
        "started in order, awaited together; an error is handed to the host"
    }


def test_profiles() -> None:
    """Each profile has its body-chunk; another name is refused with those that there are."""
    docs, head = Workbench("wookie", name="a"), Workbench("wookie", name="b", profile="head")
    assert docs.chain("body-chunk").point.parameters == ("request", "chunk", "last")
    assert head.chain("body_chunk").point.parameters == ("request", "chunk", "start", "end", "last")
    with pytest.raises(
        WorkbenchError, match="profile is one of docs, head, not 'heads'; did you mean 'head'"
    ):
        Workbench("wookie", profile="heads")


@pytest.mark.parametrize("size", [0, -1, True, "1"])
def test_sizes(size: Any) -> None:
    """A size that is none is refused."""
    with pytest.raises(InvalidOption, match="max_body_size"):
        Workbench("wookie", max_body_size=size)


def test_routes_can_be_removed() -> None:
    """clear_route removes one, clear_routes all; with_vhost binds a block."""

    async def scene(stage: Stage) -> None:
        stage.route(lambda _request, response: send_response(response, body="a"), "/a")
        with stage.bench.with_vhost("one.test"):
            stage.route(lambda _request, response: send_response(response, body="b"), "/b")
        assert (await stage.get("/b", host="one.test")).text() == "b"
        assert (await stage.get("/b")).status == 404
        stage.bench.clear_route("*", "/a")
        assert (await stage.get("/a")).status == 404
        with pytest.raises(RouteNotFound):
            stage.bench.clear_route("*", "/a")
        stage.bench.clear_routes()
        assert (await stage.get("/b", host="one.test")).status == 404

    play(scene)


def test_commands_run() -> None:
    """The commands to copy name the first literal path; a token has a place, never its value."""
    bench: Any = Workbench("wookie", name="test")
    app = bench.mounts["/"].app
    bench.route("GET", "/(.*)")(lambda: None)
    assert app.commands("http://h:1", "ws://h:1")[0] == ("curl", "curl -i http://h:1/")
    bench.route("GET", "/hello", regex=False)(lambda: None)
    texts = [text for _, text in app.commands("http://h:1", "ws://h:1", token=True)]
    assert all("/hello" in text and "TOKEN" in text for text in texts)


def test_stop_lets_go_of_what_waits() -> None:
    """Requests that wait are let go when the server stops."""

    async def scene(stage: Stage) -> None:
        stage.bench.add_hook("pre-route", lambda _request, _response: asyncio.Event().wait())
        task = asyncio.ensure_future(stage.get())
        await asyncio.sleep(0.01)
        stage.bench.mounts["/"].app.stop()
        await asyncio.sleep(0.01)
        task.cancel()

    assert play(scene).escaped == []


def test_what_it_needs_of_a_server() -> None:
    """Connections before their requests, silence and one's own 100 are needed where they are used."""
    docs: Any = Workbench("wookie", name="a")
    head: Any = Workbench("wookie", name="b", profile="head")
    assert docs.mounts["/"].app.needs == {"silent-drop"}
    assert head.mounts["/"].app.needs == set()
    head.add_hook("connect", lambda _socket: None)
    head.route("POST", "/", suppress_100=True)(lambda: None)
    assert head.mounts["/"].app.needs == {"connect", "continue-100"}


def test_under_asgi() -> None:
    """Under another server requests are served; what cannot be done there is named at once."""
    bench: Any = Workbench("wookie", name="test")
    bench.route("POST", "/")(lambda request, response: send_response(response, body=request.body))
    with pytest.warns(UserWarning, match="silent-drop"):
        application = bench.asgi

    async def main() -> list[tuple[int, str]]:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answers = [await client.post("/", content=b"body"), await client.get("/none")]
            bench.add_hook("pre-route", lambda: 1 / 0)
            answers.append(await client.post("/", content=b"body"))
        return [(answer.status_code, answer.text.strip()) for answer in answers]

    assert asyncio.run(main()) == [(200, "body"), (404, "Nothing answers GET /none"), (500, "")]

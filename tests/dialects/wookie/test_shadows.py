"""Shadow hooks run and are traced; nobody outside notices them."""

from __future__ import annotations

import threading
from typing import Any

from tests.dialects.wookie.support import Stage, play
from workbench.dialects.wookie import send_response
from workbench.engine.hooks import Scope

SHADOW = Scope(shadow=True)


def test_they_change_and_send_nothing() -> None:
    """A shadow hook sees request and response as they are; data, headers and answers stay its own."""
    seen: list[Any] = []

    def shadow(request: Any, response: Any) -> None:
        seen.append((request.path, dict(request.data), dict(response.headers.items())))
        assert response is request.response
        request.data["user"] = "eve"
        request.data = None
        response.headers["x-a"] = "shadow"
        request.headers["x-b"] = "shadow"
        response.send_response(status=500)
        response.start_response().write("nothing")
        response.start_response().finish()
        response.finish_response()
        response.send_100_continue()
        request.socket.close()
        request.socket.data = "shadow"
        assert request.with_chunking(print) is print
        raise ValueError("nobody hears this")

    def real(request: Any, response: Any) -> None:
        request.data = {"user": "ada"}
        response.headers["x-a"] = "real"

    async def scene(stage: Stage) -> None:
        stage.route(
            lambda request, response: send_response(
                response, body=f"{request.data['user']} {request.headers.get('x-b')}"
            )
        )
        stage.bench.add_hook("pre-route", real)
        stage.bench.chain("pre-route").attach(shadow, scope=SHADOW)
        answer = await stage.get()
        assert (answer.text(), answer.headers["x-a"]) == ("ada None", "real")

    stage = play(scene)
    assert seen == [("/", {"user": "ada"}, {"x-a": "real"})]
    assert stage.bench.trace.calls["outcome"].astype(str).tolist() == ["changed", "raised"]


def test_what_cannot_be_copied_is_shared() -> None:
    """Data without a deep copy is copied shallowly; a failing shadow start starts all the same."""
    seen: list[Any] = []

    async def shadow(response: Any, request: Any, status: int, headers: Any, body: Any) -> None:
        seen.append((type(request.data), status, dict(headers), body))
        headers["x"] = "shadow"
        await response.start_response().drain()
        raise ValueError("nobody hears this")

    async def scene(stage: Stage) -> None:
        def lock(request: Any, _response: Any) -> None:
            request.data = [threading.Lock()]

        stage.route(lambda _request, response: send_response(response, headers={"a": "b"}, body="x"))
        stage.bench.add_hook("pre-route", lock)
        stage.bench.chain("response-started").attach(shadow, scope=SHADOW)
        assert "x" not in (await stage.get()).headers

    play(scene)
    assert seen == [(list, 200, {"a": "b"}, "x")]

"""The ready-made hooks do what they say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.wookie.support import Stage, play
from workbench.dialects.wookie import send_response
from workbench.dialects.wookie.ready import READY

BY_NAME = {ready.name: ready for ready in READY}


def use(stage: Stage, *names: str) -> None:
    """Attach ready-made hooks, as the palette does."""
    for name in names:
        ready = BY_NAME[name]
        stage.bench.chain(ready.point).attach(ready.function, name=ready.name)


def test_each_fits_its_point() -> None:
    """All can be attached where they are made for, in both profiles, and say what they do."""

    async def scene(stage: Stage) -> None:
        use(stage, *BY_NAME)

    for profile in ("docs", "head"):
        play(scene, profile=profile)
    assert all(ready.doc for ready in READY)


def test_require_user() -> None:
    """Strangers get 401 and no route; users are in the data."""

    async def scene(stage: Stage) -> None:
        stage.route(lambda request, response: send_response(response, body=request.data["user"]))
        use(stage, "require_user", "add_header", "look_up")
        assert (await stage.get()).status == 401
        answer = await stage.get("/?user=ada")
        assert (answer.text(), answer.headers["x-served-by"]) == ("ada", "workbench")

    play(scene)


def test_bodies_and_connections(capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes are counted, JSON is read, requests of a connection are counted, and logged."""
    seen: list[Any] = []

    async def scene(stage: Stage) -> None:
        def route(request: Any, response: Any) -> None:
            seen.append((request.data, request.socket.data))
            send_response(response)

        stage.route(route)
        use(stage, "count_bytes", "greet", "count_requests", "log")
        await stage.post(b"[1, 2]")
        use(stage, "read_json", "slow_down")
        await stage.post(b"[1, 2]")

    play(scene)
    assert seen == [(6, 1), ([1, 2], 1)]
    assert capsys.readouterr().out == "POST /\nPOST /\n"

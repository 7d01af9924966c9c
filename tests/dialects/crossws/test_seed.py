"""The three samples of crossws's own guide to hooks, written as they are there, but in Python."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.dialects.crossws.support import Stage, play, turns
from workbench import Response, define_hooks
from workbench.testing.memory import Refused


def test_life_cycle(capsys: pytest.CaptureFixture[str]) -> None:
    """The five life-cycle hooks run in their order, and "ping" is answered by "pong"."""

    class Hooks:
        def upgrade(self, request: Any) -> Any:
            print(f"[ws] upgrading {request.url}...")
            return {"headers": {}}

        def open(self, peer: Any) -> None:
            print(f"[ws] open: {peer}")

        def message(self, peer: Any, message: Any) -> None:
            print("[ws] message", peer, message)
            if "ping" in message.text():
                peer.send("pong")

        def close(self, peer: Any, event: Any) -> None:
            print("[ws] close", peer, event)

        def error(self, peer: Any, error: Exception) -> None:
            print("[ws] error", peer, error)

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(Hooks())
        ws = await stage.connect("/chat")
        (peer,) = stage.bench.peers["/chat"]
        ws.send("hello")
        ws.send("a ping")
        assert await ws.receive() == "pong"
        await ws.close(1000, "done")
        assert capsys.readouterr().out.splitlines() == [
            "[ws] upgrading http://localhost/chat...",
            f"[ws] open: {peer}",
            f"[ws] message {peer} hello",
            f"[ws] message {peer} a ping",
            f"[ws] close {peer} {{'code': 1000, 'reason': 'done'}}",
        ]
        other = await stage.connect("/chat")
        other.send("x" * 200)
        await other.wait_closed()
        assert "[ws] error" in capsys.readouterr().out

    play(scene, max_payload=100)


def on_request(request: Any) -> None:
    """Put data on the request, as the guide does."""
    request.context.data = "myData"


def as_answer(_: Any) -> Any:
    """Return it, as newer versions prefer."""
    return {"context": {"data": "myData"}}


@pytest.mark.parametrize("upgrade", [on_request, as_answer])
def test_context(upgrade: Any) -> None:
    """What `upgrade` puts into the context, in either form, is there in all hooks of the connection."""
    seen: list[str] = []

    async def scene(stage: Stage) -> None:
        hooks = define_hooks(
            upgrade=upgrade,
            open=lambda peer: seen.append(f"open {peer.context.data}"),
            message=lambda peer: seen.append(f"message {peer.context.data}"),
            close=lambda peer: seen.append(f"close {peer.context['data']}"),
        )
        stage.bench.define_hooks(hooks)
        ws = await stage.connect()
        ws.send("x")
        await turns()
        await ws.close()
        assert seen == ["open myData", "message myData", "close myData"]

    play(scene)


def test_authentication() -> None:
    """Basic authentication: a returned 401 with its header, or a connection for the right pair."""

    def unauthorized() -> Response:
        return Response(
            "Unauthorized",
            status=401,
            headers={"WWW-Authenticate": 'Basic realm="Websocket Authentication", charset="UTF-8"'},
        )

    def upgrade(request: Any) -> Any:
        auth_header = request.headers.get("Authorization")

        if not auth_header or not auth_header.startswith("Basic "):
            return unauthorized()

        credentials = auth_header.split(" ")[1]
        username, password = base64.b64decode(credentials).decode().split(":")

        if username != "myUsername" or password != "myPassword":
            return unauthorized()

        return {"headers": {}}

    def basic(pair: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    async def scene(stage: Stage) -> None:
        stage.bench.define_hooks(upgrade=upgrade, message=lambda peer: peer.send("welcome"))
        for headers in ({}, {"Authorization": "Bearer x"}, basic("myUsername:wrong")):
            with pytest.raises(Refused) as caught:
                await stage.connect(headers=headers)
            response = caught.value.response
            assert (response.status, response.text()) == (401, "Unauthorized")
            assert response.headers["www-authenticate"].startswith("Basic realm=")
        ws = await stage.connect(headers=basic("myUsername:myPassword"))
        ws.send("x")
        assert await ws.receive() == "welcome"

    play(scene)

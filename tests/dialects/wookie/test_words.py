"""The seed's samples, in Python."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.dialects.wookie.support import Stage, play
from workbench.dialects.wookie import (
    finish,
    finish_response,
    make_future,
    request_data,
    send_100_continue,
    send_response,
    signal_error,
    start_response,
    with_chunking,
)
from workbench.testing.memory import make_head


def test_a_named_check() -> None:
    """The seed's first sample: a check with a name, removed by it."""
    checked: list[Any] = []

    async def scene(stage: Stage) -> None:
        stage.route(lambda _req, res: send_response(res, body="ok"))
        stage.bench.add_hook("pre-route", lambda req, _res: checked.append(req.path), "check-request")
        await stage.get()
        stage.bench.remove_hook("pre-route", "check-request")
        await stage.get()

    play(scene)
    assert checked == ["/"]


def test_a_future_from_the_database() -> None:
    """The seed's second sample: user info lets the request on, none sends 401 and signals an error."""
    users = {"ada": {"name": "Ada"}}

    def authenticate(req: Any, res: Any) -> Any:
        future = make_future()

        def found() -> None:
            user_info = users.get(req.query.get("user"))
            if user_info:
                request_data(req, user_info)
                finish(future)
            else:
                send_response(res, status=401, body="User auth failed!")
                signal_error(future, Exception("error"))

        asyncio.get_running_loop().call_later(0.01, found)
        return future

    async def scene(stage: Stage) -> None:
        stage.route(lambda req, res: send_response(res, body=request_data(req)["name"]))
        stage.bench.add_hook("pre-route", authenticate)
        assert (await stage.get("/?user=ada")).text() == "Ada"
        refused = await stage.get("/?user=eve")
        assert (refused.status, refused.text()) == (401, "User auth failed!")

    play(scene)


def test_words_of_responses() -> None:
    """start_response, finish_response, send_100_continue and with_chunking are there as functions."""

    def route(req: Any, res: Any) -> None:
        send_100_continue(res)
        stream = start_response(res, status=202)

        def take(data: bytes, last: bool) -> None:
            stream.write(data)
            if last:
                finish_response(res)

        with_chunking(req, take)

    async def scene(stage: Stage) -> None:
        stage.route(route, chunk=True, suppress_100=True)
        connection = stage.client.connection()
        head = make_head("POST", "/", {"expect": "100-continue"}, 4)
        answer = await connection.exchange(head, [b"body"])
        assert (answer.status, answer.text(), connection.continued) == (202, "body", True)

    play(scene)

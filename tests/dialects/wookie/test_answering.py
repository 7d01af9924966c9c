"""Streams: what waits for their start, for slow clients, and for nobody any more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.dialects.wookie.support import Stage, play, turns
from workbench.dialects.wookie import finish, make_future
from workbench.server.memory import ConnectionLost, MemoryConnection


def test_drain_waits_for_the_start() -> None:
    """While response-started is not through, a stream has no room."""
    order: list[str] = []
    start = make_future()

    async def route(_request: Any, response: Any) -> None:
        with response.start_response() as stream:
            stream.write("early ")
            await stream.drain()
            order.append("drained")
            stream.write("late")

    async def scene(stage: Stage) -> None:
        stage.route(route)
        stage.bench.add_hook("response-started", lambda _response: start)
        task = asyncio.ensure_future(stage.get())
        await turns()
        order.append("started")
        finish(start)
        assert (await task).text() == "early late"

    play(scene)
    assert order == ["started", "drained"]


def test_two_may_wait_for_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a slow client goes on when it has caught up, however many they are."""
    waiting = [100_000]
    monkeypatch.setattr(MemoryConnection, "buffered_amount", property(lambda _: waiting[0]))

    async def route(_request: Any, response: Any) -> None:
        with response.start_response() as stream:
            await asyncio.gather(stream.drain(), stream.drain())

    async def scene(stage: Stage) -> None:
        stage.route(route)
        connection = stage.client.connection()
        task = asyncio.ensure_future(stage.ask(connection))
        await turns()
        waiting[0] = 0
        connection.link.drained()
        assert (await asyncio.wait_for(task, 5)).status == 200

    play(scene)


def test_streams_of_destroyed_requests_go_nowhere() -> None:
    """A stream whose start failed takes what is written, and keeps none of it."""
    streams: list[Any] = []

    def fail() -> None:
        raise LookupError("nobody")

    async def scene(stage: Stage) -> None:
        stage.route(lambda _request, response: streams.append(response.start_response()))
        stage.bench.add_hook("response-started", fail)
        with pytest.raises(ConnectionLost):
            await stage.get()
        (stream,) = streams
        stream.write("x" * 1000)
        await asyncio.wait_for(stream.drain(), 5)
        stream.finish()

    assert play(scene).escaped == []


def test_nothing_is_told_to_be_sent_where_nobody_reads() -> None:
    """A response on a connection that has been closed meanwhile is no moment of the trace."""
    held: list[MemoryConnection] = []

    def route(_request: Any, response: Any) -> None:
        held[0].close()
        response.send_response(body="nobody")

    async def scene(stage: Stage) -> None:
        stage.route(route)
        held.append(stage.client.connection())
        with pytest.raises(ConnectionLost):
            await stage.ask(held[0])

    assert play(scene).moments() == ["stage: route * /"]

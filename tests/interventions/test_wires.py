"""Connections: found, closed, paused, and disturbed only while a fault asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.interventions.support import a_bench, answers, served
from workbench.interventions.disturbed import DisturbedRequests, DisturbedWebSocket
from workbench.testing.memory import MemoryClient


def test_nothing_stands_between_transport_and_link_unless_a_fault_asks() -> None:
    """Armed, the live connections are disturbed; disarmed, they have their own links back."""
    bench = a_bench()

    async def talk(client: MemoryClient) -> None:
        socket = await client.connect("/")
        transport = bench.interventions.wires.find(1)
        link = transport.link
        bench.faults.arm("delay", point="message", ms=1)
        assert transport.link is link
        fault = bench.faults.arm("drop")
        assert isinstance(transport.link, DisturbedWebSocket)
        assert transport.link.connection == 1
        assert transport.link.app is link.app
        late = await client.connect("/")
        assert await answers(socket, "one") == await answers(late, "two") == []
        bench.faults.disarm(fault)
        assert transport.link is link
        assert await answers(socket, "one") == ["ONE"]
        await socket.close()

    served(bench, talk)


def test_a_connection_that_is_gone_is_not_found() -> None:
    """Closing or pausing it does nothing."""
    wires = a_bench().interventions.wires
    assert wires.find(5) is None
    wires.close(5, 1011, "")
    wires.timers(5, True)


def test_what_waits_to_be_swapped_is_delivered_before_the_close() -> None:
    """A message that no other follows is not lost with its connection, nor with its fault."""
    bench = a_bench()
    heard: list[str] = []

    @bench.hook("message")
    def note(_peer: Any, message: Any) -> None:
        heard.append(message.text())

    @bench.hook("close")
    def gone(_peer: Any) -> None:
        heard.append("close")

    async def talk(client: MemoryClient) -> None:
        socket = await client.connect("/")
        fault = bench.faults.arm("reorder", ms=5000)
        socket.send("one")
        await answers(socket, wait=0.02)
        bench.faults.disarm(fault)
        await socket.close()
        await answers_until_closed(socket)

    async def answers_until_closed(socket: Any) -> None:
        await socket.wait_closed()

    served(bench, talk)
    assert heard == ["ONE", "close"]


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("drop", "lost"),
        ("close", "lost"),
        ("duplicate", ["abc", "abc"]),
        ("reorder", ["abc"]),
        ("corrupt", "damaged"),
    ],
)
def test_requests_are_disturbed_before_any_hook_sees_them(kind: str, outcome: Any) -> None:
    """Plain HTTP too: unanswered, cut, doubled, late or damaged; the bench's own paths are left alone."""
    from workbench import Response
    from workbench.testing.memory import ConnectionLost

    bench = a_bench()
    seen: list[str] = []

    @bench.post("/thing")  # type: ignore[untyped-decorator]
    def thing(request: Any) -> Response:
        seen.append(request.body.decode("latin-1"))
        return Response("done")

    fault = bench.faults.arm(kind, ms=10)

    async def talk(client: MemoryClient) -> None:
        connection = client.connection()
        assert isinstance(connection.link, DisturbedRequests)
        if outcome == "lost":
            with pytest.raises(ConnectionLost):
                await client.fetch("POST", "/thing", body="abc")
        else:
            assert (await client.fetch("POST", "/thing", body="abc")).text() == "done"
        assert (await client.fetch("GET", "/_workbench/status")).status == 401

    served(bench, talk)
    if outcome == "damaged":
        assert seen[0] != "abc"
        assert len(seen[0]) == 3
    elif outcome != "lost":
        assert seen == outcome
    assert fault.injected == 1

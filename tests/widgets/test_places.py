"""What a face offers for faults and breakpoints: each can be armed or set as it is listed."""

from __future__ import annotations

from typing import Any

from tests.interventions.support import served, until
from tests.widgets.support import bench_with, echo, shout
from workbench import Workbench
from workbench.dialects.feathers import MemoryService
from workbench.testing.memory import MemoryClient
from workbench.widgets.places import places


def listed(bench: Workbench) -> dict[str, dict[str, Any]]:
    """The points of a bench by name."""
    return {point["name"]: point for point in places(bench)["points"]}


def every_sort() -> Workbench:
    """Make a bench with a plain dialect, and two mounts whose chains have names."""
    bench = bench_with(shout, echo)
    bench.chain("message").enable("echo", False)
    bench.mount("/api", "feathers").use("messages", MemoryService())
    bench.chain("/api:messages.create").attach(lambda _context: None, name="check")
    bench.mount("/items", "directus").filter("items.create")(lambda payload: payload)
    return bench


def test_all_points_and_named_chains_are_listed_with_their_hooks() -> None:
    """In order of running, those that are off too; a chain's hooks say in which list they stand."""
    found = listed(every_sort())
    assert [(one["name"], one["on"]) for one in found["message"]["hooks"]] == [
        ("shout", True),
        ("echo", False),
    ]
    assert found["message"]["parameters"] == ["peer", "message"]
    assert found["open"]["hooks"] == []
    (check,) = found["/api:messages.create"]["hooks"]
    assert (check["name"], check["where"]) == ("check", "messages · before create")
    assert "/api:method" not in found
    assert [one["where"] for one in found["/items:filter items.create"]["hooks"]] == ["items.create"]


def test_everything_listed_can_be_armed_and_set_by_the_name_it_is_listed_under() -> None:
    """Points alone, and each of their hooks by its id."""
    bench = every_sort()
    for name, point in listed(bench).items():
        fault = bench.faults.arm("delay", ms=1, point=name)
        assert (fault.point, bench.breakpoints.set(name).point) == (name, name)
        for hook in point["hooks"]:
            assert bench.faults.arm("delay", ms=1, point=name, hook=hook["id"]).hook == hook["id"]
            assert bench.breakpoints.set(name, hook=hook["id"]).hook == hook["id"]


def test_hooks_that_a_connection_brought_are_listed_and_can_be_disturbed() -> None:
    """They stand behind those of the point."""
    heard: list[str] = []
    bench = Workbench("crossws", name="guests", resolve=lambda _request: {"message": own})

    def own(_peer: Any, message: Any) -> None:
        heard.append(message.text())

    bench.chain("message").attach(shout)

    async def talk(client: MemoryClient) -> None:
        socket = await client.connect("/")
        socket.send("one")
        await until(lambda: heard)
        _, guest = listed(bench)["message"]["hooks"]
        assert (guest["name"], guest["on"]) == ("own", True)
        fault = bench.faults.arm("drop", point="message", hook=guest["id"])
        socket.send("two")
        await until(lambda: fault.injected)
        await socket.close()

    served(bench, talk)
    assert heard == ["ONE"]

"""Naming where faults and breakpoints act: chains, hooks of the same name, mounts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.interventions.support import a_bench, served, until
from workbench import Workbench
from workbench.dialects.feathers import MemoryService
from workbench.engine.errors import AmbiguousHook, UnknownHook
from workbench.testing.memory import MemoryClient


def two_services() -> Workbench:
    """Make a bench whose services have a hook of the same name each, and one in common."""
    bench = Workbench("feathers", name="two")

    async def check(_context: Any) -> None: ...

    async def log(_context: Any, following: Any) -> None:
        await following()

    for path in ("messages", "users"):
        bench.use(path, MemoryService())
        bench.chain(f"{path}.create").attach(check)
    bench.hooks({"around": {"all": [log]}})
    return bench


def statuses(bench: Workbench, *paths: str) -> list[int]:
    """Create something at each of these."""

    async def talk(client: MemoryClient) -> list[int]:
        headers = {"content-type": "application/json"}
        return [
            (await client.fetch("POST", path, headers=headers, body='{"text": "hi"}')).status
            for path in paths
        ]

    result: list[int] = served(bench, talk)
    return result


def test_a_hook_is_found_in_the_chain_that_is_named() -> None:
    """Another chain may have one of its name; without a chain it takes the id, in the printed line too."""
    bench = two_services()
    bench.on_error(lambda _error: None)
    fault = bench.faults.arm("raise", point="messages.create", hook="check")
    assert statuses(bench, "/messages", "/users") == [500, 201]
    assert 'point="messages.create", hook="check"' in fault.python
    with pytest.raises(AmbiguousHook, match="name one by its id"):
        bench.faults.arm("raise", hook="check")
    with pytest.raises(UnknownHook, match=r"no hook 'chek' in messages\.create; did you mean 'check'"):
        bench.breakpoints.set("messages.create", hook="chek")
    for made in (
        bench.faults.arm("raise", hook=bench.chain("users.create").hooks[-1]),
        bench.breakpoints.set("users.create", hook=bench.chain("users.create").hooks[-1]),
    ):
        again = eval(made.python, {bench.board.spoken: bench})
        assert (again.hook, again.python) == (made.hook, made.python)


def test_a_hook_that_several_chains_share_is_disturbed_in_the_named_one() -> None:
    """An application's hook runs for every service; a fault at one of its chains leaves the others alone."""
    bench = two_services()
    bench.on_error(lambda _error: None)
    fault = bench.faults.arm("raise", point="users.create", hook="log")
    assert statuses(bench, "/messages", "/users") == [201, 500]
    assert (fault.where, fault.considered) == ("hook log at users.create", 1)
    bench.faults.disarm()
    bench.faults.arm("raise", hook="log")
    assert statuses(bench, "/messages", "/users") == [500, 500]


def test_chains_of_mounts_are_named_with_their_path() -> None:
    """The bench finds them as the chain panel names them, and what is armed there strikes."""
    bench = a_bench()
    bench.on_error(lambda _error: None)
    bench.mount("/api", "feathers").use("messages", MemoryService())
    attached = bench.chain("/api:messages.create").attach(lambda _context: None, name="check")
    fault = bench.faults.arm("raise", point="/api:messages.create", hook="check")
    assert (fault.point, fault.hook) == ("/api:messages.create", attached.id)
    assert statuses(bench, "/api/messages") == [500]
    assert bench.mount("/items", "directus").chain("filter items.create").place.name == (
        bench.chain("/items:filter items.create").place.name
    )


def test_a_condition_in_a_chain_takes_as_many_arguments_as_a_hook() -> None:
    """It is asked with the context alone where it takes no more."""
    bench = two_services()
    point = bench.breakpoints.set("messages.create", condition=lambda context: context.data["text"] == "hi")

    async def talk(client: MemoryClient) -> int:
        headers = {"content-type": "application/json"}
        asking = asyncio.ensure_future(
            client.fetch("POST", "/messages", headers=headers, body='{"text": "hi"}')
        )
        (held,) = await until(lambda: bench.breakpoints.held)
        held.resume()
        return (await asking).status

    assert served(bench, talk) == 201
    assert (point.hits, point.error) == (1, "")

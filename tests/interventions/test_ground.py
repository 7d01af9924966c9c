"""Faults and breakpoints on benches of the other dialects: onions, fans, filters and documents."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.interventions.support import served, until
from workbench import Workbench
from workbench.testing.memory import ConnectionLost, MemoryClient


def an_onion() -> Workbench:
    """Make a bench with a service whose creates pass a plain hook."""
    from workbench.dialects.feathers import MemoryService

    bench = Workbench("feathers", name="onion")
    bench.use("messages", MemoryService())
    bench.service("messages").hooks({"around": {"create": [lambda _context, following: following()]}})
    return bench


def a_fan() -> Workbench:
    """Make a bench with a route behind a plain hook."""
    from workbench.dialects.wookie import send_response

    bench = Workbench("wookie", name="fan")
    bench.route("POST", "/messages")(lambda _request, response: send_response(response, body="here"))
    bench.add_hook("pre-route", lambda _request, _response: None, "pre")
    return bench


async def asked(client: MemoryClient) -> tuple[int, str]:
    """Post a message; status and text, 0 without an answer."""
    headers = {"content-type": "application/json"}
    try:
        answer = await client.fetch("POST", "/messages", headers=headers, body='{"text": "hi"}')
    except ConnectionLost:
        return 0, ""
    return answer.status, answer.text()


@pytest.mark.parametrize(
    ("kind", "where", "onion", "fan"),
    [
        ("raise", "point", 500, 0),
        ("drop", "point", 500, 0),
        ("delay", "point", 201, 200),
        ("duplicate", "point", 201, 200),
        ("drop", "", 0, 0),
        ("close", "", 0, 0),
        ("duplicate", "", 201, 200),
    ],
)
def test_each_system_meets_faults_in_its_own_way(kind: str, where: str, onion: int, fan: int) -> None:
    """An onion's caller is told; a fan's host destroys the request, which is never answered."""
    for bench, point, status in ((an_onion(), "messages.create", onion), (a_fan(), "pre-route", fan)):
        bench.on_error(lambda _error: None)
        fault = bench.faults.arm(kind, ms=5, point=point if where else None)
        assert served(bench, asked)[0] == status
        assert fault.injected == 1
        bench.faults.disarm()
        assert served(bench, asked)[0] in (200, 201)


@pytest.mark.parametrize("make", [an_onion, a_fan])
def test_requests_are_held_where_their_hooks_run(make: Any) -> None:
    """Held after the chain, a request is answered when it is let go."""
    bench = make()
    bench.breakpoints.set("messages.create" if bench.dialect == "feathers" else "pre-route", when="after")

    async def talk(client: MemoryClient) -> int:
        asking = asyncio.ensure_future(asked(client))
        (held,) = await until(lambda: bench.breakpoints.held)
        assert not asking.done()
        held.resume()
        return (await asking)[0]

    assert served(bench, talk) in (200, 201)


def test_a_filter_of_all_collections_is_held_and_its_payload_edited() -> None:
    """What is put in is what gets written; the chain is found by the name of its lane."""
    bench = Workbench("directus", name="filtered")

    @bench.filter("items.create")  # type: ignore[untyped-decorator]
    def pass_on(payload: Any) -> Any:
        return payload

    bench.breakpoints.set("filter items.create")

    async def talk(client: MemoryClient) -> str:
        socket = await client.connect("/websocket")
        socket.send(json.dumps({"type": "auth", "access_token": "admin-token"}))
        await socket.receive()
        create = {"type": "items", "action": "create", "collection": "messages", "data": {"text": "hi"}}
        socket.send(json.dumps(create))
        (held,) = await until(lambda: bench.breakpoints.held)
        payload = held.payload
        payload["payload"]["text"] = "edited"
        held.resume(payload)
        return str(await socket.receive())

    assert json.loads(served(bench, talk))["data"]["text"] == "edited"


def test_a_call_is_held_before_one_of_its_hooks_and_edited() -> None:
    """A hook that is not around has the context alone; data and params that are put in are what is stored."""
    bench = an_onion()

    def sign(context: Any) -> None:
        context.data["author"] = context.params["query"]["author"]

    bench.service("messages").hooks({"before": {"create": [sign]}})
    bench.breakpoints.set("messages.create", hook="sign")

    async def talk(client: MemoryClient) -> str:
        asking = asyncio.ensure_future(asked(client))
        (held,) = await until(lambda: bench.breakpoints.held)
        payload = dict(held.payload)
        held.resume(
            payload={
                **payload,
                "data": {"text": "ho"},
                "params": {**payload["params"], "query": {"author": "ada"}},
            }
        )
        return (await asking)[1]

    stored = json.loads(served(bench, talk))
    assert (stored["text"], stored["author"]) == ("ho", "ada")

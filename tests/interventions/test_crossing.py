"""Edits, faults and breakpoints at once, while events flow: nothing is lost, doubled or of two revisions."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.interventions.support import a_bench, served
from workbench import Workbench
from workbench.testing.memory import MemoryClient, MemoryWebSocket

CLIENTS, EACH = 4, 30

ACTIONS = st.lists(
    st.sampled_from(["edit", "undo", "arm", "disarm", "set", "clear", "resume"]), min_size=5, max_size=40
)


def pair(bench: Workbench, number: int, seen: list[tuple[int, str, int]]) -> None:
    """Attach two hooks as one edit; each writes down its version for every message that it meets."""

    def note(name: str) -> Any:
        def hook(peer: Any, message: Any) -> None:
            seen.append((id(message), name, number))
            if name == "last":
                peer.send(message.text())

        return hook

    with bench.board.together():
        bench.chain("message").attach(note("first"), name="first")
        bench.chain("message").attach(note("last"), name="last")


async def act(bench: Workbench, actions: list[str], seen: list[tuple[int, str, int]], random: Random) -> None:
    """Do what the example says, between the messages."""
    for number, action in enumerate(actions, start=1):
        await asyncio.sleep(random.random() / 500)
        if action == "edit":
            pair(bench, number, seen)
        elif action == "undo" and bench.board.can_undo and len(bench.board.journal) > 3:
            bench.undo()
            bench.redo()
        elif action == "arm":
            bench.faults.arm("delay", hook="first", ms=1, spread_ms=1, probability=0.5, seed=number)
            bench.faults.arm("delay", point="message", ms=1, probability=0.2, seed=number)
        elif action == "disarm":
            bench.faults.disarm()
        elif action == "set":
            bench.breakpoints.set("message", hook="last", condition=lambda _p, m: hash(m.text()) % 7 == 0)
        elif action == "clear":
            bench.breakpoints.clear()
        for held in bench.breakpoints.held if action == "resume" else ():
            held.resume()
    bench.faults.disarm()
    bench.breakpoints.clear()


async def flow(sockets: list[MemoryWebSocket], random: Random) -> list[str]:
    """Send numbered messages on each client; what came back, when everything has been answered."""
    for number in range(EACH):
        for place, socket in enumerate(sockets):
            socket.send(f"{place}-{number}")
        await asyncio.sleep(random.random() / 1000)
    return [str(await socket.receive()) for socket in sockets for _ in range(EACH)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTIONS, st.integers(0, 1000))
def test_no_event_is_lost_doubled_or_of_two_revisions(actions: list[str], seed: int) -> None:
    """Each message is answered once, and both of its hooks are of the edit that was in force as it began."""
    bench = Workbench("crossws", name="crossed")
    seen: list[tuple[int, str, int]] = []
    texts: dict[int, Any] = {}

    @bench.hook("message", name="keeper", before=None)
    def keeper(_peer: Any, message: Any) -> None:
        texts[id(message)] = message  # held, so that no two messages share an id

    pair(bench, 0, seen)

    async def talk(client: MemoryClient) -> list[str]:
        sockets = [await client.connect("/") for _ in range(CLIENTS)]
        heard, _ = await asyncio.gather(
            flow(sockets, Random(seed)), act(bench, actions, seen, Random(seed + 1))
        )
        return heard

    heard = served(bench, talk)

    assert Counter(heard) == Counter(
        f"{place}-{number}" for place in range(CLIENTS) for number in range(EACH)
    )
    calls = Counter((message, name) for message, name, _ in seen)
    assert set(calls.values()) == {1}
    assert len(calls) == 2 * CLIENTS * EACH
    versions: dict[int, set[int]] = {}
    for message, _, number in seen:
        versions.setdefault(message, set()).add(number)
    assert {len(numbers) for numbers in versions.values()} == {1}


def test_twenty_edits_a_second_lose_no_event() -> None:
    """Hooks are replaced, moved and switched twenty times a second from another thread, under load."""
    bench = a_bench()
    edits = 0

    def edit(number: int) -> None:
        chain = bench.chain("message")
        if number % 2:
            chain.attach(lambda _peer, _message: None, name="extra", before="echo")
        else:
            chain.remove("extra")

    async def talk(client: MemoryClient) -> tuple[int, Counter[str]]:
        nonlocal edits
        sockets = [await client.connect("/") for _ in range(8)]
        loop = asyncio.get_running_loop()
        sent, heard, end = 0, Counter[str](), loop.time() + 2.0
        due = loop.time()
        while loop.time() < end:
            for place, socket in enumerate(sockets):
                socket.send(f"{place}-{sent}")
            sent += 1
            if loop.time() >= due:
                edits, due = edits + 1, due + 0.05
                await asyncio.to_thread(edit, edits)
            for socket in sockets:
                heard[str(await socket.receive())] += 1
        return sent * len(sockets), heard

    sent, heard = served(bench, talk)
    assert edits >= 35
    assert len(heard) == heard.total() == sent
    assert bench.trace.recorder.totals.points["message"].calls == sent

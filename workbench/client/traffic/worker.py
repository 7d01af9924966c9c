"""The process that plays the clients: a plan comes in on standard input, figures go out as lines of JSON."""

from __future__ import annotations

__all__ = ["main"]

import asyncio
import json
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from workbench.client.traffic.players import HttpPlayer, Player, WebSocketPlayer
from workbench.client.traffic.schedule import times
from workbench.client.traffic.tally import Tally

PROBE_SECONDS: Final = 0.4
PROBE_MESSAGES: Final = 400
PROBE_CLIENTS: Final = 8
SHARE: Final = 0.8
"""Of the measured ceiling that a run may ask for: the kernel keeps the rest for the person."""

GRACE: Final = 2.0
"""Seconds after the last message in which answers still count."""

_TELL_EVERY: Final = 0.2

Say = Callable[[Mapping[str, Any]], None]


def make_player(number: int, plan: Mapping[str, Any], tally: Tally) -> Player:
    """Make the client that a plan's template needs."""
    transport = plan["template"]["transport"]
    if transport == "hocuspocus":
        from workbench.client.traffic.documents import DocumentPlayer

        return DocumentPlayer(number, plan, tally)
    kinds: dict[str, type[Player]] = {"websocket": WebSocketPlayer, "http": HttpPlayer}
    return kinds[transport](number, plan, tally)


async def play(plan: Mapping[str, Any], say: Say) -> None:
    """Measure where that is asked for, then play a plan to its end.

    Parameters
    ----------
    plan
        As `Traffic.run` makes it.
    say
        Carries figures out: ``{"state": ..., ...}``.
    """
    tally = Tally(plan["late_ms"])
    players = [make_player(number, plan, tally) for number in range(1, plan["clients"] + 1)]
    begun = await asyncio.gather(*(player.begin() for player in players))
    ready = [player for player, why in zip(players, begun, strict=True) if not why]
    door = len(players) - len(ready), next(filter(None, begun), "")
    tally.begin(*door)
    if not ready:
        say({"state": "refused", "reason": "door", **tally.figures()})
        return
    ceiling = await _measure(ready[:PROBE_CLIENTS], plan["rate"]) if plan["measure"] else None
    if ceiling is not None and plan["rate"] > ceiling * SHARE:
        silent = not tally.answered
        refused = {"state": "refused", "reason": "rate", "ceiling": ceiling, "silent": silent}
        say({**Tally().figures(), **refused, "why": tally.why})
    else:
        tally.begin(*door)  # what was measured does not count
        await _run(plan, ready, tally, ceiling, say)
    await asyncio.gather(*(player.end() for player in ready), return_exceptions=True)


async def _measure(players: list[Player], rate: float) -> float:
    """Find out how many messages a second the server gets past, with these hooks and this template.

    No more are sent than it takes to know that the rate is within its share.
    """
    end, begun, count = time.perf_counter() + PROBE_SECONDS, 0, 0
    enough = min(PROBE_MESSAGES, math.ceil(rate / SHARE * PROBE_SECONDS))

    async def hammer(player: Player) -> None:
        nonlocal begun, count
        while time.perf_counter() < end and begun < enough:
            begun += 1
            await player.probe()
            count += 1

    since = time.perf_counter()
    async with asyncio.timeout(30):
        await asyncio.gather(*map(hammer, players), return_exceptions=True)
    ceiling = round(count / (time.perf_counter() - since), 1)
    end = time.perf_counter() + 1.0
    while any(player.waiting for player in players) and time.perf_counter() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.02)  # answers on their way, which are not of the run
    for player in players:
        player.forget()
    return ceiling


async def _run(
    plan: Mapping[str, Any], players: list[Player], tally: Tally, ceiling: float | None, say: Say
) -> None:
    began = time.perf_counter()

    def tell(state: str) -> None:
        passed = round(time.perf_counter() - began, 3)
        say(
            {
                "state": state,
                "ceiling": ceiling,
                "clients": len(players),
                "seconds": passed,
                **tally.figures(),
            }
        )

    told = 0.0
    for number, at in enumerate(times(plan["pattern"], plan["rate"], plan["seconds"], plan["seed"])):
        while (ahead := began + at - time.perf_counter()) > 0:
            await asyncio.sleep(min(ahead, _TELL_EVERY))
            if time.perf_counter() - told > _TELL_EVERY:
                told = time.perf_counter()
                tell("running")
        await players[number % len(players)].send()
    last = time.perf_counter()
    while tally.sent > tally.answered + tally.refused and time.perf_counter() - last < GRACE:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    tell("done")


def main() -> None:
    """Read a plan, play it; ends early when the other end of the standard input goes away."""
    plan = json.loads(sys.stdin.readline())

    def say(figures: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()

    async def until_told() -> None:
        playing = asyncio.ensure_future(play(plan, say))
        loop = asyncio.get_running_loop()

        def watch() -> None:
            sys.stdin.read()
            with suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(playing.cancel)

        threading.Thread(target=watch, daemon=True).start()
        with suppress(asyncio.CancelledError):
            await playing

    asyncio.run(until_told())
    os._exit(0)  # the thread that watches the standard input would be waited for


if __name__ == "__main__":
    main()

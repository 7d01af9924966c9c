"""Faults, breakpoints and traffic from a face: each gesture answered with its line, each mistake named."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from websockets.sync.client import connect

from tests.widgets.support import Face, bench_with, echo, shout
from workbench import Workbench
from workbench.testing import serving
from workbench.testing.memory import MemoryClient
from workbench.widgets.views import build


def asked(bench: Workbench, op: str, **members: Any) -> dict[str, Any]:
    """Send one message of a face and give the answer to it."""
    face = Face(bench)
    face.session.receive({"op": op, "id": 1, **members})
    return next(said for said in face.said if said.get("id") == 1)


def test_a_face_arms_and_disarms_faults() -> None:
    """The view lists what is armed; the answer has the line that does the same."""
    bench = bench_with(shout, echo)
    told = asked(bench, "fault", do="arm", kind="delay", point="message", ms=20.5, probability=0.5, seed=7)
    assert (
        told["python"]
        == f'{bench.board.spoken}.faults.arm("delay", point="message", probability=0.5, seed=7, ms=20.5)'
    )
    (armed,) = build("faults", bench, {})["armed"]
    assert (armed["id"], armed["where"], armed["probability"]) == ("f1", "point message", 0.5)
    assert asked(bench, "fault", do="disarm", fault="f1")["python"].endswith('faults.disarm("f1")')
    assert asked(bench, "fault", do="disarm").get("python") is None  # nothing was armed any more
    asked(bench, "fault", do="arm", kind="hang")
    assert asked(bench, "fault", do="disarm")["python"].endswith("faults.disarm()")
    assert build("faults", bench, {})["armed"] == []
    assert "There is no fault" in asked(bench, "fault", do="arm", kind="dely")["reason"]
    assert "a number" in asked(bench, "fault", do="arm", kind="delay", ms="soon")["reason"]


def test_a_face_holds_edits_and_lets_go() -> None:
    """A held event shows its payload as JSON; the edit comes back as JSON, and errors leave it held."""
    bench = bench_with(shout, echo)
    assert asked(bench, "breakpoint", do="set", point="message", hook="shout")["python"].endswith(
        'breakpoints.set("message", hook="shout")'
    )

    async def main() -> list[str]:
        socket = await MemoryClient(bench._application).connect("/")
        heard = []
        for do, more in (
            ("resume", {"payload": '{"message": {"raw_data": "edited"}}'}),
            ("drop", {}),
            ("raise", {"reason": "no"}),
            ("resume", {}),
        ):
            socket.send("one")
            while not bench.breakpoints.held:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            view = build("breakpoints", bench, {})
            (held,) = view["held"]
            assert json.loads(held["payload"])["message"] == {"raw_data": "one"}
            assert (view["waiting"], held["result"], held["editable"]) == (1, None, True)
            assert not held["left"]
            assert (
                "not JSON" in asked(bench, "breakpoint", do="resume", held=held["id"], payload="{")["reason"]
            )
            told = asked(bench, "breakpoint", do=do, held=held["id"], **more)
            assert told["ok"], told
            assert f'.find("{held["id"]}").' in told["python"]
            if do == "resume":
                heard.append(str(await socket.receive()))
        return heard

    bench.on_error(lambda _error: None)
    assert asyncio.run(main()) == ["EDITED", "ONE"]
    assert asked(bench, "breakpoint", do="clear")["ok"]
    assert build("breakpoints", bench, {}) == {"points": [], "held": [], "waiting": 0}
    assert "No event 'e9'" in asked(bench, "breakpoint", do="drop", held="e9")["reason"]


def test_an_event_whose_client_has_left_says_so() -> None:
    """It stays held all the same, until somebody decides."""

    def shown() -> list[bool]:
        return [event["left"] for event in build("breakpoints", bench, {})["held"]]

    with serving(bench_with(shout, echo)) as bench:
        bench.breakpoints.set("message", hook="shout")
        with connect(bench.ws_url or "", proxy=None) as client:
            client.send("one")
            until(lambda: shown() == [False])
        until(lambda: shown() == [True])
        bench.breakpoints.held[0].resume()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, 5 seconds at most."""
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_face_makes_traffic_and_sees_what_came_of_it() -> None:
    """It begins at once; the view has the figures; a stopped bench refuses."""
    bench = bench_with(echo)
    assert build("traffic", bench, {})["run"] is None
    assert "The bench is stopped" in asked(bench, "traffic", do="run")["reason"]
    with bench:
        told = asked(bench, "traffic", do="run", clients=2, rate=20, seconds=0.5)
        assert told["python"].startswith(f'{bench.board.spoken}.traffic.run("messages", clients=2, rate=20')
        deadline = time.monotonic() + 20
        while build("traffic", bench, {})["run"]["state"] != "done" and time.monotonic() < deadline:
            time.sleep(0.05)
        run = build("traffic", bench, {})["run"]
        assert (run["sent"], run["answered"], run["refused"]) == (10, 10, 0)
        assert asked(bench, "traffic", do="stop")["ok"]

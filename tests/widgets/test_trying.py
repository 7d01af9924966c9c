"""Faults, breakpoints and traffic from a face: each gesture answered with its line, each mistake named."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.widgets.support import Face, bench_with, echo, shout
from workbench import Workbench
from workbench.engine.errors import FaultInjected
from workbench.testing import serving
from workbench.testing.memory import MemoryClient
from workbench.widgets.views import build


class Boom(Exception):
    """An exception of the notebook's own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)


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
    assert (armed["id"], armed["where"], armed["python"]) == ("f1", "point message", told["python"])
    assert asked(bench, "fault", do="disarm", fault="f1")["python"].endswith('faults.disarm("f1")')
    assert asked(bench, "fault", do="disarm").get("python") is None  # nothing was armed any more
    asked(bench, "fault", do="arm", kind="hang")
    assert asked(bench, "fault", do="disarm")["python"].endswith("faults.disarm()")
    assert build("faults", bench, {})["armed"] == []
    assert "There is no fault" in asked(bench, "fault", do="arm", kind="dely")["reason"]
    assert "a number" in asked(bench, "fault", do="arm", kind="delay", ms="soon")["reason"]


def test_a_refusal_says_which_field_it_is_about() -> None:
    """As the message names it; the page puts the sentence there."""
    bench = bench_with(shout, echo)
    for op, given, field in (
        ("fault", {"do": "arm", "kind": "dely"}, "kind"),
        ("fault", {"do": "arm", "kind": "drop", "times": 0.5}, "times"),
        ("fault", {"do": "arm", "kind": "drop", "connection": 1.5}, "connection"),
        ("fault", {"do": "arm", "kind": "close", "code": 1006}, "code"),
        ("fault", {"do": "arm", "kind": "drop", "point": "mesage"}, "point"),
        ("fault", {"do": "arm", "kind": "drop", "hook": "shot"}, "hook"),
        ("fault", {"do": "arm", "kind": "raise", "error": "ValuError()"}, "error"),
        ("breakpoint", {"do": "set", "point": "message", "condition": "mesage.text()"}, "condition"),
        ("breakpoint", {"do": "set", "point": "message", "connection": 0}, "connection"),
        ("traffic", {"do": "run", "clients": 1.5}, "clients"),
        ("traffic", {"do": "run", "pattern": "bursts"}, "pattern"),
        ("traffic", {"do": "run", "template": "nothing"}, "template"),
        ("traffic", {"do": "run", "late_ms": 0}, "late_ms"),
    ):
        told = asked(bench, op, **given)
        assert (told["ok"], told.get("field")) == (False, field), told
    assert "field" not in asked(bench, "fault", do="disarm", fault="f9")


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        ("Too late.", FaultInjected("Too late.")),
        ('ValueError("bad")', ValueError("bad")),
        ("Boom(3)", Boom(3)),
        ("print(3)", FaultInjected("print(3)")),
        ("bad(", FaultInjected("bad(")),
        ("later(3)", FaultInjected("later(3)")),
    ],
)
def test_an_error_is_a_text_or_an_exception_of_the_notebook(text: str, raised: Exception) -> None:
    """A call of an exception makes one, in the printed line too; every other text is what the error says."""
    bench = Workbench("crossws", name="failing")
    told = asked(bench, "fault", do="arm", kind="raise", error=text)
    (fault,) = bench.faults.list
    assert (type(fault.error), str(fault.error)) == (type(raised), str(raised))
    again = eval(told["python"], {bench.board.spoken: bench, "Boom": Boom})
    assert (type(again.error), str(again.error)) == (type(raised), str(raised))


def test_an_exception_that_cannot_be_made_is_refused_with_the_reason() -> None:
    """What its call raised, or the one that was meant."""
    bench = Workbench("crossws", name="failing")
    told = asked(bench, "fault", do="arm", kind="raise", error="Boom()")
    assert told["reason"].startswith("Boom() cannot be made: TypeError: ")
    told = asked(bench, "fault", do="arm", kind="raise", error="ValuError('x')")
    assert told["reason"].startswith("There is no exception 'ValuError'; did you mean 'ValueError'")


def test_a_face_says_which_hook_and_which_events_a_breakpoint_is_for() -> None:
    """The hook by its id, the events by an expression; the line names both as people do."""
    bench = bench_with(shout, echo)
    echoing = bench.chain("message").hooks[1]
    told = asked(bench, "breakpoint", do="set", point="message", hook=echoing.id, condition="peer.id")
    assert told["python"].endswith('breakpoints.set("message", hook="echo", condition="peer.id")')
    assert bench.breakpoints.list[0].hook == echoing.id


def test_a_face_is_told_what_each_kind_of_fault_takes() -> None:
    """Armed with just that, each stands as it is; what was usual is not said again."""
    bench = bench_with(shout, echo)
    view = build("faults", bench, {})
    for kind in view["kinds"]:
        told = asked(bench, "fault", do="arm", kind=kind["name"], **kind["own"], **view["usual"])
        given = {"delay": ", ms=200", "reorder": ", ms=1000"}.get(kind["name"], "")
        assert told["python"].endswith(f'faults.arm("{kind["name"]}"{given})')
        assert bench.faults.list[-1].where == kind["anywhere"]


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

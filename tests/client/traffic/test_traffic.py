"""Simulated clients against real benches: what they see is what the bench did."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from workbench import Response, Workbench
from workbench.client.traffic import Report, TrafficError
from workbench.client.traffic.schedule import PATTERNS
from workbench.client.traffic.worker import play


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Serve a bench that answers messages and requests."""
    made = Workbench("crossws", name="crowded")

    @made.hook("message")
    def echo(peer: Any, message: Any) -> None:
        peer.send(message.text())

    @made.get("/")  # type: ignore[untyped-decorator]
    def home() -> Response:
        return Response("here")

    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_all_that_is_sent_is_answered_and_traced(bench: Workbench, pattern: str) -> None:
    """The report agrees with the bench's own counters, and its frame with the report."""
    report = bench.traffic.run(clients=5, rate=60, pattern=pattern, seconds=1, seed=3)
    assert report.state == "done"
    assert report.sent == report.answered > 20
    assert (report.late, report.refused, report.waiting) == (0, 0, 0)
    assert report.frame["sent"].iloc[-1] == report.sent
    assert bench.trace.recorder.totals.points["message"].calls >= report.sent
    assert report.ceiling > 100


def test_requests_are_answered_or_refused(bench: Workbench) -> None:
    """A status from 400 on is a refusal."""
    assert bench.traffic.run("requests", clients=3, rate=40, seconds=0.5).answered == 20
    bench.chain("message").clear()

    @bench.get("/")  # type: ignore[untyped-decorator]
    def closed() -> Response:
        return Response("closed", status=503)

    report = bench.traffic.run("requests", clients=3, rate=40, seconds=0.5)
    assert (report.sent, report.answered, report.refused) == (20, 0, 20)
    assert report.reason == (
        "20 of 20 messages were refused; the first was told: HTTP 503 Service Unavailable: closed."
    )


def test_faults_show_in_the_figures(bench: Workbench) -> None:
    """Dropped messages wait for ever, delayed ones are late."""
    bench.faults.arm("drop", probability=0.5, seed=1)
    report = bench.traffic.run(clients=3, rate=60, seconds=0.5)
    assert report.sent == report.answered + report.waiting == 30
    assert 5 < report.waiting < 25
    bench.faults.disarm()
    bench.faults.arm("delay", point="message", ms=60)
    assert bench.traffic.run(clients=3, rate=20, seconds=0.5, late_ms=50).late == 10


def test_clients_that_are_not_let_in_are_refused(bench: Workbench) -> None:
    """Where no client gets in, the run says so."""

    @bench.hook("upgrade")
    def nobody() -> Response:
        return Response("no", status=403)

    refused = r"^No client was let in; the first was told: HTTP 403 Forbidden: no\.$"
    with pytest.raises(TrafficError, match=refused):
        bench.traffic.run(clients=2, rate=5, seconds=0.5)


@pytest.mark.parametrize(
    ("code", "reason", "when"), [(4001, "away", "message"), (4002, "full", "open"), (1008, "", "open")]
)
def test_connections_that_the_bench_closes_say_how(
    bench: Workbench, code: int, reason: str, when: str
) -> None:
    """Whether it closes them at once or after a message; the code and the reason are the bench's own."""
    bench.chain("message").clear()
    bench.chain(when).attach(lambda peer: peer.close(code, reason), name="close")
    with suppress(TrafficError):
        bench.traffic.run(clients=2, rate=5, seconds=0.5)
    assert bench.traffic.report is not None
    told = f"closed with {code}" + (f": {reason}" if reason else "")
    assert bench.traffic.report.reason.endswith(f"; the first was told: {told}.")


def test_nothing_is_measured_while_breakpoints_hold(bench: Workbench) -> None:
    """What is held are the messages of the run alone, and the report says so."""
    point = bench.breakpoints.set("message")
    report = bench.traffic.run(clients=2, rate=10, seconds=0.5)
    assert (report.sent, report.waiting, point.hits, report.figures["ceiling"]) == (5, 5, 5, None)
    assert report.reason == (
        "5 messages are not answered, while a breakpoint is set and 5 events are held. "
        "The ceiling was not measured, as faults and breakpoints act on a measurement too."
    )
    bench.breakpoints.clear()


def test_faults_meet_the_messages_of_the_run_alone(bench: Workbench) -> None:
    """One of three times meets three of them, and a seed is drawn from once for each."""
    bench.faults.arm("drop", point="message", times=3)
    drawn = bench.faults.arm("delay", point="message", ms=0, probability=0.5, seed=4)
    report = bench.traffic.run(clients=1, rate=20, seconds=0.5)
    assert (report.sent, report.answered, report.waiting) == (10, 7, 3)
    assert drawn.considered == 10


def test_a_fast_run_is_not_begun_unmeasured(bench: Workbench) -> None:
    """What the kernel can take is unknown while a fault is armed."""
    bench.faults.arm("delay", point="message", ms=1)
    with pytest.raises(
        TrafficError, match="not measured while a fault is armed; ask for 500 at most"
    ) as told:
        bench.traffic.run(rate=501)
    assert told.value.argument == "rate"


def test_no_more_is_measured_than_it_takes_to_know(bench: Workbench) -> None:
    """The rate over its share, for the time of a measurement; each is an event of the bench."""
    report = bench.traffic.run(clients=5, rate=60, seconds=0.5)
    assert bench.trace.recorder.totals.points["message"].calls <= report.sent + 30


def test_clients_that_are_held_at_the_door_say_so(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A breakpoint before anybody is let in is named, with how many it holds."""
    monkeypatch.setattr("workbench.client.traffic.players._OPEN_TIMEOUT", 0.3)
    bench.breakpoints.set("upgrade")
    said: list[dict[str, Any]] = []
    plan = {
        "url": bench.url, "ws_url": bench.ws_url, "headers": {}, "clients": 2, "rate": 5, "seconds": 0.5,
        "pattern": "constant", "seed": 0, "late_ms": 1000, "measure": False,
        "template": bench.traffic.templates["messages"],
    }  # fmt: skip
    asyncio.run(play(plan, lambda one: said.append(dict(one))))
    report = Report("", "messages", "constant", 2, 5, 0.5, 0)
    bench.traffic._take(report, said[-1])
    assert report.state == "refused"
    assert report.reason == (
        "No client was let in, while a breakpoint is set and 2 events are held; "
        "the first was told: no answer came in time."
    )


def test_a_rate_that_would_starve_the_kernel_is_refused_with_the_ceiling(bench: Workbench) -> None:
    """A hook that takes 20 ms lets 50 a second pass at most, and the sentence says what was measured."""

    @bench.hook("message")
    def slow() -> None:
        time.sleep(0.02)

    with pytest.raises(
        TrafficError, match=r"200 a second would starve the kernel: .* ask for \d+ at most"
    ) as told:
        bench.traffic.run(clients=4, rate=200, seconds=1)
    assert int(str(told.value).split("ask for ")[1].split()[0]) <= 50


def test_it_can_be_stopped_and_runs_once_at_a_time(bench: Workbench) -> None:
    """Without waiting the report fills up; a second run meanwhile is refused."""
    report = bench.traffic.run(clients=2, rate=20, seconds=600, wait=False)
    changes: list[int] = []
    stop = bench.traffic.subscribe(lambda: changes.append(1))
    with pytest.raises(TrafficError, match="stop it first"):
        bench.traffic.run()
    deadline = time.monotonic() + 20
    while not report.sent and time.monotonic() < deadline:
        time.sleep(0.02)
    bench.traffic.stop()
    while not report.over and time.monotonic() < deadline:
        time.sleep(0.02)
    stop()
    assert (report.state, report.reason) == ("stopped", "Stopped")
    assert changes
    assert report.python == (
        f'{bench.board.spoken}.traffic.run("messages", clients=2, rate=20, pattern="constant", '
        "seconds=600, seed=0)"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"clients": 501}, "from 1 to 500"),
        ({"rate": 0}, "rate is a number above 0"),
        ({"pattern": "bursts"}, "did you mean 'burst'"),
        ({"seconds": 4000}, "up to 3600"),
        ({"seed": "x"}, "seed is a whole number"),
        ({"template": "message"}, "did you mean 'messages'"),
    ],
)
def test_mistakes_are_named(given: dict[str, Any], sentence: str) -> None:
    """Before anything is begun."""
    bench = Workbench("crossws", name="still")
    with pytest.raises(TrafficError, match=sentence):
        bench.traffic.run(**given)
    with pytest.raises(TrafficError, match="The bench is stopped"):
        bench.traffic.run()


def test_mounts_offer_their_templates_too() -> None:
    """Their names and paths begin with the mount's."""
    bench = Workbench("crossws", name="both")
    bench.mount("/rooms", "crossws")
    assert bench.traffic.templates["/rooms: messages"]["path"] == "/rooms/"


@pytest.mark.parametrize("dialect", ["hocuspocus", "feathers", "directus", "wookie"])
def test_every_dialect_has_clients_that_are_answered(dialect: str) -> None:
    """Edits, calls over Socket.IO and REST, items and requests: all that is sent is answered."""
    bench = Workbench(dialect, name=f"{dialect} crowd")
    prepare(bench)
    with bench:
        for template in bench.traffic.templates:
            report = bench.traffic.run(template, clients=3, rate=10, seconds=1)
            assert (template, report.sent, report.answered) == (template, 10, 10)


def prepare(bench: Workbench) -> None:
    """Give the bench what the templates talk to."""
    if bench.dialect == "feathers":
        from workbench.dialects.feathers import MemoryService

        bench.use("messages", MemoryService())
    if bench.dialect == "wookie":
        from workbench.dialects.wookie import send_response

        bench.route(("GET", "POST"), "/")(lambda _request, response: send_response(response, body="here"))


def test_editors_that_a_document_refuses_are_refused() -> None:
    """Where nobody may have the document, nobody is let in."""
    bench = Workbench("hocuspocus", name="closed documents")

    @bench.hook("onAuthenticate")
    def nobody() -> None:
        raise ValueError("no")

    told = r"the first was told: the document was refused: permission-denied\.$"
    with bench, pytest.raises(TrafficError, match=told):
        bench.traffic.run(clients=2, rate=10, seconds=0.5)


@pytest.mark.parametrize(
    ("dialect", "template", "said"),
    [
        ("feathers", "create", "Service 'messages' not found"),
        ("feathers", "find over REST", "HTTP 404 Not Found: .*Path /messages not found"),
        ("directus", "create items", "no more items today"),
    ],
)
def test_calls_that_a_system_refuses_say_what_it_answered(dialect: str, template: str, said: str) -> None:
    """Once, with the system's own words."""
    bench = Workbench(dialect, name="refusing")
    if dialect == "directus":
        from workbench.dialects.directus import DirectusError

        @bench.filter("items.create")  # type: ignore[untyped-decorator]
        def refuse() -> None:
            raise DirectusError("no more items today", "NO_MORE", 400)

    with bench:
        report = bench.traffic.run(template, clients=2, rate=10, seconds=0.5)
    assert (report.answered, report.refused) == (0, 5)
    assert re.fullmatch(rf"5 of 5 messages were refused; the first was told: .*{said}.*", report.reason)


def test_a_sign_in_that_is_refused_lets_nobody_in() -> None:
    """What the system answers to what a template begins with is the reason."""
    bench = Workbench("directus", name="closed", users=[])
    with bench, pytest.raises(TrafficError, match=r"^No client was let in; the first was told: .*error"):
        bench.traffic.run(clients=2, rate=10, seconds=0.5)


def test_a_report_is_two_lines_of_text(bench: Workbench) -> None:
    """A cell shows what was asked for and what came of it, however long the history is."""
    shown = repr(bench.traffic.run(clients=5, rate=60, seconds=0.5))
    asked, came = shown.split("\n")
    assert asked == "<traffic done; messages of 5 clients, 60 a second for 0.5 s (constant)"
    assert re.fullmatch(
        r" 30 sent, 30 answered; p50 [\d.]+ ms, p95 [\d.]+ ms, p99 [\d.]+ ms; "
        r"the kernel can take [\d,]+ a second>",
        came,
    )


def test_a_report_of_what_was_stopped_or_refused_says_why() -> None:
    """The reason stands behind the state; trouble is counted, and what is unknown left out."""
    report = Report("", "messages", "ramp", 2, 10.0, 1.0, 0)
    assert repr(report) == (
        "<traffic starting; messages of 2 clients, 10 a second for 1 s (ramp)\n nothing sent yet>"
    )
    report.state, report.reason = "refused", "Nobody was let in."
    report.figures = {"sent": 1200, "answered": 1000, "late": 3, "refused": 200, "waiting": 0, "p50_ms": None}
    assert repr(report) == (
        "<traffic refused: Nobody was let in; messages of 2 clients, 10 a second for 1 s (ramp)\n"
        " 1,200 sent, 1,000 answered, 3 late, 200 refused>"
    )

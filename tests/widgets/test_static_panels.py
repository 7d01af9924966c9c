"""Each panel on its own in the static view: its content, and nothing of the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.widgets.support import bench_with, boom, echo, shout
from tests.widgets.test_static import Markup
from tests.widgets.test_views import talk, until
from workbench import Workbench
from workbench.bench.panel import PANELS
from workbench.testing import serving
from workbench.widgets import static_panels
from workbench.widgets.static import SIZE_LIMIT, static_html


def text_of(bench: Workbench, panel: str) -> str:
    """Read the static view of a panel, whose markup has to be in order."""
    html = static_html(bench, panel)
    assert len(html.encode()) < SIZE_LIMIT
    return Markup(html).text


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Serve a bench in which something stands in every panel but the documents."""
    with serving(bench_with(shout, echo, boom)) as served:
        talk(served, "hello", answers=False)
        served.chain("message").enable("boom", on=False)
        served.chain("message").enable("boom", on=True)
        talk(served, "world", answers=False)
        served.faults.arm("delay", point="message", ms=1, seed=7)
        served.undo()
        served.faults.arm("drop", point="message", probability=0)
        yield served


CONTENT = {
    "chain": ["Chain, in effective order", "3rd attached"],
    "events": ["Last 2 events", "boom raised ValueError: WORLD"],
    "inspector": ["Event 2 of c2 at message: raised", "What each hook changed in event 2"],
    "timeline": ["one lane per connection", "Edits meanwhile", '.enable("boom", on=False)'],
    "stats": [
        "Statistics",
        "boommessage2200",
        "n too small",
        "times of 2 events. A change inside of a value counts",
    ],
    "lints": ["Lints"],
    "console": ["Console", "No client is connected."],
    "history": ["In Python, newest first", 'bench.faults.arm("delay"', "undone"],
    "faults": ["Armed faults", "droppoint message0"],
    "breakpoints": ["None is set, and no event is held."],
    "traffic": ["No run yet."],
    "documents": ["No document is loaded."],
}


def test_a_panel_shows_its_own_content(bench: Workbench) -> None:
    """And nothing of what stands in the others; name, state and date are above it."""
    assert set(CONTENT) == set(PANELS)
    for panel in PANELS:
        text = text_of(bench, panel)
        assert "Snapshot of" in text
        assert "chat crossws" in text
        for said in CONTENT[panel]:
            assert said in text, panel
        others = {other for other in PANELS if other != panel and CONTENT[other][0] in text}
        assert others == set(), panel


def test_the_console_shows_what_each_client_said_and_heard(bench: Workbench) -> None:
    """The newest lines, the closing code with its reason; one that said nothing is named."""

    def now() -> str:
        return text_of(bench, "console")

    bench.chain("message").remove("boom")
    bench.console.open("/", client="ada")
    bench.console.send("ada", "<b>hi</b>")
    bench.console.open("/", client="bob")
    until(lambda: all(said in now() for said in ("<B>HI</B>", "bob at /: open")))
    text = now()
    assert "Client ada at /: open" in text
    assert "sent<b>hi</b>" in text
    assert "received<B>HI</B>" in text
    assert "Nothing was said yet." in text
    bench.console.close("bob", 1000, "bye")
    until(lambda: "bob at /: closed, code 1000" in now())


def test_held_events_show_what_they_carry(bench: Workbench) -> None:
    """Beside the breakpoint that holds them."""
    bench.breakpoints.set("message", hook="shout")
    bench.console.open("/", client="ada")
    bench.console.send("ada", "wait for me")
    until(lambda: bool(bench.breakpoints.held))
    text = text_of(bench, "breakpoints")
    bench.breakpoints.clear()
    assert "before hook shout at message" in text
    assert "1 event held" in text
    assert "wait for me" in text


def test_traffic_shows_the_newest_run() -> None:
    """What was sent and answered, how fast, and the line that does it again; what is missing is a dash."""
    run = {
        "state": "failed", "reason": "<it broke>", "python": "bench.traffic.run(clients=2)",
        "template": "messages", "pattern": "constant", "clients": 2, "rate": 5.0, "seconds": 1.0,
        "sent": 1200, "answered": 3, "late": 0, "refused": 0, "waiting": None,
        "p50_ms": 1.5, "p95_ms": 2.5, "p99_ms": None, "ceiling": 900,
    }  # fmt: skip
    text = Markup(static_panels.traffic({"run": run})).text
    assert "Traffic: messages, constant, 2 clients, 5.0 a second, for 1.0 s: failed" in text
    assert "1\u00a0200300\u20131.52.5\u2013900/s" in text
    assert "bench.traffic.run(clients=2)" in text
    assert "<it broke>" in text


def test_lints_say_what_to_do() -> None:
    """The sentence, what follows, and events that show it."""
    lint = {
        "count": 3,
        "sentence": "a called next twice.",
        "why": "It raised.",
        "fix": "Keep it.",
        "examples": [9, 4],
    }
    assert (
        "3a called next twice.It raised.Keep it.9, 4" in Markup(static_panels.lints({"lints": [lint]})).text
    )


def test_documents_show_who_is_in_them() -> None:
    """State with its reason, connections, and what the document holds."""
    one: dict[str, Any] = {
        "name": "notes", "state": "failed", "reason": "disk full", "unsaved": 2, "content": "text: <hello>",
        "connections": [
            {"connection": 1, "label": "ada", "read_only": True},
            {"connection": None, "label": "", "read_only": False},
        ],
    }  # fmt: skip
    text = Markup(static_panels.documents({"documents": [one], "total": 1})).text
    assert "1 document" in text
    assert "notesfailed: disk full2c1 ada (read-only), directtext: <hello>" in text


def test_a_panel_stays_small_whatever_it_holds() -> None:
    """Long names, and marks that take six characters when they are escaped; what is left out is counted."""

    def quiet() -> None: ...

    name = '"' * 300
    bench = bench_with()
    for number in range(80):
        bench.chain("message").attach(quiet, name=f"{name}{number}")
    bench.chain("message").attach(boom)
    with serving(bench):
        talk(bench, *['"' * 2000] * 25, answers=False)
        bench.console.open("/", client="ada")
        bench.console.send("ada", '"' * 2000)
        texts = {panel: text_of(bench, panel) for panel in (*PANELS, "bench")}
    assert "more hooks" in texts["chain"]
    assert "more lines" in texts["history"]
    assert "more hooks" in texts["stats"]

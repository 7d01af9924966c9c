"""The static view: complete, escaped, small, and legible without style."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.widgets.support import bench_with, boom, echo, shout
from tests.widgets.test_views import talk
from workbench import Workbench
from workbench.dialects.feathers import MemoryService
from workbench.testing import serving
from workbench.widgets.glyphs import OUTCOMES, outcome_mark
from workbench.widgets.static import SIZE_LIMIT, plain, static_html
from workbench.widgets.waterfall import LANES, MOMENTS, waterfall

ONION = ("around", "first", "then", "last", "failed")
VOID = {"br", "path", "rect", "circle"}


class Markup(HTMLParser):
    """Checks that elements are closed in order, and collects elements and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an empty element."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Check that it closes the one that is open."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect text outside of style sheets."""
        if "style" not in self.open:
            self.text += data


@pytest.fixture
def bench() -> Iterator[Workbench]:
    """Serve a bench with some history: a move, a switch, messages, one error."""
    with serving(bench_with(shout, echo, boom)) as served:
        served.chain("message").move("echo", before="shout")
        served.chain("message").enable("boom", on=False)
        talk(served, "hello", "world")
        served.chain("message").enable("boom", on=True)
        talk(served, "again", answers=False)
        yield served


def test_it_says_what_it_is(bench: Workbench) -> None:
    """The label names it a snapshot, with date and revision; name, dialect and counters follow."""
    text = Markup(static_html(bench, now=lambda: 0.0)).text
    assert re.search(r"Snapshot of (1969|1970)-\d\d-\d\d \d\d:\d\d:\d\d, revision 6\. Not live", text)
    assert re.search(
        r"chat crossws, ws://127\.0\.0\.1:\d+, \d clients?, 3 events kept, 0 dropped, 1 error", text
    )


def test_it_shows_chain_events_and_changes(bench: Workbench) -> None:
    """Hooks with reasons, events with what came of them, and what the newest one's hooks changed."""
    text = Markup(static_html(bench)).text
    for said in (
        "Chain, in effective order",
        "moved before shout in revision 4",
        "n too small",
        "1 raised",
        "Last 3 events",
        "message.raw_data",
        "boom raised ValueError: AGAIN",
        "What each hook changed in event 3",
        '"again"',
        '"AGAIN"',
    ):
        assert said in text


def test_there_is_nothing_to_run_or_to_load(bench: Workbench) -> None:
    """No script, no handler, no address that is fetched: it is safe and complete on any page."""
    for tag, attributes in Markup(static_html(bench)).tags:
        assert tag not in {"script", "link", "img", "iframe", "object", "a", "form"}
        assert not any(name.startswith("on") or name in {"src", "href"} for name in attributes)


def test_hostile_payloads_stay_text() -> None:
    """What clients, hooks and names carry is escaped, and what hides is made visible."""

    def evil(peer: Any, message: Any) -> None:
        del peer
        message.raw_data = "</style><script>alert(1)</script>\u202e"

    def failing(peer: Any, message: Any) -> None:
        del peer, message
        raise ValueError("<img src=x onerror=alert(1)>")

    bench = bench_with(name="<b>bad</b>")
    bench.chain("message").attach(evil, name="</table><script>")
    bench.chain("message").attach(failing)
    with serving(bench):
        talk(bench, "<svg onload=alert(1)>", answers=False)
        html = static_html(bench, note="<i>")
    markup = Markup(html)
    assert {"script", "img"}.isdisjoint(tag for tag, _ in markup.tags)
    assert not any(name.startswith("on") for _, attributes in markup.tags for name in attributes)
    assert "<script>alert(1)</script>\u27e8U+202E\u27e9" in markup.text
    assert "<img src=x onerror=alert(1)>" in markup.text
    assert "\u202e" not in html


def test_a_bench_without_hooks_shows_the_first_steps() -> None:
    """Before anything is attached, the view says how to, and how to reach the server."""
    bench = bench_with()
    text = Markup(static_html(bench)).text
    assert "No hooks yet" in text
    assert "Nothing has happened yet." in text
    assert "stopped: Not started yet" in text
    with serving(bench):
        assert "wscat -c ws://127.0.0.1" in Markup(static_html(bench)).text


def test_the_address_is_one_that_clients_of_the_system_use() -> None:
    """A bench without WebSockets is not shown at ws://; in plain text neither."""
    with serving(Workbench("wookie", name="gateway")) as bench:
        assert f"gateway wookie, {bench.url}, 0 clients" in Markup(static_html(bench)).text
        assert f"at {bench.url}, revision 0" in plain(bench)


def test_an_onion_is_listed_as_it_runs() -> None:
    """Hooks on the way out stand behind those on the way in, hooks on errors last."""
    bench: Any = Workbench("feathers", name="onion")
    bench.use("messages", MemoryService())

    async def around(_context: Any, next: Any) -> None:  # noqa: A002 - the name that Feathers has for it
        await next()

    def of(name: str) -> Any:
        def hook(_context: Any) -> None: ...

        hook.__name__ = name
        return hook

    bench.hooks(
        {"around": {"all": [around]}, "error": {"all": [of("failed")]}, "after": {"all": [of("last")]}}
    )
    bench.service("messages").hooks({"before": {"all": [of("first")]}, "after": {"all": [of("then")]}})
    text = Markup(static_html(bench)).text
    places = [text.index(f"{number}{name}") for number, name in enumerate(ONION, start=1)]
    assert places == sorted(places)


def test_it_stays_small_whatever_the_bench_holds() -> None:
    """Hundreds of hooks, long texts and many events do not make it larger than a page can carry."""

    def wide(peer: Any, message: Any) -> None:
        text = message.text() * 1000
        peer.context.update({f"field {number} " + "x" * 500: text for number in range(50)})

    def failing(peer: Any, message: Any) -> None:
        del peer, message
        raise ValueError("z" * 400)

    bench = bench_with()
    for number in range(200):
        bench.chain("message").attach(wide, name=f"{'long' * 60} {number}")
    bench.chain("message").attach(failing)
    with serving(bench):
        talk(bench, *"abcdefghijklmnopqrstuvwxyz", answers=False)
        html = static_html(bench)
    assert len(html.encode()) < SIZE_LIMIT
    assert "and 141 more hooks" in html
    assert "more fields" in html


def test_without_style_and_drawings_nothing_is_lost(bench: Workbench) -> None:
    """GitHub drops style sheets and drawings: every figure is text in a table of its own."""
    html = static_html(bench)
    bare = Markup(re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)).text
    assert bare == Markup(html).text
    for outcome in ("changed", "raised"):
        assert outcome in bare
    assert "c1" in bare


def test_one_line_for_terminals(bench: Workbench) -> None:
    """The plain text names state, address, revision and counts."""
    said = re.sub(r"(ready|live) at ws://127\.0\.0\.1:\d+", "up", plain(bench))
    assert said == "<Workbench 'chat' (crossws), up, revision 6: 3 hooks, 3 events>"
    assert plain(bench_with()) == "<Workbench 'chat' (crossws), stopped, revision 0: 0 hooks, 0 events>"


@pytest.mark.parametrize("outcome", list(OUTCOMES))
def test_outcomes_have_shape_and_word(outcome: str) -> None:
    """An outcome is told by its shape and by its word, not by colour alone."""
    mark = outcome_mark(outcome)
    assert "<svg" in mark
    assert mark.endswith(f"{outcome}</span>")


def test_an_outcome_of_a_newer_version_is_a_word() -> None:
    """What has no shape yet is told by its word, escaped."""
    assert outcome_mark("<new>") == '<span class="oc &lt;new&gt;">&lt;new&gt;</span>'


def row(
    time: float, connection: int | None, *segments: tuple[str, float, str], **more: Any
) -> dict[str, Any]:
    """Make a row of the events view; lengths in milliseconds."""
    parts = [(kind, int(length * 1e6), outcome) for kind, length, outcome in segments]
    total = sum(length for _, length, _ in parts)
    return {
        "time": time,
        "connection": connection,
        "duration_ns": total,
        "outcome": "ok",
        "segments": parts,
        **more,
    }


def widths(table: str) -> list[float]:
    """Read the widths of the bars of a waterfall."""
    return [
        float(width) for width in re.findall(r'<rect (?:class="(?:work|b-)|fill)[^>]*width="([\d.]+)"', table)
    ]


def test_bars_share_one_scale() -> None:
    """A bar three times as long stands for three times the time, across lanes and moments."""
    count, table = waterfall([row(0.0, 1, ("work", 10.0, "ok")), row(1000.0, 2, ("work", 30.0, "ok"))], "k")
    first, second = widths(table)
    assert count == 2
    assert second == pytest.approx(3 * first, rel=0.01)


def test_what_follows_closely_is_one_moment() -> None:
    """Events less than five milliseconds apart are one moment, with one label."""
    rows = [row(float(number), 1, ("work", 0.5, "ok")) for number in range(5)]
    count, table = waterfall(rows, "k")
    assert count == 1
    assert table.count('<span style="left') == 1
    assert "5 events, 2.5 ms" in table


def test_waiting_stopping_and_failing_look_different() -> None:
    """Waiting and pending are hatched, a stop and a raise have their own fill."""
    _, table = waterfall(
        [
            row(0.0, 1, ("work", 1, "ok"), ("wait", 5, "ok"), ("work", 1, "raised")),
            row(100.0, None, ("work", 1, "stopped")),
            row(200.0, 1, ("wait", 9, "pending")),
            row(300.0, 1, outcome="pending"),
        ],
        "k",
    )
    assert 'fill="url(#kw)"' in table
    assert table.count('fill="url(#kp)"') == 2
    assert 'class="b-raised"' in table
    assert 'class="b-stopped"' in table
    assert ">no client</th>" in table


def test_the_waterfall_is_bounded() -> None:
    """Only the newest moments and a few lanes are drawn; nothing at all makes no table."""
    count, table = waterfall([row(i * 100.0, i, ("work", 1, "ok")) for i in range(1, 40)], "k")
    assert count == MOMENTS
    assert table.count("<svg") == MOMENTS <= LANES
    assert waterfall([], "k") == (0, "")


def test_one_event_is_one_moment() -> None:
    """The titles agree in number with what stands below them."""
    bench = bench_with(echo)
    with serving(bench):
        talk(bench, "x")
        text = Markup(static_html(bench)).text
    assert "Last moment" in text
    assert "Last 1 event" in text

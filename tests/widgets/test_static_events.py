"""Events in the static view, and one of them step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.widgets.support import bench_with, boom, echo, shout
from tests.widgets.test_static import Markup
from tests.widgets.test_views import talk
from workbench.testing import serving
from workbench.widgets import static_events
from workbench.widgets.static_events import inspected
from workbench.widgets.views import build


def test_every_kind_of_trouble_is_told() -> None:
    """Rows name the hook that stopped, that waits, or what changed without a snapshot."""
    told: list[tuple[Mapping[str, Any], str]] = [
        ({"outcome": "stopped", "hook": "a", "effect": "b not run"}, "a ended it here; b not run"),
        ({"outcome": "pending", "hook": "a"}, "a is still waiting"),
        ({"outcome": "changed", "changed": 2}, "2 hooks changed it"),
        ({"outcome": "raised", "error": "E: x"}, "E: x"),
        ({"outcome": "ok", "effect": "something"}, "something"),
        ({"outcome": "ok"}, ""),
    ]
    usual: dict[str, Any] = {"hook": None, "effect": None, "error": None, "changed": 0, "paths": []}
    assert [static_events._why({**usual, **given}) for given, _ in told] == [said for _, said in told]


def test_an_event_is_shown_step_by_step() -> None:
    """Steps with what each printed and raised, its changes, and what clients heard of it."""
    bench = bench_with(shout, echo, boom, echo)
    bench.chain("message").attach(echo, name="never")
    with serving(bench):
        talk(bench, "hello", answers=False)
        text = Markup(inspected(build("inspector", bench, {}))).text
    for said in (
        "Event 1 of c1 at message: raised",
        "1shout changedshouting",
        "2echo ok",
        "3boom raisedValueError: HELLO",
        "\u2013never skippedboom raised",
        "What each hook changed in event 1",
        "message.raw_data",
        "What clients were sent",
        "HELLO",
    ):
        assert said in text


def test_an_event_without_changes_says_so() -> None:
    """So does one without hooks, and a bench without events."""
    bench = bench_with(echo)
    with serving(bench):
        talk(bench, "hello")
        seen = build("inspector", bench, {})
    assert "No hook changed anything in it." in Markup(inspected(seen)).text
    unseen = {**seen, "changes": None, "why_no_changes": "Event 1 was not snapshotted.", "clients": []}
    text = Markup(inspected(unseen)).text
    assert "Event 1 was not snapshotted." in text
    assert "What clients" not in text
    assert "No hook stood there." in Markup(inspected({**unseen, "steps": []})).text
    assert "Nothing has happened yet." in Markup(inspected(None)).text

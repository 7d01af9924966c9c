"""One event of an onion: who raised its error, and who only passed it on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.widgets.test_static import Markup
from workbench import Workbench
from workbench.dialects.feathers import MemoryService, NotFound
from workbench.widgets import figures
from workbench.widgets.static_events import inspected
from workbench.widgets.views import build


def an_onion() -> Workbench:
    """Make a bench whose creates pass two hooks around and one before; a text makes that one fail."""
    bench = Workbench("feathers", name="onion")
    bench.use("messages", MemoryService())

    async def outer(_context: Any, following: Any) -> None:
        await following()

    async def inner(_context: Any, following: Any) -> None:
        await following()

    def check(context: Any) -> None:
        if context.data.get("bad"):
            raise ValueError("bad")

    chain = bench.chain("messages.create")
    chain.attach(outer)
    chain.attach(inner)
    chain.attach(check, kind="before")
    chain.attach(lambda _context: None, name="after", kind="after")
    return bench


def test_in_an_onion_the_traceback_stands_where_the_error_was_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hooks around it say no more than that they passed it on; nor are they why others did not run."""
    monkeypatch.setattr(figures, "_FRESH", 0.0)
    bench = an_onion()
    with pytest.raises(ValueError, match="bad"):
        asyncio.run(bench.service("messages").create({"bad": True}))
    steps = {step["hook"]: step for step in build("inspector", bench, {})["steps"]}
    assert [step["error"] and step["error"]["passed"] for step in steps.values()] == [True, True, False, None]
    assert [len(steps[name]["error"]["traceback"]) for name in ("outer", "inner")] == [0, 0]
    assert steps["check"]["error"]["traceback"][-1] == "ValueError: bad"
    assert steps["after"]["reason"] == "check raised"
    (row,) = build("events", bench, {})["rows"]
    assert (row["hook"], row["effect"]) == ("check", "after not run")
    (point,) = (one for one in build("chain", bench, {})["points"] if one["name"] == "messages.create")
    cards = {hook["name"]: hook for lane in point["lanes"] for hook in lane["hooks"]}
    assert [name for name, hook in cards.items() if hook["traceback"]] == ["check"]


def test_what_an_onion_is_around_raised_it_itself() -> None:
    """A service's error is told once, under the name of the chain; its sentence is enough."""
    bench = an_onion()
    bench.chain("messages.get").attach(lambda _context: None, name="after", kind="after")
    bench.hooks({"around": {"all": [lambda _context, following: following()]}})
    with pytest.raises(NotFound):
        asyncio.run(bench.service("messages").get(7))
    seen = build("inspector", bench, {})
    assert (seen["core"]["name"], seen["core"]["text"]) == (
        "messages.get",
        "NotFound: No record found for id '7'",
    )
    assert len(seen["core"]["traceback"]) == 1
    passing, after = seen["steps"]
    assert (passing["error"]["passed"], passing["error"]["traceback"]) == (True, [])
    assert after["reason"] == "messages.get raised"
    (row,) = build("events", bench, {})["rows"]
    assert (row["hook"], row["effect"]) == ("messages.get", "after not run")
    text = Markup(inspected(seen)).text
    assert "passed on NotFound: No record found" in text
    assert "messages.get raised NotFound: No record found" in text

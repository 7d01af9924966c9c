"""What workbench.dialects.feathers.points promises."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

from tests.support import in_a_loop
from workbench import Workbench
from workbench.dialects.context import Context
from workbench.dialects.feathers import BadRequest
from workbench.dialects.feathers.points import POINTS
from workbench.engine.hooks import Scope


class Notes:
    """Keeps nothing."""

    async def create(self, data: Any, _params: Any) -> Any:
        """Give it back."""
        return {**data, "id": 1}


def test_the_points_are_onions() -> None:
    """One for all calls, and one each around setup and teardown."""
    assert [point.name for point in POINTS] == ["method", "setup", "teardown"]
    assert {point.policy.shape for point in POINTS} == {"onion"}


@in_a_loop
async def test_a_snapshot_shows_what_each_hook_changed() -> None:
    """In data, params, result and error; on the way in and on the way out."""
    bench = Workbench("feathers", name="shots")
    bench.use("notes", Notes())

    async def stamp(context: Any, following: Any) -> None:
        context.params.user = "ann"
        await following()
        context.result = {**context.result, "seen": True}

    def trim(context: Any) -> None:
        context.data = {"text": context.data["text"].strip()}

    bench.service("notes").hooks({"around": {"all": [stamp]}, "before": {"create": [trim]}})
    await bench.service("notes").create({"text": " a "})

    made = bench.trace.changes()[["hook", "path", "op"]].astype(str).to_numpy().tolist()
    assert made == [
        ["stamp", "params.user", "added"],
        ["trim", "data.text", "changed"],
        ["stamp", "result.seen", "added"],
    ]
    assert bench.trace.dispatches["point"].tolist() == ["notes.create"]


@in_a_loop
async def test_an_error_is_shown_as_text() -> None:
    """What an error hook puts in its place is that hook's change."""
    bench = Workbench("feathers", name="errors")
    bench.use("notes", Notes())

    def fail(_context: Any) -> None:
        raise ValueError("no")

    def instead(context: Any) -> None:
        context.error = BadRequest("better")

    def rescue(context: Any) -> None:
        context.result = None

    bench.service("notes").hooks(
        {"before": {"create": [fail]}, "error": {"create": [instead], "all": [rescue]}}
    )

    assert await bench.service("notes").create({"text": "a"}) is None
    made = bench.trace.changes()[["hook", "path", "after"]].astype(str).to_numpy().tolist()
    assert made[0] == ["instead", "error", "BadRequest('better')"]
    assert made[1][:2] == ["rescue", "result"]


@in_a_loop
async def test_a_shadow_hook_changes_a_context_of_its_own() -> None:
    """It runs and is traced, and the call does not know."""
    bench = Workbench("feathers", name="shadows")
    bench.use("notes", Notes())

    def meddle(context: Any) -> None:
        context.data["text"] = "changed"
        context.data["tags"].append("changed")
        context.params.user["name"] = "nobody"
        context.params.connection.room = "changed"
        context.result = "mine"

    lane = "/notes.before.create"
    bench.chain("method").attach(meddle, lane=lane, kind="before", scope=Scope(shadow=True))
    params = {"user": {"name": "ada"}, "connection": Context(lock=Lock())}

    made = await bench.service("notes").create({"text": "a", "tags": []}, params)

    assert made == {"text": "a", "tags": [], "id": 1}
    assert params["user"] == {"name": "ada"}
    assert list(params["connection"]) == ["lock"]
    outcomes = bench.trace.calls[["hook", "outcome"]].astype(str).to_numpy().tolist()
    assert outcomes == [["meddle", "ok"]]


@in_a_loop
async def test_around_hooks_own_time_is_apart_from_what_they_wrap() -> None:
    """Waiting for what is inside is no work of theirs."""
    bench = Workbench("feathers", name="times")
    bench.use("notes", Notes())

    async def outer(_context: Any, following: Any) -> None:
        await following()

    def busy(_context: Any) -> None:
        time.sleep(0.05)

    bench.service("notes").hooks({"around": {"all": [outer]}, "before": {"all": [busy]}})
    await bench.service("notes").create({"text": "a"})

    calls = bench.trace.calls
    whole = dict(zip(calls["hook"], calls["duration_ns"], strict=True))
    own = dict(zip(calls["hook"], calls["duration_ns"] - calls["wait_ns"], strict=True))
    assert whole["outer"] > 50_000_000
    assert own["outer"] < 25_000_000
    assert own["busy"] > 45_000_000


@in_a_loop
async def test_nested_calls_are_children_of_the_call_that_made_them() -> None:
    """One story: the hook's own call is the parent."""
    bench = Workbench("feathers", name="story")
    bench.use("notes", Notes())
    bench.use("audit", Notes())

    async def log(context: Any) -> None:
        await context.app.service("audit").create({"what": context.method})

    def look(_context: Any) -> None:
        """Do nothing."""

    bench.service("notes").hooks({"after": {"create": [log]}})
    bench.service("audit").hooks({"before": {"create": [look]}})
    await bench.service("notes").create({"text": "a"})

    frame = bench.trace.dispatches
    assert frame["point"].tolist() == ["notes.create", "audit.create"]
    assert frame["parent"].tolist() == [-1, frame["dispatch"].iloc[0]]

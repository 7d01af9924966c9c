"""A system whose chains have names shows one family of them, in the place of the point they are made of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.dialects.directus.support import person, until
from tests.dialects.directus.support import serving as directus
from tests.widgets.support import Face
from workbench import Workbench
from workbench.testing import serving
from workbench.widgets import figures as figures_module
from workbench.widgets.named import shown_chains
from workbench.widgets.views import build


class Messages:
    """A service with two methods."""

    async def find(self, _params: Any) -> list[Any]:
        """Find nothing."""
        return []

    async def create(self, data: Any, _params: Any) -> Any:
        """Give the data back."""
        return {**data, "id": 1}


async def log_runtime(_context: Any, next: Any) -> None:  # noqa: A002
    """Wrap the rest."""
    await next()


def trim(context: Any) -> None:
    """Trim the text."""
    context.data = {**context.data, "text": context.data["text"].strip()}


def sign(context: Any) -> None:
    """Sign the result."""
    context.result = {**context.result, "by": "me"}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """Serve two services, one of which has hooks."""
    monkeypatch.setattr(figures_module, "_FRESH", 0.0)
    made = Workbench("feathers", name="chains")
    made.use("users", Messages())
    made.use("messages", Messages())
    made.hooks({"around": {"all": [log_runtime]}})
    made.service("messages").hooks({"before": {"create": [trim]}, "after": {"create": [sign]}})
    with serving(made) as served:
        yield served


def shown(bench: Workbench, **params: str) -> dict[str, Any]:
    """Return the chain view's first point."""
    point: dict[str, Any] = build("chain", bench, params)["points"][0]
    return point


def test_every_method_can_be_chosen_and_the_one_with_hooks_is_shown_first() -> None:
    """Before anything ran, hooks decide; a choice that is gone falls back on that."""
    made = Workbench("feathers", name="choices")
    made.use("users", Messages())
    made.use("messages", Messages())
    made.service("messages").hooks({"before": {"create": [trim]}})

    data = build("chain", made, {})
    assert data["chosen"] == "messages.create"
    assert data["choices"][0] == {"name": "users.find", "group": "users"}
    assert build("chain", made, {"chain": "users.find"})["chosen"] == "users.find"
    assert build("chain", made, {"chain": "gone.find"})["chosen"] == "messages.create"


def test_what_ran_most_is_shown(bench: Workbench) -> None:
    """A call of another method than the one with hooks brings that one up."""
    for _ in range(3):
        bench.run(bench.service("users").find({}))

    assert build("chain", bench, {})["chosen"] == "users.find"


def test_a_named_chain_has_all_its_lists_and_numbers_in_the_order_of_running(bench: Workbench) -> None:
    """Empty lists are there to be dropped into; the core says what the chain is around."""
    point = shown(bench, chain="messages.create")

    assert (point["name"], point["shape"], point["core"]) == ("messages.create", "onion", "messages.create")
    assert len(point["lanes"]) == 18
    hooks = [
        (lane["kind"], hook["name"], hook["position"]) for lane in point["lanes"] for hook in lane["hooks"]
    ]
    assert hooks == [("around", "log_runtime", 1), ("before", "trim", 2), ("after", "sign", 3)]


def test_an_example_has_a_bar_for_each_hook_that_ran(bench: Workbench) -> None:
    """The newest call, measured from its beginning."""
    bench.run(bench.service("messages").create({"text": " x "}))

    example = shown(bench, chain="messages.create")["example"]
    assert {bar["hook"] for bar in example["bars"]} == {hook.id for hook in bench.chain("messages.create")}
    assert all(0 <= bar["start_ns"] <= example["duration_ns"] for bar in example["bars"])


def test_the_inspector_counts_as_the_cards_do(bench: Workbench) -> None:
    """Step 3 is the after hook, and so is the change that it made."""
    bench.run(bench.service("messages").create({"text": " x "}))

    data = build("inspector", bench, {})
    assert [(step["position"], step["hook"]) for step in data["steps"]] == [
        (1, "log_runtime"),
        (2, "trim"),
        (3, "sign"),
    ]
    assert {(change["position"], change["path"]) for change in data["changes"]} == {
        (2, "data.text"),
        (3, "result.by"),
    }


def test_a_move_into_another_list_makes_the_hook_one_of_its_kind(bench: Workbench) -> None:
    """Trimming after the method is an after hook; undoing brings the before hook back."""
    face = Face(bench)
    face.say(op="hello", v=1, face="widget")
    hook = bench.chain("messages.create")[1]
    assert face.edit(kind="move", hook=hook.id, lane="/messages.after.create")["op"] == "answer"

    moved = bench.board.resolve(hook.id)
    assert (moved.lane, moved.kind) == ("/messages.after.create", "after")
    bench.undo()
    assert bench.board.resolve(hook.id).kind == "before"


def test_a_system_without_named_chains_has_nothing_to_choose() -> None:
    """Its points are shown as they are."""
    crossws = Workbench("crossws", name="plain")

    assert shown_chains(crossws, {}, None).chosen is None
    assert build("chain", crossws, {})["choices"] == []


def test_the_same_wait_shows_before_the_write_as_a_filter_and_after_it_as_an_action(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The family of an event has the filters, what follows them, and then the actions, each with its bars."""
    monkeypatch.setattr(figures_module, "_FRESH", 0.0)

    async def wait(*_: Any) -> None:
        await asyncio.sleep(0.1)

    with directus() as bench:
        bench.filter("items.create", wait)
        bench.action("items.create", wait)
        with person(bench) as client:
            client.items("create", data={"text": "x"})
        until(
            lambda: len(bench.trace.dispatches) == 2 and bench.trace.dispatches["outcome"].ne("pending").all()
        )
        first, second = build("chain", bench, {"chain": "messages.items.create"})["points"][:2]
        seen = build("inspector", bench, {"dispatch": second["example"]["dispatch"]})

    assert (first["title"], first["core"]) == ("filter messages.items.create", "written to the database")
    assert (second["title"], second["shape"]) == ("action messages.items.create", "spawn")
    for point in (first, second):
        assert point["example"]["bars"][0]["wait_ns"] > 90_000_000
    before, after = (point["example"]["answered_ns"] for point in (first, second))
    assert before > first["example"]["duration_ns"]
    assert after < second["example"]["duration_ns"]
    assert seen["answered_ns"] == after

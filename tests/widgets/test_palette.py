"""What can be attached at a click."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.support import bench_with
from workbench import Workbench
from workbench.engine.errors import UnknownHook, UnknownPoint
from workbench.widgets import palette as palette_module
from workbench.widgets.commands import Commands
from workbench.widgets.palette import lane_of, notebook_functions, palette, resolve


def greet(peer: Any) -> None:
    """Say hello to whoever opens.

    And more that nobody sees.
    """
    peer.send("hello")


def both(peer: Any, message: Any) -> None:  # noqa: D103 - what a palette shows of it is its signature
    del peer, message


def greedy(a: Any, b: Any, c: Any) -> None:
    """Want more than any point gives."""
    del a, b, c


def helper() -> None:
    """Not written in the notebook: its module says so."""


@pytest.fixture(autouse=True)
def _notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put functions into a notebook's namespace."""
    for function in (greet, both, greedy):
        monkeypatch.setattr(function, "__module__", "__main__")
    namespace = {"greet": greet, "both": both, "greedy": greedy, "helper": helper, "_hidden": greet, "x": 1}
    monkeypatch.setattr(palette_module, "user_namespace", lambda: namespace)


@pytest.fixture
def bench() -> Workbench:
    """Make a bench without hooks."""
    return bench_with()


def rows(bench: Workbench, source: str, point: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the palette's rows of one source by name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in palette(bench, point)["hooks"]:
        if row["source"] == source:
            found.setdefault(row["name"], []).append(row)
    return found


def test_ready_made_hooks_come_first_in_the_dialects_order(bench: Workbench) -> None:
    """The dialect's own order decides, since the first three are what newcomers are offered."""
    shown = palette(bench)["hooks"]
    ready = [one.name for one in bench.mounts["/"].dialect.ready]
    assert [row["name"] for row in shown[: len(ready)]] == ready
    assert all(row["fits"] and row["doc"] and not row["attached"] for row in shown[: len(ready)])


def test_what_is_attached_already_is_marked(bench: Workbench) -> None:
    """A hook on the board is known by point and function."""
    first = bench.mounts["/"].dialect.ready[0]
    bench.chain(first.point).attach(first.function)
    bench.chain("message").attach(both)
    assert rows(bench, "ready")[first.name][0]["attached"] is True
    assert rows(bench, "notebook", "message")["both"][0]["attached"] is True


def test_functions_of_the_notebook_are_listed() -> None:
    """Functions that the person wrote, without private ones and without what was imported."""
    assert list(notebook_functions()) == ["greet", "both", "greedy"]


def test_a_function_is_offered_where_its_parameters_say(bench: Workbench) -> None:
    """Taking fewer arguments is allowed anywhere, so the names of the parameters decide."""
    assert [row["point"] for row in rows(bench, "notebook")["both"]] == ["message"]
    assert "open" in [row["point"] for row in rows(bench, "notebook")["greet"]]
    assert rows(bench, "notebook")["greet"][0]["doc"] == "Say hello to whoever opens."
    assert rows(bench, "notebook")["both"][0]["doc"].startswith("both(peer")


def test_a_function_that_fits_nowhere_has_the_reason(bench: Workbench) -> None:
    """What asks for too much is listed once, with the sentence that attaching it would give."""
    (row,) = rows(bench, "notebook", "message")["greedy"]
    assert row["fits"] is False
    assert "requires 3 arguments" in row["reason"]


def test_a_point_narrows_the_palette(bench: Workbench) -> None:
    """Asked for one point, only what is for that point is listed."""
    assert {row["point"] for row in palette(bench, "open")["hooks"]} == {"open"}
    with pytest.raises(UnknownPoint):
        palette(bench, "nowhere")


def test_names_lead_to_functions(bench: Workbench) -> None:
    """An edit names a ready-made hook of the point, or a function of the notebook."""
    first = bench.mounts["/"].dialect.ready[0]
    assert resolve(bench, {"ready": first.name}, first.point) == (first.name, first.function)
    assert resolve(bench, {"function": "greet"}, "open") == ("greet", greet)
    with pytest.raises(UnknownHook, match="did you mean 'greet'"):
        resolve(bench, {"function": "gret"}, "open")
    with pytest.raises(UnknownHook, match="no ready-made hook for 'drain'"):
        resolve(bench, {"ready": first.name}, "drain")


def test_ready_made_hooks_of_further_mounts_are_offered(bench: Workbench) -> None:
    """Each mount brings its dialect's ready-made hooks, under its own points."""
    bench.mount("/chat", "crossws")
    first = bench.mounts["/"].dialect.ready[0]
    assert [row["point"] for row in rows(bench, "ready")[first.name]] == [
        first.point,
        f"/chat:{first.point}",
    ]


def test_ready_made_hooks_go_into_their_lane() -> None:
    """A ready-made hook of a lane is offered with it, and attached there unless another one is named."""
    bench = Workbench("directus", name="lanes")
    row = next(one for one in palette(bench)["hooks"] if one["name"] == "trim_text")
    assert (row["point"], row["lane"]) == ("filter", "items.create")
    assert lane_of(bench, {"ready": "trim_text"}, "filter") == "items.create"
    assert lane_of(bench, {"ready": "trim_text"}, "action") == ""
    edit = {"kind": "attach", "point": "filter", "ready": "trim_text"}
    commands = Commands(bench, later=lambda _message, _reason, _data: None)
    commands.edit(edit, None, "widget")
    commands.edit({**edit, "lane": "messages.items.create"}, None, "widget")
    assert [row.hook.lane for row in bench.board.state.of("filter")] == [
        "items.create",
        "messages.items.create",
    ]

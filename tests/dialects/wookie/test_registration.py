"""add_hook, remove_hook and clear_hooks on the board."""

from __future__ import annotations

from typing import Any

import pytest

from workbench import Workbench
from workbench.engine.errors import UnknownPoint


def bench() -> Any:
    """Make a bench."""
    return Workbench("wookie", name="test")


def plain(request: Any) -> None:
    """Do nothing."""


class Plugin:
    """Something with a method that is a hook."""

    def hook(self, request: Any) -> None:
        """Do nothing."""


def names(board: Any, point: str = "pre-route") -> list[str]:
    """Name the hooks of a point."""
    return [hook.name for hook in board.chain(point)]


def test_the_panel_sees_and_edits_them() -> None:
    """Hooks of add_hook are on the chain, where they can be moved, switched off and replaced; edits undo."""
    made = bench()
    made.add_hook("pre-route", lambda: None, "first")
    made.add_hook("pre_route", lambda: None, "second")
    chain = made.chain("pre-route")
    chain.move("second", before="first")
    assert names(made) == ["second", "first"]
    chain.enable("first", on=False)
    assert names(made) == ["second"]
    chain.replace("second", plain)
    assert chain[0].function is plain
    for _ in range(3):
        made.undo()
    assert names(made) == ["first", "second"]


def test_names_and_functions() -> None:
    """11, 15: a name finds what was named, or decorated; a function finds itself, methods too."""
    made, plugin = bench(), Plugin()
    made.add_hook("pre-route", plain)
    made.add_hook("pre-route", plugin.hook, "method")
    made.hook("pre-route")(plain)
    made.remove_hook("pre-route", "plain")
    made.remove_hook("pre-route", plugin.hook)
    assert names(made) == ["plain"]
    made.remove_hook("pre-route", plain)
    assert names(made) == []


def test_decorated_hooks_have_names() -> None:
    """What `bench.hook` attached is found by its function's name."""
    made = bench()
    made.hook("pre-route")(plain)
    made.remove_hook("pre-route", "plain")
    assert names(made) == []


def test_misspelt_points_are_kept_and_told() -> None:
    """16: a chain that says why nothing runs, a warning, a line in the trace; removal works there."""
    made = bench()
    with pytest.warns(UserWarning, match="never runs; did you mean 'pre-route'"):
        made.add_hook("pre-rout", plain)
    made.add_hook("pre-rout", lambda: None, "n")
    assert names(made, "pre-rout") == ["plain", "n"]
    assert "did you mean 'pre-route'" in made.chain("pre-rout").point.doc
    assert "never runs" in made.trace.errors["error"].iloc[0]
    assert len(made.trace.errors) == 1
    made.remove_hook("pre-rout", "n")
    made.remove_hook("other", "n")
    assert names(made, "pre-rout") == ["plain"]
    made.clear_hooks()
    assert names(made, "pre-rout") == []


@pytest.mark.parametrize("point", ["", None, 3])
def test_a_point_has_a_name(point: Any) -> None:
    """What is no name at all is refused."""
    with pytest.raises(UnknownPoint, match="such as"):
        bench().add_hook(point, plain)


def test_clear_is_for_one_mount() -> None:
    """clear_hooks clears a point or all of its mount; those of another mount stay."""
    made = bench()
    room = made.mount("/room", "wookie")
    for owner in (made, room):
        owner.add_hook("pre-route", plain)
        owner.add_hook("post-route", plain)
    made.clear_hooks("pre-route")
    assert (names(made), names(made, "post-route")) == ([], ["plain"])
    made.clear_hooks()
    assert names(made, "post-route") == []
    assert [hook.name for hook in room.chain("pre-route")] == ["plain"]
    room.clear_hooks()
    assert [hook.name for hook in room.chain("post-route")] == []

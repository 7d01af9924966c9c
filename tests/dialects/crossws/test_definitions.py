"""Hooks objects."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

import pytest

from tests.dialects.crossws.support import Stage, play, turns
from workbench import define_hooks
from workbench.bench import cells
from workbench.engine.errors import UnknownPoint


class Methods:
    """Hooks as methods."""

    greeting = "no hook"

    def open(self, peer: Any) -> None:
        """Greet."""
        peer.send(self.greeting)

    def unrelated(self) -> None:
        """Be no hook at all."""


def names(stage: Stage, point: str) -> list[str]:
    """List the names of a chain."""
    return [hook.name for hook in stage.bench.chain(point)]


def test_forms() -> None:
    """A mapping, an object with methods and functions by name are all attached, each after what is there."""

    def message() -> None:
        """Do nothing."""

    stage = Stage(hooks={"message": message})
    stage.bench.define_hooks(Methods())
    stage.bench.define_hooks({"open": lambda: None}, message=message, close=lambda: None)
    assert names(stage, "message") == ["message", "message"]
    assert names(stage, "open") == ["open", "open"]
    assert names(stage, "close") == ["close"]
    assert stage.bench.chain("message")[0].origin.kind == "file"


def test_unknown_names() -> None:
    """A name that no point has is refused, with the near ones; an object may have any."""
    stage = Stage()
    for define in (stage.bench.define_hooks, define_hooks):
        with pytest.raises(UnknownPoint, match="'mesage'; did you mean 'message'"):
            define(mesage=print)
        with pytest.raises(UnknownPoint, match="onOpen"):
            define({"onOpen": print})
    assert stage.bench.revision == 0


def test_hooks_object_for_resolve() -> None:
    """`define_hooks` of the package makes an object whose members can be assigned and deleted."""
    hooks = define_hooks({"open": print}, message=repr)
    assert (hooks.open, hooks["message"]) == (print, repr)
    del hooks.open
    assert list(hooks) == ["message"]


def test_live_members() -> None:
    """R23: assigning a member replaces its hook, deleting it removes the hook, from the next event on."""

    async def scene(stage: Stage) -> None:
        live = stage.bench.define_hooks(message=lambda peer: peer.send("one"))
        ws = await stage.connect()
        ws.send("x")
        await turns()
        live.message = lambda peer: peer.send("two")
        ws.send("x")
        await turns()
        del live.message
        ws.send("x")
        await turns()
        live.message = lambda peer: peer.send("three")
        ws.send("x")
        await turns()
        assert ws.received() == ["one", "two", "three"]
        kinds = stage.bench.trace.edits.edit.tolist()
        assert kinds == ["attach", "replace", "remove", "attach"]

    play(scene)


@pytest.mark.parametrize("author", ["cell", "api"])
def test_the_journal_names_who_defined(author: str) -> None:
    """A cell that attaches, replaces or removes by a hooks object is the author, as with the decorator."""

    def run() -> list[str]:
        if author == "cell":
            cells.entered(cells.Cell("a", "In[1]"))
        stage = Stage()
        live = stage.bench.define_hooks(open=print)
        live.open = repr
        del live.open
        return [entry.author for entry in stage.bench.board.journal]

    assert copy_context().run(run) == [author] * 3


def test_live_object() -> None:
    """The object lists its members, gives their functions as they are now, and refuses what is not there."""
    stage = Stage()
    live = stage.bench.define_hooks(open=print)
    assert (list(live), live.open, repr(live)) == (["open"], print, "<hooks: open>")
    stage.bench.chain("open").replace("print", repr)
    assert live.open is repr
    with pytest.raises(AttributeError, match="no 'message' among these hooks, only open"):
        _ = live.message
    with pytest.raises(AttributeError, match="no 'message' among these hooks"):
        del live.message
    with pytest.raises(UnknownPoint, match="did you mean 'message'"):
        live.mesage = print
    del live.open
    assert repr(live) == "<hooks: none>"
    with pytest.raises(AttributeError, match="only none"):
        _ = live.open

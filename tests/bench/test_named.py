"""Chains with names of their own: read, edited and found as those of points are."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from tests.support import http
from workbench import Scope, Workbench, dialects
from workbench.bench.named import LaneChain, chains_of
from workbench.engine.errors import AmbiguousHook, BadSignature, EditRefused, UnknownHook, UnknownPoint
from workbench.testing import serving


async def runtime(context: Any, go_on: Callable[[], Awaitable[Any]]) -> None:
    """Be around the rest."""
    context["trail"] = ["runtime"]
    await go_on()


def trim(context: Any) -> None:
    """Change the data."""
    context["data"]["text"] = context["data"]["text"].strip()


def stamp(context: Any) -> None:
    """Change the result."""
    context["result"]["stamped"] = True


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """Give a bench with an onion that is put together from lanes."""
    monkeypatch.setitem(dialects.DIALECTS, "toy", "tests.toy")
    made = Workbench("toy", name="toys")
    yield made
    made.stop()


def test_a_hook_goes_into_the_innermost_lane_of_its_kind(toy: Workbench) -> None:
    """`attach` needs no lane; what it did is a line about the point, which runs as it stands."""
    chain = toy.chain("messages.create")
    chain.attach(runtime, kind="around")
    chain.attach(stamp, kind="after")
    chain.attach(trim, lane="app before all")

    assert [hook.name for hook in chain] == ["trim", "runtime", "stamp"]
    assert [hook.lane for hook in chain] == [
        "app before all", "messages around create", "messages after create"
    ]  # fmt: skip
    assert [hook.kind for hook in chain] == ["before", "around", "after"]
    assert list(toy.chain("messages.find")) == [chain[0]]
    assert toy.board.journal[-1].python.endswith(
        '.chain("service").attach(trim, lane="app before all", kind="before")'
    )
    assert repr(chain).startswith("<chain messages.create: trim -> runtime -> stamp; each around the rest")
    assert chain.why("trim") == "1. trim: app · before · all: 1st attached"
    assert "<caption>messages.create: each around" in chain._repr_html_()


def test_the_chain_is_what_a_call_runs(toy: Workbench) -> None:
    """Edits of it are in force at the next call."""
    chain = toy.chain("messages.create")
    chain.attach(trim, kind="before")
    stamped = chain.attach(stamp, kind="after")
    with serving(toy):
        first = http(f"{toy.url}/messages/create?text=%20hi%20")
        chain.enable(stamped, False)
        second = http(f"{toy.url}/messages/create?text=%20hi%20")
        other = http(f"{toy.url}/users/find?text=%20hi%20")

    assert first == (200, '{"result":{"id":1,"text":"hi","stamped":true}}')
    assert second == (200, '{"result":{"id":2,"text":"hi"}}')
    assert other == (200, '{"result":{"id":3,"text":" hi "}}')


def test_a_move_next_to_a_hook_of_another_lane_goes_into_that_lane(toy: Workbench) -> None:
    """It becomes what the lane's hooks are, where its function can be that."""
    chain = toy.chain("messages.create")
    chain.attach(trim, lane="app before all")
    chain.attach(runtime, kind="around")
    chain.attach(stamp, kind="before")

    chain.move("stamp", after="trim")
    assert chain[1].lane == "app before all"
    chain.move("stamp", lane="messages after all")
    moved = next(hook for hook in chain if hook.name == "stamp")
    assert (moved.kind, moved.lane) == ("after", "messages after all")
    chain.move("stamp")
    chain.move("stamp", before="trim", lane="app before all", kind="before")
    assert [hook.name for hook in chain] == ["stamp", "trim", "runtime"]
    with pytest.raises(BadSignature, match="requires 2 arguments"):
        chain.move("runtime", before="trim")
    with pytest.raises(EditRefused, match=r"app · before · create takes no hooks: the application gives"):
        chain.move("trim", lane="app before create")
    with pytest.raises(EditRefused, match="no lane 'app befor all'; did you mean"):
        chain.move("trim", lane="app befor all")


def test_the_other_edits_find_the_hooks_of_the_chain(toy: Workbench) -> None:
    """A name that other lanes of the point have too is found where it is meant."""
    create, users = toy.chain("messages.create"), toy.chain("users.find")
    mine = create.attach(trim, kind="before")
    theirs = users.attach(trim, kind="before")

    users.enable("trim", False)
    create.set_scope("trim", Scope(shadow=True))
    create.set_effects("trim", "outside")
    twin = create.duplicate("trim")
    create.replace("trim", stamp)

    now = toy.board.resolve(mine.id)
    assert (now.scope.shadow, now.effects, now.function) == (True, "outside", stamp)
    assert [hook.name for hook in create] == ["trim", twin.name]
    assert list(users) == []
    create.attach(stamp, name="late", before=twin, kind="before", append=True)
    create.attach(stamp, name="last", after=twin.name)
    assert [hook.name for hook in create] == ["trim", "late", "trim-2", "last"]
    create.attach(stamp, name="late", lane="app before all")
    with pytest.raises(AmbiguousHook, match="2 hooks are called 'late'"):
        create.remove("late")
    with pytest.raises(UnknownHook, match=r"no hook 'tirm' in messages\.create; did you mean 'trim'"):
        create.remove("tirm")
    create.clear()
    assert create.hooks == []
    toy.undo()
    assert [hook.name for hook in create] == ["late", "trim", "late", "trim-2", "last"]
    assert toy.board.resolve(theirs.id).enabled is False
    with pytest.raises(UnknownHook, match=r"no hook 'x' in users\.find; there are: 'late'"):
        users.remove("x")


def test_an_onion_is_shown_in_the_order_of_running(toy: Workbench) -> None:
    """After hooks run on the way out; error hooks stand apart, and what is off where it is listed."""
    chain = toy.chain("messages.create")
    chain.attach(stamp, name="shout", lane="messages after create", kind="after")
    chain.attach(stamp, name="sign", lane="messages after all", kind="after")
    chain.attach(stamp, name="sorry", lane="messages error all", kind="error")
    for name in ("trim", "idle"):
        chain.attach(trim, name=name, lane="app before all")
    chain.enable("idle", False)

    assert repr(chain).startswith("<chain messages.create: trim -> shout -> sign; if it fails: sorry; each")
    shown = re.findall(r"<td>(\w+)</td><td><code>(\w+)</code>", chain._repr_html_())
    assert shown == [("1", "trim"), ("off", "idle"), ("2", "shout"), ("3", "sign"), ("4", "sorry")]
    assert chain.why("sorry").startswith("4. sorry: ")


def test_a_chain_says_which_hooks_it_takes(toy: Workbench) -> None:
    """One of a kind that it has no lane for is refused."""
    chain = toy.chain("messages.create")

    with pytest.raises(EditRefused, match=r"takes no such hook: it has no call hooks; there are: 'after'"):
        chain.attach(trim, kind="call")
    misspelt: Any = "befor"
    with pytest.raises(EditRefused, match=r"it has no befor hooks; did you mean 'before'"):
        chain.attach(trim, kind=misspelt)
    assert isinstance(chain, LaneChain)
    assert chain.name == "messages.create"
    assert chain.lanes[0].label == "app · error · all"


def test_the_decorator_takes_a_chains_name(toy: Workbench) -> None:
    """`kind` alone says where the hook goes."""

    @toy.hook("users.find", kind="after")
    def seen(context: Any) -> None:
        context["seen"] = True

    assert [hook.lane for hook in toy.chain("users.find")] == ["users after find"]
    assert toy.chain("pre_route").point.name == "pre-route"
    with pytest.raises(UnknownPoint, match=r"no hook point 'users\.fnid'"):
        toy.chain("users.fnid")


def test_a_mounts_chains_are_found_on_the_mount(toy: Workbench) -> None:
    """By their own name; on the board they stand at the mount's point. A crossws mount has none."""
    api = toy.mount("/api", "toy")
    api.chain("messages.create").attach(trim, kind="before")

    assert [hook.point for hook in api.chain("/api:messages.create")] == ["/api:service"]
    assert list(toy.chain("messages.create")) == []
    assert chains_of(Workbench("crossws", name="plain").mounts["/"]) == {}


def test_a_chain_whose_service_is_gone_stays_as_it_was(
    toy: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody holds goes on to show its hooks."""
    chain = toy.chain("users.find")
    chain.attach(trim, kind="before")

    monkeypatch.setattr("tests.toy.SERVICES", {})

    assert [hook.name for hook in chain] == ["trim"]

"""What workbench.dialects.feathers.service promises."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support import in_a_loop
from workbench.dialects.feathers import BadRequest, feathers
from workbench.engine.errors import WorkbenchError


class Notes:
    """Has methods of every kind."""

    colour = "blue"
    events = ("status",)

    def get(self, id_: Any) -> Any:
        """Be a plain function (R38)."""
        if id_ == "bad":
            raise ValueError("bad id")
        return {"id": id_}

    async def create(self, data: Any, _params: Any) -> Any:
        """Give it back."""
        return data

    async def shout(self, data: Any, params: Any, *more: Any) -> Any:
        """Be one's own, and take what hooks add (R46)."""
        return [data, dict(params), *more]


def an_app(**options: Any) -> Any:
    """Make an application with notes."""
    app = feathers()
    app.use("notes", Notes(), **options)
    return app


@in_a_loop
async def test_methods_may_be_plain_and_take_fewer_arguments() -> None:
    """R38: what they raise comes to whoever awaits."""
    notes = an_app().service("notes")

    assert await notes.get(7) == {"id": 7}
    assert await notes.create(data={"a": 1}, params={"query": {}}) == {"a": 1}
    with pytest.raises(ValueError, match="bad id"):
        await notes.get("bad")


@in_a_loop
async def test_calls_are_checked_before_hooks_run() -> None:
    """What is missing, given twice or unknown."""
    notes = an_app().service("notes")

    with pytest.raises(BadRequest, match="An id must be provided to the 'get' method"):
        notes.get()
    with pytest.raises(BadRequest, match="A data object must be provided to the 'create' method"):
        notes.create()
    with pytest.raises(TypeError, match="'id' is given twice"):
        notes.get(1, id=2)
    with pytest.raises(TypeError, match="'dat' is none of them"):
        notes.create(dat=1)


@in_a_loop
async def test_custom_methods_are_hooked_where_they_are_named() -> None:
    """R12; others of the object fall through, and what is not there is told with what is near."""
    plain, named = an_app().service("notes"), an_app(methods=["get", "shout"]).service("notes")
    seen: list[str] = []
    named.hooks({"before": {"shout": [lambda context: seen.append(context.method)]}})

    assert plain.methods == ("get", "create")
    assert await named.shout({"a": 1}) == [{"a": 1}, {}]
    assert await named.shout(1, {"b": 2}, "more") == [1, {"b": 2}, "more"]
    assert seen == ["shout", "shout"]
    assert named.colour == "blue"
    assert sorted(named.exposed) == ["get", "shout"]
    with pytest.raises(AttributeError, match="'notes' has no 'shoot'; did you mean 'shout'"):
        _ = named.shoot


@in_a_loop
async def test_what_hooks_append_to_the_arguments_reaches_the_method() -> None:
    """R46."""
    notes = an_app(methods=["shout"]).service("notes")
    notes.hooks({"before": {"all": [lambda context: context.arguments.append("extra")]}})

    assert await notes.shout(1) == [1, {}, "extra"]


@in_a_loop
async def test_a_call_with_a_context_gives_the_context_back() -> None:
    """R47: with all that hooks left in it."""
    notes = an_app().service("notes")
    notes.hooks({"after": {"all": [lambda context: context.update(extra=1)]}})
    context = notes.create_context("get")

    assert await notes.get(5, {}, context) is context
    assert (context.result, context.extra) == ({"id": 5}, 1)


@in_a_loop
async def test_events_come_when_every_hook_has_ended() -> None:
    """R48 to R55: once per element, of the method's name or the hook's, or none."""
    app = an_app()
    notes = app.service("notes")
    heard: list[Any] = []
    wanted: list[Any] = ["created"]
    for event in ("created", "other", "status"):
        notes.on(event, lambda data, context, event=event: heard.append((event, data, context is not None)))
    app.hooks({"after": {"all": [lambda context: context.update(event=wanted[0])]}})

    await notes.create([{"n": 1}, {"n": 2}])
    await notes.create([])
    wanted[0] = "other"
    await notes.get(1)
    wanted[0] = None
    await notes.create({"n": 3})
    wanted[0] = "status"
    await notes.create({"n": 4})
    notes.emit("status", 5)

    assert heard == [
        ("created", {"n": 1}, True),
        ("created", {"n": 2}, True),
        ("other", {"id": 1}, True),
        ("status", 5, False),
    ]


@in_a_loop
async def test_a_listener_that_raises_makes_the_call_reject_and_a_slow_one_does_not_hold_it() -> None:
    """R55."""
    app = an_app()
    notes = app.service("notes")
    ended: list[str] = []

    async def slow() -> None:
        await asyncio.sleep(0.05)
        ended.append("slow")

    notes.on("created", slow)
    await notes.create({})
    assert ended == []
    await app.settled()
    assert ended == ["slow"]
    notes.on("created", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await notes.create({})


@pytest.mark.parametrize(
    ("service", "options", "told"),
    [
        (object(), {}, "is no service"),
        (Notes(), {"methods": ["get", "nope"]}, "has no method 'nope' to expose"),
        (Notes(), {"methods": ["hooks"]}, '"hooks" on "other" is a protected name'),
        (Notes(), {"methods": ["setup"]}, "protected name"),
    ],
)
def test_what_is_no_service_is_refused(service: Any, options: Any, told: str) -> None:
    """R68."""
    with pytest.raises(WorkbenchError, match=told):
        feathers().use("other", service, **options)


def test_a_service_says_what_it_is() -> None:
    """With its path and methods."""
    assert repr(an_app().service("/notes/")) == "<service notes: get, create>"

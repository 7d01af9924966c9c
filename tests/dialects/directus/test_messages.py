"""A client's messages: slow, silent and failing filters, and both ways of following."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.dialects.directus.support import person, serving, until
from workbench import Workbench
from workbench.widgets.views.lints import lints


def moments(bench: Workbench) -> list[str]:
    """Give the texts of the trace's moments."""
    return [str(text) for text in bench.trace.moments["text"]]


def test_filter_that_never_returns() -> None:
    """Its message stays unanswered, later ones are served, and the trace shows it pending."""

    async def never(message: Any) -> None:
        if message["type"] == "stuck":
            await asyncio.Event().wait()

    with serving() as bench, person(bench) as alice:
        bench.filter("websocket.message", never)
        alice.send({"type": "stuck"})
        for number in range(5):
            assert alice.ask({"type": "ping", "uid": number}) == {"type": "pong", "uid": number}
        calls = bench.trace.calls
        assert list(calls["outcome"]) == ["pending", "ok", "ok", "ok", "ok", "ok"]
        assert set(calls["point"]) == {"filter websocket.message"}
    assert next(iter(bench.trace.calls["outcome"])) == "cancelled"


def test_never_returning_item_filter_holds_nobody() -> None:
    """A create whose filter never returns holds no other write."""

    async def never(payload: Any) -> None:
        if payload["text"] == "stuck":
            await asyncio.Event().wait()

    with serving() as bench, person(bench) as alice, person(bench, "admin-token") as admin:
        bench.filter("items.create", never)
        alice.send({"type": "items", "action": "create", "collection": "messages", "data": {"text": "stuck"}})
        assert admin.items("create", data={"text": "fine"})["data"]["text"] == "fine"
        assert alice.items("create", data={"text": "too"})["data"]["text"] == "too"


def test_filter_that_raises_is_told_to_on_error() -> None:
    """An ordinary error reaches no client, but on_error and the trace; the next message is served."""
    with serving() as bench, person(bench) as alice:
        seen: list[str] = []
        bench.on_error(lambda error: seen.append(str(error)))

        @bench.filter("websocket.message")  # type: ignore[untyped-decorator]  # a member of the dialect
        def explode(message: Any) -> Any:
            if message["type"] == "explode":
                raise RuntimeError("boom")
            return message

        alice.send({"type": "explode"})
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
        assert seen == ["boom"]
        assert list(bench.trace.dispatches["outcome"]) == ["raised", "ok"]
        assert "RuntimeError: boom" in bench.trace.errors["error"][0]


@pytest.mark.parametrize("follow", ["system", "documentation"])
@pytest.mark.parametrize("asynchronous", [False, True], ids=["def", "async def"])
@pytest.mark.parametrize("event", ["websocket.message", "items.create"])
def test_who_gets_no_answer_is_told_in_the_trace(event: str, asynchronous: bool, follow: str) -> None:
    """R4: an ordinary error silences its message alone; a moment names hook and error, a lint the cure."""

    def check(payload: Any) -> Any:
        if payload.get("text", "bad") == "bad" and payload.get("type") != "ping":
            raise ValueError("too bad")
        return payload

    async def check_later(payload: Any) -> Any:
        return check(payload)

    with serving(follow=follow) as bench, person(bench) as alice:
        bench.on_error(lambda: None)
        bench.filter(event, check_later if asynchronous else check, name="check")
        alice.send({"type": "items", "action": "create", "collection": "messages", "data": {"text": "bad"}})
        assert alice.silent()
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
        told = "no answer for the client: check raised ValueError, and only a DirectusError is told"
        assert told in moments(bench)
        (lint,) = [one for one in lints(bench, {})["lints"] if one["rule"] == "unanswered"]
        assert "DirectusError" in lint["fix"]


def test_a_filter_that_returns_another_payload_has_changed_it() -> None:
    """The trace says so of calls and events, without a snapshot too; one that hands it on has not."""

    async def shorten(payload: Any) -> Any:
        await asyncio.sleep(0)
        return {**payload, "text": payload["text"][:4]}

    with serving() as bench, person(bench) as alice:
        for function in (lambda payload: payload, lambda payload: {**payload, "text": "trimmed"}, shorten):
            bench.filter("messages.items.create", function)
        bench.trace.snapshots.limit(0)
        assert alice.items("create", data={"text": " wide "})["data"]["text"] == "trim"
        calls = bench.trace.calls
        assert list(calls[calls.point == "filter messages.items.create"].outcome) == [
            "ok",
            "changed",
            "changed",
        ]
        assert "changed" in list(bench.trace.dispatches.outcome)


def test_silent_filters_keep_the_message_and_the_trace_says_so() -> None:
    """A filter that returns nothing keeps the message; the trace says what the guide would do."""
    with serving() as bench, person(bench) as alice:
        bench.filter("websocket.message", lambda: None, name="forgetful")
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
        expected = (
            "the documentation differs: it would block the message, for which forgetful returned nothing"
        )
        assert expected in moments(bench)
        dispatch = bench.trace.moments["dispatch"][0]
        assert bench.trace.dispatches["point"][bench.trace.dispatches["dispatch"] == dispatch].tolist() == [
            "filter websocket.message"
        ]


def test_silent_filters_block_where_the_documentation_is_followed() -> None:
    """Documentation: a filter that returns nothing blocks the message, async ones too; the trace says so."""

    async def forgets(message: Any) -> Any:
        await asyncio.sleep(0)
        return message if message["type"] != "lost" else None

    with serving(follow="documentation") as bench, person(bench) as alice:
        bench.filter("websocket.message", forgets)
        reached: list[str] = []
        bench.action("websocket.message", lambda meta: reached.append(meta.message["type"]))
        alice.send({"type": "lost"})
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
        until(lambda: reached == ["ping"])
        assert any("it would keep the message, for which forgets" in text for text in moments(bench))


def test_order_of_actions_and_handling() -> None:
    """Running system: actions before the built-in handling; documentation: after it; the trace says so."""
    for follow, expected in (("system", ["hook", "pong"]), ("documentation", ["pong", "hook"])):
        with serving(follow=follow) as bench, person(bench) as alice:
            bench.action("websocket.message", lambda meta: meta.client.send({"type": "hook"}))
            alice.send({"type": "ping"})
            assert [alice.next()["type"], alice.next()["type"]] == expected
            differs = [text for text in moments(bench) if "before these actions" in text]
            assert bool(differs) == (follow == "system")


def test_slow_filters_and_overtaking() -> None:
    """Later messages overtake a slow filter, and the trace says so; in the documentation they wait."""

    async def slow(message: Any) -> Any:
        if message["type"] == "ping" and message["uid"] == "slow":
            await asyncio.sleep(0.2)
        return message

    for follow, expected in (("system", ["fast", "slow"]), ("documentation", ["slow", "fast"])):
        with serving(follow=follow) as bench, person(bench) as alice:
            bench.filter("websocket.message", slow)
            alice.send({"type": "ping", "uid": "slow"})
            alice.send({"type": "ping", "uid": "fast"})
            assert [alice.next()["uid"], alice.next()["uid"]] == expected
            assert any("it would let this message wait" in text for text in moments(bench)) == (
                follow == "system"
            )


def test_slow_work_in_an_action_holds_nobody() -> None:
    """The same work moved from a filter into an action: the wait leaves the client's answer."""

    async def work(meta: Any) -> None:
        del meta
        await asyncio.sleep(seconds)

    seconds = 0.2
    with serving() as bench, person(bench) as alice:
        hook = bench.chain("filter").attach(work, lane="websocket.message")
        begun = time.perf_counter()
        alice.ask({"type": "ping"})
        assert time.perf_counter() - begun > 0.19
        bench.chain("filter").remove(hook)
        seconds = 0.6
        bench.action("websocket.message", work)
        alice.ask({"type": "ping"})
        assert "pending" in set(bench.trace.calls["outcome"])
        until(lambda: "pending" not in set(bench.trace.calls["outcome"]))
        calls = bench.trace.calls
        assert (calls["wait_ns"] > 150_000_000).all()
        assert list(calls["point"]) == ["filter websocket.message", "action websocket.message"]


@pytest.mark.parametrize(("follow", "expected"), [("system", []), ("documentation", ["alice"])])
def test_first_sign_in_and_auth_success(follow: str, expected: list[str]) -> None:
    """The first sign-in emits auth.success only where the documentation is followed (R47)."""
    told: list[str] = []
    with serving(follow=follow) as bench:
        bench.action("websocket.auth.success", lambda meta: told.append(meta.client.accountability.user))
        with person(bench) as alice:
            alice.ask({"type": "ping"})
            assert told == expected
            noted = any("it would emit websocket.auth.success" in text for text in moments(bench))
            assert noted == (follow == "system")


def test_one_message_is_one_story() -> None:
    """The message's filters, the item's filters, the write, the actions and the answer share their root."""
    with serving() as bench, person(bench) as alice:
        bench.filter("websocket.message", lambda message: message, name="look")
        bench.filter("items.create", lambda payload: payload, name="general")
        bench.filter("messages.items.create", lambda payload: payload, name="specific")
        bench.action("messages.items.create", lambda: None, name="after")
        alice.items("create", data={"text": "x"})
        frame = bench.trace.dispatches
        assert list(frame["point"]) == [
            "filter websocket.message", "filter messages.items.create", "action messages.items.create",
        ]  # fmt: skip
        root = frame["dispatch"][0]
        assert list(frame["parent"]) == [-1, root, root]
        told = bench.trace.moments
        assert list(told["text"]) == ["written: messages row 1", "client answered"]
        assert set(told["dispatch"]) == {root}
        hooks = bench.trace.calls
        assert list(hooks["hook"]) == ["look", "general", "specific", "after"]

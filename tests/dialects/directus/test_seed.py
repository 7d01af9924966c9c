"""The six samples of Directus's own guide to WebSocket hooks, written as they are there, but in Python."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.dialects.directus.support import EDITOR, person, serving, until
from workbench.dialects.directus import Registrar


def test_react_to_connection_events() -> None:
    """Connecting, disconnecting and signing in again are told, each with the client."""
    told: list[str] = []

    def extension(action: Registrar) -> None:
        @action("websocket.connect")
        def connected(*, client: Any) -> None:
            told.append(f"Client connected: {client.uid}")

        @action("websocket.close")
        def disconnected(*, client: Any) -> None:
            told.append(f"Client disconnected: {client.uid}")

        @action("websocket.auth.success")
        def authenticated(*, client: Any) -> None:
            told.append(f"Authenticated: user {client.accountability.user}")

    with serving(extensions=[extension]) as bench:
        with person(bench) as alice:
            uid = until(lambda: [client.uid for client in bench.clients])[0]
            assert alice.ask({"type": "auth", "access_token": "rita-token"}) == {
                "type": "auth",
                "status": "ok",
            }
        until(lambda: len(told) == 3)
    assert told == [f"Client connected: {uid}", "Authenticated: user rita", f"Client disconnected: {uid}"]


def test_handle_custom_message_types() -> None:
    """An action sees a custom message parsed, with who sent it."""
    told: list[str] = []

    def extension(action: Registrar) -> None:
        @action("websocket.message")
        def typing(*, message: Any, client: Any) -> None:
            if message["type"] != "typing-indicator":
                return
            told.append(f"User {client.accountability.user} is typing in {message['channel']}")

    with serving(extensions=[extension]) as bench, person(bench) as alice:
        alice.send({"type": "typing-indicator", "channel": "lobby"})
        assert alice.ask({"type": "ping"}) == {"type": "pong"}
    assert told == ["User alice is typing in lobby"]


def test_intercept_and_modify_messages() -> None:
    """A filter gives subscriptions their default fields."""

    def extension(filter: Registrar) -> None:  # noqa: A002 - its name there
        @filter("websocket.message")
        def fields(message: Any) -> Any:
            if message["type"] == "subscribe" and not (message.get("query") or {}).get("fields"):
                message["query"] = {**(message.get("query") or {}), "fields": ["id", "date_created"]}
            return message

    with serving(extensions=[extension]) as bench, person(bench) as alice:
        alice.items("create", data={"text": "x"})
        init = alice.ask({"type": "subscribe", "collection": "messages"})
        assert set(init["data"][0]) == {"id", "date_created"}


@pytest.mark.parametrize("to", [None, {"user": "rita"}], ids=["all", "one user"])
def test_push_messages_to_clients(to: dict[str, str] | None) -> None:
    """The service broadcasts what an item action saw, to all or to one user."""

    def extension(action: Registrar, services: Any) -> None:
        @action("items.create")
        def notify(*, payload: Any, collection: Any) -> None:
            if collection != "notifications":
                return
            service = services.WebSocketService()
            message = json.dumps({"type": "notification", "data": payload})
            service.broadcast(message) if to is None else service.broadcast(message, to)

    with (
        serving(extensions=[extension]) as bench,
        person(bench) as alice,
        person(bench, "rita-token") as rita,
    ):
        until(lambda: len(bench.clients) == 2)
        told = {"type": "notification", "data": {"title": "hello"}}
        create = {
            "type": "items",
            "action": "create",
            "collection": "notifications",
            "data": {"title": "hello"},
        }
        first = alice.ask(create)
        assert first == told if to is None else first["type"] == "items"
        assert rita.next() == told


def test_more_control_by_clients() -> None:
    """The set of clients is walked through, and some are sent to."""

    def extension(action: Registrar, services: Any) -> None:
        @action("items.create")
        def alert(*, payload: Any) -> None:
            for client in services.WebSocketService().clients():
                if client.accountability.role == EDITOR:
                    client.send(json.dumps({"type": "alert", "data": payload}))

    with (
        serving(extensions=[extension]) as bench,
        person(bench) as alice,
        person(bench, "rita-token") as rita,
    ):
        until(lambda: len(bench.clients) == 2)
        assert alice.items("create", data={"text": "x"}) == {"type": "alert", "data": {"text": "x"}}
        assert alice.next()["type"] == "items"
        assert rita.silent()

"""The Python provider against a real bench."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from workbench import Workbench
from workbench.dialects.hocuspocus import reject
from workbench.testing.ports import free_port
from workbench.testing.provider import Provider


@pytest.fixture
def bench() -> Iterator[Any]:
    """A bench that refuses the token "no" and lets "look" only read."""

    def authenticate(data: Any) -> dict[str, str]:
        if data.token == "no":
            reject(reason="not you")
        data.connection_config.read_only = data.token == "look"
        return {"user": data.token}

    running: Any = Workbench("hocuspocus", name="provider", database=None)
    running.configure(
        onAuthenticate=authenticate, onStateless=lambda data: data.connection.send_stateless("pong")
    )
    running.start(port=free_port())
    yield running
    running.stop()


def test_two_providers_write_one_text(bench: Any) -> None:
    """Both have all of it, and nothing stays unsynced."""
    with Provider(bench.ws_url, "doc", "ada") as ada, Provider(bench.ws_url, "doc", "bob") as bob:
        ada.insert(0, "hello ")
        bob.insert(0, "world ")
        bob.set("a", 1)
        for one in (ada, bob):
            one.settle()
            assert one.wait(lambda one=one: len(one.text) == 12 and one.values)
            assert one.unsynced == 0
        assert ada.text == bob.text
        assert ada.values == bob.values == {"a": 1}


def test_awareness_and_stateless_messages(bench: Any) -> None:
    """What one says the other hears, until it leaves."""
    with Provider(bench.ws_url, "doc", "ada") as ada:
        with Provider(bench.ws_url, "doc", "bob") as bob:
            bob.say({"name": "Bob"})
            assert ada.wait(lambda: {"name": "Bob"} in ada.others.values())
            bob.send_stateless("ping")
            assert bob.wait(lambda: bob.stateless == ["pong"])
        assert ada.wait(lambda: not ada.others)


def test_a_refused_provider_knows_why(bench: Any) -> None:
    """And one that may only look keeps its changes."""
    with Provider(bench.ws_url, "doc", "no") as stranger:
        assert (stranger.state, stranger.reason) == ("denied", "not you")
        assert "not you" in repr(stranger)
    with Provider(bench.ws_url, "doc", "look") as reader:
        assert reader.read_only
        reader.set("a", 1)
        reader.settle()
        assert reader.unsynced > 0
        bench.close_connections()
        assert reader.wait(lambda: reader.state == "closed")
        assert reader.reason == "Reset Connection"

"""Ports for servers under test."""

from __future__ import annotations

import socket

import pytest

from workbench.testing import free_port, ports


def test_a_port_is_free_and_below_the_systems_own() -> None:
    """It can be bound, and no outgoing connection is given it."""
    port = free_port()

    assert 20_000 <= port < 32_000
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))


def test_several_ports_follow_one_another() -> None:
    """All of a row can be bound at once."""
    first = free_port(3)
    sockets = [socket.socket() for _ in range(3)]
    try:
        for step, listener in enumerate(sockets):
            listener.bind(("127.0.0.1", first + step))
    finally:
        for listener in sockets:
            listener.close()


def test_running_out_of_ports_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the range."""
    monkeypatch.setattr(ports, "_is_free", lambda _: False)

    with pytest.raises(OSError, match="between 20000 and 31999"):
        free_port()


def test_a_port_in_use_is_not_free() -> None:
    """Somebody who listens keeps the port from being given out."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        assert not ports._is_free(listener.getsockname()[1])

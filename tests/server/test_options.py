"""Options are checked when they are made."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.server import ServerOptions
from workbench.server.errors import InvalidOption, ServerError


@pytest.mark.parametrize(
    "options",
    [
        {"port": -1},
        {"port": 65536},
        {"port": "80"},
        {"port": True},
        {"host": 3},
        {"host": None},
        {"token": 3},
        {"token": ""},
        {"origins": 3},
        {"hosts": ["a", 3]},
        {"idle_timeout": True},
        {"idle_timeout": float("nan")},
        {"max_message": 0},
        {"max_message": None},
        {"header_limit": -1},
        {"body_limit": "x"},
        {"idle_timeout": 0},
        {"stop_timeout": None},
        {"certificate": "a.pem"},
        {"key": "a.pem"},
    ],
)
def test_impossible_values_are_refused_by_name(options: dict[str, Any]) -> None:
    """The sentence names the option, what is expected and what came."""
    with pytest.raises(InvalidOption, match=next(iter(options))):
        ServerOptions(**options)


def test_none_means_no_limit_where_it_may() -> None:
    """Timeouts and the body may be unlimited."""
    options = ServerOptions(
        body_limit=None, idle_timeout=None, header_timeout=None, body_timeout=None, keep_alive_timeout=None
    )
    assert options.idle_timeout is None


def test_options_can_be_changed_and_listed() -> None:
    """A changed copy is checked again; the names serve whoever sorts options."""
    options = ServerOptions(port=1).changed(port=2)
    assert options.port == 2
    assert {"host", "port", "origins", "token", "idle_timeout"} <= ServerOptions.names()
    with pytest.raises(ServerError):
        options.changed(port=-1)

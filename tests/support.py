"""What tests of several packages share: clients of a line or two, and a loop for a test."""

from __future__ import annotations

import asyncio
import functools
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any

from websockets.sync.client import ClientConnection


def ask(client: ClientConnection, text: str) -> str | bytes:
    """Send a message and give the next one that comes."""
    client.send(text)
    return client.recv(timeout=20)


def http(url: str, **headers: str) -> tuple[int, str]:
    """Ask for a page and give status and body."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test on a loop of its own, as a cell does."""

    @functools.wraps(test)
    def run() -> None:
        asyncio.run(test())

    del run.__wrapped__  # pytest would see a coroutine
    return run

"""Clients of a line or two, for tests over real sockets."""

from __future__ import annotations

import urllib.error
import urllib.request

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

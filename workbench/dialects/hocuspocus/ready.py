"""Ready-made hooks: each a few lines to start from, to read and to copy."""

from __future__ import annotations

__all__ = ["READY"]

from typing import Any

from workbench.dialects.base import Ready
from workbench.dialects.hocuspocus.errors import reject
from workbench.dialects.hocuspocus.payloads import (
    AuthenticatePayload,
    ChangePayload,
    ConnectPayload,
    HandleAwarenessPayload,
    LoadDocumentPayload,
    RequestPayload,
    StatelessPayload,
    StoreDocumentPayload,
)
from workbench.dialects.hocuspocus.text import content_of


def read_token(data: AuthenticatePayload) -> dict[str, Any]:
    """Put the token into context.user."""
    return {"user": data.token or "guest"}


def refuse_without_token(data: AuthenticatePayload) -> None:
    """Deny clients that bring no token, with a reason."""
    if not data.token:
        reject(reason="a token is needed")


def log_change(data: ChangePayload) -> None:
    """Print who changed what; the text is shown with the event."""
    who = data.context.get("user", "somebody")
    print(f"{who} changed {data.document_name} by {len(data.update)} bytes")  # noqa: T201  # what it is for


def read_only_guests(data: AuthenticatePayload) -> None:
    """Let clients without a token read, and no more."""
    data.connection_config.read_only = not data.token


def welcome_text(data: LoadDocumentPayload) -> None:
    """Begin a new document with a line of text."""
    if data.document.is_empty("text"):
        data.document.get_text("text").insert(0, f"This is {data.document_name}.\n")


def print_content(data: StoreDocumentPayload) -> None:
    """Print what is stored."""
    print(content_of(data.document))  # noqa: T201  # as above


def pong(data: StatelessPayload) -> None:
    """Answer the stateless message "ping" by "pong"."""
    if data.payload == "ping":
        data.connection.send_stateless("pong")


def who_connects(data: ConnectPayload) -> dict[str, Any]:
    """Put the client's address into context.address."""
    return {"address": data.request.remote_address}


def hide_names(data: HandleAwarenessPayload) -> None:
    """Leave names out of what clients say of themselves."""
    for state in data.states.values():
        if isinstance(state, dict):
            state.pop("name", None)


def health(data: RequestPayload) -> None:
    """Answer GET /health with the number of documents."""
    if data.request.path == "/health":
        data.response.end(f"{data.instance.get_documents_count()} documents\n")
        reject()


def _ready(point: str, function: Any) -> Ready:
    return Ready(function.__name__, point, function, function.__doc__.rstrip("."))


READY = (
    _ready("onAuthenticate", read_token),
    _ready("onChange", log_change),
    _ready("onAuthenticate", refuse_without_token),
    _ready("onAuthenticate", read_only_guests),
    _ready("onLoadDocument", welcome_text),
    _ready("onStoreDocument", print_content),
    _ready("onStateless", pong),
    _ready("onConnect", who_connects),
    _ready("beforeHandleAwareness", hide_names),
    _ready("onRequest", health),
)

"""Signed JSON to a URL when something happens (the original's `webhook`)."""

from __future__ import annotations

__all__ = ["Webhook", "sign"]

import asyncio
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workbench.dialects.hocuspocus.errors import FORBIDDEN, Rejection
from workbench.dialects.hocuspocus.text import content_of
from workbench.engine.errors import WorkbenchError

EVENTS = ("change", "connect", "create", "disconnect")
_PATIENCE = 10.0


def sign(secret: str, body: bytes) -> str:
    """Give the signature of a body, as it stands in X-Hocuspocus-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Webhook:
    """Posts events; what answers a connect becomes context.

    Parameters
    ----------
    url
        Where to, http or https.
    secret
        The key of the signature.
    events
        Some of change, connect, create, disconnect.
    debounce, max_debounce
        Seconds: of several changes of one document, the last is posted.
    transform
        From a document to what is posted of it; its text by default.
    """

    extension_name = "webhook"

    def __init__(
        self,
        url: str,
        *,
        secret: str = "",
        events: Iterable[str] = ("change",),
        debounce: float = 2.0,
        max_debounce: float = 10.0,
        transform: Callable[[Any], Any] = content_of,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise WorkbenchError(f"A webhook is an http or https URL, not {url!r}")
        unknown = set(events) - set(EVENTS)
        if unknown:
            raise WorkbenchError(
                f"A webhook's events are {', '.join(EVENTS)}, not {', '.join(sorted(unknown))}"
            )
        self._url, self._secret, self._events = url, secret, frozenset(events)
        self._debounce, self._max_debounce = debounce, max_debounce
        self._transform = transform
        self._waiting: dict[str, tuple[asyncio.TimerHandle, float]] = {}
        self._posting: set[asyncio.Task[None]] = set()

    async def on_change(self, data: Any) -> None:
        """Post a change, when no other has followed for a while."""
        if "change" not in self._events:
            return
        loop, name = asyncio.get_running_loop(), data.document_name
        old = self._waiting.pop(name, None)
        if old is not None:
            old[0].cancel()
        first = loop.time() if old is None else old[1]
        delay = 0.0 if loop.time() - first >= self._max_debounce else self._debounce
        self._waiting[name] = (loop.call_later(delay, self._begin, name, data), first)

    def _begin(self, name: str, data: Any) -> None:
        self._waiting.pop(name, None)
        task = asyncio.get_running_loop().create_task(self._post_change(data))
        self._posting.add(task)
        task.add_done_callback(self._posting.discard)

    async def _post_change(self, data: Any) -> None:
        body = {**_about(data), "document": self._transform(data.document)}
        try:
            await self._post("change", body)
        except OSError as error:
            data.instance.escaped(error, "onChange")

    async def on_load_document(self, data: Any) -> None:
        """Post that a document is made; an answer of `{field: text}` fills an empty document."""
        if "create" not in self._events:
            return
        answer = await self._post("create", _about(data))
        for name, words in (answer if isinstance(answer, Mapping) else {}).items():
            if isinstance(words, str) and data.document.is_empty(name):
                data.document.get_text(name).insert(0, words)

    async def on_connect(self, data: Any) -> Any:
        """Post a connect; the answer becomes context, and a failure denies with "Forbidden"."""
        if "connect" not in self._events:
            return None
        try:
            return await self._post("connect", _about(data))
        except OSError as error:
            raise Rejection(str(error), reason=FORBIDDEN.reason) from error

    async def on_disconnect(self, data: Any) -> None:
        """Post that a connection has left."""
        if "disconnect" in self._events:
            await self._post("disconnect", {**_about(data), "context": dict(data.context)})

    async def _post(self, event: str, payload: Mapping[str, Any]) -> Any:
        """Post an event; what came as JSON.

        Raises
        ------
        OSError
            Where nobody answers with a status below 400.
        """
        body = json.dumps({"event": event, "payload": payload}, default=repr).encode()
        return await asyncio.to_thread(self._send, body)

    def _send(self, body: bytes) -> Any:
        headers = {
            "Content-Type": "application/json",
            "X-Hocuspocus-Signature-256": sign(self._secret, body),
        }
        request = urllib.request.Request(self._url, body, headers)  # noqa: S310  # checked to be http
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310  # as above
                words = answer.read()
        except urllib.error.HTTPError as error:
            error.close()
            raise
        try:
            return json.loads(words)
        except ValueError:
            return None


def _about(data: Any) -> dict[str, Any]:
    return {
        "document_name": data.document_name,
        "request_headers": dict(data.request_headers.items()),
        "request_parameters": dict(data.request_parameters),
    }

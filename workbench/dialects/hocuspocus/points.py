"""The hook points of Hocuspocus: the seed's fourteen and the newer ones, in the order of being met."""

from __future__ import annotations

__all__ = ["ALIASES", "CONFIGURATION", "DEFAULT_PRIORITY", "HOOKS", "POINTS", "arrange"]

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pycrdt import Doc

from workbench.dialects.hocuspocus.payloads import PAYLOADS, members_of
from workbench.dialects.hocuspocus.shadows import shadow_of
from workbench.dialects.hocuspocus.text import content_of
from workbench.engine.hooks import Hook
from workbench.engine.points import IGNORE, Point, Policy, Reduce, Stop, adds_to, by_priority
from workbench.server.messages import Response

CONFIGURATION = "configuration"
"""The lane of the configuration's own functions, which run last whatever their priority (1, 2)."""

DEFAULT_PRIORITY = 100
"""Of extensions that name none (1)."""


def arrange(hooks: Sequence[Hook]) -> Sequence[tuple[Hook, str]]:
    """Put extensions in order of priority, ties as they were registered, then the configuration (1)."""
    extensions = by_priority([hook for hook in hooks if hook.lane != CONFIGURATION])
    last = [(hook, "the configuration runs last") for hook in hooks if hook.lane == CONFIGURATION]
    return [*extensions, *last]


def _merge(data: Any, result: Any) -> Any:
    data.add(result)
    return data


def _adds(data: Any, result: Any) -> bool:
    return isinstance(result, Mapping) and adds_to({**data.context, **data.additions}, result)


def _load(data: Any, result: Any) -> Any:
    """Apply what a unit of onLoadDocument returned: a document, or the bytes of an update (25)."""
    if isinstance(result, Doc):
        data.document.apply(result.get_update(), None)
    elif isinstance(result, bytes | bytearray | memoryview):
        data.document.apply(bytes(result), None)
    return data


def _loads(_data: Any, result: Any) -> bool:
    return isinstance(result, Doc | bytes | bytearray | memoryview)


MERGE_CONTEXT = Reduce("merge into the context", _merge, feeds=True, changes=_adds)
MERGE_DOCUMENT = Reduce("merge into the document", _load, feeds=True, changes=_loads)
LAST = Reduce("the last", lambda _before, result: result)
ANSWER = Reduce(
    "the first response", lambda before, result: Stop(result) if isinstance(result, Response) else before
)

_REDUCES = {
    "onConnect": MERGE_CONTEXT,
    "onAuthenticate": MERGE_CONTEXT,
    "onTokenSync": MERGE_CONTEXT,
    "onLoadDocument": MERGE_DOCUMENT,
    "onCreateDocument": LAST,
    "onRequest": ANSWER,
    "onUpgrade": ANSWER,
}

_WHEN = {
    "onConfigure": "When the server has been configured; before it listens.",
    "onListen": "When the port is open.",
    "onRequest": "For each HTTP request: answer and reject with nothing, or return a Response.",
    "onUpgrade": "Once per socket, before it becomes a WebSocket.",
    "onConnect": "With a document's first auth frame, before the token is judged; results become context.",
    "onAuthenticate": "Right after onConnect, also with an empty token; results become context.",
    "onTokenSync": "When a client sends its token again; results become context.",
    "onCreateDocument": "Before a document is made; the last extension's options count.",
    "onLoadDocument": "A document is loading: return a document or an update, or edit the given one.",
    "afterLoadDocument": "A document is loaded, before anyone is connected.",
    "connected": "A connection is registered; its queued frames are being handled already.",
    "beforeHandleMessage": "For each frame of an established document; a rejection closes the document.",
    "beforeSync": "For each sync frame, before it is applied.",
    "beforeHandleAwareness": "For each awareness frame, before it is applied; edit states to change it.",
    "afterHandleMessage": "When a frame was handled, or its handling failed; a slow one delays the next.",
    "onAwarenessUpdate": "When somebody's awareness changed, a leaver's too.",
    "onChange": "Once per transaction that changed something; nobody waits for it.",
    "onStoreDocument": "Debounced after changes, at once when the last client leaves.",
    "afterStoreDocument": "When all of onStoreDocument has passed.",
    "onStateless": "For each stateless message; a slow one can be overtaken.",
    "beforeBroadcastStateless": "When the server broadcasts a stateless message; cannot stop it.",
    "onDisconnect": "A connection has left its document, after its pending frames.",
    "beforeUnloadDocument": "A document is about to be unloaded; a rejection keeps it.",
    "afterUnloadDocument": "A document was unloaded.",
    "onDestroy": "The server ends, when all documents are unloaded.",
}

_SHOWN = (
    "context",
    "last_context",
    "token",
    "document_name",
    "payload",
    "type",
    "states",
    "added",
    "removed",
)


def _snapshot(hook: str) -> Callable[[Any], dict[str, Any]] | None:
    """Make what gives the parts worth a snapshot: context, with what units added, and some members."""
    if hook in ("onConfigure", "onListen", "onDestroy", "afterUnloadDocument"):
        return None
    shown = [name for name in _SHOWN if name in members_of(hook)]

    def parts(data: Any) -> dict[str, Any]:
        found = {name: getattr(data, name, None) for name in shown}
        additions = getattr(data, "additions", None)
        if additions is not None:
            found["context"] = {**data.context, **additions}
        if hook in ("onLoadDocument", "onStoreDocument"):
            found["document"] = content_of(data.document)
        if hook == "onRequest":
            found["response"] = {"status": data.response.status, "answered": data.response.answered}
        return found

    return parts


def _alias(hook: str) -> str:
    return re.sub("([A-Z])", lambda found: "_" + found[0].lower(), hook)


def _point(hook: str) -> Point:
    return Point(
        hook,
        ("data",),
        Policy("fold", _REDUCES.get(hook, IGNORE)),
        _WHEN[hook],
        alias=_alias(hook),
        arrange=arrange,
        snapshot=_snapshot(hook),
        members=members_of(hook),
        shadow=shadow_of,
        priority=DEFAULT_PRIORITY,
    )


POINTS = tuple(_point(hook) for hook in PAYLOADS)
HOOKS = tuple(PAYLOADS)
"""The names of the hooks."""

ALIASES = {_alias(hook): hook for hook in HOOKS}
"""From each hook's snake_case name to its own."""

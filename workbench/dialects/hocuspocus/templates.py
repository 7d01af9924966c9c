"""Client messages to begin with, for the console and for traffic; what a provider sends, made by hand."""

from __future__ import annotations

__all__ = ["TEMPLATES", "TRAFFIC"]

from collections.abc import Mapping
from typing import Any

from pycrdt import Doc, Text

from workbench.dialects.hocuspocus.wire import STEP_1, UPDATE, AwarenessEntry, Frames, encoded_awareness


def _change() -> bytes:
    document: Doc[Text] = Doc(client_id=1)
    document.get("text", type=Text).insert(0, "hello")
    return document.get_update()


_FRAMES = Frames("notes")
_STATE = encoded_awareness([AwarenessEntry(1, 1, {"name": "Ada"})])

TEMPLATES: tuple[tuple[str, str | bytes], ...] = (
    ("token", _FRAMES.token("ada", "4.8.0")),
    ("sync step 1", _FRAMES.sync(STEP_1, b"\0")),
    ("change", _FRAMES.sync(UPDATE, _change())),
    ("awareness", _FRAMES.awareness(_STATE)),
    ("stateless", _FRAMES.stateless("ping")),
    ("close", _FRAMES.close()),
    ("malformed", _FRAMES.sync(9, b"")),
)
"""Label and frame of each, all for the document `notes`; a token comes first on a socket."""

TRAFFIC: Mapping[str, Mapping[str, Any]] = {
    "edits of one document": {
        "transport": "hocuspocus",
        "path": "/",
        "document": "traffic",
        "token": "traffic",
        "messages": ["word $id "],
    },
    "edits of a document each": {
        "transport": "hocuspocus",
        "path": "/",
        "document": "traffic-$client",
        "token": "traffic",
        "messages": ["word $id "],
    },
}
"""Templates for traffic by name; see `workbench.dialects.templates`."""

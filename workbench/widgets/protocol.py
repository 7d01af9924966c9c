"""The command channel's vocabulary, version 1: what a face may say, checked before anything looks at it.

`PROTOCOL.md` beside this file is the same for people. Every message is one JSON object with an ``op``. A face
is a page that anybody may have tampered with, so `read` accepts exactly what the tables below describe and
answers everything else with one sentence; nothing behind it meets a wrong type, an endless string or an
unknown word.
"""

from __future__ import annotations

__all__ = [
    "CHANNEL_PATH",
    "COMM_OPS",
    "DRAFT_LIMIT",
    "EDITS",
    "FILTER",
    "OPS",
    "PACES",
    "PARAMS",
    "TEXT_LIMIT",
    "VERSION",
    "VIEWS",
    "Field",
    "Malformed",
    "Message",
    "answer",
    "frame",
    "identifier",
    "read",
    "refused",
]

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from workbench.engine.hooks import EFFECTS

VERSION: Final = 1
"""Version of the channel; a face that speaks another one is refused."""

CHANNEL_PATH: Final = "/_workbench/channel"
"""Path of the side WebSocket on every built-in server."""

TEXT_LIMIT: Final = 1024 * 1024
"""Characters that the longest field of a message may have (what a console client sends)."""

DRAFT_LIMIT: Final = 256 * 1024
"""Characters of the longest draft of a hook."""

VIEWS: Final = (
    "header", "chain", "events", "inspector", "console", "history", "faults", "breakpoints", "traffic",
    "timeline", "story", "stats", "lints", "documents", "source",
)  # fmt: skip
PACES: Final = ("focused", "visible", "hidden")

_WORD: Final = 200
_LINES: Final = 2000
_SAFE_INTEGER: Final = 2**53 - 1  # the largest that a page can say exactly

Message = dict[str, Any]


class Malformed(Exception):
    """A message that the protocol does not know; the sentence goes to the face as it stands."""


@dataclass(frozen=True, slots=True)
class Field:
    """What one member of a message may be.

    Attributes
    ----------
    kind
        ``text``, ``integer``, ``number`` (may have a fraction), ``flag``,
        ``reference`` (text or null), ``texts``, ``integers`` (or null),
        ``object`` or ``reading`` (text, a whole number or null).
    required
        Whether the member must be there.
    choices
        The only texts allowed; empty: any.
    limit
        Longest text in characters, or most members of a list.
    """

    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    limit: int = _WORD


_ID = Field("integer")
_HOOK = Field("text", required=True)
_MODULE = {"file": Field("text", choices=("bench.js", "bench.css", "editor.js")), "id": _ID}

OPS: Final[Mapping[str, Mapping[str, Field]]] = {
    "hello": {
        "v": Field("integer", required=True),
        "token": Field("text"),
        "face": Field("text", choices=("widget", "lab", "page")),
        "id": _ID,
    },
    "edit": {"id": _ID, "revision": Field("integer"), "edit": Field("object", required=True)},
    "undo": {"id": _ID},
    "redo": {"id": _ID},
    "watch": {
        "view": Field("text", required=True, choices=VIEWS),
        "params": Field("object"),
        "pace": Field("text", choices=PACES),
        "id": _ID,
    },
    "unwatch": {"view": Field("text", required=True, choices=VIEWS), "id": _ID},
    "ack": {
        "view": Field("text", required=True, choices=VIEWS),
        "frame": Field("integer", required=True),
        "id": _ID,
    },
    "ask": {
        "id": _ID,
        "what": Field(
            "text",
            required=True,
            choices=("palette", "event", "why", "source", "cell", "connections", "places"),
        ),
        "point": Field("text"),
        "dispatch": Field("integer"),
        "hook": Field("text"),
        "until": Field("text"),
        "since": Field("text"),
    },
    "client": {
        "id": _ID,
        "do": Field("text", required=True, choices=("open", "send", "close", "clear")),
        "client": Field("text", limit=32),
        "path": Field("text", limit=4096),
        "data": Field("text", limit=TEXT_LIMIT),
        "binary": Field("text", limit=TEXT_LIMIT),
        "protocols": Field("texts", limit=16),
        "code": Field("integer"),
        "reason": Field("text"),
    },
    "fault": {
        "id": _ID,
        "do": Field("text", required=True, choices=("arm", "disarm")),
        "fault": Field("text"),
        "kind": Field("text"),
        "point": Field("text"),
        "hook": Field("text"),
        "connection": Field("number"),
        "probability": Field("number"),
        "seed": Field("number"),
        "ms": Field("number"),
        "spread_ms": Field("number"),
        "code": Field("number"),
        "reason": Field("text", limit=_LINES),
        "error": Field("text", limit=_LINES),
        "times": Field("number"),
    },
    "breakpoint": {
        "id": _ID,
        "do": Field("text", required=True, choices=("set", "clear", "resume", "drop", "raise")),
        "breakpoint": Field("text"),
        "held": Field("text"),
        "point": Field("text"),
        "hook": Field("text"),
        "when": Field("text", choices=("before", "after")),
        "connection": Field("number"),
        "condition": Field("text", limit=_LINES),
        "payload": Field("text", limit=TEXT_LIMIT),
        "result": Field("text", limit=TEXT_LIMIT),
        "reason": Field("text"),
    },
    "traffic": {
        "id": _ID,
        "do": Field("text", required=True, choices=("run", "stop")),
        "template": Field("text"),
        "clients": Field("number"),
        "rate": Field("number"),
        "pattern": Field("text"),
        "seconds": Field("number"),
        "seed": Field("number"),
        "late_ms": Field("number"),
    },
    "source": {
        "id": _ID,
        "do": Field("text", required=True, choices=("check", "apply", "return", "diff", "keep")),
        "hook": _HOOK,
        "text": Field("text", limit=DRAFT_LIMIT),
        "version": Field("integer"),
        "by": Field("text"),
        "seen": Field("integer"),
        "to": Field("integer"),
        "from": Field("integer"),
        "anyway": Field("flag"),
    },
    "save": {
        "id": _ID,
        "file": Field("text", required=True),
        "leave_out": Field("flag"),
        "over": Field("flag"),
    },
    "module": _MODULE,
    "server": {"id": _ID, "do": Field("text", required=True, choices=("start", "stop"))},
    "ping": {"id": _ID},
}
"""What a face may say, over either carrier."""

COMM_OPS: Final[Mapping[str, Mapping[str, Field]]] = {
    "module": _MODULE,
    "grant": {"id": _ID},
}
"""What a page may ask of the kernel over the comm alone."""

EDITS: Final[Mapping[str, Mapping[str, Field]]] = {
    "attach": {
        "point": Field("text", required=True),
        "ready": Field("text"),
        "function": Field("text"),
        "before": Field("reference"),
        "lane": Field("text"),
    },
    "remove": {"hook": _HOOK},
    "move": {"hook": _HOOK, "before": Field("reference"), "after": Field("reference"), "lane": Field("text")},
    "enable": {"hook": _HOOK, "on": Field("flag", required=True)},
    "replace": {"hook": _HOOK, "ready": Field("text"), "function": Field("text")},
    "duplicate": {"hook": _HOOK, "name": Field("text")},
    "wrap": {"hook": _HOOK},
    "set_effects": {"hook": _HOOK, "effects": Field("text", required=True, choices=EFFECTS)},
    "mark": {"name": Field("text", required=True)},
    "return_to": {"mark": Field("text", required=True)},
    "set_scope": {"hook": _HOOK, "connections": Field("integers", limit=10_000), "shadow": Field("flag")},
}
"""The edits that a face may ask for, by kind."""

PARAMS: Final[Mapping[str, Mapping[str, Field]]] = {
    "header": {},
    "chain": {"chain": Field("text")},
    "events": {
        "before": Field("integer"),
        "rank": Field("integer"),
        "limit": Field("integer"),
        "filter": Field("object"),
        "query": Field("text", limit=1000),
    },
    "inspector": {"dispatch": Field("reading")},
    "console": {},
    "history": {},
    "faults": {},
    "breakpoints": {},
    "traffic": {},
    "timeline": {"before": Field("integer"), "limit": Field("integer"), "query": Field("text", limit=1000)},
    "story": {"dispatch": Field("reading")},
    "stats": {"revision": Field("integer"), "against": Field("integer")},
    "lints": {},
    "documents": {},
    "source": {"hook": Field("text")},
}
"""Parameters of each view."""

FILTER: Final[Mapping[str, Field]] = {
    "point": Field("text"),
    "hook": Field("text"),
    "outcome": Field("text"),
    "connection": Field("integer"),
}
"""What the events view filters by; all given ones must hold."""


def read(message: object, ops: Mapping[str, Mapping[str, Field]] = OPS) -> Message:
    """Check a message from a face.

    Parameters
    ----------
    message
        What the carrier decoded; anything at all.
    ops
        The vocabulary in force.

    Returns
    -------
    dict
        The known members only; an edit and a view's parameters are checked as deeply.

    Raises
    ------
    Malformed
        With the sentence for the face.
    """
    if not isinstance(message, dict):
        raise Malformed(f"A message is a JSON object, not {_article(message)}.")
    op = message.get("op")
    if not isinstance(op, str) or op not in ops:
        raise Malformed(f"The channel has no op {_shown(op)}; it knows {', '.join(ops)}.")
    checked = _members(op, message, ops[op])
    if op == "edit":
        checked["edit"] = _edit(checked["edit"])
    elif op == "watch":
        checked["params"] = _params(checked["view"], checked.get("params") or {})
    return {"op": op, **checked}


def identifier(message: object) -> int | None:
    """Return the id under which to answer a message, however malformed the rest of it is."""
    found = message.get("id") if isinstance(message, dict) else None
    return found if _fits(_ID, found) else None


def answer(id: int, revision: int, *, python: str | None = None, data: object = None) -> Message:  # noqa: A002
    """Build the answer to a message that was done as asked."""
    made: Message = {"op": "answer", "id": id, "ok": True, "revision": revision}
    if python is not None:
        made["python"] = python
    if data is not None:
        made["data"] = data
    return made


def refused(id: int | None, revision: int, reason: str, field: str = "") -> Message:  # noqa: A002
    """Build the refusal of a message, with the reason for people, and the member that it is about."""
    made: Message = {"op": "refused", "id": id, "ok": False, "reason": reason, "revision": revision}
    return {**made, "field": field} if field else made


def frame(view: str, number: int, data: object) -> Message:
    """Build one frame of a view."""
    return {"op": "frame", "view": view, "frame": number, "data": data}


def _edit(edit: Message) -> Message:
    kind = edit.get("kind")
    if not isinstance(kind, str) or kind not in EDITS:
        raise Malformed(f"There is no edit of kind {_shown(kind)}; a face may ask for {', '.join(EDITS)}.")
    checked = _members(f"edit {kind}", edit, EDITS[kind])
    if kind in ("attach", "replace") and ("ready" in checked) == ("function" in checked):
        raise Malformed(
            f'The edit "{kind}" names either a ready-made hook ("ready") or a function ("function").'
        )
    return {"kind": kind, **checked}


def _params(view: str, params: Message) -> Message:
    checked = _members(f"watch {view}", params, PARAMS[view])
    if "filter" in checked:
        checked["filter"] = _members("the events filter", checked["filter"], FILTER)
    return checked


def _members(what: str, message: Message, fields: Mapping[str, Field]) -> Message:
    checked = {}
    for name, field in fields.items():
        if name in message and not (message[name] is None and _may_be_left_out(field)):
            checked[name] = _member(what, name, field, message[name])
        elif field.required:
            raise Malformed(f'"{what}" needs "{name}" ({_wanted(field)}).')
    return checked


def _may_be_left_out(field: Field) -> bool:
    """Null is the same as nothing, except where null says something of its own."""
    return not field.required and field.kind not in ("reference", "integers", "reading")


def _member(what: str, name: str, field: Field, value: object) -> object:
    if not _fits(field, value):
        raise Malformed(f'"{name}" of "{what}" must be {_wanted(field)}, not {_article(value)}.')
    if field.choices and value not in field.choices:
        raise Malformed(f'"{name}" of "{what}" must be {_wanted(field)}, not {_shown(value)}.')
    if isinstance(value, str | list) and len(value) > field.limit:
        raise Malformed(f'"{name}" of "{what}" is too long: {len(value)}, at most {field.limit}.')
    return int(value) if isinstance(value, float) and field.kind != "number" else value


def _fits(field: Field, value: object) -> bool:
    return _CHECKS[field.kind](value)


def _is_integer(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value == int(value) and abs(value) <= _SAFE_INTEGER


_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "text": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    ),
    "flag": lambda value: isinstance(value, bool),
    "reference": lambda value: value is None or isinstance(value, str),
    "reading": lambda value: value is None or isinstance(value, str) or _is_integer(value),
    "texts": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    "integers": lambda value: value is None or (isinstance(value, list) and all(map(_is_integer, value))),
    "object": lambda value: isinstance(value, dict),
}

_NOUNS = {
    "text": "a text",
    "integer": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "reference": "a text or null",
    "reading": "a whole number or a text",
    "texts": "a list of texts",
    "integers": "a list of whole numbers or null",
    "object": "an object",
}


def _wanted(field: Field) -> str:
    return "one of " + ", ".join(field.choices) if field.choices else _NOUNS[field.kind]


def _article(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "something else")


def _shown(value: object) -> str:
    if not isinstance(value, str):
        return _article(value)
    return f'"{value[:40]}..."' if len(value) > 40 else f'"{value}"'  # noqa: PLR2004 - enough to know it again

"""Payloads made fit to be shown: JSON values whose texts hide nothing and are not endless.

What clients send is hostile. A right-to-left override can make a line read as another one, a control
character can vanish, and a lone surrogate breaks the frame it stands in. So every text that came from outside
passes `visible` before it leaves the kernel; pages set it as text nodes all the same.
"""

from __future__ import annotations

__all__ = ["SHOWN_BYTES", "SHOWN_ITEMS", "shown", "spoken", "visible"]

import base64
import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

SHOWN_BYTES: Final = 64 * 1024
"""Characters (or bytes) of one payload text that a view carries; the rest is counted, not shown."""

SHOWN_ITEMS: Final = 1000
"""Members of one list or object that a view carries."""

_DEPTH: Final = 12
_BINARY: Final = 1024
_BYTE: Final = 0x20
_DELETE: Final = 0x7F

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def visible(text: str, limit: int = SHOWN_BYTES) -> str:
    """Return a text in which control, bidirectional and invisible characters can be seen.

    Parameters
    ----------
    text
        Any text, lone surrogates included.
    limit
        Characters to keep; what is cut is said at the end.
    """
    kept = text[:limit]
    made = _HIDDEN.sub(_picture, kept)
    return f"{made} ... (cut: {len(text):,} characters)" if len(text) > limit else made


def shown(value: object, limit: int = SHOWN_BYTES, depth: int = _DEPTH) -> Any:
    """Return a value as JSON can carry it: texts made visible, bytes described, size and depth bounded.

    Parameters
    ----------
    value
        Whatever a hook left in a payload or context.
    limit
        Characters to keep of each text, and of the whole value written as JSON; beyond it the beginning of
        that JSON stands in the value's place.
    depth
        Levels of lists and objects to go into.
    """
    made = _shown(value, limit, depth)
    if isinstance(made, dict | list):
        written = json.dumps(made, ensure_ascii=False)
        if len(written) > limit:
            return f"{written[:limit]} ... (cut: {len(written):,} characters)"
    return made


def spoken(value: object, limit: int = SHOWN_BYTES) -> str:
    """Return a value as a person reads it: JSON where it is JSON, texts in quotes.

    Parameters
    ----------
    value
        As `shown`.
    limit
        Characters to keep.
    """
    made = shown(value, limit)
    plain = isinstance(made, str) and not isinstance(value, str)  # a description, not a text of the payload's
    return made if plain else json.dumps(made, ensure_ascii=False)


def _shown(value: object, limit: int, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return visible(str(value), limit)
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else visible(repr(int(value)), limit)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else repr(float(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return _binary(bytes(value))
    return _collection(value, limit, depth)


def _collection(value: object, limit: int, depth: int) -> Any:
    if depth <= 0:
        return "..."
    if isinstance(value, Mapping):
        pairs = list(value.items())[:SHOWN_ITEMS]
        made = {visible(str(key), 200): _shown(item, limit, depth - 1) for key, item in pairs}
        return _counted(made, len(value))
    if isinstance(value, list | tuple | set | frozenset):
        items = [_shown(item, limit, depth - 1) for item in list(value)[:SHOWN_ITEMS]]
        return items if len(value) <= SHOWN_ITEMS else [*items, f"... ({len(value):,} items)"]
    return visible(_described(value), limit)


def _counted(made: dict[str, Any], size: int) -> dict[str, Any]:
    if size > SHOWN_ITEMS:
        made["..."] = f"({size:,} members)"
    return made


def _described(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a broken __repr__ is the user's, and no reason to lose the view
        return f"<{type(value).__name__}, whose repr raised {type(error).__name__}>"


def _binary(data: bytes) -> str:
    more = f" ... ({len(data):,} bytes)" if len(data) > _BINARY else f" ({len(data)} bytes)"
    return "base64 " + base64.b64encode(data[:_BINARY]).decode() + more


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < _BYTE:
        return chr(0x2400 + code)
    return "\u2421" if code == _DELETE else f"\u27e8U+{code:04X}\u27e9"

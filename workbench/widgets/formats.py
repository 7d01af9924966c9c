"""A payload in every form in which it makes sense: text, JSON, MessagePack, Yjs, hex."""

from __future__ import annotations

__all__ = ["FORMATS", "formats"]

import json
from collections.abc import Callable
from typing import Any, Final

from workbench.widgets import msgpack
from workbench.widgets.text import shown, visible

FORMATS: Final = ("json", "text", "messagepack", "yjs", "hex")
"""In the order in which they are offered."""

_LIMIT: Final = 4_000
_HEX_BYTES: Final = 512
_ROW: Final = 16
_SYNC: Final = ("asks for what it does not have", "answers with changes", "sends changes")
_TYPES: Final = {
    0: "sync",
    1: "awareness",
    2: "authentication",
    3: "asks for awareness",
    4: "sync reply",
    5: "stateless",
    6: "broadcast stateless",
    7: "close",
    8: "sync status",
}


def formats(data: str | bytes) -> dict[str, str]:
    """Write a payload in each form that fits it.

    Parameters
    ----------
    data
        What was sent or received, whole or its beginning.

    Returns
    -------
    dict
        Some of `FORMATS`, in that order, with texts that are fit to be shown.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    makers: dict[str, Callable[[], str]] = {
        "json": lambda: _json(raw),
        "text": lambda: data if isinstance(data, str) else _text(raw),
        "messagepack": lambda: _messagepack(data),
        "yjs": lambda: _yjs(data),
        "hex": lambda: _hex(raw),
    }
    made = {}
    for name, maker in makers.items():
        try:
            made[name] = visible(maker(), _LIMIT)
        except _Unfit:
            continue
    return made


class _Unfit(Exception):
    """The payload is nothing of this kind."""


def _json(raw: bytes) -> str:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _Unfit from error
    return json.dumps(shown(value, _LIMIT), ensure_ascii=False, indent=2)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise _Unfit from error


def _messagepack(data: str | bytes) -> str:
    if isinstance(data, str) or len(data) < 2:  # noqa: PLR2004 - any one byte is a number, and says nothing
        raise _Unfit
    try:
        value = msgpack.decode(data)
    except msgpack.NotMessagePack as error:
        raise _Unfit from error
    return json.dumps(shown(value, _LIMIT), ensure_ascii=False, indent=2)


def _hex(raw: bytes) -> str:
    rows = []
    for at in range(0, min(len(raw), _HEX_BYTES), _ROW):
        part = raw[at : at + _ROW]
        told = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)  # noqa: PLR2004 - printable ASCII
        rows.append(f"{at:04x}  {part.hex(' '):<{3 * _ROW - 1}}  {told}")
    if len(raw) > _HEX_BYTES:
        rows.append(f"... {len(raw):,} bytes in all")
    return "\n".join(rows)


# Yjs ------------------------------------------------------------------------------------------------


def _yjs(data: str | bytes) -> str:
    """Describe a message of Hocuspocus (document, type, content), or an update on its own."""
    if isinstance(data, str):
        raise _Unfit
    try:
        return _message(data)
    except (_Unfit, UnicodeDecodeError):
        return _update(data)


def _message(data: bytes) -> str:
    name, at = _bytes(data, 0)
    kind, at = _number(data, at)
    if kind not in _TYPES or not name:
        raise _Unfit
    told = f'document "{name.decode()}": {_TYPES[kind]}'
    if kind in (0, 4):
        step, at = _number(data, at)
        if step >= len(_SYNC):
            raise _Unfit
        content, at = _bytes(data, at)
        told += f", {_SYNC[step]} ({len(content)} bytes)"
        if step:
            told += f"\n{_update(content)}"
    return told


def _update(data: bytes) -> str:
    """Apply an update to an empty document, and say what is in it then."""
    import pycrdt

    document: Any = pycrdt.Doc()
    try:
        document.apply_update(data)
        state = pycrdt.Doc.get_state(document)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise _Unfit from error  # Rust's panics are no Exceptions
    clients, _ = _number(state, 0)
    if not clients and len(data) > 2:  # noqa: PLR2004 - the empty update is two zeros
        return f"an update of {len(data)} bytes that builds on changes which are not here"
    return (
        f"an update of {len(data)} bytes by {clients} client{'' if clients == 1 else 's'}: {_roots(document)}"
    )


def _roots(document: Any) -> str:
    names = list(document.keys())
    return "changes " + ", ".join(f'"{name}"' for name in names) if names else "changes nothing"


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, as Yjs writes them."""
    value = shift = 0
    while at < len(data) and shift < 64:  # noqa: PLR2004 - longer ones are none
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:  # noqa: PLR2004 - the last byte of a number
            return value, at
        shift += 7
    raise _Unfit


def _bytes(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _number(data, at)
    if at + size > len(data):
        raise _Unfit
    return data[at : at + size], at + size

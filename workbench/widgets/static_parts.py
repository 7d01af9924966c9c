"""What the static view is put together from: tables and figures as markup that is escaped already."""

from __future__ import annotations

__all__ = ["clock", "code", "count", "cut", "figure", "milliseconds", "number", "table", "value"]

import time
from collections.abc import Sequence
from html import escape
from typing import Final

_CELL: Final = 120
_VALUE: Final = 240
_ROOM: Final = 13_000
_MILLISECOND: Final = 1e6
_NOTHING: Final = "&ndash;"


def table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    noun: str = "row",
    most: int | None = None,
    room: int = _ROOM,
) -> str:
    """Make a table of what there is room for; how much more there is stands below it.

    Parameters
    ----------
    title
        Stands above it; a text.
    heads
        Of the columns; the class of a column's cells may follow after ``|``.
    rows
        Cells that are markup already.
    noun
        What a row is, for those that are left out.
    most
        Rows that are shown at most; None: as many as there is room for.
    room
        Bytes that they may take.
    """
    texts, classes = zip(*(_column(head) for head in heads), strict=True)
    head = "".join(f"<th{name}>{escape(text)}</th>" for text, name in zip(texts, classes, strict=True))
    body, shown = "", 0
    for row in rows[:most]:
        cells = "".join(f"<td{name}>{cell}</td>" for cell, name in zip(row, classes, strict=True))
        if len(body.encode()) + len(cells.encode()) > room:
            break
        body, shown = f"{body}<tr>{cells}</tr>", shown + 1
    more = f"<p>and {count(len(rows) - shown, f'more {noun}')}</p>" if shown < len(rows) else ""
    return f"<h3>{escape(title)}</h3><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _column(head: str) -> tuple[str, str]:
    text, _, name = head.partition("|")
    return text, f' class="{name}"' if name else ""


def code(text: str, limit: int = _CELL) -> str:
    """Show a name or a line of Python."""
    return f'<code class="mono">{escape(cut(text, limit))}</code>'


def value(text: str | None) -> str:
    """Show what came from outside."""
    return f'<span class="mono val">{escape(cut(text or "", _VALUE))}</span>'


def cut(text: str, limit: int = _CELL) -> str:
    """Shorten a text that would fill the page."""
    return text if len(text) <= limit else f"{text[:limit]}..."


def clock(milliseconds: float) -> str:
    """Say a time of day, to the millisecond."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{int(rest):03d}"


def milliseconds(nanoseconds: int | None) -> str:
    """Say a duration in milliseconds."""
    if nanoseconds is None:
        return _NOTHING
    value = nanoseconds / _MILLISECOND
    return f"{value:,.1f}".replace(",", "\u00a0") if value >= 1 else f"{value:.2f}"


def figure(amount: float | None, unit: str = "") -> str:
    """Say a figure that may be missing."""
    return _NOTHING if amount is None else f"{number(amount)}{unit}"


def number(amount: float) -> str:
    """Say a number, its thousands set apart."""
    return f"{amount:,}".replace(",", "\u00a0")


def count(amount: int, noun: str) -> str:
    """Say how many there are of something."""
    return f"{number(amount)} {noun}" if amount == 1 else f"{number(amount)} {noun}s"

"""A small waterfall of the newest events: a lane per connection, solid for work, hatched for waiting.

Idle gaps are folded. One linear scale holds for all moments, so lengths compare. The drawing has no text of
its own: where a host drops drawings, the table that holds the lanes still says who did how much.
"""

from __future__ import annotations

__all__ = ["LANES", "MOMENTS", "waterfall"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workbench.widgets.segments import Segment, merged

MOMENTS: Final = 7
"""Groups of events that are shown; a gap is folded between two of them."""

LANES: Final = 8
"""Connections that are shown."""

_WIDTH: Final = 800.0
_FOLD: Final = 12.0
_PAD: Final = 50.0  # room for the label of a short moment
_GAP_MS: Final = 5.0
_THINNEST: Final = 2.0
_HEIGHT: Final = 26
_BAR: Final = (7, 12)  # top and height
_PIECES: Final = 12

Row = Mapping[str, Any]


@dataclass(slots=True)
class _Moment:
    """Events that follow one another so closely that no gap is folded between them."""

    start: float
    end: float
    rows: list[Row] = field(default_factory=list)
    left: float = 0.0


def waterfall(rows: Sequence[Row], key: str) -> tuple[int, str]:
    """Draw events.

    Parameters
    ----------
    rows
        Rows of the events view, in any order.
    key
        Makes the ids of this drawing differ from those of others on the page.

    Returns
    -------
    tuple
        How many moments are drawn, and a table with one row per connection; an empty text for no events.
    """
    moments = _moments(rows)[-MOMENTS:]
    if not moments:
        return 0, ""
    scale = _place(moments)
    drawn = [row for moment in moments for row in moment.rows]
    connections = sorted({row["connection"] or 0 for row in drawn})[:LANES]
    lanes = "".join(_lane(connection, moments, scale, key) for connection in connections)
    return len(moments), f'<table class="wf"><tbody>{_ticks(moments)}{lanes}</tbody></table>'


def _moments(rows: Sequence[Row]) -> list[_Moment]:
    moments: list[_Moment] = []
    for row in sorted(rows, key=lambda row: row["time"]):
        start, end = row["time"], row["time"] + row["duration_ns"] / 1e6
        if not moments or start - moments[-1].end > _GAP_MS:
            moments.append(_Moment(start, end))
        moments[-1].end = max(moments[-1].end, end)
        moments[-1].rows.append(row)
    return moments


def _place(moments: Sequence[_Moment]) -> float:
    """Give each moment its left edge; return the pixels of one millisecond."""
    total = sum(moment.end - moment.start for moment in moments)
    free = _WIDTH - len(moments) * (_PAD + _FOLD)
    scale = free / max(total, 0.001)
    left = 0.0
    for moment in moments:
        moment.left = left + 6
        left += (moment.end - moment.start) * scale + _PAD + _FOLD
    return scale


def _ticks(moments: Sequence[_Moment]) -> str:
    spans = " ".join(
        f'<span style="left:{moment.left / _WIDTH:.1%}">{_clock(moment.start)}</span>' for moment in moments
    )
    return f'<tr><th></th><th class="lane"><span class="ticks">{spans}</span></th><th></th></tr>'


def _clock(time: float) -> str:
    return f"{time / 1000 % 60:06.3f}"


def _lane(connection: int, moments: Sequence[_Moment], scale: float, key: str) -> str:
    name = f"c{connection}" if connection else "no client"
    mine = [
        (moment, row) for moment in moments for row in moment.rows if (row["connection"] or 0) == connection
    ]
    total = sum(row["duration_ns"] for _, row in mine) / 1e6
    bars = "".join(_bars(moment, row, scale, key) for moment, row in mine)
    folds = "".join(
        f'<rect class="fold" x="{moment.left - _FOLD - 6:.1f}" y="0" width="{_FOLD}" height="{_HEIGHT}"/>'
        for moment in moments[1:]
    )
    said = f"{'1 event' if len(mine) == 1 else f'{len(mine)} events'}, {total:.1f} ms"
    svg = (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{name}: {said}">{_patterns(key)}'
        f'<path class="axis" d="M0 13H{_WIDTH:.0f}"/>{folds}{bars}</svg>'
    )
    return f'<tr><th scope="row">{name}</th><td class="lane">{svg}</td><td class="n">{said}</td></tr>'


def _patterns(key: str) -> str:
    def pattern(name: str, ground: str, line: str) -> str:
        return (
            f'<pattern id="{key}{name}" width="5" height="5" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect class="{ground}" width="5" height="5"/>'
            f'<path class="{line}" d="M0 0V5"/></pattern>'
        )

    return f"<defs>{pattern('w', 'wait', 'hatch')}{pattern('p', 'pend', 'pendh')}</defs>"


def _bars(moment: _Moment, row: Row, scale: float, key: str) -> str:
    left = moment.left + (row["time"] - moment.start) * scale
    made = []
    for kind, length, outcome in _segments(row):
        width = max(length / 1e6 * scale, _THINNEST)
        made.append(_bar(left, width, _paint(kind, outcome, key)))
        left += width
    return "".join(made)


def _segments(row: Row) -> list[Segment]:
    if row["outcome"] == "pending" and not row["segments"]:
        return [("wait", row["duration_ns"], "pending")]
    return merged(row["segments"], _PIECES)


def _paint(kind: str, outcome: str, key: str) -> str:
    if outcome == "pending":
        return f'fill="url(#{key}p)"'
    if kind == "wait":
        return f'fill="url(#{key}w)"'
    return f'class="b-{outcome}"' if outcome in ("raised", "stopped") else 'class="work"'


def _bar(left: float, width: float, paint: str) -> str:
    top, height = _BAR
    return f'<rect {paint} x="{left:.1f}" y="{top}" width="{width:.1f}" height="{height}"/>'

"""Names of events, and the patterns that hooks may be attached for (R7, R8)."""

from __future__ import annotations

__all__ = ["is_pattern", "matching"]

from collections.abc import Iterable

_ONE, _ANY = "*", "**"


def is_pattern(lane: str) -> bool:
    """Tell whether a name has a wildcard segment."""
    return any(segment in (_ONE, _ANY) for segment in lane.split("."))


def matching(event: str, lanes: Iterable[str]) -> tuple[str, ...]:
    """Choose the lanes that hear of an event, in the order in which they do.

    The exact name comes first, then ``*``, then ``**``, segment by segment from the left, whoever registered
    first.

    Parameters
    ----------
    event
        A name, split at dots.
    lanes
        Names and patterns: ``*`` stands for one segment, ``**`` for any number, none included.
    """
    wanted = event.split(".")
    found = [lane for lane in set(lanes) if lane == event or _fits(lane.split("."), wanted)]
    return tuple(sorted(found, key=_rank))


def _fits(pattern: list[str], segments: list[str]) -> bool:
    """Tell whether a pattern fits, in time proportional to both lengths multiplied."""
    reachable = {0}  # how many segments the pattern so far may have taken
    for part in pattern:
        if part == _ANY:
            reachable = set(range(min(reachable), len(segments) + 1))
        else:
            reachable = {
                place + 1 for place in reachable if place < len(segments) and part in (_ONE, segments[place])
            }
        if not reachable:
            return False
    return len(segments) in reachable


def _rank(lane: str) -> tuple[tuple[int, str], ...]:
    order = {_ONE: 1, _ANY: 2}
    return tuple((order.get(segment, 0), segment) for segment in lane.split("."))

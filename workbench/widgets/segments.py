"""The bar of an event: what its hooks worked and waited, in order, in a bounded number of pieces."""

from __future__ import annotations

__all__ = ["Segment", "merged"]

from collections.abc import Sequence
from itertools import groupby

Segment = tuple[str, int, str]
"""``work`` or ``wait``, nanoseconds, and the outcome of the call."""


def merged(segments: Sequence[Segment], limit: int) -> list[Segment]:
    """Put neighbours together until there are few enough; the time that they stand for is kept.

    Parameters
    ----------
    segments
        In order.
    limit
        Largest number to return, at least 2. Where neighbours of one look are still too many, those before
        the last become one.
    """
    if len(segments) <= limit:
        return list(segments)
    made = [
        (kind, sum(length for _, length, _ in group), _outcome(group))
        for (kind, _), group in ((look, list(run)) for look, run in groupby(segments, key=_look))
    ]
    if len(made) <= limit:
        return made
    rest = made[limit - 2 : -1]
    longest = max(rest, key=lambda segment: segment[1])
    return [*made[: limit - 2], (longest[0], sum(length for _, length, _ in rest), longest[2]), made[-1]]


def _look(segment: Segment) -> tuple[str, str]:
    """What tells two pieces apart when they are drawn: changed and ok look the same."""
    kind, _, outcome = segment
    return kind, "ok" if outcome == "changed" else outcome


def _outcome(group: Sequence[Segment]) -> str:
    return "changed" if any(outcome == "changed" for _, _, outcome in group) else group[0][2]

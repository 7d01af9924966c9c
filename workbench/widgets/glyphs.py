"""Outcomes as shape and word: the seven glyphs, for people who do not see the colours."""

from __future__ import annotations

__all__ = ["OUTCOMES", "outcome_mark"]

from collections.abc import Mapping
from html import escape
from typing import Final

_STROKE: Final = 'fill="none" stroke="currentColor"'

OUTCOMES: Final[Mapping[str, str]] = {
    "ok": f'<path d="M2 6.5 4.8 9.2 10 3.2" {_STROKE} stroke-width="1.8"/>',
    "changed": f'<path d="M6 1.6 11 10.4H1Z" {_STROKE} stroke-width="1.7"/>',
    "stopped": (
        '<path d="M4 .8h4L11.2 4v4L8 11.2H4L.8 8V4Z" fill="currentColor"/>'
        '<path class="bar" d="M3.4 6h5.2" stroke-width="1.7"/>'
    ),
    "raised": f'<path d="m2.3 2.3 7.4 7.4m0-7.4L2.3 9.7" {_STROKE} stroke-width="2.1"/>',
    "skipped": f'<path d="M2 6h8" {_STROKE} stroke-width="1.7" stroke-dasharray="2.2 2.6"/>',
    "cancelled": (
        f'<circle cx="6" cy="6" r="4.6" {_STROKE} stroke-width="1.5"/>'
        f'<path d="m2.8 9.2 6.4-6.4" {_STROKE} stroke-width="1.5"/>'
    ),
    "pending": (
        f'<circle cx="6" cy="6" r="4.6" {_STROKE} stroke-width="1.5"/>'
        '<path d="M6 1.4a4.6 4.6 0 0 1 0 9.2Z" fill="currentColor"/>'
    ),
}
"""SVG content on a 12 by 12 field, by outcome."""


def outcome_mark(outcome: str) -> str:
    """Return an outcome as markup: its shape, hidden from readers, and its word."""
    word = escape(outcome)
    shape = OUTCOMES.get(outcome, "")
    svg = (
        f'<svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{shape}</svg> ' if shape else ""
    )
    return f'<span class="oc {word}">{svg}{word}</span>'

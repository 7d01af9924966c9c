"""What came of the messages of a run, counted."""

from __future__ import annotations

__all__ = ["Tally"]

import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Counters of one run.

    Attributes
    ----------
    late_ms
        From when on an answer counts as late.
    sent, answered, late, refused
        Messages; `late` ones are among the answered, refused ones were answered with an error, or met a
        connection that was gone. `turned_away` clients, who never got in, are among the refused.
    why
        What the first of the refused were told; empty while there is none.
    waits
        Milliseconds from sending to answer, of every answered one.
    """

    late_ms: float = 1000.0
    sent: int = 0
    answered: int = 0
    late: int = 0
    refused: int = 0
    turned_away: int = 0
    why: str = ""
    waits: list[float] = field(default_factory=list)

    def begin(self, turned_away: int = 0, why: str = "") -> None:
        """Count from nothing, but for the clients that were not let in, and what the first was told."""
        self.refused = self.turned_away = turned_away
        self.why = why
        self.sent = self.answered = self.late = 0
        self.waits.clear()

    def refuse(self, why: str, count: int = 1) -> None:
        """Count messages that were refused, with what was said."""
        self.refused += count
        self.why = self.why or (why if count else "")

    def answer(self, since: float) -> None:
        """Count the answer to a message that was sent then (`time.perf_counter`)."""
        wait = (time.perf_counter() - since) * 1000
        self.answered += 1
        self.late += wait > self.late_ms
        self.waits.append(wait)

    def figures(self) -> dict[str, Any]:
        """Give the counters, the reason, and percentiles of the waits in ms (None without answers)."""
        waits = sorted(self.waits)

        def percentile(share: float) -> float | None:
            return round(waits[min(len(waits) - 1, int(share * len(waits)))], 3) if waits else None

        return {
            "sent": self.sent,
            "answered": self.answered,
            "late": self.late,
            "refused": self.refused,
            "turned_away": self.turned_away,
            "why": self.why,
            "waiting": max(0, self.sent - self.answered - self.refused + self.turned_away),
            "p50_ms": percentile(0.5),
            "p95_ms": percentile(0.95),
            "p99_ms": percentile(0.99),
        }

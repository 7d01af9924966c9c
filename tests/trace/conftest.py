"""Hand-made records: times that a test can state exactly, which no real run gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from workbench.engine.hooks import Hook
from workbench.engine.points import Point
from workbench.trace.outcomes import OUTCOMES
from workbench.trace.rows import CALL, DISPATCH


@dataclass(frozen=True)
class MadePlan:
    """As much of a plan as frames look at."""

    point: Point
    revision: int
    hooks: tuple[Hook, ...]
    skipped: tuple[tuple[Hook, str], ...] = ()


@dataclass
class MadeRows:
    """Records as the recorder hands them out, built row by row."""

    plans: list[MadePlan] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    made_dispatches: list[tuple[Any, ...]] = field(default_factory=list)
    made_calls: list[tuple[Any, ...]] = field(default_factory=list)

    def plan(self, point: str, *names: str, revision: int = 1) -> int:
        """Add a plan with hooks of those names; return its number."""
        hooks = tuple(Hook(f"h{number}", name, print, point) for number, name in enumerate(names, start=1))
        self.plans.append(MadePlan(Point(point), revision, hooks))
        return len(self.plans) - 1

    def dispatch(
        self,
        plan: int,
        start: int,
        end: int,
        calls: Sequence[tuple[int, int, int, str]] = (),
        *,
        connection: int = 1,
        outcome: str = "ok",
        parent: int = -1,
        error: str | None = None,
        number: int | None = None,
    ) -> int:
        """Add a dispatch, and its calls as (position, start, end, outcome); return its id."""
        number = len(self.made_dispatches) + 10 if number is None else number
        place = -1
        if error is not None:
            place = len(self.errors)
            self.errors.append(error)
        code = OUTCOMES.index(outcome)
        self.made_dispatches.append((number, plan, connection, start, end, code, parent, place, len(calls)))
        for position, began, ended, how in calls:
            failed = place if how == "raised" else -1
            row = (number, plan, position, began, ended, 0, OUTCOMES.index(how), failed)
            self.made_calls.append(row)
        return number

    @property
    def dispatches(self) -> Any:
        """All dispatches."""
        return np.array(self.made_dispatches, dtype=DISPATCH)

    @property
    def calls(self) -> Any:
        """All calls."""
        return np.array(self.made_calls, dtype=CALL)


@pytest.fixture
def rows() -> MadeRows:
    """No records yet."""
    return MadeRows()

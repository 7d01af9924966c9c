"""What cannot be armed, set or let go; each message is one sentence."""

from __future__ import annotations

__all__ = ["BreakpointError", "FaultError"]

from workbench.engine.errors import WorkbenchError


class FaultError(WorkbenchError):
    """A fault that cannot be armed as it was asked for; the sentence says what is expected."""


class BreakpointError(WorkbenchError):
    """A breakpoint that cannot be set, or a held event that is not there; the sentence says why."""

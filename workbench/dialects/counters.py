"""Counts of a connection that is registered before its transport exists."""

from __future__ import annotations

__all__ = ["LateCounters"]

from workbench.server.links import Counters


class LateCounters:
    """Counts for the register of connections, which are nothing until the handshake is complete.

    Attributes
    ----------
    source
        The transport's counters, once there are some.
    """

    __slots__ = ("source",)

    def __init__(self) -> None:
        self.source = Counters()

    def __getattr__(self, name: str) -> int:
        return getattr(self.source, name)  # type: ignore[no-any-return]

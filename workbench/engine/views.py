"""A connection's cheap view of the plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.engine.hooks import Hook
from workbench.engine.plan import Plan

if TYPE_CHECKING:
    from workbench.engine.planner import Planner

__all__ = ["ConnectionPlans"]


class ConnectionPlans:
    """Plans of one connection, kept until the board changes.

    Parameters
    ----------
    board
        Where they come from.
    connection
        Its number.
    """

    __slots__ = ("_board", "_kept", "_state", "connection")

    def __init__(self, board: Planner, connection: int) -> None:
        self._board = board
        self._state = board.state
        self._kept: dict[object, Plan] = {}
        self.connection = connection

    def plan(self, point: str, guests: tuple[Hook, ...] = ()) -> Plan:
        """Give the plan of a point for this connection, at the current revision.

        Parameters
        ----------
        point
            Key of the point.
        guests
            Hooks that the connection brought.
        """
        if not guests and self._board.state is self._state:
            plan = self._kept.get(point)
            if plan is not None:
                return plan
        return self._found(point, guests)

    def _found(self, point: str, guests: tuple[Hook, ...]) -> Plan:
        board = self._board
        state = board.state
        if state is not self._state:
            self._kept = {}
            self._state = state
        key = (point, guests) if guests else point
        plan = self._kept.get(key)
        if plan is None:
            plan = self._kept[key] = board.plan(point, self.connection, guests)
        return plan

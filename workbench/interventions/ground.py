"""Faults and breakpoints of one bench, tied to its board, its trace and its connections."""

from __future__ import annotations

__all__ = ["Breakpoints", "Faults", "Interventions"]

from collections.abc import Callable
from typing import Any

from workbench.engine.board import Board
from workbench.engine.journal import Deed
from workbench.interventions.breakpoints import Breakpoints
from workbench.interventions.crossing import Crossings
from workbench.interventions.faults import Faults
from workbench.interventions.places import Place, Places
from workbench.interventions.wires import Wires
from workbench.trace.moments import FAULT, HELD
from workbench.trace.recorder import Recorder


class Interventions:
    """Everything that may step into the traffic of a bench.

    Parameters
    ----------
    board
        Whose plans are stepped into.
    recorder
        Where each injected fault and each held event is noted.
    find
        Gives a point, or a chain with a name of its own, by any of its names.
    author
        Says who acts where nobody says so, for the history.
    space
        The variables of the notebook.
    lambda_of
        Gives the text of a lambda, None where it is not at hand.

    Attributes
    ----------
    faults, breakpoints, wires
        See there.
    """

    def __init__(
        self,
        board: Board,
        recorder: Recorder,
        find: Callable[[str], Place],
        author: Callable[[], str],
        space: dict[str, Any],
        lambda_of: Callable[[Any], str | None],
    ) -> None:
        self._board = board
        self._author = author
        self._recorder = recorder
        places = Places(board, find)
        self.faults = Faults(places, self._changed, lambda: board.spoken, self._note)
        self.wires = Wires(lambda: self.faults.list, self._moment, self.faults.retire)
        self.breakpoints = Breakpoints(
            places,
            self._changed,
            lambda: board.spoken,
            self._note,
            space,
            lambda_of,
            self._note_held,
            self._ended,
            self.wires.timers,
            lambda: recorder.current() or -1,
        )
        self._crossings = Crossings(
            self.faults, self.breakpoints, self._moment, self._ended, self.wires.close
        )

    def subscribe(self, changed: Callable[[], object]) -> Callable[[], None]:
        """Have a function called when something is armed, set, held or let go; returns what ends it."""
        return self.breakpoints.watchers.add(changed)

    def _changed(self) -> None:
        """Publish other plans, and put something between transports and links where that is asked for."""
        idle = not self.faults.armed and not self.breakpoints.list
        self._board.interceptor = None if idle else self._crossings
        self.wires.refresh()
        self.breakpoints.watchers.tell()

    def _note(self, kind: str, python: str, deed: Deed, *, author: str | None = None, **about: Any) -> None:
        self._board.note(kind, python, deed, author=author or self._author(), **about)

    def _moment(self, text: str, dispatch: int | None, connection: int) -> None:
        self._recorder.moment(FAULT, text, dispatch=dispatch, connection=connection)

    def _note_held(self, text: str, dispatch: int, connection: int) -> None:
        self._recorder.moment(HELD, text, dispatch=dispatch, connection=connection)

    def _ended(self, how: str, dispatch: int | None = None) -> None:
        number = dispatch or self._recorder.current() or -1
        if number > 0:  # else it is not traced
            self._recorder.moments.end(number, how)

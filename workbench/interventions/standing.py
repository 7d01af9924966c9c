"""What stands until it is taken away: armed faults, breakpoints; its changes are in the history."""

from __future__ import annotations

__all__ = ["Note", "Standing", "Thing"]

import threading
from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from workbench.engine.errors import WorkbenchError, near
from workbench.engine.journal import Deed, quoted


class Note(Protocol):
    """Takes down in a bench's history what was done."""

    def __call__(
        self,
        kind: str,
        python: str,
        deed: Deed,
        *,
        hook: str | None = None,
        point: str | None = None,
        author: str | None = None,
    ) -> None:
        """Parameters as of the board's `note`; author None: the cell that runs, else the program."""


class Thing(Protocol):
    """What can stand: its id is a letter and the number of its making."""

    @property
    def id(self) -> str:
        """Of one thing alone."""

    @property
    def python(self) -> str:
        """The line that makes the same."""

    @property
    def hook(self) -> str | None:
        """Id of the hook that it is about."""

    @property
    def point(self) -> str | None:
        """Key of the point, or name of the chain, that it is about."""


T = TypeVar("T", bound=Thing)


class Standing(Generic[T]):
    """The things of one sort that stand now.

    Parameters
    ----------
    changed
        Called after every change, undone and redone ones too.
    note
        Takes changes down in the history.
    error
        What is raised where something is asked for that does not stand.
    noun, state
        What one is called, and what it is as long as it stands, for that sentence.
    came, went
        Called with what comes to stand, before it does, and with what stands no more.
    """

    def __init__(
        self,
        changed: Callable[[], object],
        note: Note,
        *,
        error: type[WorkbenchError],
        noun: str,
        state: str,
        came: Callable[[T], object] = lambda _: None,
        went: Callable[[T], object],
    ) -> None:
        self._changed = changed
        self._note = note
        self._error = error
        self._noun, self._state = noun, state
        self._came = came
        self._went = went
        self._things: dict[str, T] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._things)

    def __contains__(self, identity: object) -> bool:
        return identity in self._things

    @property
    def all(self) -> list[T]:
        """The things, oldest first; a copy."""
        with self._lock:
            return [*self._things.values()]

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        return [thing.id for thing in self.all]

    def add(self, kind: str, thing: T, author: str | None) -> None:
        """Let a new thing stand; `kind` is what the history calls that."""
        self._put([thing])
        deed = Deed(lambda: self.take([thing.id]), lambda: self._put([thing]), thing.id, thing.python)
        self._note(kind, thing.python, deed, hook=thing.hook, point=thing.point, author=author)

    def remove(self, kind: str, which: T | str | None, call: str, author: str | None) -> None:
        """Take one away, by itself or its id, or all (None); nothing is noted of nothing.

        Parameters
        ----------
        kind
            What the history calls that.
        which
            The thing or its id; None: all.
        call
            What does the same in Python, without its argument.
        author
            As in `add`.

        Raises
        ------
        WorkbenchError
            The `error` of this sort, when no such thing stands.
        """
        identity: Any = getattr(which, "id", which)
        ids: list[str] = self.ids if identity is None else [identity]
        if identity is not None and identity not in self.ids:
            known = near(str(identity), self.ids) or "; none is"
            raise self._error(f"No {self._noun} {identity!r} is {self._state}{known}")
        if gone := self.take(ids):
            named = gone[0].id if len(gone) == 1 else ""
            deed = Deed(lambda: self._put(gone), lambda: self.take(ids), named)
            line = f"{call}({'' if identity is None else quoted(identity)})"
            self._note(kind, line, deed, author=author)

    def retire(self, over: Callable[[T], bool]) -> None:
        """Let those stand no more that are over; what they brought about goes on as it is."""
        with self._lock:
            self._things = {one: thing for one, thing in self._things.items() if not over(thing)}
        self._changed()

    def _put(self, things: Iterable[T]) -> None:
        for thing in things:
            self._came(thing)
        with self._lock:
            known = [*self._things.values(), *things]
            self._things = {one.id: one for one in sorted(known, key=lambda one: int(one.id[1:]))}
        self._changed()

    def take(self, ids: Iterable[str]) -> list[T]:
        """Take those of these away that stand, and give them back; the history does not hear of it."""
        with self._lock:
            gone = [self._things.pop(one) for one in ids if one in self._things]
        self._changed()
        for thing in gone:
            self._went(thing)
        return gone

"""The chain as people hold it: the effective order of one hook point, and the edits that change it."""

from __future__ import annotations

__all__ = ["Chain"]

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any, overload

from workbench.engine.board import Board
from workbench.engine.hooks import Hook, HookFunction, Origin, Scope
from workbench.engine.points import Point, Policy
from workbench.engine.state import Link

Reference = str | Hook | HookFunction
"""How a hook is meant: by id (``h3``), by name, by itself or by its function."""


class Chain(Sequence[Hook]):
    """The hooks of one point in the order in which they run, disabled ones left out.

    It reads like a list and shows the board as it is at that moment. Each method that changes something is
    one edit: published at once, in the journal, to be undone. An event that began before it finishes as it
    began.

    Parameters
    ----------
    board
        Where the hooks are.
    key
        The point's name on the board.
    origin
        Says where an edit comes from: a cell or a line of a file.
    """

    def __init__(self, board: Board, key: str, origin: Callable[[HookFunction | None], Origin]) -> None:
        self._board = board
        self._key = key
        self._origin = origin

    @property
    def point(self) -> Point:
        """The hook point, with its signature and policy."""
        return self._board.state.points[self._key]

    @property
    def policy(self) -> Policy:
        """How the hooks are run, as it is now."""
        return self.point.policy

    @property
    def hooks(self) -> list[Hook]:
        """All hooks of the point in order, disabled ones included; a copy."""
        return [link.hook for link in self._links()]

    def _links(self) -> tuple[Link, ...]:
        return self._board.state.chain(self._key)

    def _running(self) -> list[Hook]:
        return [link.hook for link in self._links() if link.off is None]

    @overload
    def __getitem__(self, place: int) -> Hook: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Hook]: ...
    def __getitem__(self, place: int | slice) -> Hook | Sequence[Hook]:
        return self._running()[place]

    def __len__(self) -> int:
        return len(self._running())

    def __iter__(self) -> Iterator[Hook]:
        return iter(self._running())

    def __contains__(self, reference: object) -> bool:
        return any(reference in (hook, hook.id, hook.name, hook.function) for hook in self._running())

    def attach(
        self,
        function: HookFunction,
        *,
        name: str | None = None,
        lane: str = "",
        kind: str = "call",
        priority: float = 0,
        before: Reference | None = None,
        after: Reference | None = None,
        scope: Scope | None = None,
    ) -> Hook:
        """Attach a function, or replace in place the hook of that name.

        Parameters
        ----------
        function
            The hook; may take fewer arguments than the point offers.
        name
            What to call it; None takes the function's name.
        lane, kind, priority
            Where the point has lanes, kinds or priorities.
        before, after
            The hook next to which it goes; neither: last.
        scope
            For which connections it runs, and whether it counts; None: for all, and it does.

        Returns
        -------
        Hook
            As it is on the board.

        Raises
        ------
        BadSignature
            When the point cannot give the function what it requires.
        UnknownHook
            When there is no hook of the name given in `before` or `after`.
        """
        more: dict[str, Any] = {} if scope is None else {"scope": scope}
        return self._board.attach(
            self._key,
            function,
            name=name,
            lane=lane,
            kind=kind,
            priority=priority,
            before=before,
            after=after,
            origin=self._origin(function),
            author=self._author(),
            **more,
        )

    def remove(self, hook: Reference) -> None:
        """Take a hook off the point."""
        self._board.remove(self._find(hook), author=self._author())

    def move(
        self,
        hook: Reference,
        *,
        before: Reference | None = None,
        after: Reference | None = None,
        lane: str | None = None,
    ) -> None:
        """Move a hook next to another one, or to the end.

        Parameters
        ----------
        hook
            The hook to move.
        before, after
            Where to; neither: to the end of its lane.
        lane
            Another lane to move to, where the point has lanes.

        Raises
        ------
        EditRefused
            Where the point's own order leaves no such place.
        """
        self._board.move(
            self._find(hook),
            before=None if before is None else self._find(before),
            after=None if after is None else self._find(after),
            lane=lane,
            author=self._author(),
        )

    def enable(self, hook: Reference, on: bool = True) -> None:
        """Switch a hook on or off; it keeps its place."""
        self._board.enable(self._find(hook), on, author=self._author())

    def replace(self, hook: Reference, function: HookFunction) -> Hook:
        """Put another function in a hook's place; id, name and place stay, the version goes up."""
        return self._board.replace(
            self._find(hook), function, origin=self._origin(function), author=self._author()
        )

    def set_scope(self, hook: Reference, scope: Scope) -> None:
        """Say for which connections a hook runs, and whether it counts."""
        self._board.set_scope(self._find(hook), scope, author=self._author())

    def set_policy(self, policy: Policy | None = None, **parts: Any) -> None:
        """Run the point's hooks by another policy.

        Parameters
        ----------
        policy
            The whole policy; None: the present one, changed in `parts`.
        parts
            ``shape``, ``reduce`` or ``failure``.
        """
        from dataclasses import replace

        chosen = self.policy if policy is None else policy
        self._board.set_policy(self._key, replace(chosen, **parts), author=self._author())

    def clear(self) -> None:
        """Take every hook off the point."""
        self._board.clear(self._key, author=self._author())

    def why(self, hook: Reference) -> str:
        """Say why a hook stands where it stands, or why it does not run."""
        wanted = self._find(hook)
        place, link = next(numbered for numbered in self._numbered() if numbered[1].hook.id == wanted.id)
        return f"{place}. {wanted.name}: {link.reason}" if link.off is None else f"{wanted.name}: {link.off}"

    def _find(self, hook: Reference) -> Hook:
        return self._board.resolve(hook, self._key)

    def _author(self) -> str:
        kind = self._origin(None).kind
        return kind if kind in ("cell", "file") else "api"

    def __repr__(self) -> str:
        names = " -> ".join(hook.name for hook in self) or "no hooks"
        return (
            f"<chain {self.point.title}: {names}; {self.policy.describe()}; revision {self._board.revision}>"
        )

    def _repr_html_(self) -> str:
        """Show the chain as a table: place, hook, where it is from and why it stands there."""
        rows = "".join(
            f"<tr><td>{place if link.off is None else 'off'}</td><td><code>{escape(link.hook.name)}</code></td>"
            f"<td>{escape(_where(link.hook.origin))}</td><td>{escape(link.off or link.reason)}</td></tr>"
            for place, link in self._numbered()
        )
        head = "<tr><th>place</th><th>hook</th><th>from</th><th>why here</th></tr>"
        caption = (
            f"{escape(self.point.title)}: {escape(self.policy.describe())}; revision {self._board.revision}"
        )
        body = rows or '<tr><td colspan="4">no hooks yet</td></tr>'
        return f"<table><caption>{caption}</caption>{head}{body}</table>"

    def _numbered(self) -> Iterator[tuple[int, Link]]:
        place = 0
        for link in self._links():
            place += link.off is None
            yield place, link


def _where(origin: Origin) -> str:
    if origin.file is None:
        return origin.kind
    return origin.file if origin.line is None else f"{origin.file}:{origin.line}"

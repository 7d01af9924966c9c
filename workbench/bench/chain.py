"""The chain as people hold it: the effective order of one hook point, and the edits that change it."""

from __future__ import annotations

__all__ = ["Chain"]

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import accumulate
from typing import Any, cast, overload

from workbench.bench.order import running_order
from workbench.bench.versions import Rehearse, Versioned
from workbench.bench.wrapping import wrapping
from workbench.engine.board import Board
from workbench.engine.errors import BadPolicy
from workbench.engine.hooks import EVERYWHERE, Effects, Hook, HookFunction, Kind, Origin, Scope
from workbench.engine.points import Point, Policy
from workbench.engine.state import Link
from workbench.interventions.places import Place

Reference = str | Hook | HookFunction
"""How a hook is meant: by id (``h3``), by name, by itself or by its function."""


class Chain(Versioned, Sequence[Hook]):
    """The hooks of one point in the order in which they run, disabled ones left out.

    It reads like a list, an onion's from the outside in, and shows the board as it is at that moment. Each
    method that changes something is one edit: published at once, in the journal, to be undone. An event that
    began before it finishes as it began.

    Parameters
    ----------
    board
        Where the hooks are.
    key
        The point's name on the board.
    author
        Says who edits, for the journal: ``cell`` while a cell runs, else ``api``.
    rehearse
        Tries the draft of a hook; None: drafts are not tried.
    """

    def __init__(
        self, board: Board, key: str, author: Callable[[], str], rehearse: Rehearse | None = None
    ) -> None:
        self._board = board
        self._key = key
        self._author = author
        self.rehearse = rehearse

    @property
    def point(self) -> Point:
        """The hook point, with its signature and policy."""
        return self._board.point(self._key)

    @property
    def place(self) -> Place:
        """Where faults and breakpoints act that name this chain."""
        return Place(self._key, self.point, self.hook)

    @property
    def policy(self) -> Policy:
        """How the hooks are run, as it is now."""
        return self.point.policy

    @property
    def hooks(self) -> list[Hook]:
        """All hooks of the point in order, disabled ones included; a copy."""
        return [link.hook for link in self._links()]

    def _links(self) -> tuple[Link, ...]:
        return self._board.chain(self._key)

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
        kind: Kind = "call",
        priority: float | None = None,
        before: Reference | None = None,
        after: Reference | None = None,
        scope: Scope = EVERYWHERE,
        effects: Effects = "context",
        append: bool = False,
    ) -> Hook:
        """Attach a function, or replace in place the hook of that name.

        Parameters
        ----------
        function
            The hook; may take fewer arguments than the point offers.
        name
            What to call it; None takes the function's name.
        lane, kind, priority
            Where the point has lanes, kinds or priorities; without one the hook gets the point's own.
        before, after
            The hook next to which it goes; neither: last.
        scope
            For which connections it runs, and whether it counts.
        effects
            What it touches: "pure" only its arguments, "context" the event and its connection, "outside" more
            (a database, another server): a draft of such a hook is never tried on recorded events.
        append
            True: stands beside a hook of the same name instead of replacing it, as the modelled systems' own
            calls do.

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
        return self._board.attach(
            self._key,
            function,
            name=name,
            lane=lane,
            kind=kind,
            priority=priority,
            before=before,
            after=after,
            scope=scope,
            effects=effects,
            author=self._author(),
            append=append,
        )

    def remove(self, hook: Reference) -> None:
        """Take a hook off the point."""
        self._board.remove(self._ref(hook), author=self._author(), point=self._key)

    def move(
        self,
        hook: Reference,
        *,
        before: Reference | None = None,
        after: Reference | None = None,
        lane: str | None = None,
        kind: Kind | None = None,
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
        kind
            What it becomes there, where the point has kinds; None: what it was.

        Raises
        ------
        EditRefused
            Where the point's own order leaves no such place.
        BadSignature
            When its function does not fit the other kind.
        """
        self._board.move(hook, before, after, lane, kind=kind, author=self._author(), point=self._key)

    def duplicate(self, hook: Reference, name: str | None = None) -> Hook:
        """Put a copy of a hook right behind it; None numbers its name."""
        return self._board.duplicate(self._ref(hook), name, author=self._author(), point=self._key)

    def wrap(self, hook: Reference) -> Hook:
        """Put a function around a hook that prints its time and result, to be edited.

        It becomes the hook's next version and calls the one before. An around hook gets another around hook
        directly outside of it instead.

        Returns
        -------
        Hook
            The wrapped hook as it is now, or the new one around it.
        """
        author = self._author()
        edit = wrapping(self._board, self.hook(hook), author)
        return cast("Hook", self._board.apply(edit, author=author))

    def enable(self, hook: Reference, on: bool = True) -> None:
        """Switch a hook on or off; it keeps its place."""
        self._board.enable(self._ref(hook), on, author=self._author(), point=self._key)

    def replace(self, hook: Reference, function: HookFunction) -> Hook:
        """Put another function in a hook's place; id, name and place stay, the version goes up."""
        return self._board.replace(self._ref(hook), function, author=self._author(), point=self._key)

    def set_scope(self, hook: Reference, scope: Scope) -> None:
        """Say for which connections a hook runs, and whether it counts."""
        self._board.set_scope(self._ref(hook), scope, author=self._author(), point=self._key)

    def set_effects(self, hook: Reference, effects: Effects) -> None:
        """Say what a hook touches: "pure", "context" or "outside"; see `attach`."""
        self._board.set_effects(self._ref(hook), effects, author=self._author(), point=self._key)

    def set_policy(self, policy: Policy | None = None, **parts: Any) -> None:
        """Run the point's hooks by another policy.

        Parameters
        ----------
        policy
            The whole policy; None: the present one, changed in `parts`.
        parts
            ``shape``, ``reduce`` or ``failure``, each by its name: ``reduce="merge"``.
        """
        chosen = self.policy if policy is None else policy
        if not isinstance(chosen, Policy):
            raise BadPolicy(f'A Policy is expected, or parts of one such as shape="gather", not {policy!r}')
        self._board.set_policy(self._key, replace(chosen, **parts), author=self._author())

    def clear(self) -> None:
        """Take every hook off the point."""
        self._board.clear(self._key, author=self._author())

    def why(self, hook: Reference) -> str:
        """Say why a hook stands where it stands, or why it does not run."""
        wanted = self._board.resolve(self._ref(hook), self._key)
        place, link = next(numbered for numbered in self._numbered() if numbered[1].hook.id == wanted.id)
        return f"{place}. {wanted.name}: {link.reason}" if link.off is None else f"{wanted.name}: {link.off}"

    def __repr__(self) -> str:
        running = [link.hook for _, link in self._numbered() if link.off is None]
        names = " -> ".join(hook.name for hook in running if hook.kind != "error") or "no hooks"
        failing = " -> ".join(hook.name for hook in running if hook.kind == "error")
        return (
            f"<chain {self._heading()}: {names}{failing and f'; if it fails: {failing}'}; "
            f"{self.policy.describe()}; revision {self._board.revision}>"
        )

    def _repr_html_(self) -> str:
        """Show the chain as a table: place, hook, where it is from and why it stands there."""
        rows = "".join(
            f"<tr><td>{place if link.off is None else 'off'}</td>"
            f"<td><code>{escape(link.hook.name)}</code></td>"
            f"<td>{escape(_where(link.hook.origin))}</td><td>{escape(link.off or link.reason)}</td></tr>"
            for place, link in self._numbered()
        )
        head = "<tr><th>place</th><th>hook</th><th>from</th><th>why here</th></tr>"
        caption = (
            f"{escape(self._heading())}: {escape(self.policy.describe())}; revision {self._board.revision}"
        )
        body = rows or '<tr><td colspan="4">no hooks yet</td></tr>'
        return f"<table><caption>{caption}</caption>{head}{body}</table>"

    def _ref(self, reference: Reference) -> Reference:
        """Name a hook so that the board finds this one."""
        return reference

    def _heading(self) -> str:
        """What the chain is called."""
        return self.point.title

    def _numbered(self) -> list[tuple[int, Link]]:
        """List the hooks in the order in which they run, with their numbers; those that do not run have 0."""
        numbers = iter(running_order(self._running()))
        numbered = [(next(numbers) if link.off is None else 0, link) for link in self._links()]
        # One that is off stands behind the one that it is listed behind.
        stands = list(accumulate(numbered, lambda before, row: row[0] or before, initial=0))
        return [
            row for _, row in sorted(zip(stands[1:], numbered, strict=True), key=lambda placed: placed[0])
        ]


def _where(origin: Origin) -> str:
    if origin.file is None:
        return origin.kind
    return origin.file if origin.line is None else f"{origin.file}:{origin.line}"

"""Chains with names of their own: what runs for one kind of event, put together from lanes of a point."""

from __future__ import annotations

__all__ = ["LaneChain", "chains_of", "named_chain"]

from collections.abc import Callable
from typing import Any, Final

from workbench.bench.chain import Chain, Reference
from workbench.bench.mounts import Mount
from workbench.dialects.reports import Chained, Lane, NamedChain, OpenlyChained
from workbench.engine.errors import BadSignature, EditRefused, UnknownHook, near
from workbench.engine.hooks import EVERYWHERE, Effects, Hook, HookFunction, Kind, Scope
from workbench.engine.signatures import fit
from workbench.engine.state import Link, find
from workbench.interventions.places import Place

_MISSING: Final = "nothing is attached there"


class LaneChain(Chain):
    """The hooks that run for one kind of event, lane after lane.

    Reads and edits as the chain of a point does. A hook that moves next to one of another lane goes into that
    lane, and becomes what its hooks are ("before", "around" ...).

    Parameters
    ----------
    mount
        Whose chain it is.
    named
        Gives the chain as it is now: lanes come and go with services and events.
    author
        Says who edits, for the journal.
    """

    def __init__(self, mount: Mount, named: Callable[[], NamedChain], author: Callable[[], str]) -> None:
        super().__init__(mount.board, named().point, author, mount.rehearse)
        self._mount = mount
        self._named = named

    @property
    def name(self) -> str:
        """What the chain is called: "messages.create"."""
        return self._named().name

    @property
    def place(self) -> Place:
        """Where faults and breakpoints act that name this chain."""
        return Place(self._mount.key(self.name), self.point, self.hook)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Its lanes in the order in which an event enters them."""
        return self._named().lanes

    def _links(self) -> tuple[Link, ...]:
        lanes = self.lanes
        labels = {lane.name: lane.label for lane in lanes}
        links = self._board.state.chain(self._key, lanes=tuple(lane.name for lane in lanes))
        return tuple(
            Link(link.hook, f"{labels[link.hook.lane]}: {link.reason}", link.off)
            if labels[link.hook.lane]
            else link
            for link in links
        )

    def attach(
        self,
        function: HookFunction,
        *,
        name: str | None = None,
        lane: str | None = None,
        kind: Kind | None = None,
        priority: float | None = None,
        before: Reference | None = None,
        after: Reference | None = None,
        scope: Scope = EVERYWHERE,
        effects: Effects = "context",
        append: bool = False,
    ) -> Hook:
        """Attach a function in one of the chain's lanes; see `Chain.attach`.

        Parameters
        ----------
        function, name, priority, scope, effects, append
            As there.
        before, after
            The hook next to which it goes, in that one's lane.
        lane
            None: that of `before` or `after`, else the chain's usual one for this kind; a function that takes
            ``next`` too goes around.
        kind
            None: what the hooks of the lane are.

        Raises
        ------
        EditRefused
            When no lane of the chain takes such a hook, with the reason.
        """
        beside = before if before is not None else after
        found = self._lane(lane or (self._find(beside).lane if beside is not None else None), kind)
        if lane is None and kind is None and beside is None:
            found = self._fitting(function, found)
        return super().attach(
            function,
            name=name,
            lane=found.name,
            kind=kind or found.kind,
            priority=priority,
            before=None if before is None else self._find(before),
            after=None if after is None else self._find(after),
            scope=scope,
            effects=effects,
            append=append,
        )

    def move(
        self,
        hook: Reference,
        *,
        before: Reference | None = None,
        after: Reference | None = None,
        lane: str | None = None,
        kind: Kind | None = None,
    ) -> None:
        """Move a hook next to another one, or to the end of a lane; see `Chain.move`.

        Raises
        ------
        EditRefused
            Where the lane takes no hooks, with the reason.
        BadSignature
            When the function cannot be one of that lane's hooks.
        """
        moved, beside = self._find(hook), before if before is not None else after
        wanted = lane if lane is not None else self._find(beside).lane if beside is not None else moved.lane
        found = self._lane(wanted, kind)
        changed = found.name != moved.lane
        super().move(
            moved,
            before=None if before is None else self._find(before),
            after=None if after is None else self._find(after),
            lane=found.name if changed else None,
            kind=kind or (found.kind if changed and found.kind != moved.kind else None),
        )

    def clear(self) -> None:
        """Take every hook off the chain's lanes, those that it shares with other chains too; one edit."""
        with self._board.together():
            for hook in self.hooks:
                super().remove(hook)

    def _find(self, reference: Reference) -> Hook:
        """Find a hook among those of the chain; a name may be taken in other lanes of the point too."""
        mine = self.hooks
        if isinstance(reference, str):
            alike = [hook for hook in mine if reference in (hook.id, hook.name)]
            if len(alike) == 1:
                return alike[0]
            if not alike:
                known = near(reference, [hook.name for hook in mine]) or f"; {_MISSING}"
                raise UnknownHook(f"no hook {reference!r} in {self.name}{known}")
        return find(self._board.state, reference, self._key)

    def _lane(self, name: str | None, kind: Kind | None) -> Lane:
        lanes = self.lanes
        name = name or (self._named().usual if kind is None else None) or None
        if name is None:
            of_kind = [lane for lane in lanes if kind is None or lane.kind == kind]
            open_ones = [lane for lane in of_kind if lane.shut is None]
            if open_ones:
                return ([lane for lane in open_ones if lane.usual] or open_ones)[-1]
            kinds = [lane.kind for lane in lanes if lane.kind]
            reason = of_kind[-1].shut if of_kind else f"it has no {kind} hooks{near(str(kind), kinds)}"
            raise EditRefused(f"{self.name} takes no such hook: {reason}")
        found = next((lane for lane in lanes if lane.name == name), None)
        if found is None:
            raise EditRefused(f"{self.name} has no lane {name!r}{near(name, [lane.name for lane in lanes])}")
        if found.shut is not None:
            raise EditRefused(f"{found.label or found.name} takes no hooks: {found.shut}")
        return found

    def _fitting(self, function: HookFunction, found: Lane) -> Lane:
        """Give the usual lane, or the one for around hooks where only they get what the function requires."""
        point = self.point
        try:
            fit(function, "", point, found.kind)
        except BadSignature:
            around = [lane for lane in self.lanes if lane.kind == "around" and lane.usual]
            return around[-1] if around else found
        return found

    def _ref(self, reference: Reference) -> Reference:
        return self._find(reference)

    def _heading(self) -> str:
        return self.name


def chains_of(mount: Mount) -> dict[str, NamedChain]:
    """Give the named chains of a mount by the name that `bench.chain` takes; none where it has no such."""
    app: Any = mount.app
    if not isinstance(app, Chained):
        return {}
    return {mount.key(chain.name): chain for chain in app.chains()}


def _lookup(mount: Mount, name: str) -> Callable[[], NamedChain]:
    """Look a chain up anew each time; one that is gone stays as it was seen last."""
    app: Any = mount.app
    if isinstance(app, OpenlyChained):
        return lambda: app.chain(name)
    last = chains_of(mount)[name]

    def now() -> NamedChain:
        nonlocal last
        last = chains_of(mount).get(name, last)
        return last

    return now


def named_chain(mount: Mount, name: str, author: Callable[[], str]) -> LaneChain | None:
    """Find a named chain of a mount, by its own name or with the mount's path; None without one."""
    if isinstance(mount.app, OpenlyChained):
        return LaneChain(mount, _lookup(mount, name), author)
    known = chains_of(mount)
    key = next((key for key in (name, mount.key(name)) if key in known), None)
    return None if key is None else LaneChain(mount, _lookup(mount, key), author)

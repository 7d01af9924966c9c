"""What people do with one mount: attach hooks, look at chains, call the members of the modelled system."""

from __future__ import annotations

__all__ = ["MountView"]

from collections.abc import Callable
from typing import Any, TypeVar

from workbench.bench.cells import author
from workbench.bench.chain import Chain, Reference
from workbench.bench.mounts import Mount
from workbench.bench.named import chains_of, named_chain
from workbench.engine.board import Board
from workbench.engine.errors import UnknownPoint, WorkbenchError, near
from workbench.engine.hooks import EVERYWHERE, Effects, HookFunction, Kind, Scope

F = TypeVar("F", bound=HookFunction)

_TOLD = {
    "name": 'Workbench("crossws", name="chat")',
    "dialect": 'Workbench("crossws")',
    "host": 'bench.start(host="127.0.0.1")',
    "port": "bench.start(port=8000)",
}
"""What people want to set, and how it is told instead."""


class UnknownMember(WorkbenchError, AttributeError):
    """A bench has no member of that name, or none that can be set."""


class MountView:
    """One mounted application; the public members of its dialect (``publish`` ...) are members here too.

    Parameters
    ----------
    mount
        The mount.
    """

    _mount: Mount

    def __init__(self, mount: Mount) -> None:
        object.__setattr__(self, "_mount", mount)

    @property
    def path(self) -> str:
        """Where it is mounted."""
        return self._mount.path

    @property
    def dialect(self) -> str:
        """The hook system spoken here."""
        return self._mount.dialect.name

    def chain(self, point: str) -> Chain:
        """Give the chain of a hook point, to read and to change.

        Parameters
        ----------
        point
            The point's own name or its snake_case alias; or the name of a chain that the system puts together
            from lanes, such as ``messages.create``.

        Raises
        ------
        UnknownPoint
            When the dialect has none of that name; says which ones are near.
        """
        board, mount = self._mount.board, self._mount
        named = None if _own_point(mount, point) else named_chain(mount, point, author)
        if named is not None:
            return named
        return Chain(board, _key(board, mount, point), author, mount.rehearse)

    def hook(
        self,
        point: str,
        *,
        name: str | None = None,
        lane: str | None = None,
        kind: Kind | None = None,
        priority: float | None = None,
        before: Reference | None = None,
        after: Reference | None = None,
        scope: Scope = EVERYWHERE,
        effects: Effects = "context",
    ) -> Callable[[F], F]:
        """Decorate a function that is to be a hook; one of the same name is replaced in place.

        Parameters
        ----------
        point
            Name of the hook point.
        name
            What to call the hook; None takes the function's name.
        lane, kind, priority, before, after, scope, effects
            See `Chain.attach`; None takes what is usual there.

        Returns
        -------
        callable
            The decorator; it gives the function back as it is.

        Raises
        ------
        BadSignature
            When the point cannot give the function what it requires.
        """
        chain = self.chain(point)
        placed: dict[str, Any] = {"lane": lane, "kind": kind}
        given = {key: value for key, value in placed.items() if value is not None}

        def attach(function: F) -> F:
            chain.attach(
                function,
                name=name,
                priority=priority,
                before=before,
                after=after,
                scope=scope,
                effects=effects,
                **given,
            )
            return function

        return attach

    def __getattr__(self, name: str) -> Any:
        mount: Mount = object.__getattribute__(self, "_mount")
        if name in mount.app.public:
            return getattr(mount.app, name)
        raise UnknownMember(_no_member(mount, name, object.__dir__(self)))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._mount.app.public:
            setattr(self._mount.app, name, value)
        elif name in dir(self):
            told = f"; tell it by {_TOLD[name]}" if name in _TOLD else ""
            raise UnknownMember(f"The {name!r} of a bench cannot be set{told}")
        else:
            raise UnknownMember(_no_member(self._mount, name, ()))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._mount.app.public})

    def __repr__(self) -> str:
        return f"<{self.dialect} mounted at {self.path}>"


def _own_point(mount: Mount, point: str) -> bool:
    return any(point in (known.name, known.alias) for known in mount.dialect.points)


def _key(board: Board, mount: Mount, point: str) -> str:
    """Find the board's key of a point that was named by key, title or alias."""
    if not isinstance(point, str):
        raise UnknownPoint(
            f'The name of a hook point is expected, as in @bench.hook("message"), not {point!r}'
        )
    own = mount.dialect.points
    for known in own:
        if point in (known.name, known.alias):
            return mount.key(known.name)
    if point in board.points:
        return point
    if mount.dialect.open_names:
        return mount.key(point)
    names = [known.alias or known.name for known in own]
    names += [key for key in board.points if key.startswith("/")] + list(chains_of(mount))
    raise UnknownPoint(f"{mount.dialect.name} has no hook point {point!r}{near(point, names)}")


def _no_member(mount: Mount, name: str, own: Any) -> str:
    public = [member for member in (*own, *mount.app.public) if not member.startswith("_")]
    return f"A bench of {mount.dialect.name} has no {name!r}{near(name, public)}"

"""How a dialect says what of its application goes into a file: calls of its public members, with values.

Whoever writes the file knows none of the systems; a dialect knows nothing of files. Values are live objects
here (functions, classes, data); how they become text is the writer's business.
"""

from __future__ import annotations

__all__ = ["Call", "Making", "Step", "Writes", "Written", "plain", "step"]

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

from workbench.dialects.base import Mount
from workbench.engine.hooks import EVERYWHERE, Hook


@dataclass(frozen=True, slots=True)
class Step:
    """One call in a line such as ``bench.service("messages").publish("created", function)``.

    Attributes
    ----------
    name
        Of the member that is called; empty: what stands before is called itself.
    arguments, keywords
        Values.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)


def step(name: str, /, *arguments: Any, **keywords: Any) -> Step:
    """Make a step as the call itself is written."""
    return Step(name, arguments, keywords)


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the file.

    Attributes
    ----------
    subject
        What it registers, for people: ``the route GET /health``.
    steps
        From the bench, or the mount, on.
    hooks
        The hooks that it attaches, as they are right after it.
    apart
        Whether they may as well be attached one by one.
    """

    subject: str
    steps: tuple[Step, ...]
    hooks: tuple[Hook, ...] = ()
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Making:
    """How an object of a class that the dialect knows is made.

    Attributes
    ----------
    arguments, keywords
        Of its class.
    """

    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)


class Written:
    """What of an application goes into a file; dialects say more.

    Parameters
    ----------
    mount
        Where it lives.
    app
        The application.
    options
        Its own options, as it was given them.
    """

    def __init__(self, mount: Mount, app: Any, options: Mapping[str, Any]) -> None:
        self.mount = mount
        self.app = app
        self.given = options

    def options(self) -> dict[str, Any]:
        """Give the options as they are now."""
        return dict(self.given)

    def calls(self) -> Iterable[Call]:
        """List what was registered, in an order in which it can be again; hooks that are left out follow."""
        return ()

    def reach(self, value: object) -> tuple[Step, ...] | None:
        """Say how an object of the application's is reached from it; None for any other."""
        return () if value is self.app else None

    def making(self, value: object) -> Making | None:
        """Say how an object is made anew; None where the dialect does not know."""
        del value
        return None

    def skips(self, hook: Hook) -> bool:
        """Whether a hook comes by itself when the file runs, so that it must not be attached."""
        del hook
        return False

    def hooks(self, *points: str) -> list[Hook]:
        """List the hooks of some points, by the system's own names, as they stand."""
        state = self.mount.board.state
        return [row.hook for point in points for row in state.of(self.mount.key(point))]


@runtime_checkable
class Writes(Protocol):
    """A dialect that says more than `Written` does."""

    written: Callable[[Mount, Any, Mapping[str, Any]], Written]


def plain(hook: Hook) -> Hook:
    """Give a hook as a call attaches it that says nothing of switch, scope and effects."""
    return replace(hook, enabled=True, scope=EVERYWHERE, effects="context")

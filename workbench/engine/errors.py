"""Errors that people see.

WorkbenchError
├── UnknownPoint      no hook point of that name
├── UnknownHook       no hook of that id, name or function
├── UnknownDialect    no dialect of that name
├── AmbiguousHook     several hooks of that name
├── BadSignature      a function that the point could never call
├── BadPolicy         a policy that its point cannot follow
├── EditRefused       an edit that does not fit the board as it is now
│   └── StaleVersion  one that was made for another version of its hook
├── OnlyTried         something live that a draft asked for while it was tried
├── NextCalledTwice   a hook of an onion went inwards a second time
├── EventDropped      an event that a fault or a breakpoint ended
├── FaultInjected     what a fault raises in the place of a hook
└── NoLoop            something to wait for, and no event loop to wait in

Every message is one sentence: the thing, what was expected, what came, what to do next. So it is of all that
is `Told`, the root which the errors of other rooms share.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self

__all__ = [
    "AmbiguousHook",
    "BadPolicy",
    "BadSignature",
    "EditRefused",
    "EventDropped",
    "FaultInjected",
    "NextCalledTwice",
    "NoLoop",
    "OnlyTried",
    "StaleVersion",
    "Told",
    "UnknownDialect",
    "UnknownHook",
    "UnknownPoint",
    "WorkbenchError",
    "is_near",
    "near",
]


class Told(Exception):
    """Its sentence is for the person who caused it: a notebook shows it below their own lines alone."""


class WorkbenchError(Told):
    """Root of all errors that the workbench raises for its users.

    Attributes
    ----------
    argument
        Name of the argument that the sentence is about; empty where it is about none alone.
    """

    argument: str = ""

    def about(self, argument: str) -> Self:
        """Say which argument the sentence is about."""
        self.argument = argument
        return self


class UnknownPoint(WorkbenchError):
    """There is no hook point of that name."""

    argument = "point"


class UnknownHook(WorkbenchError):
    """There is no hook of that id, name or function."""

    argument = "hook"


class UnknownDialect(WorkbenchError):
    """There is no dialect of that name."""


class AmbiguousHook(WorkbenchError):
    """Several hooks have that name; the message lists their ids."""

    argument = "hook"


class BadSignature(WorkbenchError):
    """The function needs something that its hook point cannot give."""


class BadPolicy(WorkbenchError):
    """The policy does not fit the point."""


class EditRefused(WorkbenchError):
    """The edit does not fit the board as it is now."""


class StaleVersion(EditRefused):
    """The edit was made for another version of its hook than the one it has by now."""


class OnlyTried(WorkbenchError):
    """A draft that runs on stand-ins asked for something that only the live bench could do."""


class NextCalledTwice(WorkbenchError):
    """A hook called its ``next`` a second time (Feathers R18)."""


class EventDropped(WorkbenchError):
    """A fault or a breakpoint ended the event; raised where somebody waits for what it comes to."""


class FaultInjected(WorkbenchError):
    """What a fault of the kind raise raises where nobody said what else."""


class NoLoop(WorkbenchError):
    """A hook gave something to wait for where no event loop runs."""


def near(wanted: str, known: Iterable[str]) -> str:
    """Say which known names look like the wanted one.

    Parameters
    ----------
    wanted
        What somebody wrote.
    known
        What they may have meant.

    Returns
    -------
    str
        ``"; did you mean 'message'?"``, or the list of what there is when nothing is near, or ``""`` when
        there is nothing.
    """
    names = sorted(set(known))
    close = _close(wanted, names)
    if close:
        return "; did you mean " + " or ".join(repr(name) for name in close) + "?"
    return "; there are: " + ", ".join(repr(name) for name in names) if names else ""


def is_near(wanted: str, known: Iterable[str]) -> bool:
    """Say whether some known name looks like the wanted one, so that it is probably misspelt."""
    return bool(_close(wanted, known))


def _close(wanted: str, known: Iterable[str]) -> list[str]:
    return get_close_matches(wanted, known, n=3, cutoff=0.6)

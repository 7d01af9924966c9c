"""Looking at what an edit was given, before it is on the board and an event trips over it."""

from __future__ import annotations

import sys
from typing import Any

from workbench.engine.errors import EditRefused, near
from workbench.engine.hooks import EFFECTS, KINDS, Scope

__all__ = ["check_effects", "check_hook", "check_lane", "check_scope"]


def check_hook(name: Any, lane: Any, kind: Any, priority: Any, scope: Any) -> None:
    """Refuse what no hook can have.

    Parameters
    ----------
    name
        A text that is not empty, or None.
    lane
        A text; which ones mean something is the dialect's business.
    kind
        One of `KINDS`.
    priority
        A finite number.
    scope
        See `check_scope`.

    Raises
    ------
    EditRefused
        For the first of them that is something else.
    """
    if name is not None and not (isinstance(name, str) and name):
        raise EditRefused(
            f"the name of a hook is a text that is not empty, not {name!r}; "
            f"leave it out to take the function's name"
        )
    check_lane(lane)
    if kind not in KINDS:
        raise EditRefused(f"there is no kind of hook {kind!r}{near(str(kind), KINDS)}")
    number = isinstance(priority, int | float) and not isinstance(priority, bool)
    if not (number and abs(priority) <= sys.float_info.max):  # NaN is in no order, so neither would the chain
        raise EditRefused(f"the priority of a hook is a finite number such as 10, not {priority!r}")
    check_scope(scope)


def check_lane(lane: Any) -> None:
    """Refuse a lane that is no text.

    Parameters
    ----------
    lane
        What was given.

    Raises
    ------
    EditRefused
        When it is none.
    """
    if not isinstance(lane, str):
        raise EditRefused(f"the lane of a hook is a text, not {lane!r}; leave it out for the usual one")


def check_effects(effects: Any) -> None:
    """Refuse what no hook can be said to touch.

    Parameters
    ----------
    effects
        One of `EFFECTS`.

    Raises
    ------
    EditRefused
        When it is none.
    """
    if effects not in EFFECTS:
        known = ", ".join(EFFECTS)
        raise EditRefused(
            f"the effects of a hook are one of {known}, not {effects!r}{near(str(effects), EFFECTS)}"
        )


def check_scope(scope: Any) -> None:
    """Refuse a scope that could not be asked whether a connection is in it.

    Parameters
    ----------
    scope
        What was given.

    Raises
    ------
    EditRefused
        When it is no `Scope`, or one of something else than numbers of connections.
    """
    if not isinstance(scope, Scope):
        raise EditRefused(
            f"the scope of a hook is a Scope such as Scope(frozenset({{3}})), not {scope!r}; "
            f"Scope() stands for all connections"
        )
    connections: Any = scope.connections
    if connections is None:
        return
    if not isinstance(connections, frozenset) or any(type(number) is not int for number in connections):
        raise EditRefused(
            f"the connections of a Scope are a frozenset of their numbers, not {connections!r}; "
            f"write Scope(frozenset({{3}})), or Scope() for all"
        )

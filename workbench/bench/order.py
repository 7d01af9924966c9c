"""The numbers by which cards, steps and changes name the hooks of one event: the order in which they run."""

from __future__ import annotations

__all__ = ["lanes_as_run", "running_order"]

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from workbench.engine.hooks import Hook

_ON_THE_WAY_OUT = ("after", "error")


def running_order(hooks: Sequence[Hook]) -> list[int]:
    """Number the hooks of a chain from 1.

    In most chains that is their order. In an onion, whose chain is listed from the outside in, after hooks
    run on the way out, the innermost list first; error hooks come last, since most events have none.

    Parameters
    ----------
    hooks
        In the order of the plan.

    Returns
    -------
    list of int
        For each of them its number.
    """
    places = range(len(hooks))
    inward = [place for place in places if hooks[place].kind not in _ON_THE_WAY_OUT]
    order = inward + [place for kind in _ON_THE_WAY_OUT for place in _outward(hooks, kind)]
    numbers = [0] * len(hooks)
    for number, place in enumerate(order, start=1):
        numbers[place] = number
    return numbers


def lanes_as_run(lanes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Put the lanes of a chain in the order in which their hooks are numbered; see `running_order`.

    Parameters
    ----------
    lanes
        As in the chain view, from the outside in.
    """
    inward = [lane for lane in lanes if lane["kind"] not in _ON_THE_WAY_OUT]
    return inward + [lane for kind in _ON_THE_WAY_OUT for lane in reversed(lanes) if lane["kind"] == kind]


def _outward(hooks: Sequence[Hook], kind: str) -> list[int]:
    of_kind = [place for place, hook in enumerate(hooks) if hook.kind == kind]
    lists = [list(group) for _, group in groupby(of_kind, key=lambda place: hooks[place].lane)]
    return [place for group in reversed(lists) for place in group]

"""Stories: the dispatches that one request or message has caused, put together from what they say of parents.

A dispatch that begins inside a hook knows its parent; so do those that follow one another in one request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from workbench.trace.recorder import Recorder

__all__ = ["WINDOW", "story_of"]

WINDOW: Final = 10_000
"""Dispatches after and before one among which its story is looked for."""

Array = npt.NDArray[Any]


def story_of(recorder: Recorder, dispatch: int) -> list[int]:
    """List the dispatches that share their first cause with one, in order.

    Parameters
    ----------
    recorder
        Has them.
    dispatch
        Any one of them. Those that are further than `WINDOW` dispatches away are not found.
    """
    rows = recorder.tail(2 * WINDOW, before=dispatch + WINDOW).dispatches
    ids, parents = rows["id"], rows["parent"]
    place = int(np.searchsorted(ids, dispatch))
    if place == len(ids) or ids[place] != dispatch:
        return []
    roots = _roots(ids, parents)
    return [int(one) for one in ids[roots == roots[place]]]


def _roots(ids: Array, parents: Array) -> Array:
    """Give the place of each dispatch's first ancestor that is here."""
    above = np.searchsorted(ids, parents)
    known = (above < len(ids)) & (ids[np.minimum(above, len(ids) - 1)] == parents)
    up = np.where(known, above, np.arange(len(ids)))
    while not np.array_equal(further := up[up], up):  # each turn doubles how far up it points
        up = further
    return up

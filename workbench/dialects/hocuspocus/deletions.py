"""Whether an update holds anything that a document does not, as read-only connections need it (49).

Neither Yjs nor yrs has a name for it in Python. Structs are asked of yrs, which leaves out those that a state
vector has; deletions it always keeps, so those are compared here.
"""

from __future__ import annotations

__all__ = ["holds_nothing_new"]

from pycrdt import get_update

from workbench.dialects.hocuspocus.wire import Reader

_Ranges = dict[int, list[tuple[int, int]]]


def holds_nothing_new(update: bytes, state: bytes, deletions: bytes) -> bool:
    """Tell whether a document has all of an update already.

    Parameters
    ----------
    update
        In version 1 of the encoding.
    state
        The document's state vector.
    deletions
        The document's update beyond its own state: no structs, all deletions.

    Raises
    ------
    ValueError
        When the update cannot be decoded.
    """
    rest = Reader(get_update(update, state))
    if rest.uint():  # how many clients have structs in it
        return False
    known = _ranges(Reader(deletions[1:]))
    return all(
        any(begin <= start and end <= stop for begin, stop in known.get(client, ()))
        for client, wanted in _ranges(rest).items()
        for start, end in wanted
    )


def _ranges(reader: Reader) -> _Ranges:
    """Read a delete set; neighbouring ranges become one."""
    found: _Ranges = {}
    for _ in range(reader.uint()):
        client = reader.uint()
        ranges: list[tuple[int, int]] = []
        for start, length in sorted((reader.uint(), reader.uint()) for _ in range(reader.uint())):
            if ranges and ranges[-1][1] >= start:
                ranges[-1] = (ranges[-1][0], max(ranges[-1][1], start + length))
            else:
                ranges.append((start, start + length))
        found[client] = ranges
    return found

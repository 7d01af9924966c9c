"""Field-by-field differences between two copies of the same data, and the frame that shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.trace.copies import same

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Change", "Path", "apply", "changes_frame", "difference", "spoken"]

Path = tuple[Any, ...]
"""Way from the root to a member: keys of dicts, positions in lists."""

_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*")


@dataclass(frozen=True, slots=True)
class Change:
    """One member that differs.

    Attributes
    ----------
    path
        Way from the root to the member.
    op
        ``added``, ``changed`` or ``removed``.
    before, after
        The member's value on either side; None where it does not exist there.
    """

    path: Path
    op: Literal["added", "changed", "removed"]
    before: Any
    after: Any


def difference(before: Any, after: Any) -> list[Change]:
    """Say what must be done to `before` to get `after`.

    Dicts are compared key by key and lists position by position; a value whose type changed is one change.

    Returns
    -------
    list of Change
        In the order of `before`, then what was added. Members removed from a list come last first, so that
        doing the changes in order (:func:`apply`) is right.
    """
    changes: list[Change] = []
    _compare((), before, after, changes)
    return changes


def _compare(path: Path, before: Any, after: Any, changes: list[Change]) -> None:
    if before is after:
        return
    if type(before) is type(after) is dict:
        _compare_dicts(path, before, after, changes)
    elif type(before) is type(after) is list:
        _compare_lists(path, before, after, changes)
    elif not same(before, after):
        changes.append(Change(path, "changed", before, after))


def _compare_dicts(path: Path, before: dict[Any, Any], after: dict[Any, Any], changes: list[Change]) -> None:
    for key, value in before.items():
        if key in after:
            _compare((*path, key), value, after[key], changes)
        else:
            changes.append(Change((*path, key), "removed", value, None))
    changes.extend(
        Change((*path, key), "added", None, value) for key, value in after.items() if key not in before
    )


def _compare_lists(path: Path, before: list[Any], after: list[Any], changes: list[Change]) -> None:
    common = min(len(before), len(after))
    for index in range(common):
        _compare((*path, index), before[index], after[index], changes)
    removed = range(len(before) - 1, common - 1, -1)
    changes.extend(Change((*path, index), "removed", before[index], None) for index in removed)
    added = range(common, len(after))
    changes.extend(Change((*path, index), "added", None, after[index]) for index in added)


def apply(before: Any, changes: Iterable[Change]) -> Any:
    """Do `changes` to a copy of `before` and return it; `before` itself stays as it is."""
    result = before
    for change in changes:
        result = _applied(result, change.path, change)
    return result


def _applied(value: Any, path: Path, change: Change) -> Any:
    if not path:
        return change.after
    key, rest = path[0], path[1:]
    copied = value.copy()
    if rest:
        copied[key] = _applied(value[key], rest, change)
    elif change.op == "removed":
        del copied[key]
    elif isinstance(copied, list) and change.op == "added":
        copied.insert(key, change.after)
    else:
        copied[key] = change.after
    return copied


def spoken(path: Path) -> str:
    """Write a path as people do: ``context.msg.say``, ``context.rooms[0]``, ``message.headers["x.y"]``."""
    text = ""
    for key in path:
        if isinstance(key, str) and _PLAIN_KEY.fullmatch(key):
            text += f".{key}" if text else key
        elif isinstance(key, str):
            text += f"[{json.dumps(key, ensure_ascii=False)}]"
        else:
            text += f"[{key!r}]"
    return text


def changes_frame(steps: Sequence[tuple[int, str, list[Change]]]) -> pd.DataFrame:
    """Make the frame of ``trace.changes``.

    Parameters
    ----------
    steps
        Position, hook name and changes, one entry for each hook that ran, in order.
    """
    import pandas as pd

    rows = [(position, hook, change) for position, hook, changes in steps for change in changes]
    return pd.DataFrame(
        {
            "position": pd.Series([row[0] for row in rows], dtype="int64"),
            "hook": pd.Categorical([row[1] for row in rows]),
            "path": pd.Series([spoken(row[2].path) for row in rows], dtype=str),
            # Values of any type stand here, so this is the one place where a frame holds objects.
            "before": pd.Series([row[2].before for row in rows], dtype=object),
            "after": pd.Series([row[2].after for row in rows], dtype=object),
            "op": pd.Categorical([row[2].op for row in rows], categories=["added", "changed", "removed"]),
        }
    )

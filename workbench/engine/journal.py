"""What was done to the board, with the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.engine.points import Point
from workbench.engine.state import Rows

__all__ = ["Change", "Deed", "JournalEntry", "quoted", "spell_call", "spell_cell", "spell_group"]


@dataclass(frozen=True, slots=True)
class Change:
    """Rows and points as an edit leaves them; the inverse of an edit is the Change with what it found.

    Parameters
    ----------
    rows
        Rows of the points that the edit touched.
    points
        Points whose policy it touched.
    """

    rows: Mapping[str, Rows]
    points: Mapping[str, Point] = field(default_factory=dict)

    def under(self, older: Change) -> Change:
        """Make the inverse of two edits in a row: what the older one found wins."""
        return Change({**self.rows, **older.rows}, {**self.points, **older.points})


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done beside the board, as whoever did it takes it back and does it again.

    Parameters
    ----------
    undo, redo
        Called in turns, with the board's lock held; what they raise leaves the entry as it was.
    thing
        Id of what it brought about or took away; empty where that has none.
    line
        The Python that brought it about; empty where it took something away.
    """

    undo: Callable[[], object]
    redo: Callable[[], object]
    thing: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One edit, or one deed beside the board.

    Parameters
    ----------
    revision
        The board's after it.
    kind
        attach, replace, remove, move, enable, set_policy, set_scope, set_effects, clear, group, undo, redo,
        mark, return, or what the owner of a deed calls it.
    hook
        Id of the hook, None when the edit is not about one.
    point
        Key of the point, None when the edit is about several.
    author
        cell, widget, lab, api ...
    time
        Seconds since the epoch.
    python
        Python that does the same.
    undone
        True while it is undone.
    inverse
        What brings the board back to how the edit found it.
    outcome
        What brings it forth again; of a mark, the whole board as it was.
    touched
        Ids of all hooks that the edit touched.
    group
        The group or cell run that it belongs to, 0 for none.
    lines
        The Python lines of a group, one for each of its edits; of a mark, those that stood.
    deeds
        What was done beside the board, oldest first.
    """

    revision: int
    kind: str
    hook: str | None
    point: str | None
    author: str
    time: float
    python: str
    undone: bool
    inverse: Change
    outcome: Change
    touched: frozenset[str] = frozenset()
    group: int = 0
    lines: tuple[str, ...] = ()
    deeds: tuple[Deed, ...] = ()


def spell_cell(entries: Sequence[JournalEntry]) -> tuple[str, ...]:
    """Write what was done so that it does the same elsewhere.

    Ids are other ones there, so what a later line takes away by its id is held by a variable of that name.

    Parameters
    ----------
    entries
        What stands, oldest first.
    """
    taken = {deed.thing for entry in entries for deed in entry.deeds if deed.thing and not deed.line}
    made: set[str] = set()
    lines = []
    for entry in entries:
        text = entry.python
        for deed in entry.deeds:
            if deed.line and deed.thing in taken:
                made.add(deed.thing)
                text = text.replace(deed.line, f"{deed.thing} = {deed.line}", 1)
            elif deed.thing in made:
                text = text.replace(f"({quoted(deed.thing)})", f"({deed.thing})", 1)
        lines.append(text)
    return tuple(lines)


def spell_call(target: str, method: str, *arguments: str, **keywords: object) -> str:
    """Write a method call as Python.

    Parameters
    ----------
    target
        Python of the object.
    method
        Its method.
    arguments
        Python of the positional arguments.
    keywords
        Values of the keyword arguments.
    """
    parts = [*arguments, *(f"{name}={quoted(value)}" for name, value in keywords.items())]
    return f"{target}.{method}({', '.join(parts)})"


def quoted(value: object) -> str:
    """Write a value as Python; text in double quotes, as people type it.

    Parameters
    ----------
    value
        Text, number, or something whose repr is Python.
    """
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def spell_group(spoken: str, lines: tuple[str, ...]) -> str:
    """Write several edits that count as one.

    Parameters
    ----------
    spoken
        Python of the bench.
    lines
        Python of each edit.
    """
    return "\n".join([f"with {spoken}.board.together():", *(f"    {line}" for line in lines)])

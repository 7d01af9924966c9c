"""The pieces of edits: finding places, changing rows, spelling the Python that does the same."""

from __future__ import annotations

import functools
import inspect
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from keyword import iskeyword
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from workbench.engine.awaiting import is_asynchronous
from workbench.engine.checks import check_hook
from workbench.engine.errors import EditRefused, near
from workbench.engine.hooks import EVERYWHERE, UNKNOWN_ORIGIN, Hook, HookFunction, Kind, Origin, Scope
from workbench.engine.journal import JournalEntry, quoted, spell_call
from workbench.engine.points import REDUCES, Point, Policy, ordinal
from workbench.engine.signatures import fit
from workbench.engine.state import BoardState, Ref, Row, Rows, find

if TYPE_CHECKING:
    from workbench.engine.board import Board

__all__ = [
    "Beside",
    "attach_line",
    "beside",
    "can_undo",
    "check_seen",
    "free_name",
    "inserted",
    "moved",
    "name_of",
    "namesake",
    "note_attached",
    "origin_of",
    "perform",
    "refitted",
    "remark",
    "spell_chain",
    "spell_function",
    "spell_policy",
    "spell_ref",
    "succeeded",
    "touched",
    "turned",
    "with_hook",
]


def name_of(function: Any) -> str:
    """Give the name that a function goes by when nobody gave it one.

    Parameters
    ----------
    function
        Any callable.
    """
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None) or type(function).__name__
    return "lambda" if name == "<lambda>" else str(name)


def origin_of(function: Any, given: Origin = UNKNOWN_ORIGIN) -> Origin:
    """Fill file and line in where the caller did not.

    Parameters
    ----------
    function
        Whose code is looked at.
    given
        What the caller knows.
    """
    code = getattr(inspect.unwrap(function), "__code__", None) if given.file is None else None
    return given if code is None else replace(given, file=code.co_filename, line=code.co_firstlineno)


# -- places ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beside:
    """Next to which hook, on which side; without one: the end."""

    where: str | None = None
    name: str = ""
    side: str = "before"

    def spelled(self, state: BoardState) -> dict[str, object]:
        """Give the keyword argument that says so."""
        return {} if self.where is None else {self.side: spell_ref(state, find(state, self.where))}

    def words(self) -> str:
        """Say it to people."""
        return f"{self.side} {self.name}"


def beside(state: BoardState, point: str, before: Ref | None, after: Ref | None) -> Beside:
    """Find the hook next to which something goes.

    Parameters
    ----------
    state
        Where to look.
    point
        Both must stand there.
    before, after
        At most one of them.

    Raises
    ------
    EditRefused
        When both are given.
    """
    if before is not None and after is not None:
        raise EditRefused("a hook goes before one hook or after one, not both; leave one of them out")
    ref = before if before is not None else after
    if ref is None:
        return Beside()
    hook = find(state, ref, point)
    return Beside(hook.id, hook.name, "before" if before is not None else "after")


def namesake(state: BoardState, fresh: Hook) -> Hook | None:
    """Find the hook that a new one of its name, lane and kind replaces; AmbiguousHook when there are several.

    Parameters
    ----------
    state
        Where to look.
    fresh
        The new one.
    """
    rows = [row.hook for row in state.of(fresh.point) if _place(row.hook) == _place(fresh)]
    return find(state, fresh.name if len(rows) > 1 else rows[0], fresh.point) if rows else None


def _place(hook: Hook) -> tuple[str, str, str]:
    return hook.name, hook.lane, hook.kind


def succeeded(old: Hook, fresh: Hook, version: int) -> Hook:
    """Make the hook that takes an old one's place.

    Its id, and its switch, scope and effects where the new one has no wish.

    Parameters
    ----------
    old
        Whose place it takes.
    fresh
        What was attached.
    version
        The number of its function.
    """
    return replace(
        fresh,
        id=old.id,
        enabled=old.enabled,
        scope=old.scope if fresh.scope == EVERYWHERE else fresh.scope,
        effects=old.effects if fresh.effects == "context" else fresh.effects,
        version=version,
    )


def free_name(state: BoardState, point: str, name: str) -> str:
    """Number a name that another hook of the point has.

    Parameters
    ----------
    state
        Where to look.
    point
        Key of the point.
    name
        What it would be called; given back where nobody has it.
    """
    taken = {row.hook.name for row in state.of(point)}
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    return next(free for free in itertools.chain((name,), numbered) if free not in taken)


def refitted(hook: Hook, function: HookFunction, at: Point, *, version: int, origin: Origin) -> Hook:
    """Make a hook with another function.

    Parameters
    ----------
    hook
        As it is.
    function
        What it gets.
    at
        Its point.
    version, origin
        Of the function.

    Raises
    ------
    BadSignature
        When the point cannot give the function what it requires.
    """
    return replace(
        hook,
        function=function,
        version=version,
        origin=origin,
        call=fit(function, hook.name, at, hook.kind),
        asynchronous=is_asynchronous(function),
    )


def turned(hook: Hook, kind: Kind | None, points: Mapping[str, Point]) -> Hook:
    """Make a hook one of another kind.

    Parameters
    ----------
    hook
        As it is.
    kind
        What it becomes; None, or its own: it stays as it is.
    points
        By key; its own says what the kind is called with.

    Raises
    ------
    BadSignature, EditRefused
        When its function does not fit, or there is no such kind.
    """
    if kind is None or kind == hook.kind:
        return hook
    check_hook(hook.name, hook.lane, kind, hook.priority, hook.scope)
    at = points[hook.point]
    call = fit(hook.function, hook.name, at, kind)
    return replace(hook, kind=kind, call=call)


# -- rows ------------------------------------------------------------------------------------------


def with_hook(rows: Rows, hook: Hook) -> Rows:
    """Give the rows with this hook in the place of the one of its id."""
    return tuple(Row(hook, row.note) if row.hook.id == hook.id else row for row in rows)


def inserted(rows: Rows, row: Row, place: Beside) -> Rows:
    """Give the rows with one more."""
    if place.where is None:
        return (*rows, row)
    index = next(index for index, other in enumerate(rows) if other.hook.id == place.where)
    index += place.side == "after"
    return (*rows[:index], row, *rows[index:])


def moved(state: BoardState, rows: Rows, hook: Hook, place: Beside) -> Rows:
    """Give the rows with a hook in another place, and a note that says when.

    Where it stands already, nothing changes.
    """
    others = tuple(row for row in rows if row.hook.id != hook.id)
    words = place.words() if place.where is not None else "to the end"
    result = inserted(others, Row(hook, f"moved {words} in revision {state.revision + 1}"), place)
    unmoved = [row.hook.id for row in result] == [row.hook.id for row in rows]
    return rows if unmoved else result


def note_attached(state: BoardState, hook: Hook, place: Beside) -> str:
    """Say how a new hook came to its place."""
    if place.where is not None:
        return f"attached {place.words()} in revision {state.revision + 1}"
    lane = sum(row.hook.lane == hook.lane for row in state.of(hook.point))
    return f"{ordinal(lane + 1)} attached"


def touched(state: BoardState, rows: Mapping[str, Rows]) -> frozenset[str]:
    """Give the ids of hooks that new rows add, drop or change."""
    ids: set[str] = set()
    for point, new in rows.items():
        before = {row.hook.id: row for row in state.of(point)}
        after = {row.hook.id: row for row in new}
        # rows that an edit leaves alone stay the same objects, which is far cheaper to see than equality
        differ = [hook for hook in before.keys() | after.keys() if before.get(hook) is not after.get(hook)]
        ids.update(hook for hook in differ if before.get(hook) != after.get(hook))
    return frozenset(ids)


# -- spelling --------------------------------------------------------------------------------------


def spell_chain(spoken: str, point: str) -> str:
    """Write the Python of a point's chain."""
    return f"{spoken}.chain({quoted(point)})"


def spell_ref(state: BoardState, hook: Hook) -> str:
    """Name a hook the way people do, by its id only where the name is not enough."""
    names = [row.hook.name for row in state.of(hook.point)]
    like_an_id = hook.name[1:].isdecimal()  # "h7" may be another hook's id; most names need no look
    taken = like_an_id and any(other.id == hook.name for other in state.hooks())
    return hook.name if names.count(hook.name) == 1 and not taken else hook.id


def spell_function(function: Any) -> str:
    """Write the Python of a function: its own name, or one that cannot be taken for another's."""
    own = str(getattr(function, "__name__", ""))
    if own.isidentifier() and not iskeyword(own):
        return own
    return f"{re.sub(r'[^0-9A-Za-z_]', '_', name_of(function))}_"


def remark(hook: Hook) -> str:
    """Say behind a printed line what its name stands for, where a notebook does not know it.

    Parameters
    ----------
    hook
        Whose function the line attaches.

    Returns
    -------
    str
        A Python comment: the import of a ready-made function; empty for others that `def` or a module names.
    """
    function = hook.function
    named = inspect.isroutine(function) and not inspect.ismethod(function)
    if named and str(getattr(function, "__name__", "")).isidentifier():
        spelled = spell_function(function)
        return f"  # from {function.__module__} import {spelled}" if hook.origin.kind == "ready" else ""
    what = "a lambda" if inspect.isfunction(function) else f"a {type(function).__name__} object"
    place = "" if hook.origin.file is None else f"{PurePath(hook.origin.file).name}, line {hook.origin.line}"
    if inspect.ismethod(function):
        said = ", ".join(filter(None, (f"that of a {type(function.__self__).__name__}", place)))
    else:
        said = " of ".join(filter(None, (what, place)))
    return f"  # {spell_function(function)} stands for {said}"


def spell_policy(policy: Policy) -> str:
    """Write the Python of a policy."""
    reduce = policy.reduce.name.upper() if policy.reduce.name in REDUCES else policy.reduce.name
    return f"Policy({quoted(policy.shape)}, {reduce}, {quoted(policy.failure)})"


def attach_line(
    board: Board, hook: Hook, old: Hook | None, place: Beside, *, append: bool, spoken: str | None = None
) -> str:
    """Write the Python that attaches this hook, in the place of the old one where there is one.

    `spoken` is the call that does it, where it is another one.
    """
    target, spelled = spell_chain(board.spoken, hook.point), spell_function(hook.function)
    if spoken is not None:
        return f"{target}.{spoken}"
    alike = sum(_place(row.hook) == _place(hook) for row in board.state.of(hook.point))
    if old is not None and alike > 1:  # another run of the cell; by name nobody could tell them apart
        return spell_call(target, "replace", quoted(old.id), spelled) + remark(hook)
    keywords: dict[str, object] = {}
    if hook.name != name_of(hook.function) or spelled != hook.name:
        keywords["name"] = hook.name
    wishes = (
        ("lane", ""),
        ("kind", "call"),
        ("priority", board.point(hook.point).priority),
        ("scope", EVERYWHERE),
        ("effects", "context"),
    )
    keywords |= {key: getattr(hook, key) for key, usual in wishes if getattr(hook, key) != usual}
    keywords |= place.spelled(board.state)
    if old is None and (append or alike):
        keywords["append"] = True
    return spell_call(target, "attach", spelled, **keywords) + remark(hook)


# -- edits that come as JSON ---------------------------------------------------------------------


def can_undo(entry: JournalEntry) -> bool:
    """Tell whether an entry of the journal is an edit that still stands."""
    return not entry.undone and entry.kind not in ("undo", "redo", "mark")


def check_seen(
    state: BoardState, journal: Sequence[JournalEntry], edit: Mapping[str, Any], seen: int | None
) -> None:
    """Refuse an edit of hooks that were edited after the face looked."""
    if seen is None:
        return
    named = {edit.get(key) for key in ("hook", "before", "after")} - {None}
    for entry in reversed(journal):
        if entry.revision <= seen:
            return
        clash = named & entry.touched
        if clash:
            which = ", ".join(sorted(str(ref) for ref in clash))
            raise EditRefused(
                f"{which} was edited in revision {entry.revision} ({entry.author}: {entry.python}), "
                f"but this edit saw revision {seen}; look at revision {state.revision} and repeat"
            )


def _attach(board: Board, edit: Mapping[str, Any], author: str) -> Hook:
    function = edit["function"]
    if not callable(function):
        raise EditRefused(
            f"{function!r} is no function; attach one that the notebook defines, or a ready-made one"
        )
    keys = ("name", "lane", "kind_of_hook", "priority", "scope", "before", "after", "origin", "spoken")
    given = {key.removesuffix("_of_hook"): edit[key] for key in keys if edit.get(key) is not None}
    return board.attach(
        edit["point"], function, author=author, append=bool(edit.get("append", False)), **given
    )


def _scope(edit: Mapping[str, Any]) -> Scope:
    connections = edit.get("connections")
    return Scope(None if connections is None else frozenset(connections), bool(edit.get("shadow", False)))


def _policy(edit: Mapping[str, Any], old: Policy) -> Policy:
    name = edit.get("reduce", old.reduce.name)
    if name not in REDUCES and name != old.reduce.name:
        raise EditRefused(f"no reduce {name!r}{near(str(name), REDUCES)}")
    reduce = REDUCES.get(name, old.reduce)
    return Policy(edit.get("shape", old.shape), reduce, edit.get("failure", old.failure))


_PERFORM: dict[str, Callable[[Board, Mapping[str, Any], str], Any]] = {
    "attach": _attach,
    "remove": lambda board, edit, author: board.remove(edit["hook"], author=author),
    "move": lambda board, edit, author: board.move(
        edit["hook"],
        edit.get("before"),
        edit.get("after"),
        edit.get("lane"),
        kind=edit.get("kind_of_hook"),
        author=author,
    ),
    "duplicate": lambda board, edit, author: board.duplicate(edit["hook"], edit.get("name"), author=author),
    "enable": lambda board, edit, author: board.enable(
        edit["hook"], bool(edit.get("on", True)), author=author
    ),
    "replace": lambda board, edit, author: board.replace(
        edit["hook"],
        edit["function"],
        author=author,
        origin=edit.get("origin", UNKNOWN_ORIGIN),
        spoken=edit.get("spoken"),
    ),
    "set_scope": lambda board, edit, author: board.set_scope(edit["hook"], _scope(edit), author=author),
    "set_effects": lambda board, edit, author: board.set_effects(
        edit["hook"], edit["effects"], author=author
    ),
    "set_policy": lambda board, edit, author: board.set_policy(
        edit["point"], _policy(edit, board.point(edit["point"]).policy), author=author
    ),
    "clear": lambda board, edit, author: board.clear(edit["point"], author=author),
    "mark": lambda board, edit, author: board.mark(edit["name"], author=author),
    "return_to": lambda board, edit, author: board.return_to_mark(edit["mark"], author=author),
}


def perform(board: Board, edit: Mapping[str, Any], author: str) -> Hook | None:
    """Do one edit.

    Raises
    ------
    EditRefused
        When its kind is unknown or something it needs is missing.
    """
    kind = str(edit.get("kind"))
    if kind not in _PERFORM:
        raise EditRefused(f"no edit {kind!r}{near(kind, _PERFORM)}")
    try:
        result = _PERFORM[kind](board, edit, author)
    except KeyError as missing:
        raise EditRefused(f"edit {kind!r} needs {missing}; send it along") from None
    return result if isinstance(result, Hook) else None

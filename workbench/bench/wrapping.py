"""Wrapping a hook: a function around it with its time and its result printed, there to be edited.

A hook that takes part in turns (before, after, error, or any of a line or a fan) gets a next version, which
calls the one that it had: its place, name, scope and everything armed on it stay, and undo takes the wrapper
off. Around hooks are what onions have for this: there the wrapper is one more hook, directly outside of it.
"""

from __future__ import annotations

__all__ = ["wrapping"]

import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from inspect import Parameter
from keyword import iskeyword
from types import FunctionType
from typing import Any, Final, cast

from workbench.bench.cells import user_namespace
from workbench.bench.drafts import Draft, NotEditable, compile_draft, remember, written
from workbench.bench.sources import literal
from workbench.engine.board import Board
from workbench.engine.edits import free_name, spell_ref
from workbench.engine.hooks import Hook, Origin
from workbench.engine.journal import quoted
from workbench.engine.points import Point

_POSITIONAL: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_OWN: Final = frozenset({"perf_counter", "began", "result", "took"})

_CALLING: Final = '''\
{define} {name}({parameters}):
    """Stand around {inner}: this runs before and after it."""
    from time import perf_counter

    began = perf_counter()
    result = {wait}{inner}({arguments})
    took = (perf_counter() - began) * 1000
    print(f"{inner} came to {{result!r}} after {{took:.2f}} ms")
    return result
'''

_AROUND: Final = '''\
async def {name}({parameters}):
    """Stand around {inner}, and all that it is around: this runs before and after them."""
    from time import perf_counter

    began = perf_counter()
    await {next}()
    took = (perf_counter() - began) * 1000
    print(f"{inner} and what it is around took {{took:.2f}} ms")
'''


def wrapping(board: Board, hook: Hook, author: str) -> dict[str, Any]:
    """Make the edit, for `Board.apply`, that wraps a hook.

    Parameters
    ----------
    board
        Where it is.
    hook
        As it is there.
    author
        Who wraps it.
    """
    point = board.point(hook.point)
    spoken = f"wrap({quoted(spell_ref(board.state, hook))})"
    if hook.kind == "around":
        return {**_outside(board, hook, point, author), "spoken": spoken}
    draft = _caller(hook, point, board.next_version(hook))
    kind = "api" if hook.origin.kind == "ready" else hook.origin.kind  # it is ready-made no more
    origin = replace(hook.origin, kind=kind, file=draft.file, line=draft.line)
    return {
        "kind": "replace", "hook": hook.id, "function": draft.function, "origin": origin, "spoken": spoken,
    }  # fmt: skip


def _outside(board: Board, hook: Hook, point: Point, author: str) -> dict[str, Any]:
    inner = _identifier(hook.name)
    called = free_name(board.state, point.name, f"around_{inner}")
    parameters = point.parameters_of("around")
    text = _AROUND.format(
        name=_identifier(called), inner=inner, parameters=", ".join(parameters), next=parameters[1]
    )
    draft = _compiled(text, _holder(hook.function, "wrapped"), called, 1)
    kind = author if author in ("widget", "lab") else "api"
    return {
        "kind": "attach",
        "point": point.name,
        "function": draft.function,
        "name": called,
        "lane": hook.lane,
        "kind_of_hook": hook.kind,
        "priority": hook.priority,
        "scope": hook.scope,
        "before": hook.id,
        "origin": Origin(cast("Any", kind), draft.file, draft.line),
    }


def _caller(hook: Hook, point: Point, version: int) -> Draft:
    """Write the function that calls the hook's own with what the hook's own takes."""
    plain, picked = _parameters(hook, point)
    inner = _identifier(getattr(hook.function, "__name__", hook.name))
    name = f"{inner.removesuffix('_wrapped')}_wrapped"
    while inner in {name, *plain, *picked} | _OWN:
        inner += "_"
    keywords = [f"{key}={key}" for key in picked]
    text = _CALLING.format(
        define="async def" if hook.asynchronous else "def",
        wait="await " if hook.asynchronous else "",
        name=name,
        inner=inner,
        parameters=", ".join([*plain, *(["*", *_with_defaults(picked)] if picked else [])]),
        arguments=", ".join([*plain, *keywords]),
    )
    return _compiled(text, _holder(hook.function, inner), hook.name, version)


def _parameters(hook: Hook, point: Point) -> tuple[list[str], dict[str, Any]]:
    """Tell what the hook's function is called with: names by position, and keywords with their defaults."""
    offered = point.parameters_of(hook.kind)
    try:
        wanted = list(inspect.signature(hook.function).parameters.values())
    except (TypeError, ValueError):  # some builtins do not tell; they get everything
        return [*offered], {}
    plain = [one.name for one in wanted if one.kind in _POSITIONAL][: len(offered)]
    if any(one.kind is Parameter.VAR_POSITIONAL for one in wanted):
        plain += [name if name not in plain else f"{name}_" for name in offered[len(plain) :]]
    only = [one for one in wanted if one.kind is Parameter.KEYWORD_ONLY]
    known = point.members
    return plain, {one.name: one.default for one in only if known is None or one.name in known}


def _with_defaults(picked: dict[str, Any]) -> Iterator[str]:
    for name, default in picked.items():
        text = None if default is Parameter.empty else literal(default)
        yield name if text is None else f"{name}={text}"


def _holder(function: Any, name: str) -> FunctionType:
    """Make a function that stands where the given one does, and has it as a free variable of that name."""
    try:
        home = written(function, name)
        space, qualified = home.__globals__, home.__qualname__
    except NotEditable:
        space, qualified = cast("dict[str, Any]", user_namespace()), name
    text = f"def outside({name}):\n def holder():\n  return {name}\n return holder\n"
    made: dict[str, Any] = {}
    exec(compile(text, "<wrapping>", "exec", dont_inherit=True), space, made)  # noqa: S102 - the text above
    holder: FunctionType = made["outside"](function)
    holder.__qualname__ = qualified
    return holder


def _compiled(text: str, holder: FunctionType, name: str, version: int) -> Draft:
    draft = compile_draft(text, holder, name=name, version=version)
    remember(draft)
    return draft


def _identifier(name: str) -> str:
    spelled = re.sub(r"\W", "_", name)
    return spelled if spelled.isidentifier() and not iskeyword(spelled) else f"hook_{spelled}"

"""Which events a breakpoint holds: functions of a point's arguments, or expressions over them."""

from __future__ import annotations

__all__ = ["Condition", "fitted", "spelled"]

import ast
import builtins
import dis
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from workbench.engine.edits import spell_function
from workbench.engine.errors import BadSignature, near
from workbench.engine.journal import quoted
from workbench.engine.points import Point
from workbench.engine.signatures import adapt
from workbench.interventions.errors import BreakpointError

Condition = Callable[..., object] | str


def fitted(condition: Condition, point: Point, space: dict[str, Any]) -> Callable[..., object]:
    """Make what is asked with the arguments of a point.

    Parameters
    ----------
    condition
        A function that takes as many of them as a hook may, or an expression such as
        ``message.text() == "hello"``.
    point
        Whose arguments.
    space
        What the expression may name besides them: the variables of the notebook.

    Raises
    ------
    BreakpointError
        For a text that is no expression over these, with what it names and nobody knows.
    BadSignature
        For a function that wants something else.
    """
    if not isinstance(condition, str):
        try:
            return adapt(condition, "condition", point.title, point.parameters, point.members)
        except BadSignature as error:
            raise error.about("condition") from None
    code = _compiled(condition, point)
    for name in _named(code):
        if name not in space and not hasattr(builtins, name):
            raise BreakpointError(
                f"condition names {name!r}, which is no argument of {_offered(point)} "
                f"and no variable of the notebook{near(name, (*point.parameters, *space))}"
            ).about("condition")
    made: Callable[..., object] = eval(code, space)  # noqa: S307 - a person's own code, as a hook is
    return made


def _offered(point: Point) -> str:
    return f"{point.title}({', '.join(point.parameters)})"


def _compiled(text: str, point: Point) -> CodeType:
    """Compile a function of that expression; its arguments may be left out, as some hooks get fewer."""
    try:
        body = ast.parse(text.strip(), mode="eval").body
        written = ast.parse(
            f"lambda {''.join(f'{name}=None, ' for name in point.parameters)}*_: 0", mode="eval"
        )
        written.body.body = body  # type: ignore[attr-defined]  # a lambda, as written above
        return compile(written, "<condition>", "eval")
    except (SyntaxError, ValueError) as error:
        raise BreakpointError(
            f"condition is a Python expression over the arguments of {_offered(point)}, "
            f"and {quoted(text)} is none: {getattr(error, 'msg', error)}."
        ).about("condition") from None


def _named(code: CodeType) -> Iterator[str]:
    """Yield what it looks up outside of itself."""
    yield from (one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL")
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _named(inner)


def spelled(condition: Condition, lambda_of: Callable[[Any], str | None]) -> str:
    """Write a condition as it is given in Python.

    Parameters
    ----------
    condition
        The function or expression.
    lambda_of
        Gives the text of a lambda, None where it is not at hand.
    """
    if isinstance(condition, str):
        return repr(condition) if '"' in condition else quoted(condition)
    if getattr(condition, "__name__", "") == "<lambda>":
        return lambda_of(condition) or "condition"
    return spell_function(condition)

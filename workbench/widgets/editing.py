"""The source editor's commands: keep a draft, look at it, make it live, go back to a version, compare two."""

from __future__ import annotations

__all__ = ["editing", "keeping"]

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.bench.chain import Chain
from workbench.engine.errors import StaleVersion, WorkbenchError
from workbench.widgets.text import visible
from workbench.widgets.views.source import kept

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.bench.drafts import Draft, Problem
    from workbench.bench.playing import Tried
    from workbench.bench.trial import Trial
    from workbench.bench.versions import Check
    from workbench.engine.hooks import Hook
    from workbench.widgets.protocol import Message

AUTHOR: Final = "editor"


def editing(bench: Workbench, message: Message) -> dict[str, Any]:
    """Do what the editor asks for; what is wrong with a draft is part of the answer.

    A draft is tried, which may take seconds: this is not for the bench's loop.

    Raises
    ------
    WorkbenchError
        When the hook is not there, or something that the command needs is missing.
    """
    hook = bench.board.resolve(message["hook"])
    chain = Chain(bench.board, hook.point, lambda: AUTHOR, bench.chain(hook.point).rehearse)
    if message["do"] == "diff":
        return _diff(chain, hook, message)
    stale = _stale(hook, message.get("version"))
    if message["do"] == "return":
        return _return(chain, hook, _needed(message, "to"), stale)
    check = chain.check(hook, _needed(message, "text"))
    if message["do"] == "check" or stale or (check.problems and not message.get("anyway")):
        return _answer(hook, stale, check)
    try:
        swapped = chain.swap(check, anyway=message.get("anyway", False))
    except StaleVersion as error:
        return _answer(chain.hook(hook), str(error), check)
    bench.drafts.applied(hook.id, message["text"])
    return _answer(swapped, None, check, applied=True)


def keeping(bench: Workbench, message: Message) -> dict[str, Any] | None:
    """Keep a draft as it stands in the editor, so that it outlives the page; no text: there is none any more.

    Returns
    -------
    dict or None
        What the bench has now.

    Raises
    ------
    WorkbenchError
        When the hook is not there, or something is missing.
    """
    by, seen = _needed(message, "by"), message.get("seen", 0)
    text = message.get("text")
    version = 0 if text is None else _needed(message, "version")
    return kept(bench.drafts.keep(message["hook"], text, version, by=by, seen=seen))


def _needed(message: Message, name: str) -> Any:
    if name not in message:
        raise WorkbenchError(f'"{message["do"]}" needs "{name}".')
    return message[name]


def _stale(hook: Hook, seen: int | None) -> str | None:
    if seen is None or seen == hook.version:
        return None
    return f"{visible(hook.name, 200)} has version {hook.version} by now, and this began from version {seen}."


def _diff(chain: Chain, hook: Hook, message: Message) -> dict[str, Any]:
    lines = chain.diff(hook, _needed(message, "from"), message.get("to"))
    return {"lines": [{"kind": line[0], "text": visible(line[1:])} for line in lines]}


def _return(chain: Chain, hook: Hook, wanted: int, stale: str | None) -> dict[str, Any]:
    if stale is not None:
        return _answer(hook, stale, None)
    try:
        return _answer(chain.return_to(hook, wanted, seen=hook.version), None, None, applied=True)
    except StaleVersion as error:
        return _answer(chain.hook(hook), str(error), None)


def _answer(hook: Hook, stale: str | None, check: Check | None, *, applied: bool = False) -> dict[str, Any]:
    draft = None if check is None else check.draft
    return {
        "applied": applied,
        "version": hook.version,
        "stale": stale,
        "problems": [] if check is None else [_problem(one) for one in check.problems],
        "decorators": _decorators(draft),
        "trial": None if check is None or check.trial is None else _trial(check.trial),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "column": problem.column, "message": visible(problem.message, 2000)}


def _decorators(draft: Draft | None) -> dict[str, list[str]]:
    if draft is None:
        return {"kept": [], "left_out": []}
    return {
        "kept": [visible(one, 200) for one in draft.kept],
        "left_out": [visible(one, 200) for one in draft.left_out],
    }


def _trial(trial: Trial) -> Mapping[str, Any]:
    return {
        "ran": len(trial.events),
        "skipped": trial.skipped or None,
        "raised": trial.count("raised"),
        "changed": trial.count("changed"),
        "slow": trial.count("late"),
        "events": [_tried(one) for one in trial.events],
    }


def _tried(one: Tried) -> dict[str, Any]:
    return {
        "dispatch": one.dispatch,
        "outcome": one.outcome,
        "says": visible(one.says, 2000),
        "line": one.line,
        "printed": visible(one.printed, 2000),
    }

"""The versions of a hook: looking at them, going back to one, and writing the next.

Cells, files and editors share one list. What is written here is checked and tried before it is live; where
anything is wrong the version that was live stays so.
"""

from __future__ import annotations

__all__ = ["Check", "HookVersion", "NotRewritten", "Versioned", "spell_text"]

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from workbench.bench.drafts import BadDraft, Draft, NotEditable, Problem, compile_draft, remember
from workbench.bench.texts import text_of
from workbench.bench.trial import Trial
from workbench.engine.board import Board
from workbench.engine.edits import refitted, spell_ref
from workbench.engine.errors import BadSignature, WorkbenchError
from workbench.engine.hooks import Hook
from workbench.engine.journal import quoted

Rehearse = Callable[[Hook, Hook], Trial]
"""Tries a draft in the place of a hook: (the hook as it is, the hook as it would be)."""


@dataclass(frozen=True, slots=True)
class HookVersion:
    """One version of a hook.

    Attributes
    ----------
    number
        1, 2 ... in the order of coming.
    current
        Whether the hook has it now.
    author
        Who wrote it: ``cell``, ``editor``, ``widget``, ``api`` ...
    time
        When, in seconds since the epoch.
    revision
        Of the board, after that edit.
    where
        Where its function stands: ``In[7]``, a file, or empty.
    text
        Its source; None where that is not at hand.
    """

    number: int
    current: bool
    author: str
    time: float
    revision: int
    where: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """What came out of looking at a draft, and of trying it.

    Attributes
    ----------
    hook
        The hook as it is.
    fresh
        The hook as it would be; None where the draft is no function that fits.
    draft
        What was compiled; None where that failed.
    problems
        Why it should not take the hook's place; none: it may.
    trial
        How it went on recorded events; None where it was not tried for its problems.
    """

    hook: Hook
    fresh: Hook | None
    draft: Draft | None
    problems: tuple[Problem, ...]
    trial: Trial | None = None


class NotRewritten(WorkbenchError):
    """A draft that did not become a version; the one that was live still is.

    Attributes
    ----------
    check
        Why.
    """

    def __init__(self, check: Check) -> None:
        self.check = check
        listed = "\n".join(f"  - {problem}" for problem in check.problems)
        again = "; anyway=True takes it in all the same" if check.fresh is not None else ""
        super().__init__(
            f"{check.hook.name} keeps version {check.hook.version}, "
            f"as the draft has problems{again}:\n{listed}"
        )


class Versioned:
    """The part of a chain that has to do with versions.

    Attributes
    ----------
    rehearse
        Tries a draft; None: drafts are not tried.
    """

    _board: Board
    _key: str
    _author: Callable[[], str]
    rehearse: Rehearse | None

    def _ref(self, reference: Any) -> Any:
        raise NotImplementedError

    def hook(self, reference: Any) -> Hook:
        """Give a hook as it is now."""
        return self._board.resolve(self._ref(reference), self._key)

    def versions(self, hook: Any) -> tuple[HookVersion, ...]:
        """List the versions of a hook, oldest first; those of edits that were undone too."""
        found = self.hook(hook)
        return tuple(
            HookVersion(
                one.number,
                one.number == found.version,
                one.author,
                one.time,
                one.revision,
                one.hook.origin.file or "",
                _text_or_none(one.hook),
            )
            for one in self._board.versions(found)
        )

    def source(self, hook: Any, version: int | None = None) -> str:
        """Give the text of a version; None stands for the present one.

        Raises
        ------
        EditRefused
            When there is no such version.
        NotEditable
            When its text is not at hand, with the reason.
        """
        found = self.hook(hook)
        function = found.function
        if version is not None:
            function = self._board.version(found, version).hook.function
        return text_of(function, found.name).text

    def diff(self, hook: Any, older: int, newer: int | None = None) -> list[str]:
        """Compare the texts of two versions, line by line.

        Parameters
        ----------
        hook
            Whose.
        older, newer
            Their numbers; None stands for the present one.

        Returns
        -------
        list of str
            All lines, each with a blank, ``-`` (only in the older one) or ``+`` in front.
        """
        before, after = (self.source(hook, version).splitlines() for version in (older, newer))
        lines: list[str] = []
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for kind, start, end, *there in matcher.get_opcodes():
            sign = " " if kind == "equal" else "-"
            lines += [sign + line for line in before[start:end]]
            lines += ["+" + line for line in after[slice(*there)] if kind != "equal"]
        return lines

    def return_to(self, hook: Any, version: int, *, seen: int | None = None) -> Hook:
        """Make an earlier or later version the present one again: one edit, to be undone like any other.

        Parameters
        ----------
        hook
            Which.
        version
            The number of the version.
        seen
            Refuse when the hook has another version than this one by now; None: whatever it has.

        Raises
        ------
        EditRefused
            When there is no such version, or the hook has another one than the one seen.
        """
        return self._board.return_to(
            self._ref(hook), version, author=self._author(), point=self._key, seen=seen
        )

    def check(self, hook: Any, text: str) -> Check:
        """Look at a draft and try it on copies of recorded events, without making it live.

        Parameters
        ----------
        hook
            Whose next version it would be.
        text
            One function definition.

        Raises
        ------
        NotEditable
            When the hook's function is not one that a text could replace.
        """
        found = self.hook(hook)
        number = self._board.next_version(found)
        try:
            draft = compile_draft(text, found.function, name=found.name, version=number)
        except BadDraft as error:
            return Check(found, None, None, error.problems)
        kind = "api" if found.origin.kind == "ready" else found.origin.kind  # it is ready-made no more
        origin = replace(found.origin, kind=kind, file=draft.file, line=draft.line)
        try:
            at = self._board.point(found.point)
            fresh = refitted(found, draft.function, at, version=number, origin=origin)
        except BadSignature as error:
            return Check(found, None, draft, (Problem(draft.line, 1, str(error)),))
        trial = None if self.rehearse is None else self.rehearse(found, fresh)
        return Check(found, fresh, draft, () if trial is None else trial.problems, trial)

    def rewrite(self, hook: Any, text: str, *, anyway: bool = False, seen: int | None = None) -> Hook:
        """Give a hook the function that a text defines, if nothing is wrong with it.

        The text is compiled among the variables of the present function, checked against the point, and
        called on copies of the newest recorded events with stand-ins: nothing is sent. Decorators that attach
        are left out. The new version is live from the next event on.

        Parameters
        ----------
        hook
            Which.
        text
            One function definition.
        anyway
            Also where it raised in the trial, or did not end, and the present version did not.
        seen
            As in `return_to`.

        Raises
        ------
        NotRewritten
            When something is wrong; the version that was live still is.
        EditRefused
            When the hook has another version than the one seen.
        NotEditable
            When the hook's function is not one that a text could replace.
        """
        return self.swap(self.check(hook, text), anyway=anyway, seen=seen)

    def swap(self, check: Check, *, anyway: bool = False, seen: int | None = None) -> Hook:
        """Make a draft live that was checked; see `rewrite`."""
        old, fresh, draft = check.hook, check.fresh, check.draft
        if fresh is None or draft is None or (check.problems and not anyway):
            raise NotRewritten(check)
        ref = quoted(spell_ref(self._board.state, old))
        more = ", anyway=True" if check.problems else ""
        made = self._board.replace(
            old,
            fresh.function,
            author=self._author(),
            origin=fresh.origin,
            seen=old.version if seen is None else seen,
            spoken=f"rewrite({ref}, {spell_text(draft.text)}{more})",
        )
        remember(draft)
        return made


def _text_or_none(hook: Hook) -> str | None:
    try:
        return text_of(hook.function, hook.name).text
    except NotEditable:
        return None


def spell_text(text: str) -> str:
    """Write a text of several lines as Python that can be read, where its letters allow it."""
    lines = text.replace("\n", "").replace("\t", "")
    plain = '"""' not in text and "\\" not in text and not text.endswith('"') and lines.isprintable()
    return f'"""\\\n{text}"""' if plain and "\n" in text.strip() else quoted(text)

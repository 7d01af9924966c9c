"""Drafts that were written in an editor and not applied: the bench has them, so they outlive their page."""

from __future__ import annotations

__all__ = ["Drafts", "KeptDraft"]

import threading
from dataclasses import dataclass
from typing import Final

from workbench.engine.board import Board
from workbench.engine.errors import WorkbenchError


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """The draft of one hook, as it was told last.

    Attributes
    ----------
    number
        Goes up with whatever becomes of it; 0: there never was one.
    text
        None: it was given up, or applied.
    version
        Of the hook, when the draft began.
    by
        The page that wrote it, by a name of its own choosing; empty: the bench itself.
    """

    number: int = 0
    text: str | None = None
    version: int = 0
    by: str = ""


_NONE: Final = KeptDraft()


class Drafts:
    """What was written in editors and not applied, a text per hook; it goes with the bench.

    Parameters
    ----------
    board
        Whose hooks they are drafts of.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._kept: dict[str, KeptDraft] = {}
        self._lock = threading.Lock()

    def of(self, hook: str) -> KeptDraft:
        """Give the draft of a hook, by the hook's id."""
        return self._kept.get(hook, _NONE)

    def keep(self, hook: str, text: str | None, version: int, *, by: str, seen: int) -> KeptDraft:
        """Take a draft as it stands in an editor, unless another page's would be lost by it.

        Parameters
        ----------
        hook
            Id of the hook; of one that was removed since, too, if it has a draft.
        text
            None: there is no draft any more.
        version
            Of the hook, when the draft began.
        by
            The page.
        seen
            Number of the draft that the page knows.

        Returns
        -------
        KeptDraft
            What the bench has now; not by this page where another one wrote what this one has not seen.

        Raises
        ------
        UnknownHook
            When there is no such hook.
        WorkbenchError
            When the text could not be sent back.
        """
        if text is not None and any("\ud800" <= character <= "\udfff" for character in text):
            raise WorkbenchError("The draft holds half a surrogate pair, which no text can carry")
        with self._lock:
            if hook not in self._kept:
                hook = self._board.resolve(hook).id
            known = self.of(hook)
            unseen = known.by != by and known.number != seen
            if text is None if known.text is None else unseen:
                return known
            return self._put(hook, KeptDraft(known.number + 1, text, version, by))

    def applied(self, hook: str, text: str) -> None:
        """Forget a draft that has become a version; what was written since stays."""
        with self._lock:
            known = self.of(hook)
            if known.text == text:
                self._put(hook, KeptDraft(known.number + 1))

    def _put(self, hook: str, draft: KeptDraft) -> KeptDraft:
        self._kept[hook] = draft
        return draft

    def __repr__(self) -> str:
        kept = [self._named(hook, draft) for hook, draft in self._kept.items() if draft.text is not None]
        return f"<drafts: {', '.join(kept) or 'none'}>"

    def _named(self, hook: str, draft: KeptDraft) -> str:
        name = next((one.name for one in self._board.state.hooks() if one.id == hook), f"{hook}, removed")
        return f"{name} (of version {draft.version})"

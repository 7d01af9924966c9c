"""The source of one hook, as the editor beside its card shows it, with all its versions."""

from __future__ import annotations

__all__ = ["kept", "source"]

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workbench.bench.drafts import NotEditable
from workbench.bench.texts import Text, text_of
from workbench.bench.trial import why_not
from workbench.engine.errors import UnknownHook
from workbench.engine.hooks import Hook
from workbench.widgets.protocol import DRAFT_LIMIT
from workbench.widgets.text import visible
from workbench.widgets.views.chain import origin_label

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.bench.keeping import KeptDraft
    from workbench.engine.versions import Version


def source(bench: Workbench, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return text, draft and versions of a hook; ``hook`` null where there is none (any more)."""
    hook = _find(bench, params.get("hook"))
    if hook is None:
        return {"hook": None}
    guest = hook.origin.kind == "guest"
    text, why = _text(hook)
    origin = hook.origin
    return {
        "hook": hook.id,
        "name": visible(hook.name, 200),
        "point": hook.point,
        "lane": hook.lane,
        "version": hook.version,
        "editable": why is None,
        "why": why,
        "text": "" if text is None else text.text,
        "draft": kept(bench.drafts.of(hook.id)),
        "first_line": 1 if text is None else text.first_line,
        "file": origin_label(origin) if origin.file is not None else None,
        "effects": "outside" if hook.effects == "outside" else "none",
        "trial": why_not(hook, bench.board.point(hook.point)) or None,
        "versions": [] if guest else [_version(bench, hook, one) for one in bench.board.versions(hook)],
    }


def kept(draft: KeptDraft) -> dict[str, Any] | None:
    """Tell what is kept of a draft; None where there never was one."""
    return asdict(draft) if draft.number else None


def _find(bench: Workbench, wanted: str | None) -> Hook | None:
    if wanted is None:
        return None
    try:
        return bench.board.resolve(wanted)
    except UnknownHook:
        return next((guest for guest in bench.board.guests() if guest.id == wanted), None)


def _text(hook: Hook) -> tuple[Text | None, str | None]:
    """Find a hook's text, or say why it cannot be edited."""
    if hook.origin.kind == "guest":
        return None, "It was brought by its connection; change what the resolver gives."
    try:
        text = text_of(hook.function, hook.name)
    except NotEditable as error:
        return None, visible(str(error))
    if len(text.text) > DRAFT_LIMIT:
        return None, f"It has {len(text.text):,} characters, and {DRAFT_LIMIT:,} at most are edited here."
    return text, None


def _version(bench: Workbench, hook: Hook, version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "author": version.author,
        "time": time.strftime("%H:%M:%S", time.localtime(version.time)),
        "revision": version.revision,
        "where": origin_label(version.hook.origin),
        "current": version.number == hook.version,
        "calls": bench.trace.recorder.totals.versions[hook.id, version.number],
    }

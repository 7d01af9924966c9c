"""The bench as a file, from a face: beside the notebook, never over what somebody else wrote."""

from __future__ import annotations

__all__ = ["saving"]

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.bench.file import BenchFile
from workbench.bench.save import is_foreign, put
from workbench.engine.errors import WorkbenchError
from workbench.engine.journal import quoted, spell_call
from workbench.widgets.protocol import Message
from workbench.widgets.text import visible

if TYPE_CHECKING:
    from workbench.bench import Workbench

_NAME: Final = re.compile(r"[^/\\:\0]*[^/\\:\0.][^/\\:\0]*\.py")
_MOST: Final = 50
"""Sentences that a page is given at once."""

_ours: dict[Path, str] = {}
"""Digests of what this process wrote last, by file: what is still that may be written over unasked."""


def saving(bench: Workbench, message: Message) -> dict[str, Any]:
    """Write a bench into a file of the kernel's folder, if all of it can be and nothing is in the way.

    Parameters
    ----------
    bench
        As it stands now.
    message
        ``file``: its name; ``leave_out``: also where something cannot be written; ``over``: also where there
        is such a file that was not written from here, or was changed since.

    Returns
    -------
    dict
        Whether it was ``written``, where, the line that does the same, what is ``left_out``, whether another
        file ``exists``, and the names of what looks like ``secrets`` in it.

    Raises
    ------
    WorkbenchError
        For a name that is none of a Python file beside the notebook.
    """
    name = message["file"].strip()
    if not _NAME.fullmatch(name):
        raise WorkbenchError(
            f'The name of a Python file beside the notebook is expected, such as "app.py", not "{name}"'
        )
    path = Path.cwd() / name
    made = BenchFile(bench)
    text, troubles = made.text(), made.troubles
    exists = path.exists() and _ours.get(path) != _digest(path)
    fine = (not troubles or message.get("leave_out", False)) and (not exists or message.get("over", False))
    more: dict[str, object] = {"leave_out": True} if troubles else {}
    if is_foreign(path):
        more["over"] = True
    if fine:
        put(path, text)
        _ours[path] = _digest(path)
    return {
        "file": name,
        "path": str(path),
        "written": fine,
        "exists": exists and not fine,
        "left_out": [
            {"hook": visible(one.hook), "what": visible(one.what), "where": visible(one.where)}
            for one in troubles[:_MOST]
        ],
        "more": max(0, len(troubles) - _MOST),
        "secrets": [visible(name, 100) for name in made.secrets[:_MOST]],
        "python": spell_call(bench.board.spoken, "save", quoted(name), **more),
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

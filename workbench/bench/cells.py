"""The notebook cell that runs here, and where in a user's code a function was written.

Knows IPython only by what is loaded already: outside IPython everything here answers "no cell".
"""

from __future__ import annotations

__all__ = [
    "Cell",
    "author",
    "cell_of",
    "entered",
    "label_of",
    "left",
    "origin_of",
    "running_cell",
    "running_count",
    "running_shell",
    "user_namespace",
]

import hashlib
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import CodeType
from typing import Any

from workbench.engine.hooks import Origin
from workbench.naming import caller_outside


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a notebook, while it runs.

    Attributes
    ----------
    id
        The same every time the cell is run: the notebook's own id, or where a front end sends none, a digest
        of the cell's text.
    label
        What people are shown, ``In[7]``.
    """

    id: str
    label: str


_running: ContextVar[Cell | None] = ContextVar("workbench_cell", default=None)
"""Set in the context in which a cell runs, so other threads and other cells' tasks do not see it."""


def running_shell() -> Any | None:
    """Return the IPython shell of this process, or None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None


def user_namespace() -> Mapping[str, object]:
    """Return the notebook's variables; those of the program where there is no IPython."""
    shell = running_shell()
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])


def running_count(shell: Any) -> int:
    """Return the number of the cell that runs: IPython counts on before it runs one, or after, by version."""
    return max(1, len(shell.user_ns.get("In", ())) - 1)


def running_cell() -> Cell | None:
    """Return the cell that runs in this thread or started this task, or None."""
    return _running.get()


def entered(cell: Cell) -> None:
    """Note that a cell runs from here on in this context."""
    _running.set(cell)


def left() -> None:
    """Note that it has ended."""
    _running.set(None)


def cell_of(cell_id: str | None, source: str, count: int) -> Cell:
    """Make the cell for an execution.

    Parameters
    ----------
    cell_id
        The notebook's id of the cell, None where the front end sent none.
    source
        The cell's text, which then has to tell it from others.
    count
        The execution count.
    """
    digest = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:12]
    return Cell(cell_id or f"text-{digest}", f"In[{count}]")


def author() -> str:
    """Say who edits, for the journal: ``cell`` while a cell runs here, else ``api``."""
    return "api" if running_cell() is None else "cell"


def origin_of(function: Any) -> Origin:
    """Say where a hook comes from: cell, or file, and the line at which its function begins.

    Parameters
    ----------
    function
        The hook's function; None stands for the line that called into the workbench.

    Returns
    -------
    Origin
        Of kind ``cell`` while a cell runs, ``file`` for code of a file, else ``api``.
    """
    cell = running_cell()
    code = _code_of(function)
    if code is None:
        caller = caller_outside()
        file, line = caller.file, caller.line
    else:
        file, line = code.co_filename, code.co_firstlineno
    if cell is not None:
        return Origin("cell", _shown(file, cell), line, cell.id)
    return Origin("api") if file.startswith("<") else Origin("file", file, line)


def _code_of(function: Any) -> CodeType | None:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code if isinstance(code, CodeType) else None


def _shown(file: str, cell: Cell) -> str:
    """Turn the made-up file name of a cell into ``In[7]``; a real file keeps its name."""
    return cell.label if file.startswith("<") else label_of(file)


def label_of(file: str) -> str:
    """Turn the made-up file name of a cell that ran into ``In[7]``; any other name stays as it is."""
    compiler = getattr(running_shell(), "compile", None)
    described = getattr(compiler, "format_code_name", lambda _: None)(file)
    return described[1] if described else file

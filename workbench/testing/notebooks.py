"""Run notebooks in a real kernel, give them model answers, and store them so that any viewer shows them.

A stored notebook has static outputs and no widget state: GitHub refuses a notebook with ``metadata.widgets``
that it cannot read, and a widget without its kernel shows nothing. A bench in a notebook that a program runs
shows its static view by itself.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

__all__ = ["execute", "read", "run_answers", "stored", "with_answers", "without_outputs"]

Notebook = Any  # nbformat's NotebookNode: a dict that also takes attribute access

ANSWER_CELL = re.compile(r"^# %% (?P<cell>[\w-]+)$\n", re.MULTILINE)


def read(path: str | Path) -> Notebook:
    """Read a notebook of format 4."""
    import nbformat

    return nbformat.read(str(path), as_version=4)


def execute(
    notebook: Notebook, *, folder: str | Path, timeout: float = 120, allow_errors: bool = False
) -> Notebook:
    """Run all cells in a fresh kernel whose working folder is ``folder``; returns the notebook with outputs.

    Parameters
    ----------
    timeout
        Seconds that a single cell may take.
    allow_errors
        Go on after a cell that raised, and keep its traceback as output.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        Where a cell raised and ``allow_errors`` is off.
    """
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        allow_errors=allow_errors,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=40"],  # it warns of its own sockets, on whatever terminal
        resources={"metadata": {"path": str(folder)}},
    )
    executed: Notebook = client.execute()
    return executed


def with_answers(notebook: Notebook, answers: str) -> Notebook:
    """Put model answers in place of the cells whose ids they name.

    Parameters
    ----------
    answers
        Python text in which ``# %% cell-id`` begins the source of that cell.

    Raises
    ------
    KeyError
        Where an answer names a cell that the notebook does not have.
    """
    cells = {cell["id"]: cell for cell in notebook.cells}
    parts = ANSWER_CELL.split(answers)[1:]
    for name, source in zip(parts[::2], parts[1::2], strict=True):
        if name not in cells:
            raise KeyError(f"The answers name a cell {name!r}; the notebook has {', '.join(sorted(cells))}.")
        cells[name]["source"] = source.strip("\n")
    return notebook


def run_answers(path: Path) -> Notebook:
    """Run a lesson with the model answers that lie in ``answers/`` beside it."""
    answers = path.parent / "answers" / f"{path.stem}.py"
    return execute(with_answers(read(path), answers.read_text(encoding="utf-8")), folder=path.parent)


def without_outputs(notebook: Notebook) -> Notebook:
    """Take outputs and execution counts away."""
    for cell in notebook.cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
    return notebook


def stored(executed: Notebook, sources: Notebook) -> Notebook:
    """Return what is committed: the sources as students get them, with the outputs that give nothing away.

    Cells whose source was an answer, and checks, keep no output.
    """
    for kept, ran in zip(sources.cells, executed.cells, strict=True):
        if kept["cell_type"] != "code":
            continue
        secret = kept["source"] != ran["source"] or "check" in kept["metadata"].get("tags", [])
        kept["outputs"] = [] if secret else ran["outputs"]
        kept["execution_count"] = ran["execution_count"]
    sources["metadata"].pop("widgets", None)
    return sources

"""``workbench demo`` and ``workbench lab``: JupyterLab on the tour or here, or the tour alone."""

from __future__ import annotations

__all__ = ["copy_tour", "notebooks_folder", "open_lab", "open_tour", "run_headless"]

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from workbench.cli.errors import CommandError

_FOLDER = "workbench-demo"
_TOUR = "tour.ipynb"


def notebooks_folder() -> Path:
    """Find the notebooks: inside the installed package, or beside it in a checkout.

    Raises
    ------
    CommandError
        When neither has them.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / _TOUR).is_file():
            return folder
    raise CommandError("The tour is missing from this installation; install hook-workbench again.")


def copy_tour(folder: Path) -> Path:
    """Copy the notebooks to where their reader may change them; copies that exist are left as they are.

    Parameters
    ----------
    folder
        The reader's working folder; the notebooks go into ``workbench-demo`` below it.

    Returns
    -------
    Path
        The copy of the tour.
    """
    target = folder / _FOLDER
    try:
        target.mkdir(exist_ok=True)
        for notebook in sorted(notebooks_folder().glob("*.ipynb")):
            if not (target / notebook.name).exists():
                shutil.copyfile(notebook, target / notebook.name)
    except OSError as error:
        raise CommandError(f"The tour cannot be copied to {target}: {error.strerror or error}.") from error
    return target / _TOUR


def open_tour(folder: Path, options: Sequence[str]) -> int:
    """Open JupyterLab on a copy of the tour.

    Parameters
    ----------
    folder
        Where the copy goes.
    options
        Further words for JupyterLab's command line.
    """
    tour = copy_tour(folder)
    # The address, rather than the file as an argument: so the line that is printed leads to the tour as well.
    where = [f"--ServerApp.root_dir={tour.parent}", f"--LabApp.default_url=/lab/tree/{tour.name}"]
    return open_lab([*where, *options])


def open_lab(options: Sequence[str]) -> int:
    """Open JupyterLab in this folder; on POSIX it takes this process's place, signals and all."""
    command = [sys.executable, "-m", "jupyterlab", *options, *_root_too()]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(sys.executable, command)  # noqa: S606 - our own interpreter
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter


def _root_too() -> list[str]:
    """JupyterLab wants it said: in a container, people often are root and have nobody else to be."""
    return ["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []


def run_headless() -> int:
    """Run the tour in a real kernel and print what each cell shows.

    Returns
    -------
    int
        0, or 1 when a cell raised; its error is printed where it happened.
    """
    from workbench.testing.notebooks import execute, read

    with tempfile.TemporaryDirectory(prefix="workbench-demo-") as folder:
        notebook = execute(read(notebooks_folder() / _TOUR), folder=folder, allow_errors=True)
    failed = 0
    for cell in notebook.cells:
        for text in _shown(cell):
            sys.stdout.write(text.rstrip("\n") + "\n")
        failed |= any(output["output_type"] == "error" for output in cell.get("outputs", ()))
    sys.stdout.flush()
    return failed


def _shown(cell: Any) -> Iterator[str]:
    """Yield what a reader of the notebook sees of a cell, as text."""
    if cell["cell_type"] == "markdown":
        yield "\n" + cell["source"]
    if cell["cell_type"] == "code":
        yield f"\nIn [{cell['execution_count']}]:\n" + _indented(cell["source"])
        yield from (_indented(text) for text in map(_output_text, cell["outputs"]) if text)


def _output_text(output: Any) -> str:
    if output["output_type"] == "stream":
        return str(output["text"])
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    return str(output["data"].get("text/plain", ""))


def _indented(text: str) -> str:
    return "".join("    " + line for line in text.splitlines(keepends=True))

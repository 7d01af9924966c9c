"""Run the notebooks again and store them with static outputs: ``python3 dev.py notebooks [NAME ...]``."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

from workbench.testing import notebooks

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


def store(path: Path) -> None:
    """Run one notebook, a lesson with its model answers, and write it back."""
    answered = (path.parent / "answers" / f"{path.stem}.py").exists()
    ran = (
        notebooks.run_answers(path)
        if answered
        else notebooks.execute(notebooks.read(path), folder=path.parent)
    )
    nbformat.write(notebooks.stored(ran, notebooks.without_outputs(notebooks.read(path))), path)


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(path.name for path in FOLDER.glob("*.ipynb")):
        print("running", name, flush=True)
        store(FOLDER / name)

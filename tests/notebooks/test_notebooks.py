"""The notebooks run in a real kernel: the tour as it is, lessons with their model answers and not without."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from workbench.testing import notebooks

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
EVERY = sorted(FOLDER.glob("*.ipynb"))
LESSONS = [path for path in EVERY if (FOLDER / "answers" / f"{path.stem}.py").exists()]
PLAIN = [path for path in EVERY if path not in LESSONS]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def name(path: Path) -> str:
    """How a notebook is called in the test's name."""
    return path.stem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the notebooks, as ``workbench demo`` makes one for the user."""
    return Path(shutil.copytree(FOLDER, tmp_path / "notebooks"))


def shown(notebook: Any) -> dict[str, list[str]]:
    """The words that each cell shows as text; figures and order may differ from run to run."""
    return {
        cell["id"]: sorted(
            re.findall(r"(?<![\w-])[A-Za-z_]+(?![\w-])", "\n".join(map(text, cell["outputs"])))
        )
        for cell in notebook.cells
        if cell["cell_type"] == "code"
    }


def text(output: Any) -> str:
    """What an output shows as text."""
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


def expect_as_stored(ran: Any, path: Path) -> None:
    """Today's run shows what the stored notebook shows, and no frame is empty."""
    kept = notebooks.read(path)
    fresh = notebooks.stored(ran, notebooks.without_outputs(notebooks.read(path)))

    assert shown(fresh) == shown(kept), "run python3 dev.py notebooks"
    assert not any("Empty DataFrame" in text(one) for cell in fresh.cells for one in cell.get("outputs", []))


@pytest.mark.parametrize("path", PLAIN, ids=name)
def test_a_notebook_runs_from_top_to_bottom(path: Path, folder: Path) -> None:
    """Every cell runs in a fresh kernel without an error, and shows what is stored."""
    expect_as_stored(notebooks.execute(notebooks.read(folder / path.name), folder=folder), path)


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_a_lesson_passes_with_the_model_answers(path: Path, folder: Path) -> None:
    """With the right answers all checks hold of what the bench recorded, and cells show what is stored."""
    expect_as_stored(notebooks.run_answers(folder / path.name), path)


PANEL = r"""
import urllib.request
if bench.dialect != "feathers":  # which has no plain WebSocket
    bench.console.open()
urllib.request.urlopen(urllib.request.Request(bench.url + "/_workbench/status", headers={"Authorization": f"Bearer {bench.token}"})).close()
bench
"""
"""What a panel does when a cell shows it: its console connects, and Jupyter asks the server how it is."""


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_a_lesson_passes_with_another_seed_and_its_panel_open(path: Path, folder: Path) -> None:
    """A student's number changes the values, and a panel is a client, but the answers are right."""
    lesson = notebooks.read(folder / path.name)
    for cell in lesson.cells:
        cell["source"] = re.sub(r"\nbench$", PANEL, cell["source"].replace("SEED = 1", "SEED = 20417"))
    nbformat.write(lesson, folder / path.name)
    notebooks.run_answers(folder / path.name)


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_a_lesson_with_its_stubs_is_not_finished(path: Path, folder: Path) -> None:
    """Running the lesson as it is handed out ends in the sentence that says what is missing."""
    with pytest.raises(CellExecutionError, match="not yet"):
        notebooks.execute(notebooks.read(folder / path.name), folder=folder)


@pytest.mark.parametrize("path", EVERY, ids=name)
def test_a_stored_notebook_shows_anywhere(path: Path) -> None:
    """It is valid, has outputs, and has nothing that only a widget manager can show."""
    notebook = notebooks.read(path)
    nbformat.validate(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]

    assert outputs
    assert "widgets" not in notebook.metadata
    assert not any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
    assert not any(output["output_type"] == "error" for output in outputs)

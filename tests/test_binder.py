"""Binder's folder: what it says is true, and its steps work in a clean environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
BINDER = ROOT / "binder"
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", "node_modules", "__pycache__", ".*_cache", "*.egg-info", "build", "dist", "shots", "lib"
)


def requirements() -> list[str]:
    """Return the lines of the requirements that are no comments."""
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_python_version_is_one_that_the_project_supports() -> None:
    """With a `binder` folder the project's own requirement is not read: the version has to be said."""
    version = (BINDER / "runtime.txt").read_text().strip()
    assert re.fullmatch(r"python-3\.1[1-3]", version)


def test_the_project_comes_last_and_the_kernel_can_send_from_threads() -> None:
    """Binder's base image has ipykernel 7.0, which cannot; a local line makes it install after the copy."""
    *wanted, last = requirements()
    assert last == "."
    kernel = next(Requirement(line) for line in wanted if line.startswith("ipykernel"))
    assert not kernel.specifier.contains("7.0.1")
    assert kernel.specifier.contains("7.1.0")


def test_nothing_slows_the_build_down() -> None:
    """No conda environment, no system packages."""
    assert sorted(path.name for path in BINDER.iterdir()) == ["postBuild", "requirements.txt", "runtime.txt"]
    assert os.access(BINDER / "postBuild", os.X_OK)


def test_a_badge_opens_a_notebook_that_exists() -> None:
    """Where the README has a badge, it leads to a notebook of this repository."""
    targets = re.findall(
        r"mybinder\.org/v2/[^)\s]*urlpath=lab/tree/([^)\s&]+)", (ROOT / "README.md").read_text()
    )
    assert [target for target in targets if not (ROOT / target).exists()] == []
    assert (ROOT / "notebooks" / "tour.ipynb").exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_steps_work_in_a_clean_environment(tmp_path: Path) -> None:
    """A fresh virtual environment, the requirements from a copy of the sources, then the checks."""
    copy = tmp_path / "repository"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    inherited = {
        name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}
    }
    variables = inherited | {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PIP_CACHE_DIR": pip_cache(),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "npm_config_cache": str(Path.home() / ".npm"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    run(
        [str(scripts / "python"), "-m", "pip", "install", "--quiet", "-r", "binder/requirements.txt"],
        copy,
        variables,
    )
    printed = run(["binder/postBuild"], copy, variables)
    assert "No broken requirements found." in printed


def pip_cache() -> str:
    """Return the user's pip cache, so that nothing is downloaded twice."""
    command = [sys.executable, "-m", "pip", "cache", "dir"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def run(command: list[str], folder: Path, variables: dict[str, str]) -> str:
    """Run a step; its whole output is in the failure."""
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout

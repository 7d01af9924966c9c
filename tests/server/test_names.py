"""The public names of the room."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys

import pytest

import workbench.server


def test_every_public_name_is_there() -> None:
    """What the package offers exists, and the modules' own lists hold."""
    for name in workbench.server.__all__:
        assert getattr(workbench.server, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        _ = workbench.server.nonsense
    for module in pkgutil.iter_modules(workbench.server.__path__):
        found = importlib.import_module(f"workbench.server.{module.name}")
        for name in found.__all__:
            assert hasattr(found, name), f"{module.name}.{name}"


def test_the_package_itself_imports_nothing_heavy() -> None:
    """Uvicorn and picows come with the first server, not with the first import."""
    code = "import sys, workbench.server; sys.exit('uvicorn' in sys.modules or 'picows' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_picows_is_known_to_one_module_and_pinned() -> None:
    """Its internals stay in one file, and another major version is not taken."""
    from importlib.metadata import requires, version
    from pathlib import Path

    users = [
        path.name
        for path in Path(workbench.server.__path__[0]).glob("*.py")
        if re.search(r"^\s*(import|from) picows\b", path.read_text(), re.MULTILINE)
    ]
    assert users == ["picows_link.py"]
    assert any(entry.startswith("picows") and "<3" in entry for entry in requires("hook-workbench") or [])
    assert version("picows").startswith("2.")

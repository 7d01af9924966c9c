"""The package as the registry and people see it."""

from __future__ import annotations

import workbench.dialects.crossws as package
from workbench.dialects import load
from workbench.dialects.crossws import WSError


def test_registry() -> None:
    """The registry gives the dialect, and the package what it lists."""
    assert load("crossws") is package.DIALECT
    assert all(hasattr(package, name) for name in package.__all__)


def test_error() -> None:
    """R31: the class that `error` hooks get is called WSError, and has the close code."""
    error = WSError("bad frame", 1002)
    assert (type(error).__name__, str(error), error.code, WSError("x").code) == (
        "WSError",
        "bad frame",
        1002,
        None,
    )

"""What dialects and benches promise one another."""

from __future__ import annotations

from typing import Any

import pytest

from workbench import Workbench
from workbench.bench.mounts import Mount as RealMount
from workbench.dialects import DIALECTS, load
from workbench.dialects.base import Dialect, DialectApp, Mount


def members(protocol: type[Any]) -> set[str]:
    """List the public members of a protocol."""
    return {name for name in dir(protocol) if not name.startswith("_")}


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_dialects_keep_the_contract(name: str) -> None:
    """Each dialect and its application have every member that the protocols list."""
    bench = Workbench(name, name="contract")
    app = bench._mount.app
    assert members(Dialect) <= set(dir(load(name)))
    assert members(DialectApp) <= set(dir(app))
    assert all(hasattr(app, member) for member in app.public)


def test_mounts_keep_the_contract() -> None:
    """The bench's mounts have every member that dialects may use."""
    assert members(Mount) <= set(dir(RealMount)) | {"path"}

"""The object people hold: `Workbench` ties board, trace, server and dialects together.

Loaded on first use: the cell magics need the small modules of this room at every ``import workbench``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.bench.registry import benches
    from workbench.bench.workbench import Workbench

__all__ = ["Workbench", "benches"]


def __getattr__(name: str) -> Any:
    if name == "Workbench":
        from workbench.bench.workbench import Workbench

        return Workbench
    if name == "benches":
        from workbench.bench.registry import benches

        return benches
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

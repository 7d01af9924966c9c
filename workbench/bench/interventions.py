"""The faults and breakpoints of a bench: what they find there, and in whose name they act."""

from __future__ import annotations

__all__ = ["interventions_of"]

from typing import TYPE_CHECKING

from workbench.bench.cells import author
from workbench.bench.sources import lambda_of
from workbench.interventions.ground import Interventions

if TYPE_CHECKING:
    from workbench.bench.workbench import Workbench


def interventions_of(bench: Workbench) -> Interventions:
    """Make what steps into the traffic of a bench; places are looked up, and names read, as they are then."""
    return Interventions(
        bench.board,
        bench.trace.recorder,
        lambda at: bench.chain(at).place,
        author,
        bench.space,
        lambda_of,
    )

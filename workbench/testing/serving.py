"""Servers that last as long as a ``with`` block."""

from __future__ import annotations

__all__ = ["serving"]

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.testing.ports import free_port

if TYPE_CHECKING:
    from workbench.bench import Workbench


@contextmanager
def serving(bench: Workbench, **options: Any) -> Iterator[Workbench]:
    """Start a bench on a free port and stop it at the end of the block, whatever happens in it.

    Parameters
    ----------
    bench
        The bench; one that runs already is left running.
    options
        Passed on to ``bench.start``; ``port`` may be among them.

    Yields
    ------
    Workbench
        The same bench, listening.
    """
    ours = not bench.running
    if ours:
        bench.start(**{"port": free_port(), **options})
    try:
        yield bench
    finally:
        if ours:
            bench.stop()

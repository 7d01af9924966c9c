"""Which of a bench's named chains its chain panel shows."""

from __future__ import annotations

__all__ = ["Shown", "all_chains", "shown_chains"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.bench.named import chains_of

if TYPE_CHECKING:
    from workbench.bench import Workbench
    from workbench.dialects.reports import NamedChain


@dataclass(frozen=True, slots=True)
class Shown:
    """The chains of one family, in the place of the points whose lanes they are made of.

    Attributes
    ----------
    chains
        By the name that `bench.chain` takes.
    covered
        Keys of points that are shown by named chains only.
    choices
        All families: `name`, and `group` under which a list of them puts it.
    chosen
        Name of the family shown; None where there is none.
    """

    chains: Mapping[str, NamedChain] = field(default_factory=dict)
    covered: frozenset[str] = frozenset()
    choices: list[dict[str, str]] = field(default_factory=list)
    chosen: str | None = None

    @property
    def key(self) -> object:
        """What differs where the layout does."""
        return tuple((name, chain.lanes) for name, chain in self.chains.items()), self.covered

    def of(self, point: str) -> list[tuple[str, NamedChain]]:
        """List the shown chains that are made of a point's lanes."""
        return [(name, chain) for name, chain in self.chains.items() if chain.point == point]


def all_chains(bench: Workbench) -> dict[str, NamedChain]:
    """List the named chains of all mounts of a bench."""
    found: dict[str, NamedChain] = {}
    for mount in bench.mounts.values():
        found |= chains_of(mount)
    return found


def shown_chains(bench: Workbench, counts: Mapping[str, int], wanted: str | None) -> Shown:
    """Choose the chains to show.

    Parameters
    ----------
    bench
        The bench.
    counts
        How often each ran.
    wanted
        Name of a family; None, or one that is gone: the one that ran most, else the first with hooks.
    """
    chains = all_chains(bench)
    if not chains:
        return Shown()
    families: dict[str, dict[str, NamedChain]] = {}
    for name, chain in chains.items():
        families.setdefault(chain.family or name, {})[name] = chain
    chosen = wanted if wanted in families else _busiest(bench, families, counts)
    return Shown(
        families[chosen],
        frozenset(chain.point for chain in chains.values()),
        [{"name": name, "group": _group(name)} for name in families],
        chosen,
    )


def _busiest(
    bench: Workbench, families: Mapping[str, Mapping[str, NamedChain]], counts: Mapping[str, int]
) -> str:
    used = {
        (row.hook.point, row.hook.lane) for key in bench.board.points for row in bench.board.state.of(key)
    }

    def weight(family: Mapping[str, NamedChain]) -> tuple[int, int]:
        ran = sum(counts.get(name, 0) for name in family)
        hooks = sum((chain.point, lane.name) in used for chain in family.values() for lane in chain.lanes)
        return ran, hooks

    return max(families, key=lambda name: weight(families[name]))


def _group(name: str) -> str:
    """Put methods of one service together, and the events of one collection."""
    return name.rpartition(".")[0]

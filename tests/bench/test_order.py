"""Hooks are numbered in the order in which they run."""

from __future__ import annotations

from workbench.bench.order import lanes_as_run, running_order
from workbench.engine.hooks import Hook, Kind

KINDS: tuple[Kind, ...] = ("around", "error", "before", "after")


def hook(lane: str, kind: Kind = "call") -> Hook:
    """Make a hook that only has a place."""
    return Hook("h", "name", len, "point", kind=kind, lane=lane)


def test_a_chain_runs_in_its_own_order() -> None:
    """One to four."""
    assert running_order([hook("a"), hook("b"), hook("b"), hook("c")]) == [1, 2, 3, 4]


def test_after_hooks_run_on_the_way_out_and_error_hooks_are_last() -> None:
    """The inner list first, each list in its own order; the chain lists the outer one first."""
    chain = [
        hook("app.around", "around"),
        hook("app.error", "error"),
        hook("app.before", "before"),
        hook("app.after", "after"),
        hook("service.before", "before"),
        hook("service.after", "after"),
        hook("service.after", "after"),
    ]

    assert running_order(chain) == [1, 7, 2, 6, 3, 4, 5]


def test_lanes_as_they_run_are_numbered_from_one_on() -> None:
    """Lanes put into the order of running have their hooks' numbers ascending."""
    chain = [hook(f"{level}.{kind}", kind) for level in ("app", "service") for kind in KINDS]
    numbers = dict(zip((one.lane for one in chain), running_order(chain), strict=True))
    lanes = lanes_as_run([{"name": one.lane, "kind": one.kind} for one in chain])
    assert [numbers[lane["name"]] for lane in lanes] == list(range(1, len(chain) + 1))

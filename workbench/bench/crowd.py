"""The simulated clients of a bench: where they connect, and what its dialects have for them to say."""

from __future__ import annotations

__all__ = ["all_templates", "in_the_way", "traffic_of"]

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from workbench.client.traffic import Traffic
from workbench.dialects.templates import Template, templates_of

if TYPE_CHECKING:
    from workbench.bench.mounts import Mount
    from workbench.bench.workbench import Workbench


def traffic_of(bench: Workbench, headers: Callable[[], Mapping[str, str]]) -> Traffic:
    """Make what makes traffic for a bench.

    Parameters
    ----------
    bench
        The bench.
    headers
        Gives what its clients must send along, such as its token.
    """

    def addresses() -> tuple[str, str] | None:
        url, ws_url = bench.url, bench.ws_url
        return None if url is None or ws_url is None else (url, ws_url)

    return Traffic(
        addresses,
        headers,
        lambda: all_templates(bench.mounts),
        lambda: bench.board.spoken,
        lambda: in_the_way(bench),
    )


def in_the_way(bench: Workbench) -> str:
    """Say what steps into the traffic of a bench, with how many events are held; empty where nothing does."""
    faults, points, held = bench.faults.list, bench.breakpoints.list, bench.breakpoints.held
    said = []
    if faults:
        said.append("a fault is armed" if len(faults) == 1 else f"{len(faults)} faults are armed")
    if points:
        said.append("a breakpoint is set" if len(points) == 1 else f"{len(points)} breakpoints are set")
    if held:
        said.append("an event is held" if len(held) == 1 else f"{len(held)} events are held")
    return " and ".join(said)


def all_templates(mounts: Mapping[str, Mount]) -> dict[str, Template]:
    """Give what clients may send, mount by mount; the names of those of mounts have the path in front."""
    found: dict[str, Template] = {}
    for path, mount in mounts.items():
        for name, template in templates_of(mount.dialect.name).items():
            if path == "/":
                found[name] = template
            else:
                found[f"{path}: {name}"] = {**template, "path": path + template["path"]}
    return found

"""The simulated clients of a bench: where they connect, and what its dialects have for them to say."""

from __future__ import annotations

__all__ = ["all_templates", "traffic_of"]

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

    return Traffic(addresses, headers, lambda: all_templates(bench.mounts), lambda: bench.board.spoken)


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

"""The faces of a bench in a notebook: command channel, views, widget and static view.

`PROTOCOL.md` is the channel for people, `protocol.py` for programs. Each panel's data is one file below
`views/`. The names are loaded on first use: a server that nobody looks at needs none of this.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.widgets.channel import ChannelSession
    from workbench.widgets.display import mimebundle
    from workbench.widgets.side import accept_channel
    from workbench.widgets.static import static_html

__all__ = ["ChannelSession", "accept_channel", "mimebundle", "static_html"]

_HOMES = {
    "ChannelSession": "channel",
    "accept_channel": "side",
    "mimebundle": "display",
    "static_html": "static",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

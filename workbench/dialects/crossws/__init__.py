"""crossws: one hooks object per server, a second one per connection on demand, dispatch without waiting.

Where crossws has one handler per event, the workbench has a chain. A chain of one is crossws.

=====================================  ==================================================================
crossws                                here
=====================================  ==================================================================
`defineHooks({...})`                   `bench.define_hooks(...)`; `define_hooks(...)` for `resolve`
`rawData`, `remoteAddress` ...         `raw_data`, `remote_address` ...
`message.uint8Array()`, `arrayBuffer`  `message.bytes()`; there is no `blob()`
`peer.waitForDrain({signal})`          `await peer.wait_for_drain(signal=...)`, also `timeout=`
`{perMessageDeflate}`                  the same, or `per_message_deflate`
`{handled: true}`                      the same, after `request.hand_over()`
`adapter.closeAll(code, reason, f)`    `bench.close_all(code, reason, force=f)`
a rejection that nobody handles        `bench.on_error`, and the trace
=====================================  ==================================================================
"""

from __future__ import annotations

__all__ = [
    "DIALECT",
    "Crossws",
    "Message",
    "Peer",
    "WSError",
    "accept",
    "define_hooks",
    "reject",
]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.base import Mount, Ready
from workbench.dialects.crossws.answers import accept, reject
from workbench.dialects.crossws.app import OPTIONS, CrosswsApp
from workbench.dialects.crossws.definitions import define_hooks
from workbench.dialects.crossws.errors import WSError
from workbench.dialects.crossws.message import Message
from workbench.dialects.crossws.peer import Peer
from workbench.dialects.crossws.points import POINTS
from workbench.dialects.crossws.ready import READY
from workbench.dialects.crossws.written import CrosswsWritten
from workbench.engine.points import Point


class Crossws:
    """The dialect, as the registry and the bench know it."""

    name = "crossws"
    points: tuple[Point, ...] = POINTS
    open_names = False
    ready: tuple[Ready, ...] = READY
    options: Mapping[str, str] = OPTIONS
    written = CrosswsWritten

    def application(self, mount: Mount, options: dict[str, Any]) -> CrosswsApp:
        """Make the application of a mount."""
        return CrosswsApp(mount, options)


DIALECT = Crossws()

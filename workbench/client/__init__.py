"""Console clients: real WebSocket connections that a person opens, types into and closes.

They connect over the loopback like any other client, so what they see is what every client sees. This
package knows nothing of servers, hooks or benches: it is given a loop to run on and an address to dial.
"""

from __future__ import annotations

from workbench.client.connection import ConsoleClient, Line
from workbench.client.console import Console, ConsoleError, Runner

__all__ = ["Console", "ConsoleClient", "ConsoleError", "Line", "Runner"]

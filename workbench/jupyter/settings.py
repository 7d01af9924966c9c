"""What an administrator may set, as ``c.Workbench...`` in a Jupyter configuration file."""

from __future__ import annotations

__all__ = ["Settings"]

from traitlets import Bool, Float, Int
from traitlets.config import LoggingConfigurable


class Workbench(LoggingConfigurable):
    """Settings of the workbench's server extension."""

    max_message_bytes = Int(
        64 * 1024 * 1024,
        min=1024,
        help="Largest WebSocket message from a browser, in bytes; a larger one closes with 1009.",
    ).tag(config=True)
    max_connections = Int(
        256, min=1, help="Open WebSocket connections to one bench at a time; more get 503."
    ).tag(config=True)
    open_seconds = Float(
        10.0, min=0.1, help="How long a bench may take to accept a WebSocket, upgrade hooks included."
    ).tag(config=True)
    answer_seconds = Float(
        300.0, min=0.0, help="How long a bench may take to begin an HTTP answer; 0 waits for ever."
    ).tag(config=True)
    status_seconds = Float(
        1.0, min=0.05, help="How long the list of benches waits for each bench's own figures."
    ).tag(config=True)
    start_seconds = Float(
        3.0, min=0.0, help="How long starting a bench waits for its kernel before it answers 202."
    ).tag(config=True)
    start_beside_cells = Bool(
        default_value=True,
        help="Start benches in a subshell of the kernel while a cell runs, instead of after it.",
    ).tag(config=True)


Settings = Workbench
"""The class carries the name that stands in configuration files."""

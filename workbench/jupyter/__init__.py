"""The Jupyter server extension: what is reachable below ``/workbench/`` of a Jupyter server.

Kernels announce their benches by files in the Jupyter runtime directory. This package lists them, starts and
stops them, and carries HTTP and WebSocket traffic to the hook server inside each kernel, under Jupyter's own
authentication, authorization, XSRF and origin rules. It never imports the bench: it works from the files and
from what the hook servers answer, so a broken bench cannot take the Jupyter server with it.
"""

from __future__ import annotations

__all__ = ["_load_jupyter_server_extension"]

from typing import Any


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Add the routes of the workbench to a Jupyter server; the server calls this at its start.

    Parameters
    ----------
    serverapp
        The running ``jupyter_server.serverapp.ServerApp``.
    """
    from workbench.jupyter.app import load

    load(serverapp)

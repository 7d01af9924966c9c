"""Putting the extension into a Jupyter server."""

from __future__ import annotations

__all__ = ["load"]

from typing import Any

from workbench.jupyter.kernels import Kernels
from workbench.jupyter.routes import routes
from workbench.jupyter.servers import Servers
from workbench.jupyter.settings import Settings


def load(serverapp: Any) -> None:
    """Add settings and routes to a Jupyter server.

    Parameters
    ----------
    serverapp
        The ``jupyter_server.serverapp.ServerApp``; configured by ``c.Workbench``.
    """
    settings = Settings(parent=serverapp)
    gateway = getattr(serverapp, "gateway_config", None)
    kernels = Kernels(
        serverapp.kernel_manager,
        serverapp.session_manager,
        serverapp.contents_manager,
        remote=bool(gateway is not None and gateway.gateway_enabled),
    )
    application = serverapp.web_app
    application.settings["workbench_settings"] = settings
    application.settings["workbench_servers"] = Servers(kernels, settings, serverapp.base_url)
    application.add_handlers(".*$", routes(serverapp.base_url))
    serverapp.log.info("Workbench answers below %sworkbench/", serverapp.base_url)

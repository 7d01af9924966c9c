"""A Jupyter-integrated, interactive workbench for server hooks.

Everything public is listed here and loaded on first use, so that ``import workbench`` costs next to nothing:
Jupyter imports this package at every start, whether or not anybody uses it.
"""

from __future__ import annotations

__version__ = "0.1.0"

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.bench import Workbench, benches
    from workbench.bench.save import save
    from workbench.dialects.crossws import define_hooks
    from workbench.engine.errors import WorkbenchError
    from workbench.engine.hooks import Scope
    from workbench.engine.points import FIRST, IGNORE, MERGE, NULL, REPLACE, UPGRADE, Policy, Reduce, Stop
    from workbench.server.errors import ServerError
    from workbench.server.messages import Headers, Request, Response

__all__ = [
    "FIRST",
    "IGNORE",
    "MERGE",
    "NULL",
    "REPLACE",
    "UPGRADE",
    "Headers",
    "Policy",
    "Reduce",
    "Request",
    "Response",
    "Scope",
    "ServerError",
    "Stop",
    "Workbench",
    "WorkbenchError",
    "benches",
    "define_hooks",
    "load_ipython_extension",
    "save",
]

_HOMES = {
    "FIRST": "engine.points",
    "IGNORE": "engine.points",
    "MERGE": "engine.points",
    "NULL": "engine.points",
    "REPLACE": "engine.points",
    "UPGRADE": "engine.points",
    "Headers": "server.messages",
    "Policy": "engine.points",
    "Reduce": "engine.points",
    "Request": "server.messages",
    "Response": "server.messages",
    "Scope": "engine.hooks",
    "ServerError": "server.errors",
    "Stop": "engine.points",
    "Workbench": "bench",
    "WorkbenchError": "engine.errors",
    "benches": "bench",
    "define_hooks": "dialects.crossws",
    "save": "bench.save",
}
"""Module of each lazy name, below this package."""


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Add the ``%%hook`` magic and the cell tracking to an IPython shell; ``%load_ext workbench`` calls this.

    Parameters
    ----------
    shell
        The running IPython shell. Loading twice is the same as loading once.
    """
    from workbench.ipython import load

    load(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the prebuilt front end lies."""
    return [{"src": "labextension", "dest": "hook-workbench"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell the Jupyter server which module serves ``/workbench/``."""
    return [{"module": "workbench.jupyter"}]


def _load_where_ipython_runs() -> None:
    """Load the magics at import: a notebook's first cell should not need a second line."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    if shell is not None:
        load_ipython_extension(shell)


_load_where_ipython_runs()

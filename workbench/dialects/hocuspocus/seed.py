"""`Server.configure(...)`, as Hocuspocus's own manual writes it."""

from __future__ import annotations

__all__ = ["Server"]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.hocuspocus.app import OPTIONS
from workbench.dialects.hocuspocus.points import ALIASES, HOOKS
from workbench.dialects.hocuspocus.settings import SETTINGS
from workbench.engine.errors import WorkbenchError, near
from workbench.server.options import ServerOptions

_OWN = {*HOOKS, *ALIASES, *SETTINGS, "extensions"}


class Server:
    """Makes benches of Hocuspocus: `server = Server.configure(onConnect=...)`, then `server.listen()`."""

    @staticmethod
    def configure(configuration: Mapping[str, Any] | None = None, /, **values: Any) -> Any:
        """Make a bench and configure it.

        Parameters
        ----------
        configuration, values
            Hooks, extensions and settings as `bench.configure` takes them, and options of the bench (`name`,
            `port`, `database` ...), in either form.

        Returns
        -------
        Workbench
            Not started yet; `listen()` starts it.

        Raises
        ------
        WorkbenchError
            For a name that is none of these, with the near ones.
        """
        from workbench.bench import Workbench

        given = {**(configuration or {}), **values}
        known = {*_OWN, *OPTIONS, *ServerOptions.names(), "name"}
        for name in given:
            if name not in known:
                raise WorkbenchError(f"Hocuspocus has no hook or setting {name!r}{near(name, known)}")
        own = {name: given.pop(name) for name in list(given) if name in _OWN}
        bench: Any = Workbench("hocuspocus", **given)
        bench.configure(own)
        return bench

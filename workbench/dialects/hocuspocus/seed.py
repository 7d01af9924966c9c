"""`Server.configure(...)`, as Hocuspocus's own manual writes it."""

from __future__ import annotations

__all__ = ["Server"]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.hocuspocus.points import ALIASES, HOOKS
from workbench.dialects.hocuspocus.settings import SETTINGS

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
        """
        from workbench.bench import Workbench

        given = {**(configuration or {}), **values}
        own = {name: given.pop(name) for name in list(given) if name in _OWN}
        bench: Any = Workbench("hocuspocus", **given)
        bench.configure(own)
        return bench

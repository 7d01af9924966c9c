"""Where the documentation and the running system differ, and what the trace says about it.

The running system is followed unless ``follow="documentation"``. Either way each event at which the other one
would have gone differently gets a moment in the trace.
"""

from __future__ import annotations

__all__ = ["Differences"]

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.dialects.directus.client import Client
from workbench.dialects.directus.points import ACTION

if TYPE_CHECKING:
    from workbench.dialects.directus.app import DirectusApp

_SUCCESS = "websocket.auth.success"


class Differences:
    """Says where the two differ.

    Parameters
    ----------
    app
        The application; its settings say which one is followed.
    """

    def __init__(self, app: DirectusApp) -> None:
        self._app = app

    @property
    def _other(self) -> str:
        return "the running system" if self._app.settings.documented else "the documentation"

    def _note(self, text: str, connection: int) -> None:
        self._app.moment(f"{self._other} differs: {text}", connection)

    def silent(self, hooks: Sequence[str], *, blocked: bool, connection: int) -> None:
        """Filters returned nothing: the guide blocks the message, the system keeps it (R2)."""
        if hooks:
            what = "it would keep the message" if blocked else "it would block the message"
            self._note(f"{what}, for which {', '.join(hooks)} returned nothing", connection)

    def order(self, connection: int) -> None:
        """Actions run before the built-in handling; the guide says after it (R61)."""
        self._note("it would handle the message before these actions", connection)

    def overtakes(self, running: int, connection: int) -> None:
        """A message overtakes others that are still in their filters; the guide lets it wait (R58)."""
        if running:
            self._note("it would let this message wait for the filters of the one before", connection)

    def first_sign_in(self, client: Client, *, authenticated: bool) -> None:
        """The first sign-in emits no auth event; the guide has `websocket.auth.success` (R47)."""
        if not authenticated:
            return
        if self._app.settings.documented:
            self._app.emit_action(_SUCCESS, {"client": client}, client.connection)
        elif self._app.emitter.has(ACTION, (_SUCCESS,)):
            self._note(f"it would emit {_SUCCESS} for this first sign-in", client.connection)

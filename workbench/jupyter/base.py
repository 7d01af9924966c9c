"""What all handlers below ``/workbench/`` share: who may ask, how errors look, which bench is meant."""

from __future__ import annotations

__all__ = ["CHANNEL_PREFIX", "BenchHandler", "WorkbenchHandler"]

import json
from http import HTTPStatus
from typing import Any, cast

from jupyter_server._tz import utcnow
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

from workbench.jupyter.discovery import Announcement
from workbench.jupyter.errors import Forbidden, JupyterError, error_body
from workbench.jupyter.hygiene import Pairs, Passage, forwarded_query
from workbench.jupyter.servers import Servers
from workbench.jupyter.settings import Settings

CHANNEL_PREFIX = "/_workbench/"
_BOTH_COUNT = frozenset({"content-security-policy"})  # a browser obeys Jupyter's and the hook's
_KEPT_FROM_JUPYTER = _BOTH_COUNT | {
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "x-content-type-options",
}
_UNKNOWN = "Jupyter does not know who sent this request; log in or send its token."


class WorkbenchHandler(JupyterHandler):
    """Authentication before anything else, and every error as one JSON object."""

    auth_resource = "workbench"

    @property
    def servers(self) -> Servers:
        """The benches of this Jupyter server."""
        return cast("Servers", self.settings["workbench_servers"])

    @property
    def limits(self) -> Settings:
        """The extension's settings."""
        return cast("Settings", self.settings["workbench_settings"])

    async def prepare(self, **_: Any) -> None:
        """Let only a known user of an accepted page through, whatever the server's defaults are.

        Raises
        ------
        Forbidden
            No user, or a page of another origin.
        """
        try:
            await super().prepare(_redirect_to_login=False)
        finally:
            if getattr(self, "_jupyter_current_user", None) is None:
                raise Forbidden(_UNKNOWN)
        self._require_own_origin()

    async def require(self, action: str) -> None:
        """Ask Jupyter's authorizer.

        Parameters
        ----------
        action
            ``read``, ``write`` or ``execute`` on the resource ``workbench``.
        """
        allowed = self.authorizer.is_authorized(self, self.current_user, action, self.auth_resource)
        if not await ensure_async(allowed):
            raise Forbidden(f"Your account may not {action} benches on this Jupyter server.")

    def note_activity(self) -> None:
        """Tell Jupyter's idle culler that somebody is really here."""
        self.settings["api_last_activity"] = utcnow()

    def get_login_url(self) -> str:
        """Answer 403 where tornado would redirect to the login page: programs ask here, not people."""
        raise Forbidden(_UNKNOWN)

    def check_xsrf_cookie(self) -> None:
        """Check the origin with one answer for all methods, then as Jupyter does.

        Raises
        ------
        Forbidden
            A page of another origin.
        """
        if hasattr(self, "_jupyter_current_user"):  # else called too early, as Jupyter's own says
            self._require_own_origin()
        super().check_xsrf_cookie()

    def _require_own_origin(self) -> None:
        if not self.check_origin():
            raise Forbidden(f"Pages of {self.request.headers.get('Origin')} may not use this Jupyter server.")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write the one JSON shape of errors."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(_described(status_code, error)))


class BenchHandler(WorkbenchHandler):
    """A request that is meant for one bench: ``<base>workbench/servers/<id>/<path>``."""

    def target(self, server_id: str) -> Announcement:
        """Find the bench; raises `ServerNotFound`."""
        return self.servers.find(server_id)

    def upstream_path(self, path: str) -> str:
        """Make the hook server's request target: the raw path, and the query without Jupyter's parts."""
        _, _, query = (self.request.uri or "").partition("?")
        query = forwarded_query(query, token_is_jupyters=self.token_authenticated)
        return f"{path}?{query}" if query else path

    def passage(self, target: Announcement, path: str) -> Passage:
        """Say where the request comes from and goes to; the bench's own paths get its token."""
        return Passage(
            upstream=target.authority,
            prefix=self.servers.path_of(target.id).rstrip("/"),
            scheme=self.request.protocol,
            host=self.request.host,
            client=self.request.remote_ip or "",
            token=target.token if path.startswith(CHANNEL_PREFIX) else None,
        )

    def replace_headers(self, passed: Pairs) -> None:
        """Put the hook server's headers in place of Jupyter's, which keep only what protects its pages."""
        replaced = {name.lower() for name, _ in passed} - _BOTH_COUNT
        for name in [name for name, _ in self._headers.get_all()]:
            if name.lower() in replaced or name.lower() not in _KEPT_FROM_JUPYTER:
                self.clear_header(name)
        for name, value in passed:
            self.add_header(name, value)


def _described(status: int, error: BaseException | None) -> dict[str, Any]:
    if isinstance(error, JupyterError):
        return error_body(error.status, error.word, error.sentence)
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    message = (error.log_message if isinstance(error, HTTPError) else None) or f"{phrase}."
    return error_body(status, phrase.lower().replace(" ", "_"), message)

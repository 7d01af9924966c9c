"""Finding the authentication service of an application."""

from __future__ import annotations

__all__ = ["DEFAULT", "default_authentication", "remember"]

from typing import Any

DEFAULT = "defaultAuthentication"
"""The setting under which an application has its authentication service."""


def default_authentication(app: Any, location: str | None = None) -> Any:
    """Give an application's authentication service; None where it has none.

    Parameters
    ----------
    app
        The application.
    location
        Path of the service; None is the first one that was made for the application.
    """
    return app.service(location) if location else app.get(DEFAULT)


def remember(app: Any, service: Any) -> None:
    """Let the first authentication service be the one that hooks and transports use."""
    if app.get(DEFAULT) is None:
        app.set(DEFAULT, service)

"""Finding the authentication service of an application."""

from __future__ import annotations

__all__ = ["default_authentication", "remember"]

from typing import Any

_DEFAULT = "defaultAuthentication"


def default_authentication(app: Any, location: str | None = None) -> Any:
    """Give an application's authentication service; None where it has none.

    Parameters
    ----------
    app
        The application.
    location
        Path of the service; None is the first one that was made for the application.
    """
    return app.service(location) if location else app.get(_DEFAULT)


def remember(app: Any, service: Any) -> None:
    """Let the first authentication service be the one that hooks and transports use."""
    if app.get(_DEFAULT) is None:
        app.set(_DEFAULT, service)

"""What of a Hocuspocus application goes into a file: settings, extensions, each call of `configure`."""

from __future__ import annotations

__all__ = ["HocuspocusWritten"]

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from workbench.dialects.hocuspocus.settings import Settings
from workbench.dialects.writing import Call, Step, Written


class HocuspocusWritten(Written):
    """A Hocuspocus application."""

    def options(self) -> dict[str, Any]:
        """The options, and the settings as `configure` left them."""
        usual, now = Settings(), self.app.settings
        settings = {
            one.name: getattr(now, one.name)
            for one in fields(Settings)
            if getattr(now, one.name) != getattr(usual, one.name) or one.name in self.given
        }
        return {**self.given, **settings}

    def calls(self) -> Iterable[Call]:
        """What the bench began with, which stands in its options; then the configurations."""
        units = self.app.units
        if units.begun.hooks:
            yield Call("the extensions", (), tuple(units.begun.hooks))
        for one in units.configured:
            given: dict[str, Any] = {"extensions": list(one.extensions)} if one.extensions else {}
            given |= one.functions
            yield Call("the configuration", (Step("configure", (), given),), tuple(one.hooks))

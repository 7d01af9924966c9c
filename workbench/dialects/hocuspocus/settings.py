"""The settings of a Hocuspocus server; the hooks of its configuration are on the board instead."""

from __future__ import annotations

__all__ = ["SETTINGS", "Settings"]

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from workbench.engine.errors import WorkbenchError, near
from workbench.naming import warn_caller
from workbench.server.errors import InvalidOption

SETTINGS: Mapping[str, str] = {
    "debounce": "seconds from the last change to the store; 2 by default",
    "max_debounce": "seconds from the first unsaved change after which the next stores at once; 10",
    "timeout": "seconds to the first authentication, and of silence afterwards; 60 by default",
    "unload_immediately": "True: a pending store runs as soon as the last client leaves",
    "flush_delay": "seconds in which broadcasts are gathered; 0: of one turn of the loop, False: none",
    "flush_max_bytes": "gathered bytes at which a broadcast goes out early; 1 MiB by default",
    "max_unauthenticated_queue_size": "bytes that may wait before authentication; 5 MiB by default",
    "max_unauthenticated_queue_messages": "frames that may wait before authentication; 1,000 by default",
    "max_pending_documents": "documents of one socket that may wait for authentication; 100 by default",
    "document_options": "options of pycrdt's Doc for each document, such as skip_gc",
}
"""Each setting, with one line of doc."""

_MIB = 1024 * 1024
_POSITIVE = ("timeout",)
_NOT_NEGATIVE = ("debounce", "max_debounce")
_LONG = 1000
"""Seconds; what is given as more was meant in milliseconds."""
_WHOLE = (
    "flush_max_bytes",
    "max_unauthenticated_queue_size",
    "max_unauthenticated_queue_messages",
    "max_pending_documents",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be configured; times are seconds, sizes bytes, defaults the original's.

    Raises
    ------
    InvalidOption
        For a value that nobody could work with.
    """

    debounce: float = 2.0
    max_debounce: float = 10.0
    timeout: float = 60.0
    unload_immediately: bool = True
    flush_delay: float | bool = 0.0
    flush_max_bytes: int = _MIB
    max_unauthenticated_queue_size: int = 5 * _MIB
    max_unauthenticated_queue_messages: int = 1000
    max_pending_documents: int = 100
    document_options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense, by name."""
        for name in (*_POSITIVE, *_NOT_NEGATIVE):
            value = getattr(self, name)
            if not _is_number(value) or value < 0 or (name in _POSITIVE and value == 0):
                least = "above 0" if name in _POSITIVE else "from 0 on"
                raise InvalidOption(f"{name} is a number of seconds {least}, not {value!r}.")
        for name in _WHOLE:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InvalidOption(f"{name} is a whole number from 1 on, not {value!r}.")
        if not isinstance(self.unload_immediately, bool):
            raise InvalidOption(f"unload_immediately is True or False, not {self.unload_immediately!r}.")
        if self.flush_delay is not False and (not _is_number(self.flush_delay) or self.flush_delay < 0):
            raise InvalidOption(
                f"flush_delay is a number of seconds from 0 on, or False, not {self.flush_delay!r}."
            )
        if not isinstance(self.document_options, Mapping):
            raise InvalidOption(f"document_options is a mapping, not {self.document_options!r}.")

    def changed(self, values: Mapping[str, Any]) -> Settings:
        """Give the same settings with some changed.

        Raises
        ------
        WorkbenchError
            For a name that is no setting, with the near ones.
        """
        known = [one.name for one in fields(self)]
        for name in values:
            if name not in known:
                raise WorkbenchError(f"Hocuspocus has no setting {name!r}{near(name, known)}")
        changed = replace(self, **values)
        for name in (*_POSITIVE, *_NOT_NEGATIVE):
            if name in values and values[name] >= _LONG:
                told = f"{name}={values[name]:g}"
                warn_caller(
                    f"{told} is in seconds: the {told} of Hocuspocus is {name}={values[name] / 1000:g} here."
                )
        return changed


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

"""Stand-ins for shadow hooks: they read what the real objects hold, and change or send nothing."""

from __future__ import annotations

__all__ = ["shadow_of"]

import copy
from typing import Any

from pycrdt import Doc

from workbench.dialects.hocuspocus.payloads import ConnectionConfig, Payload

_SILENT = frozenset({"close", "request_token", "send", "send_stateless"})


class _ShadowConnection:
    """A connection that can be looked at."""

    def __init__(self, real: Any) -> None:
        self.__dict__["_real"] = real

    def __getattr__(self, name: str) -> Any:
        return (lambda *_, **__: None) if name in _SILENT else getattr(self._real, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Change nothing: the real connection stays as it is."""


def shadow_of(data: Payload) -> tuple[Payload]:
    """Copy a payload: contexts and configurations deeply, the document with its content."""
    shadow = copy.copy(data)
    for name, value in vars(data).items():
        setattr(shadow, name, _copied(name, value))
    return (shadow,)


def _copied(name: str, value: Any) -> Any:
    if isinstance(value, Doc):
        document: Doc[Any] = Doc()
        document.apply_update(value.get_update())
        return document
    if name == "connection" and value is not None:
        return _ShadowConnection(value)
    if isinstance(value, dict | list | ConnectionConfig):
        try:
            return copy.deepcopy(value)
        except Exception:  # noqa: BLE001  # some things cannot be copied; a hook may hold anything
            return copy.copy(value)
    return value

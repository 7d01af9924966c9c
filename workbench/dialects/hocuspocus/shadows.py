"""Stand-ins for shadow hooks: they read what the real objects hold, and change or send nothing."""

from __future__ import annotations

__all__ = ["ShadowDocument", "shadow_of"]

import copy
from collections.abc import Callable
from typing import Any

from pycrdt import Doc, Transaction

from workbench.dialects.context import copied
from workbench.dialects.hocuspocus.awareness import Awareness
from workbench.dialects.hocuspocus.connection import DocumentConnection
from workbench.dialects.hocuspocus.document import Document
from workbench.dialects.hocuspocus.payloads import ConnectionConfig, Payload
from workbench.dialects.known import known_as

_SILENT = frozenset({"close", "leave", "request_token", "send", "send_stateless"})


@known_as(DocumentConnection)
class _ShadowConnection:
    """A connection that can be looked at."""

    def __init__(self, real: Any) -> None:
        self.__dict__["_real"] = real

    def __getattr__(self, name: str) -> Any:
        return (lambda *_, **__: None) if name in _SILENT else getattr(self._real, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Change nothing: the real connection stays as it is."""


@known_as(Document)
class ShadowDocument(Document):
    """A copy of a document, of whose changes nobody is told; it may be touched on any one thread."""

    def __init__(self, real: Document) -> None:
        Doc.__init__(self)
        self.name = real.name
        self.connections = {_stand_in_for(one): None for one in real.connections}
        self.direct_connections_count = real.direct_connections_count
        self.is_loading = real.is_loading
        self.is_destroyed = real.is_destroyed
        self.awareness = Awareness(real.client_id)
        self.awareness.states.update(copied(dict(real.awareness.states)))
        self._speakers = {}
        self._noted = []
        self._origin = None
        self.apply_update(real.get_update())

    def transaction(self, origin: Any = None) -> Transaction:
        """Give a transaction, on whatever thread."""
        return Doc.transaction(self, origin)

    def broadcast_stateless(
        self, payload: str, among: Callable[[DocumentConnection], bool] | None = None
    ) -> None:
        """Send nothing."""

    def flush(self) -> None:
        """Send nothing."""

    def destroy(self) -> None:
        """Leave everything as it is."""


def _stand_in_for(connection: Any) -> Any:
    return _ShadowConnection(connection)


def shadow_of(data: Payload) -> tuple[Payload]:
    """Copy a payload: contexts and configurations deeply, the document with its content."""
    shadow = copy.copy(data)
    for name, value in vars(data).items():
        setattr(shadow, name, _copied(name, value))
    return (shadow,)


def _copied(name: str, value: Any) -> Any:
    if isinstance(value, Document):
        return ShadowDocument(value)
    if name == "connection" and value is not None:
        return _ShadowConnection(value)
    return copied(value) if isinstance(value, dict | list | ConnectionConfig) else value

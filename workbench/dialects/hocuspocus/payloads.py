"""What each hook is given: one typed object per hook, the same for all units of a call (8)."""

from __future__ import annotations

__all__ = ["PAYLOADS", "ConnectionConfig", "Origin", "Payload"]

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from workbench.dialects.context import Context
from workbench.server.messages import Headers, Query, Request

if TYPE_CHECKING:
    from workbench.dialects.hocuspocus.answers import HttpAnswer, UpgradeSocket
    from workbench.dialects.hocuspocus.app import Hocuspocus
    from workbench.dialects.hocuspocus.awareness import Awareness
    from workbench.dialects.hocuspocus.connection import DocumentConnection
    from workbench.dialects.hocuspocus.document import Document
    from workbench.dialects.hocuspocus.settings import Settings


@dataclass(slots=True)
class ConnectionConfig:
    """What onConnect and onAuthenticate decide about a connection; shared by all units (12).

    Attributes
    ----------
    read_only
        Changes of this client are refused.
    is_authenticated
        Set once all of onAuthenticate has passed.
    """

    read_only: bool = False
    is_authenticated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where a change came from (38).

    Attributes
    ----------
    source
        A client's connection, this process (direct connections), or another instance.
    connection
        The client's, where it is one.
    context
        Of a direct connection.
    skip_store_hooks
        True: the change arms no store (40).
    """

    source: Literal["connection", "local", "redis"]
    connection: DocumentConnection | None = None
    context: Any = None
    skip_store_hooks: bool = False

    @property
    def stores(self) -> bool:
        """Whether changes of this origin are to be stored."""
        return self.source != "redis" and not self.skip_store_hooks


@dataclass(eq=False)
class Payload:
    """The base of all payloads. Units may add members; later units of the call see them."""

    def keys(self) -> list[str]:
        """Name the members, those that units added included."""
        return [name for name in vars(self) if not name.startswith("_")]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {', '.join(self.keys())}>"


@dataclass(eq=False, repr=False)
class _OfRequest(Payload):
    """What most hooks of a connection have."""

    context: Context
    document_name: str
    instance: Hocuspocus
    request_headers: Headers
    request_parameters: Query
    socket_id: str


class _Merging:
    """Payloads of hooks whose results are merged into the context; see `additions`."""

    def __init_subclass__(cls) -> None:
        cls._added = None

    _added: dict[str, Any] | None

    @property
    def additions(self) -> dict[str, Any]:
        """What the units so far have returned, later ones over earlier ones (9)."""
        return self._added or {}

    def add(self, result: Any) -> None:
        """Take over what a unit returned; what is no mapping is ignored."""
        if isinstance(result, Mapping):
            self._added = {**self.additions, **result}


@dataclass(eq=False, repr=False)
class ConfigurePayload(Payload):
    """onConfigure."""

    configuration: Settings
    instance: Hocuspocus
    version: str


@dataclass(eq=False, repr=False)
class ListenPayload(Payload):
    """onListen."""

    configuration: Settings
    instance: Hocuspocus
    port: int


@dataclass(eq=False, repr=False)
class RequestPayload(Payload):
    """onRequest."""

    request: Request
    response: HttpAnswer
    instance: Hocuspocus


@dataclass(eq=False, repr=False)
class UpgradePayload(Payload):
    """onUpgrade; `head` is what the client sent after its request."""

    request: Request
    socket: UpgradeSocket
    head: bytes
    instance: Hocuspocus


@dataclass(eq=False, repr=False)
class ConnectPayload(_OfRequest, _Merging):
    """onConnect; `provider_version` is None where the client tells none (23)."""

    request: Request
    connection_config: ConnectionConfig
    provider_version: str | None


@dataclass(eq=False, repr=False)
class AuthenticatePayload(ConnectPayload):
    """onAuthenticate."""

    token: str


@dataclass(eq=False, repr=False)
class TokenSyncPayload(_OfRequest, _Merging):
    """onTokenSync."""

    request: Request
    document: Document
    connection: DocumentConnection
    connection_config: ConnectionConfig
    provider_version: str | None
    token: str


@dataclass(eq=False, repr=False)
class CreateDocumentPayload(_OfRequest):
    """onCreateDocument."""

    connection_config: ConnectionConfig


@dataclass(eq=False, repr=False)
class LoadDocumentPayload(_OfRequest):
    """onLoadDocument and afterLoadDocument."""

    connection_config: ConnectionConfig
    document: Document


@dataclass(eq=False, repr=False)
class ConnectedPayload(_OfRequest):
    """Hook `connected`."""

    request: Request
    connection: DocumentConnection
    connection_config: ConnectionConfig
    provider_version: str | None


@dataclass(eq=False, repr=False)
class MessagePayload(_OfRequest):
    """beforeHandleMessage and afterHandleMessage; `update` is the whole frame."""

    clients_count: int
    document: Document
    connection: DocumentConnection
    update: bytes


@dataclass(eq=False, repr=False)
class SyncPayload(Payload):
    """beforeSync; `type` is 0, 1 or 2, `payload` a state vector (0) or an update."""

    context: Context
    clients_count: int
    document: Document
    document_name: str
    connection: DocumentConnection
    type: int
    payload: bytes


@dataclass(eq=False, repr=False)
class HandleAwarenessPayload(_OfRequest):
    """beforeHandleAwareness; `states` may be changed in place (56)."""

    clients_count: int
    document: Document
    connection: DocumentConnection | None
    awareness: Awareness
    states: MutableMapping[int, Any]
    transaction_origin: Origin


@dataclass(eq=False, repr=False)
class AwarenessUpdatePayload(Payload):
    """onAwarenessUpdate; `states` is a list of mappings with `client_id` and what the client says."""

    document: Document
    document_name: str
    instance: Hocuspocus
    awareness: Awareness
    states: list[dict[str, Any]]
    added: list[int]
    updated: list[int]
    removed: list[int]
    transaction_origin: Any
    connection: DocumentConnection | None


@dataclass(eq=False, repr=False)
class ChangePayload(_OfRequest):
    """onChange; `update` is the Yjs update, `connection` None where no client made it."""

    clients_count: int
    document: Document
    connection: DocumentConnection | None
    update: bytes
    transaction_origin: Origin | None


@dataclass(eq=False, repr=False)
class StoreDocumentPayload(Payload):
    """onStoreDocument and afterStoreDocument; what is last is that of the last change (40)."""

    clients_count: int
    document: Document
    document_name: str
    instance: Hocuspocus
    last_context: Context
    last_transaction_origin: Origin | None


@dataclass(eq=False, repr=False)
class StatelessPayload(Payload):
    """onStateless."""

    connection: DocumentConnection
    document: Document
    document_name: str
    payload: str


@dataclass(eq=False, repr=False)
class BroadcastStatelessPayload(Payload):
    """beforeBroadcastStateless."""

    document: Document
    document_name: str
    payload: str


@dataclass(eq=False, repr=False)
class DisconnectPayload(_OfRequest):
    """onDisconnect."""

    clients_count: int
    document: Document


@dataclass(eq=False, repr=False)
class BeforeUnloadPayload(Payload):
    """beforeUnloadDocument."""

    document: Document
    document_name: str
    instance: Hocuspocus


@dataclass(eq=False, repr=False)
class AfterUnloadPayload(Payload):
    """afterUnloadDocument."""

    document_name: str
    instance: Hocuspocus


@dataclass(eq=False, repr=False)
class DestroyPayload(Payload):
    """onDestroy."""

    instance: Hocuspocus


PAYLOADS: dict[str, type[Payload]] = {
    "onConfigure": ConfigurePayload,
    "onListen": ListenPayload,
    "onRequest": RequestPayload,
    "onUpgrade": UpgradePayload,
    "onConnect": ConnectPayload,
    "onAuthenticate": AuthenticatePayload,
    "onTokenSync": TokenSyncPayload,
    "onCreateDocument": CreateDocumentPayload,
    "onLoadDocument": LoadDocumentPayload,
    "afterLoadDocument": LoadDocumentPayload,
    "connected": ConnectedPayload,
    "beforeHandleMessage": MessagePayload,
    "beforeSync": SyncPayload,
    "beforeHandleAwareness": HandleAwarenessPayload,
    "afterHandleMessage": MessagePayload,
    "onAwarenessUpdate": AwarenessUpdatePayload,
    "onChange": ChangePayload,
    "onStoreDocument": StoreDocumentPayload,
    "afterStoreDocument": StoreDocumentPayload,
    "onStateless": StatelessPayload,
    "beforeBroadcastStateless": BroadcastStatelessPayload,
    "onDisconnect": DisconnectPayload,
    "beforeUnloadDocument": BeforeUnloadPayload,
    "afterUnloadDocument": AfterUnloadPayload,
    "onDestroy": DestroyPayload,
}
"""The payload of each hook, in the order in which the hooks are met."""


def members_of(hook: str) -> frozenset[str]:
    """Name what a hook's payload has, which keyword-only parameters may pick."""
    return frozenset(field.name for field in fields(PAYLOADS[hook]))

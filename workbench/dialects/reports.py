"""What an application may tell the panels beside its points; each method is optional.

The chain panel draws one card list per point. A system whose chains are put together from lanes of one point
(Feathers: service x kind x method; Directus: event names) names them by `Chained`. One that keeps documents
(Hocuspocus) shows them by `Documented`.
"""

from __future__ import annotations

__all__ = ["Chained", "DocumentReport", "Documented", "Lane", "NamedChain", "OpenlyChained"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from workbench.engine.hooks import Kind


@dataclass(frozen=True, slots=True)
class Lane:
    """One list of hooks inside a named chain.

    Attributes
    ----------
    name
        As hooks carry it (`Hook.lane`).
    label
        For people: "application · around all methods".
    kind
        The kind of the hooks in it; a hook that is dropped here becomes one of these.
    shut
        Why nothing may be dropped here; None: it may.
    usual
        Whether hooks of this kind go here when nobody names a lane; where none is, they go to the innermost.

    """

    name: str
    label: str
    kind: Kind = "call"
    shut: str | None = None
    usual: bool = False


@dataclass(frozen=True, slots=True)
class NamedChain:
    """The effective chain of one kind of event, as lanes of a point in the order of running.

    Attributes
    ----------
    name
        What `bench.chain(...)` takes: "messages.create".
    point
        The board's key of the point whose lanes they are.
    lanes
        In the order in which an event enters them, empty ones included.
    doc
        One sentence for people.
    family
        Chains of one family are drawn one below the other, in their order: what runs for one event at several
        points (Directus: the filters, then the actions of ``items.create``). Empty: it stands alone.
    core
        What the chain is around, or what follows it before the next chain of its family: "messages.create",
        "written to the database". Empty: nothing to name.
    usual
        Name of the lane that a function goes into when nobody names one; empty: the innermost one.

    """

    name: str
    point: str
    lanes: tuple[Lane, ...]
    doc: str = ""
    family: str = ""
    core: str = ""
    usual: str = ""


@runtime_checkable
class Chained(Protocol):
    """An application whose chains have names of their own."""

    def chains(self) -> Sequence[NamedChain]:
        """List them as they are now; called from any thread, often, so it is cheap."""


@runtime_checkable
class OpenlyChained(Chained, Protocol):
    """One whose chains may be named before anything is in them (Directus's events)."""

    def chain(self, name: str) -> NamedChain:
        """Give the chain of a name that `chains` may not list; raises `UnknownPoint` for what is no name."""


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """One document as the documents panel shows it. Times are seconds since 1970, pauses seconds.

    Attributes
    ----------
    name
        The document's.
    connections
        One mapping for each: `connection` (its number), `label` (who it is of; empty where nobody said so),
        `read_only`. One with several sessions of the document is there for each.
    awareness
        One mapping for each client that says something of itself: `client`, `state` (a JSON value).
    state
        Whether a store is waited for, running, done or failed; `refused`: it could not be loaded.
    due
        When the next store begins, None without one.
    debounce, max_debounce
        The pause after the last change, and the longest after the first.
    changes, stores
        When the newest ones happened (the last 60 s), oldest first; a store is (begin, end or None, ok).
    unsaved
        Changes that no finished store holds.
    reason
        Why it failed or was refused, in one sentence; else empty.
    content
        The content as text for people, cut at 4,000 characters.

    """

    name: str
    connections: Sequence[dict[str, Any]]
    awareness: Sequence[dict[str, Any]]
    state: Literal["clean", "waiting", "storing", "stored", "failed", "refused"]
    due: float | None
    debounce: float
    max_debounce: float
    changes: Sequence[float]
    stores: Sequence[tuple[float, float | None, bool]]
    unsaved: int
    reason: str
    content: str


@runtime_checkable
class Documented(Protocol):
    """An application that keeps documents."""

    def documents(self) -> Sequence[DocumentReport]:
        """List them as they are now; called from any thread, at most four times a second."""

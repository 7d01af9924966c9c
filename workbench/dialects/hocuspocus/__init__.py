"""Hocuspocus: collaborative documents over Yjs, with hooks around everything that happens to them.

The hooks of each moment are a chain: extensions in order of their priority (100 where they name none), then
the configuration. A hook gets one object with all that the original's has, in snake_case; keyword-only
parameters pick members of it (`async def on_authenticate(*, document_name, token)`).

=====================================  ==================================================================
Hocuspocus                             here
=====================================  ==================================================================
`Server.configure({...})`              `Server.configure(onConnect=..., debounce=2.0)`, a bench
`server.listen()`                      the same, or `bench.start()`
milliseconds                           seconds
`reject()`, a rejection with nothing   `reject()`
`throw {reason: "no"}`                 `reject(reason="no")`, or any error with a `reason`
`document.transact(() => ...)`         `document.transact(function)`, or `with document.transaction():`
`SkipFurtherHooksError`                `SkipFurtherHooks`
`connectionConfig.readOnly`            `connection_config.read_only`
a rejection that nobody catches        `bench.on_error`, and the trace; the server goes on
=====================================  ==================================================================

Documents are kept in a SQLite file named after the bench unless `database` says otherwise. What the original
does by accident is kept where clients may count on it and mended where it loses something:

=====  ======  ===========================================================================================
quirk          here
=====  ======  ===========================================================================================
Q01    mended  a rejected `connected` denies *and* ends the connection to the document
Q02    mended  a client's own null awareness state is passed on, so peers see at once that it has gone
Q03    mended  beforeHandleAwareness sees the states of the frame and no unknown client
Q04    kept    a query for awareness gets no answer: providers send none, and answers would be unasked news
Q05    kept    an undecodable update is acknowledged with 1, else providers count it as unsynced for ever;
               it is in the trace
Q06    kept    onCreateDocument in the configuration does not run; it stands on the board, switched off
Q07    mended  a failed store is tried again, after 1 s first, then twice as long up to 60 s; until it has
               worked the document stays loaded, whoever leaves
Q08    kept    a server-side close is a frame, the socket stays; it is what providers expect
Q09    mended  what onTokenSync returns is in the connection's context for all later hooks
Q10    kept    updates of one turn of the loop are broadcast as one; `flush_delay=False` ends that
=====  ======  ===========================================================================================

Two rules give way as well. What a hook returns that is no mapping is ignored, where the original spreads
anything into the context (10); and a context that is edited in place keeps the edits of every unit of
onConnect, onAuthenticate and onTokenSync, where the original keeps those of the first one alone (11).

A rejection that ends the original's process is caught, told (`bench.on_error`, the trace) and answered: HTTP
with 500, a refused upgrade with 500, a frame by closing its document. A dispatch finishes on the revision on
which it began (rule 6's late look-up gives way), and a moment in the trace says so where the board has moved.
When the server stops, each store is tried once more; what stays unsaved is named, kept in a file of the
folder `hocuspocus-unsaved`, and taken up when the document is loaded again.
"""

from __future__ import annotations

__all__ = [
    "DIALECT",
    "Document",
    "Hocuspocus",
    "HocuspocusDialect",
    "Rejection",
    "Server",
    "SkipFurtherHooks",
    "reject",
]

from collections.abc import Mapping
from typing import Any

from workbench.dialects.base import Mount, Ready
from workbench.dialects.hocuspocus.app import OPTIONS, Hocuspocus
from workbench.dialects.hocuspocus.document import Document
from workbench.dialects.hocuspocus.errors import Rejection, SkipFurtherHooks, reject
from workbench.dialects.hocuspocus.points import POINTS
from workbench.dialects.hocuspocus.ready import READY
from workbench.dialects.hocuspocus.seed import Server
from workbench.dialects.hocuspocus.written import HocuspocusWritten
from workbench.engine.points import Point


class HocuspocusDialect:
    """The dialect, as the registry and the bench know it."""

    name = "hocuspocus"
    points: tuple[Point, ...] = POINTS
    open_names = False
    ready: tuple[Ready, ...] = READY
    options: Mapping[str, str] = OPTIONS
    written = HocuspocusWritten

    def application(self, mount: Mount, options: dict[str, Any]) -> Hocuspocus:
        """Make the application of a mount."""
        return Hocuspocus(mount, options)


DIALECT = HocuspocusDialect()

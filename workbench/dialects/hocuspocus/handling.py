"""What a frame of an established document does (30 to 38, 49 to 59)."""

from __future__ import annotations

__all__ = ["handle", "handle_sync"]

from typing import TYPE_CHECKING, Any

from workbench.dialects.hocuspocus import wire
from workbench.dialects.hocuspocus.awareness import Awareness
from workbench.dialects.hocuspocus.errors import PROVIDER_INITIATED
from workbench.dialects.hocuspocus.payloads import (
    HandleAwarenessPayload,
    MessagePayload,
    StatelessPayload,
    SyncPayload,
)
from workbench.dialects.hocuspocus.wire import AwarenessEntry, MalformedFrame, Reader

if TYPE_CHECKING:
    from workbench.dialects.hocuspocus.connection import DocumentConnection


async def handle(connection: DocumentConnection, frame: bytes) -> None:
    """Handle one frame, with the hooks around it.

    Raises
    ------
    Exception
        What closes the document: a malformed frame, or what a hook raised.
    """
    app, plans = connection.app, connection.link.plans
    reader = Reader(frame)
    reader.text()  # the address, by which it came here
    if app.wants("beforeHandleMessage", plans):
        await app.run("beforeHandleMessage", _message(connection, frame), plans)
        if connection.is_fresh:
            await connection.document.step_aside()  # `connected` begins between the first frame's hooks (18)
    spawned = app.spawned
    try:
        await _apply(connection, reader)
    finally:
        after = _message(connection, frame) if app.wants("afterHandleMessage", plans) else None
        if app.spawned != spawned:
            await (
                connection.document.step_aside()
            )  # onChange, onStateless ... begin before afterHandleMessage
        if after is not None:
            try:
                await app.run("afterHandleMessage", after, plans)
            except Exception as error:  # noqa: BLE001  # logged, nothing else (33)
                app.noted(error, "afterHandleMessage", connection.number)


def _message(connection: DocumentConnection, frame: bytes) -> MessagePayload:
    return MessagePayload(
        context=connection.context,
        **connection.about(),
        clients_count=connection.document.get_connections_count(),
        document=connection.document,
        connection=connection,
        update=frame,
    )


async def _apply(connection: DocumentConnection, reader: Reader) -> None:
    kind = reader.uint()
    if kind in (wire.SYNC, wire.SYNC_REPLY):
        await _sync(connection, reader)
    elif kind == wire.AWARENESS:
        await _awareness(connection, wire.awareness_entries(reader.blob()))
    elif kind == wire.STATELESS:
        connection.app.spawn(_stateless(connection, reader.text()), "onStateless", connection.number)
    elif kind == wire.BROADCAST_STATELESS:
        raise MalformedFrame("only servers may send frames of type 6, and this one came from a client")
    elif kind == wire.CLOSE:
        connection.leave(PROVIDER_INITIATED.reason)
    elif kind == wire.AUTH:
        _auth(connection, reader)
    elif kind not in (wire.QUERY_AWARENESS, wire.SYNC_STATUS):
        connection.app.noted(
            MalformedFrame(f"nobody knows frames of type {kind}; it is ignored"), "frame", connection.number
        )


# Sync -----------------------------------------------------------------------------------------------


async def _sync(connection: DocumentConnection, reader: Reader) -> None:
    app = connection.app
    step, body = reader.uint(), reader.blob()
    if app.wants("beforeSync", connection.link.plans):
        await app.run("beforeSync", _sync_payload(connection, step, body), connection.link.plans)
    _answer(connection, step, body)


def handle_sync(connection: DocumentConnection, reader: Reader) -> bool:
    """Handle a frame at once if it is a sync frame; False where it is another, of which nothing is read then.

    Raises
    ------
    MalformedFrame
        What closes the document.
    """
    begin = reader.position
    if reader.uint() not in (wire.SYNC, wire.SYNC_REPLY):
        reader.position = begin
        return False
    _answer(connection, reader.uint(), reader.blob())
    return True


def _answer(connection: DocumentConnection, step: int, body: bytes) -> None:
    """Apply what a sync frame holds, and say so (49, 52)."""
    document = connection.document
    if step == wire.STEP_1:
        answer = _missing(connection, body)
        connection.send(connection.frames.sync(wire.STEP_1, document.get_state()))
        connection.send(connection.frames.sync(wire.STEP_2, answer))
    elif step == wire.STEP_2:
        applied = document.holds(body) if connection.read_only else _change(connection, body)
        connection.send(connection.frames.sync_status(applied))
    elif step == wire.UPDATE:
        applied = False if connection.read_only else _change(connection, body)
        connection.send(connection.frames.sync_status(applied))
    else:
        raise MalformedFrame(f"a sync frame is of type 0, 1 or 2, not {step}")


def _sync_payload(connection: DocumentConnection, step: int, body: bytes) -> SyncPayload:
    return SyncPayload(
        context=connection.context,
        clients_count=connection.document.get_connections_count(),
        document=connection.document,
        document_name=connection.document.name,
        connection=connection,
        type=step,
        payload=body,
    )


def _missing(connection: DocumentConnection, state: bytes) -> bytes:
    try:
        return connection.document.get_update(state)
    except ValueError as error:
        raise MalformedFrame(f"the state vector cannot be read: {error}") from error


def _change(connection: DocumentConnection, update: bytes) -> bool:
    """Apply a change; one that cannot be decoded is noted, and acknowledged all the same (35, Q05)."""
    try:
        connection.document.apply(update, connection.origin)
    except ValueError as error:
        connection.app.noted(MalformedFrame(f"an update cannot be read: {error}"), "frame", connection.number)
    return True


# Awareness --------------------------------------------------------------------------------------------


async def _awareness(connection: DocumentConnection, entries: list[AwarenessEntry]) -> None:
    document, app = connection.document, connection.app
    if app.wants("beforeHandleAwareness", connection.link.plans):
        entries = await _rewritten(connection, entries)
    document.awareness.apply(entries, connection.origin)


async def _rewritten(connection: DocumentConnection, entries: list[AwarenessEntry]) -> list[AwarenessEntry]:
    """Let hooks edit the states, and give what is to be applied.

    Nulls pass (the original loses them, Q02), and no state of nobody's is among them (Q03).
    """
    scratch = Awareness()
    scratch.apply(entries, None)
    gone = [AwarenessEntry(client, scratch.clock_of(client), None) for client in scratch.gone]
    document, states = connection.document, dict(scratch.states)
    data = HandleAwarenessPayload(
        context=connection.context,
        **connection.about(),
        clients_count=document.get_connections_count(),
        document=document,
        connection=connection,
        awareness=document.awareness,
        states=states,
        transaction_origin=connection.origin,
    )
    await connection.app.run("beforeHandleAwareness", data, connection.link.plans)
    return [*gone, *(_entry(connection, scratch, *item) for item in states.items())]


def _entry(connection: DocumentConnection, scratch: Awareness, client: Any, state: Any) -> AwarenessEntry:
    """Give a state its clock: the frame's, or the next one for a client that a hook added."""
    clock = scratch.clock_of(client) or connection.document.awareness.clock_of(client) + 1
    return AwarenessEntry(client, clock, state)


# The others -------------------------------------------------------------------------------------------


async def _stateless(connection: DocumentConnection, payload: str) -> None:
    """Run onStateless beside the frames that follow (54); a rejection without a message only stops units."""
    data = StatelessPayload(connection, connection.document, connection.document.name, payload)
    try:
        await connection.app.run("onStateless", data, connection.link.plans)
    except Exception as error:
        if str(error):
            raise


def _auth(connection: DocumentConnection, reader: Reader) -> None:
    if reader.uint() == wire.TOKEN:
        token = reader.text()
        work = connection.link.sync_token(connection, token)
        connection.app.spawn(work, "onTokenSync", connection.number)

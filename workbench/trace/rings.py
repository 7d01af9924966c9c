"""Where records lie: blocks of packed 64-bit words, all of one length, bounded in bytes.

A plan has a ring of plain records (every hook returned at once) and, once it needs it, a
ring of full ones; an onion's has one of its own `Form` too. All words are signed 64-bit, so that numpy reads
a block as one table::

    plain   id, start, changed << 32 | connection, parent, end of hook 0, ...   32 + 8 n bytes
    full    id, start, parent, end, connection << 3 | outcome,
            then for each hook: start, end, wait << 3 | outcome                 40 + 24 n bytes

A writer claims the offset of a record from a range iterator, which is one step for all threads, and packs
the record in one call, which is another. A claimed record not yet written has the id 0.
"""

from __future__ import annotations

import operator
import struct
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from workbench.engine.plan import Plan

__all__ = [
    "FULL_HEAD", "LARGEST", "PLAIN_HEAD", "Block", "Form", "Ring", "Store", "Table", "changed_in",
    "full_form", "joined", "plain_form",
]  # fmt: skip

PLAIN_HEAD = 4
FULL_HEAD = 5
_SMALLEST = 8
LARGEST = 1024
"""Records of a block, at most."""

Table = npt.NDArray[np.int64]


def changed_in(table: Table) -> Table:
    """Give, for each plain record, in which hooks something changed: bit n for hook n.

    Parameters
    ----------
    table
        Plain records. Where nothing changed the word is the connection alone, which may be negative.
    """
    changed: Table = np.maximum(table[:, 2] >> 32, 0)
    return changed


def without_gaps(table: Table) -> Table:
    """Leave out records that are claimed and not yet written.

    Parameters
    ----------
    table
        Records of either kind.
    """
    written = table[:, 0] != 0
    return table if written.all() else table[written]


def joined(blocks: Sequence[Block]) -> Table:
    """Copy the written records of blocks of one form.

    Block by block, so that no writer waits for longer than the copy of one.

    Parameters
    ----------
    blocks
        At least one.
    """
    form = blocks[0].form
    words = form.words
    parts = [memoryview(block.buffer)[: 8 * words * block.claimed] for block in blocks]
    copy = np.empty(sum(len(part) for part in parts), np.uint8)
    into, at = memoryview(copy.data), 0
    for part in parts:
        into[at : at + len(part)] = part  # under the interpreter's lock, as in `Block.table`
        at += len(part)
    return form.told(without_gaps(copy.view(np.int64).reshape(-1, words)))


def _as_written(table: Table) -> Table:
    return table


class Form:
    """How the records of one ring lie.

    Parameters
    ----------
    plan
        Whose they are.
    words
        Length of a record.
    full
        Whether readers get full records of them, or plain ones.
    told
        Makes those of what was written, row by row; the id comes first in both.
    """

    __slots__ = ("full", "plan", "told", "words")

    def __init__(
        self, plan: Plan, words: int, *, full: bool, told: Callable[[Table], Table] = _as_written
    ) -> None:
        self.plan = plan
        self.words = words
        self.full = full
        self.told = told


def plain_form(plan: Plan) -> Form:
    """Give the form of a plan's plain records."""
    return Form(plan, PLAIN_HEAD + len(plan.hooks), full=False)


def full_form(plan: Plan) -> Form:
    """Give the form of a plan's full records."""
    return Form(plan, FULL_HEAD + 3 * len(plan.hooks), full=True)


def _none_left() -> int:
    raise StopIteration


_NO_ROOM: tuple[Callable[[], int], bytearray] = (_none_left, bytearray())


class Block:
    """Records of one form.

    Parameters
    ----------
    form
        Theirs.
    capacity
        How many records.
    """

    __slots__ = (
        "_bound", "_least", "_looked", "buffer", "capacity", "counted", "form", "offsets", "serial",
    )  # fmt: skip

    def __init__(self, form: Form, capacity: int) -> None:
        size = 8 * form.words
        self.form = form
        self.capacity = capacity
        self.buffer = bytearray(size * capacity)
        self.offsets: Iterator[int] = iter(range(0, len(self.buffer), size))
        self.serial = 0  # its place in the order of all blocks that ever were; the store sets it
        self.counted = 0  # records from the first on that the totals have
        self._bound = 0  # no id of the first `_looked` records is greater
        self._looked = 0
        self._least = 0  # the least id, once all are written

    @property
    def plan(self) -> Plan:
        """Whose records."""
        return self.form.plan

    @property
    def full(self) -> bool:
        """Which kind of records readers get."""
        return self.form.full

    @property
    def claimed(self) -> int:
        """How many records have a writer."""
        return self.capacity - operator.length_hint(self.offsets)

    def close(self) -> None:
        """Let nobody claim a record any more."""
        left = sum(1 for _ in self.offsets)
        self.capacity -= left

    def bound(self, drawn: Callable[[], int]) -> int:
        """Give a number that no id in the block is above; cheap where nothing was written since.

        Parameters
        ----------
        drawn
            Gives the id that was drawn last, over all blocks.
        """
        if self._looked != self.capacity:
            claimed = self.claimed
            if self._looked != claimed:
                self._bound = drawn()  # whoever claimed a record had its id before
                self._looked = claimed
        return self._bound

    @property
    def least(self) -> int:
        """The least id; 0 while records may still come."""
        if not self._least and self.claimed == self.capacity:
            words = self.form.words
            ids = np.frombuffer(self.buffer, np.int64)[: words * self.capacity : words]
            self._least = int(ids.min())
        return self._least

    def _copy(self, first: int = 0) -> Table:
        """Copy the claimed records, from one on; unwritten ones have the id 0."""
        size = 8 * self.form.words
        # the copy is made by bytes, under the interpreter's lock, so that no record is seen half written
        copy = bytes(memoryview(self.buffer)[first * size : self.claimed * size])
        return np.frombuffer(copy, np.int64).reshape(-1, self.form.words)

    def written(self) -> Table:
        """Copy the records that are written."""
        return self.form.told(without_gaps(self._copy()))

    def ready(self, first: int) -> Table:
        """Copy the written records, from one on and up to the first that is not written yet."""
        table = self._copy(first)
        unwritten = np.flatnonzero(table[:, 0] == 0)
        return self.form.told(table[: unwritten[0]] if len(unwritten) else table)

    def at(self, rows: Table) -> Table:
        """Copy the records at some places, which are written."""
        return self.form.told(self._copy()[rows])


class Ring:
    """The newest block of one form, and how to write into it.

    Parameters
    ----------
    store
        Keeps the blocks.
    form
        Of what is written.
    """

    __slots__ = ("_capacity", "_form", "_store", "block", "pack", "room")

    def __init__(self, store: Store, form: Form) -> None:
        self.pack = struct.Struct(f"={form.words}q").pack_into
        self.room = _NO_ROOM
        self.block: Block | None = None
        self._store = store
        self._form = form
        self._capacity = _SMALLEST

    def write(self, fields: Sequence[int]) -> None:
        """Write a record.

        Parameters
        ----------
        fields
            All its words.
        """
        claim, buffer = self.room
        try:
            self.pack(buffer, claim(), *fields)
        except StopIteration:
            self.refill(*fields)

    def refill(self, *fields: int) -> None:
        """Write a record that found no room.

        Parameters
        ----------
        fields
            All its words.
        """
        with self._store.lock:
            claim, buffer = self.room
            try:
                offset = claim()  # another thread may have been here first
            except StopIteration:
                offset = self._grow()
                buffer = self.room[1]
            self.pack(buffer, offset, *fields)
            self._store.shrink()

    def _grow(self) -> int:
        if self.block is not None:
            self.block.bound(self._store.drawn)  # it is full: nothing later comes into it
        block = Block(self._form, self._capacity)
        self._capacity = min(4 * self._capacity, LARGEST)
        offset = next(block.offsets)
        self.block = block
        self._store.add(block, self)
        self.room = (block.offsets.__next__, block.buffer)
        return offset

    def detach(self, block: Block) -> None:
        """Forget a block that the store drops."""
        if self.block is block:
            self.block = None
            self.room = _NO_ROOM
            self._capacity = _SMALLEST


class Store:
    """All blocks, oldest first, within a limit.

    Parameters
    ----------
    limit
        Bytes that the blocks may take together.
    fold
        Called with a block, and a table of records not counted yet, before they are forgotten.
    drawn
        Gives the id that was drawn last.
    """

    def __init__(self, limit: int, fold: Callable[[Block, Table], Any], drawn: Callable[[], int]) -> None:
        self.lock = RLock()
        self.limit = limit
        self.size = 0
        self.dropped = 0
        self._blocks: deque[tuple[Block, Ring]] = deque()
        self._uncounted: list[Block] = []  # with records that the totals do not have, or may come to have
        self._added = 0
        self._fold = fold
        self.drawn = drawn

    def add(self, block: Block, ring: Ring) -> None:
        """Keep a block. Called with the lock held."""
        block.serial = self._added
        self._added += 1
        self._blocks.append((block, ring))
        self._uncounted.append(block)
        self.size += len(block.buffer)

    def shrink(self) -> None:
        """Drop the oldest blocks beyond the limit; the newest always stays. Called with the lock held."""
        while self.size > self.limit and len(self._blocks) > 1:
            self._drop()

    def resize(self, limit: int) -> None:
        """Set the limit, and keep to it at once."""
        with self.lock:
            self.limit = limit
            self.shrink()

    def clear(self) -> None:
        """Drop all blocks."""
        with self.lock:
            while self._blocks:
                self._drop()
            self.count()

    def _drop(self) -> None:
        block, ring = self._blocks.popleft()
        block.close()
        ring.detach(block)
        self.size -= len(block.buffer)
        self.dropped += block.claimed
        self._uncounted = [left for left in self._uncounted if left is not block or not self._counted(left)]

    def _counted(self, block: Block) -> bool:
        """Fold what is written and not yet counted; True when the block has all that it will ever have."""
        table = block.ready(block.counted)
        if len(table):
            self._fold(block, table)
            block.counted += len(table)
        return block.counted == block.capacity

    def count(self) -> None:
        """Bring the totals up to date."""
        with self.lock:
            self._uncounted = [left for left in self._uncounted if not self._counted(left)]

    def blocks(self) -> list[Block]:
        """List the blocks, oldest first."""
        with self.lock:
            return [block for block, _ in self._blocks]

    def latest(self) -> list[tuple[int, Block]]:
        """List the blocks with numbers that none of their ids is above, the greatest first."""
        with self.lock:
            bounds = [(block.bound(self.drawn), block) for block, _ in self._blocks]
        return sorted(bounds, key=itemgetter(0), reverse=True)

    @property
    def kept(self) -> int:
        """How many records the blocks hold."""
        return sum(block.claimed for block in self.blocks())

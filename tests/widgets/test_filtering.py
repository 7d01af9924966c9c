"""What workbench.widgets.filtering promises: what a query marks, says in pandas, and where it is wrong."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.widgets.support import bench_with, boom, echo, shout
from workbench import Workbench
from workbench.widgets.filtering import FIELDS, BadQuery, read_query


class Said:
    """A message as hooks change it."""

    raw_data: Any = ""

    def text(self) -> str:
        """What it says."""
        return "hi"


class Deaf:
    """A peer that takes everything."""

    def send(self, data: object) -> None:
        """Take it."""


async def slow(peer: Any, message: Any) -> None:
    """Wait a little."""
    del peer, message
    await asyncio.sleep(0.02)


@pytest.fixture
def bench() -> Workbench:
    """Events 1 to 6: quiet, slow, raised, for two connections."""
    bench = bench_with(shout, echo)

    def fire(connection: int) -> Any:
        return bench.board.plan("message").fire(connection, Deaf(), Said())

    fire(1)
    fire(2)
    bench.chain("message").attach(slow)
    for connection in (1, 2):
        asyncio.run(_awaited(fire(connection)))
    bench.chain("message").remove("slow")
    bench.chain("message").attach(boom)
    for connection in (1, 2):
        with contextlib.suppress(ValueError):
            fire(connection)
    return bench


async def _awaited(pending: Any) -> None:
    await pending


def found(bench: Workbench, text: str) -> list[int]:
    """Numbers of the events that a query marks."""
    query = read_query(text)
    assert query is not None
    rows = bench.trace.recorder.selections.get(text, query.wants).window(0, 100).rows
    marked: list[int] = rows.dispatches["id"].tolist()
    return marked


QUERIES = {
    "connection=c1": [1, 3, 5],
    "client=2": [2, 4, 6],
    "outcome=raised": [5, 6],
    "outcome!=raised": [1, 2, 3, 4],
    "outcome~rais": [5, 6],
    "raised": [5, 6],
    "not (changed or raised) and client=2": [2, 4],
    "raised client=2": [6],
    "hook=slow": [3, 4],
    "hook!=slow": [1, 2, 5, 6],
    "hook~SLO": [3, 4],
    "point=message": [1, 2, 3, 4, 5, 6],
    "point!=message": [],
    "error~valueerror": [5, 6],
    "duration>10ms": [3, 4],
    "wait>10": [3, 4],
    "work<10ms": [1, 2, 3, 4, 5, 6],
    "dispatch>=3 dispatch<=4": [3, 4],
    "dispatch>2 and (hook=slow or outcome=raised) and connection=1": [3, 5],
    "not (hook=slow or outcome=raised)": [1, 2],
    "revision>=3 hook=slow": [3, 4],
    "parent=7": [],
    '"': [],
}


@pytest.mark.parametrize("text", [text for text in QUERIES if text != '"'])
def test_a_query_marks_the_events_for_which_it_holds(bench: Workbench, text: str) -> None:
    """And the line of pandas that it offers selects the very same ones."""
    assert found(bench, text) == QUERIES[text]
    query = read_query(text)
    assert query is not None
    space: dict[str, Any] = {"bench": bench}
    first, second = query.as_pandas().splitlines()
    exec(first, space)
    assert sorted(eval(second, space)["dispatch"]) == QUERIES[text]


def test_nothing_typed_is_no_query() -> None:
    """Then everything holds."""
    assert read_query("   ") is None


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("outcme=raised", 0, "no field"),
        ("point=message outcome=bad", 22, "no outcome"),
        ("duration>soon", 9, "no duration"),
        ("point>a", 5, "is a text"),
        ("outcome>ok", 7, "no order"),
        ("raised=ok", 0, "no field"),
        ("duration~5", 8, "number"),
        ("point", 5, "is expected"),
        ("point=", 6, "is expected"),
        ("(point=a", 8, "bracket"),
        ("(point=a (", 10, "is expected"),
        ("point=a)", 7, "too many"),
        ('point="a', 6, "does not end"),
        ("point=a ! b", 8, "cannot stand"),
        ("connection=x", 11, "no connection"),
        ("dispatch=-1", 9, "no dispatch"),
        ("point=(a", 6, "a value"),
        ("point a", 6, "expected"),
        ("(" * 30, 20, "too deep"),
        ("(point=a outcome", 16, "expected"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, at: int, says: str) -> None:
    """The character is the one that a page underlines."""
    with pytest.raises(BadQuery, match=says) as caught:
        read_query(text)
    assert caught.value.at == at
    assert caught.value.length >= 1


@given(st.text(alphabet='abcpointhook=<>~!() "\\5ms', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A query that somebody is typing never raises anything else."""
    refused: list[BadQuery] = []
    try:
        read_query(text)
    except BadQuery as error:
        refused.append(error)
    assert all(0 <= one.at <= len(text) for one in refused)


def test_every_field_has_an_example_that_can_be_read() -> None:
    """The completion shows them."""
    for example in FIELDS.values():
        for one in example.rpartition(": ")[2].split(", "):
            assert read_query(one) is not None

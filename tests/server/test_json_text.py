"""JSON for clients: what is written can be read by any of them, and means what was given."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.server.json_text import to_json

FINITE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(FINITE)
def test_values_come_back(value: Any) -> None:
    """Whatever JSON has a form for is read as it was."""
    assert json.loads(to_json(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, 2.5, True, None], "é": "ü"}, '{"a":[1,2.5,true,null],"é":"ü"}'),
        ([math.nan, math.inf, {"a": -math.inf}], '[null,null,{"a":null}]'),
        ({1: math.nan, "a": (math.inf, 2)}, '{"1":null,"a":[null,2]}'),
        ("é\ud800", '"é\\ud800"'),
        ({2: "a", None: "b", True: "c"}, '{"2":"a","null":"b","true":"c"}'),
        (2**70, str(2**70)),
        ((1, (2,)), "[1,[2]]"),
    ],
)
def test_values_are_written_for_javascript(value: Any, text: str) -> None:
    """Numbers that are none, half a surrogate pair, other keys than texts and long numbers have a form."""
    assert to_json(value).decode() == text


def test_other_objects_have_the_form_that_is_given() -> None:
    """Also beside a number that JSON does not have, and no form of the encoder's own for dates."""
    when = datetime(2026, 11, 29, tzinfo=UTC)
    for beside in (0.5, 2**70, math.nan):
        text = to_json({"when": when, "beside": beside}, lambda moment: f"{moment:%d.%m.%Y}")
        assert text.startswith(b'{"when":"29.11.2026"')


class Colour(Enum):
    """A kind of object that JSON has no form for."""

    RED = object()


@pytest.mark.parametrize("value", [object(), datetime.now(UTC), {"a": Colour.RED}])
def test_an_object_without_a_form_is_refused(value: Any) -> None:
    """With its kind in the sentence."""
    with pytest.raises(TypeError, match="not JSON serializable"):
        to_json(value)
    with pytest.raises(TypeError):
        to_json({"beside": math.nan, "value": value, 1: 2})


def test_a_value_that_holds_itself_is_refused() -> None:
    """Before it fills the memory."""
    value: list[Any] = []
    value.append(value)
    with pytest.raises((ValueError, RecursionError)):
        to_json(value)

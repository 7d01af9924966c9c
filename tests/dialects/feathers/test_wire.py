"""What workbench.dialects.feathers.wire promises."""

from __future__ import annotations

import json
import math
from collections import UserDict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.context import Context
from workbench.dialects.feathers import BadRequest
from workbench.dialects.feathers.errors import NotFound
from workbench.dialects.feathers.wire import dumps, first_set, loads, truthy

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_whatever_is_written_a_browser_can_read(value: Any) -> None:
    """It has a form in UTF-8, and no number in it that JSON doesn't know."""

    def refuse(name: str) -> Any:
        raise AssertionError(name)

    json.loads(dumps(value).encode(), parse_constant=refuse)


def test_objects_have_the_form_that_javascript_gives_them() -> None:
    """Dates as text, sets and tuples as lists, what has to_json by that, numbers that are none as null."""
    value: dict[str, Any] = {
        "when": datetime(2026, 11, 29, tzinfo=UTC),
        "day": date(2026, 11, 29),
        "some": (1, {2}),
        "price": Decimal("1.5"),
        "id": UUID(int=0),
        "map": UserDict(a=1),
        "error": BadRequest("no"),
        "nan": [float("nan"), np.float64("inf"), Decimal(1)],
        "array": np.arange(3),
        "series": pd.Series([1, 2]),
    }

    assert loads(dumps(value)) == {
        "when": "2026-11-29T00:00:00+00:00",
        "day": "2026-11-29",
        "some": [1, [2]],
        "price": 1.5,
        "id": "00000000-0000-0000-0000-000000000000",
        "map": {"a": 1},
        "error": BadRequest("no").to_json(),
        "nan": [None, None, 1.0],
        "array": [0, 1, 2],
        "series": [1, 2],
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
        (math.nan, "null"),
        ({"a": [math.inf, {"b": -math.inf}], "c": (math.nan, 1.5)}, '{"a":[null,{"b":null}],"c":[null,1.5]}'),
        ("\ud800", '"\\ud800"'),
        ({"é\ud800": math.nan}, '{"é\\ud800":null}'),
        (Context(a=1), '{"a":1}'),
        (date(2026, 1, 2), '"2026-01-02"'),
        ({1}, "[1]"),
        (Decimal("1.5"), "1.5"),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (NotFound("x"), '{"name":"NotFound","message":"x","code":404,"className":"not-found"}'),
    ],
)
def test_values_are_written_as_clients_read_them(value: Any, text: str) -> None:
    """And the text is one that UTF-8 can carry."""
    assert dumps(value, indent=4) == text
    assert text.encode()
    json.loads(text)


def test_an_object_without_a_form_is_refused_by_name() -> None:
    """Rather than sent as something that nobody meant."""
    with pytest.raises(TypeError, match="object has no form in JSON"):
        dumps(object())


def test_empty_lists_and_objects_count_as_values() -> None:
    """As in JavaScript, where dispatch and results are chosen by what is truthy (R59, R76, R103)."""
    values: list[Any] = [{}, [], (), "0", 0, "", None]

    assert list(map(truthy, values)) == [True] * 4 + [False] * 3
    assert first_set({}, 1) == {}
    assert first_set(0, None, 2) == 2
    assert first_set(None, 0) == 0

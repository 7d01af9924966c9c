"""JSON as JavaScript writes it, so that every client can read it."""

from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from workbench.dialects.context import Context
from workbench.dialects.feathers.errors import NotFound
from workbench.dialects.feathers.wire import dumps


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
        (math.nan, "null"),
        ({"a": [math.inf, {"b": -math.inf}], "c": (math.nan, 1.5)}, '{"a":[null,{"b":null}],"c":[null,1.5]}'),
        ("\ud800", '"\\ud800"'),
        ({"é\ud800": math.nan}, '{"\\u00e9\\ud800":null}'),
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


def test_what_has_no_form_is_named() -> None:
    """By its class."""
    with pytest.raises(TypeError, match="object has no form in JSON"):
        dumps(object())

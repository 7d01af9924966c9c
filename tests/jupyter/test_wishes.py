"""What may be asked for when a bench is started."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.jupyter.errors import BadRequest
from workbench.jupyter.wishes import Wanted, parse_wanted


def test_a_full_wish_is_read() -> None:
    """Every field comes through; a port of 0 means any."""
    body = {"dialect": "crossws", "path": "/lessons/tour.ipynb", "name": "My chat", "port": 0}
    assert parse_wanted(body) == Wanted("crossws", path="lessons/tour.ipynb", name="My chat")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (None, "JSON object"),
        ([], "JSON object"),
        ({}, "dialect"),
        ({"dialect": 5}, "dialect"),
        ({"dialect": "cross ws"}, "dialect"),
        ({"dialect": "crossws');import os#"}, "dialect"),
        ({"dialect": "crossws", "name": "a'b"}, "name"),
        ({"dialect": "crossws", "name": "a\nb"}, "name"),
        ({"dialect": "crossws", "name": ""}, "name"),
        ({"dialect": "crossws", "name": "x" * 49}, "name"),
        ({"dialect": "crossws", "port": 70000}, "port"),
        ({"dialect": "crossws", "port": True}, "port"),
        ({"dialect": "crossws", "port": "80"}, "port"),
        ({"dialect": "crossws", "kernel": "../x"}, "kernel"),
        ({"dialect": "crossws", "path": "a/../../b.ipynb"}, "path"),
        ({"dialect": "crossws", "path": ""}, "path"),
        ({"dialect": "crossws", "kernel": "k", "path": "p.ipynb"}, "not both"),
        ({"dialect": "crossws", "code": "1"}, '"code"'),
    ],
)
def test_a_wrong_wish_is_refused_by_name(body: Any, word: str) -> None:
    """The sentence names the field that is wrong."""
    with pytest.raises(BadRequest, match=word):
        parse_wanted(body)

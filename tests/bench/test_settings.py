"""Which options are whose."""

from __future__ import annotations

import pytest

from workbench.bench.settings import (
    UnknownOption,
    check_server_options,
    dialect_options,
    server_options,
    with_token,
)
from workbench.dialects import load
from workbench.server.errors import InvalidOption

CROSSWS = load("crossws")


def test_options_are_divided_between_dialect_and_server() -> None:
    """What both know by one name is the dialect's."""
    given = {"idle_timeout": 3, "serialize": True, "port": 21_000, "token": "t"}

    assert dialect_options(CROSSWS, given) == {"idle_timeout": 3, "serialize": True}
    made = server_options(CROSSWS, given)
    assert (made.port, made.token, made.idle_timeout) == (21_000, "t", 30.0)


def test_a_name_that_nobody_knows_is_refused() -> None:
    """In a bench, in a mount and in a start, each with what it would take."""
    with pytest.raises(UnknownOption, match="bench of crossws has no option 'serialise'; did you mean"):
        dialect_options(CROSSWS, {"serialise": True})
    with pytest.raises(UnknownOption, match="did you mean 'name'"):
        dialect_options(CROSSWS, {"nam": "chat"})
    with pytest.raises(UnknownOption, match="belongs to the bench"):
        dialect_options(CROSSWS, {"header_limit": 3}, alone=True)
    with pytest.raises(UnknownOption, match="'serialize' is none"):
        check_server_options({"port": 1, "serialize": True})


def test_a_value_that_makes_no_sense_is_refused() -> None:
    """The server's own sentence says what was expected."""
    with pytest.raises(InvalidOption, match="from 0 to 65535, not 70000"):
        server_options(CROSSWS, {"port": 70_000})


def test_a_token_is_made_up_or_given_or_none() -> None:
    """True makes one of 128 bits, False takes it away, a text is kept."""
    made = with_token({"token": True})["token"]

    assert isinstance(made, str)
    assert len(made) >= 22
    assert with_token({"token": True})["token"] != made
    assert with_token({"token": False}) == {"token": None}
    assert with_token({"token": "mine", "port": 1}) == {"token": "mine", "port": 1}

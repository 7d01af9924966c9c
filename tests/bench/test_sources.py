"""Names that code finds outside of itself: the same ones in every version of Python."""

from __future__ import annotations

import sys

import pytest

from workbench.bench.sources import Used, used_in

GENERIC = pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
KIND = """
class Kind(Base):
    table = {key: made(key) for key in keys}

    def method(self):
        return [asked(one) for one in later]
"""


@pytest.mark.parametrize(
    ("text", "at_once", "later"),
    [
        ("[made(one) for one in many]", ("made", "many"), ()),
        ("[one for one in one]", ("one",), ()),
        ("{key: {value for value in made(key)} for key in keys}", ("keys", "made"), ()),
        ("lambda: [one + more for one in many]", (), ("many", "more")),
        ("def hook(x=[made(one) for one in many]): return hook(one for one in x)", ("made", "many"), ()),
        (KIND, ("Base", "keys", "made"), ("asked", "later")),
    ],
)
def test_variables_of_comprehensions_are_the_codes_own(
    text: str, at_once: tuple[str, ...], later: tuple[str, ...]
) -> None:
    """Python 3.12 lists them among those around the comprehension; what runs at once is told as such."""
    used = used_in(text)

    assert (sorted(used.at_once), sorted(used.later)) == (list(at_once), list(later))


@GENERIC
@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("class Kind[T: Bound](Base[T]): table = made", Used(("Base", "made"), ("Bound",), ())),
        ("def hook[T](one: T, two: Shown = made): return asked", Used(("made",), ("asked",), ("Shown",))),
    ],
)
def test_type_parameters_are_the_codes_own(text: str, used: Used) -> None:
    """Bases and class bodies run at once within them too, bounds when somebody asks."""
    assert used_in(text) == used

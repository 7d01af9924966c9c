"""The registry of dialects, and what each of them must have."""

from __future__ import annotations

import pytest

from workbench.dialects import DIALECTS, load
from workbench.engine.errors import UnknownDialect


def test_unknown_dialect_names_near_ones() -> None:
    """An unknown name is refused with the names that are near."""
    with pytest.raises(UnknownDialect, match=r'"croswss".*did you mean .crossws.'):
        load("croswss")


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_each_dialect_is_complete(name: str) -> None:
    """Each dialect has points with one line of doc, and ready-made hooks for its own points."""
    dialect = load(name)
    assert dialect.name == name
    points = {point.name for point in dialect.points}
    for point in dialect.points:
        assert point.doc.endswith(".")
        assert "\n" not in point.doc
    for ready in dialect.ready:
        assert ready.point in points or dialect.open_names
        assert ready.doc
        assert "\n" not in ready.doc
        assert ready.name == ready.function.__name__
    assert all("\n" not in doc for doc in dialect.options.values())

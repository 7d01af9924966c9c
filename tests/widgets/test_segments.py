"""Bars in a bounded number of pieces."""

from __future__ import annotations

from workbench.widgets.segments import Segment, merged


def test_few_pieces_stay_as_they_are() -> None:
    """Up to the limit nothing is put together."""
    segments: list[Segment] = [("work", 1, "ok"), ("work", 2, "ok")]
    assert merged(segments, 2) == segments


def test_neighbours_of_one_look_become_one() -> None:
    """Work follows work: one piece of their sum, changed if one of them was."""
    segments: list[Segment] = [
        ("work", 1, "ok"),
        ("work", 2, "changed"),
        ("wait", 5, "ok"),
        ("work", 3, "raised"),
    ]
    assert merged(segments, 3) == [("work", 3, "changed"), ("wait", 5, "ok"), ("work", 3, "raised")]


def test_no_time_is_lost_however_many_there_are() -> None:
    """Where looks alternate, those before the last become one piece; the last keeps its outcome."""
    segments: list[Segment] = [("work" if n % 2 else "wait", n, "ok") for n in range(100)]
    segments.append(("work", 7, "raised"))
    made = merged(segments, 10)
    assert len(made) == 10
    assert made[-1] == ("work", 7, "raised")
    assert sum(length for _, length, _ in made) == sum(length for _, length, _ in segments)

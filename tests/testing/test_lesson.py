"""Lessons: seeds, predictions and checks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from IPython.core.formatters import PlainTextFormatter

from workbench.testing import lesson as module
from workbench.testing.lesson import Lesson, LessonUnfinishedError


def test_a_seed_gives_the_same_values_again() -> None:
    """Two students with one number get one exercise, and orders depend on the number."""
    first, second = Lesson("one", seed=4), Lesson("one", seed=4)

    assert [first.pick(range(1000)) for _ in range(5)] == [second.pick(range(1000)) for _ in range(5)]
    assert first.shuffled("abcdefgh") == second.shuffled("abcdefgh")
    assert Lesson("one", seed=5).shuffled("abcdefgh") != Lesson("one", seed=4).shuffled("abcdefgh")


def test_a_right_prediction_and_checks_finish_a_lesson() -> None:
    """A list and a tuple of the same things are the same answer, and any answer among several will do."""
    lesson = Lesson("one")

    assert "noted" in lesson.predict("the order", ["open", "close"])
    assert "holds" in repr(lesson.compare("the order", ("open", "close")))
    lesson.predict("the first", "b")
    lesson.compare("the first", "a", among=["b"])
    lesson.check("something was seen", 3, "3 times")

    assert len(lesson.finish()) == 3


@pytest.mark.parametrize("answer", [..., None])
def test_an_open_prediction_is_said_and_does_not_finish(answer: object) -> None:
    """Dots left in place are an open question, not an answer."""
    lesson = Lesson("one")

    assert "still open" in lesson.predict("the order", answer)
    with pytest.raises(LessonUnfinishedError, match="my prediction of the order"):
        lesson.finish()

    assert "no prediction yet" in repr(lesson.compare("the order", None))


def test_a_wrong_prediction_says_both_sides() -> None:
    """The finding shows what was predicted and what was observed."""
    lesson = Lesson("one")
    lesson.predict("the code", 200)

    assert "predicted 200, observed 401" in repr(lesson.compare("the code", 401))
    with pytest.raises(LessonUnfinishedError, match="not yet"):
        lesson.finish()


def test_a_lesson_without_checks_is_not_finished() -> None:
    """Running nothing is not passing."""
    with pytest.raises(LessonUnfinishedError, match="no check has run yet"):
        Lesson("one").finish()


def test_findings_show_as_text_never_as_markup() -> None:
    """What a check quotes may come from a client, so it is escaped."""
    lesson = Lesson("one")
    findings = lesson.check("another", True) + lesson.check("a <b>bold</b> claim", False, "<script>")

    assert "<script>" not in findings._repr_html_()
    assert "&lt;b&gt;" in findings._repr_html_()


def test_a_cell_of_dots_says_that_it_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dots of a stub at the end of a cell are a sentence for the student, not the word Ellipsis."""
    plain = PlainTextFormatter()
    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters={"text/plain": plain}))
    monkeypatch.setattr(module, "running_shell", lambda: shell)
    assert plain(...) == "Ellipsis"

    Lesson("one")

    assert plain(...) == (
        "Not done yet: put your own lines in the place of the dots, then run the cell again."
    )
    assert PlainTextFormatter()(...) == "Ellipsis"

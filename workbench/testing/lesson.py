"""The spine of a lesson notebook: a student's seed, predictions, and checks that read the trace.

A lesson asks for a prediction before it shows anything, and a check is a sentence that either holds of what
the bench recorded or does not. Nothing is sent anywhere; a lesson that is not finished raises in ``finish``,
which is how the tests know that the stubs fail and the model answers pass.
"""

from __future__ import annotations

import html
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from workbench.bench.cells import running_shell
from workbench.engine.errors import Told

__all__ = ["Lesson", "LessonUnfinishedError"]

T = TypeVar("T")


class LessonUnfinishedError(Told, AssertionError):
    """A lesson was ended while some of its checks do not hold."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check as it came out."""

    sentence: str
    holds: bool
    note: str

    @property
    def line(self) -> str:
        """The finding in one line of text; shape and word, never colour alone."""
        mark = "✓ holds" if self.holds else "✗ not yet"
        return f"{mark}: {self.sentence}" + (f" ({self.note})" if self.note else "")


class Findings(list[Finding]):
    """What a cell's checks found, shown as a short list under the cell."""

    def __add__(self, other: list[Finding]) -> Findings:  # type: ignore[override]
        return Findings([*self, *other])

    def __repr__(self) -> str:
        return "\n".join(finding.line for finding in self)

    def _repr_html_(self) -> str:
        rows = "".join(f"<li>{html.escape(finding.line)}</li>" for finding in self)
        return f'<ul style="list-style:none;padding-left:0">{rows}</ul>'


class Lesson:
    """One student's way through one lesson.

    Parameters
    ----------
    title
        What the lesson is called in its closing line.
    seed
        The student's number. The same number gives the same values again; another gives others, so that
        answers can be talked about but not copied.
    """

    def __init__(self, title: str, *, seed: int = 1) -> None:
        self.title = title
        self.seed = seed
        self._random = random.Random(f"{title}/{seed}")  # noqa: S311 - exercise values, not secrets
        self._predictions: dict[str, object] = {}
        self._findings: dict[str, Finding] = {}
        _speak_of_dots()

    def pick(self, choices: Sequence[T]) -> T:
        """Choose one of ``choices``, by the student's seed."""
        return self._random.choice(choices)

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Return ``things`` in an order that depends on the student's seed."""
        return self._random.sample(list(things), len(things))

    def predict(self, question: str, answer: object) -> str:
        """Note a prediction; ``...`` and None mean that it is still open."""
        self._predictions[question] = None if answer is ... else answer
        if self._predictions[question] is None:
            return f"{question}: still open. Replace the dots by what you expect, then run the cell again."
        return f"{question}: noted. Now see what happens."

    def compare(self, question: str, observed: object, *, among: Sequence[object] = ()) -> Findings:
        """Hold a prediction against what was observed.

        Parameters
        ----------
        question
            The name under which the prediction was noted.
        observed
            What the trace says.
        among
            Further answers that are as right, for things that may come in more than one order.
        """
        predicted = self._predictions.get(question)
        right = predicted is not None and any(_alike(predicted, answer) for answer in (observed, *among))
        note = f"observed {observed!r}" if right else f"predicted {predicted!r}, observed {observed!r}"
        return self.check(
            f"my prediction of {question}", right, note if predicted is not None else "no prediction yet"
        )

    def check(self, sentence: str, holds: object, note: str = "") -> Findings:
        """Record whether a sentence about the trace holds; ``note`` says what was seen or what to do next."""
        self._findings[sentence] = Finding(sentence, bool(holds), note)
        return Findings([self._findings[sentence]])

    def finish(self) -> Findings:
        """Return all findings.

        Raises
        ------
        LessonUnfinishedError
            Where a check does not hold or a prediction was never compared.
        """
        open_questions = [
            Finding(f"my prediction of {question}", False, "run the cells that compare it")
            for question in self._predictions
            if f"my prediction of {question}" not in self._findings
        ]
        findings = Findings([*self._findings.values(), *open_questions])
        missing = [finding for finding in findings if not finding.holds]
        if missing or not findings:
            lines = "\n".join(finding.line for finding in missing) or "no check has run yet"
            raise LessonUnfinishedError(f"{self.title} is not finished:\n{lines}")
        return findings


def _speak_of_dots() -> None:
    """Let a cell that ends with the dots of a stub say that it is not done yet, where it printed Ellipsis."""
    shell = running_shell()
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/plain"]
        formatter.singleton_printers[id(...)] = lambda _dots, printer, _cycle: printer.text(_NOT_DONE)


_NOT_DONE = "Not done yet: put your own lines in the place of the dots, then run the cell again."


def _alike(one: object, other: object) -> bool:
    """Equality that does not mind whether somebody wrote a list or a tuple."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return list(one) == list(other)
    return one == other

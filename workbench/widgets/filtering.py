"""The filter over the events: ``point=message and (outcome=raised or duration>5ms) hook~auth``.

A query is read once into conditions, which mark the recorder's records all at once; the same query is
a line of pandas. What is wrong with a query is said with the place where it is wrong.
"""

from __future__ import annotations

__all__ = ["FIELDS", "BadQuery", "Query", "read_query"]

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from workbench.engine.plan import Plan
from workbench.trace.batches import Batch, Mask, Wants
from workbench.trace.outcomes import OUTCOMES

FIELDS: Final[Mapping[str, str]] = {
    "point": "where the event happened: point=message",
    "outcome": "how it ended: outcome=raised, changed",
    "hook": "a hook that stood in its chain: hook=auth, hook~log",
    "connection": "whose event: connection=c2",
    "duration": "how long it took: duration>5ms",
    "work": "how long its hooks worked: work>1ms",
    "wait": "how long they waited: wait>100ms",
    "error": "what was raised: error~Timeout",
    "dispatch": "its number: dispatch>=120",
    "revision": "the board's revision: revision=3",
    "parent": "the event that caused it: parent=12",
}
"""What can be asked for, each with an example."""

_TEXTS: Final = ("point", "hook", "error")
_TIMES: Final = ("duration", "work", "wait")
_UNITS: Final = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_TOKEN: Final = re.compile(
    r'\s*(?:(?P<op>!=|>=|<=|[=<>~()])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[^\s=<>~()!"]+))'
)
_DEEPEST: Final = 20
_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


class BadQuery(Exception):
    """A query that cannot be read.

    Attributes
    ----------
    text
        What is wrong, in one sentence.
    at, length
        Which characters.
    """

    def __init__(self, text: str, at: int, length: int) -> None:
        super().__init__(text)
        self.text = text
        self.at = at
        self.length = max(length, 1)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood.

    Attributes
    ----------
    wants
        Marks the dispatches for which it holds.
    pandas
        The condition in Python, over the frames `d` (``trace.dispatches``) and `c` (``trace.calls``).
    """

    wants: Wants
    pandas: str

    def as_pandas(self, bench: str = "bench") -> str:
        """Return two lines of Python that select the same events.

        Parameters
        ----------
        bench
            The variable that holds the bench.
        """
        return f"d, c = {bench}.trace.dispatches, {bench}.trace.calls\nd[{self.pandas}]"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def read_query(text: str) -> Query | None:
    """Read a query.

    Parameters
    ----------
    text
        What somebody typed; conditions side by side must all hold.

    Returns
    -------
    Query or None
        None for an empty one: everything holds.

    Raises
    ------
    BadQuery
        With the place.
    """
    tokens = _tokens(text)
    if not tokens:
        return None
    reader = _Reader(tokens, len(text))
    query = reader.either(0)
    if reader.rest:
        odd = reader.rest[0]
        raise BadQuery(f"“{odd.text}” is one too many here", odd.at, len(odd.text))
    return query


def _tokens(text: str) -> list[_Token]:
    tokens = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            rest = text[at:].lstrip()
            at = len(text) - len(rest)
            why = "a quoted text does not end" if rest.startswith('"') else f"“{rest[0]}” cannot stand here"
            raise BadQuery(why, at, len(rest))
        kind = str(found.lastgroup)
        tokens.append(_Token(kind, found[kind], found.start(kind)))
        at = found.end()
    return tokens


class _Reader:
    """Reads conditions from tokens: `or` binds less than `and`, which may be left out."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.rest = tokens
        self._end = end

    def either(self, depth: int) -> Query:
        made = [self._all(depth)]
        while self._takes("or"):
            made.append(self._all(depth))
        return made[0] if len(made) == 1 else _joined(made, np.logical_or, "|")

    def _all(self, depth: int) -> Query:
        made = [self._one(depth)]
        while self.rest and self.rest[0].text not in (")", "or"):
            self._takes("and")
            made.append(self._one(depth))
        return made[0] if len(made) == 1 else _joined(made, np.logical_and, "&")

    def _one(self, depth: int) -> Query:
        token = self._next("a field such as outcome=raised")
        if token.text == "not" and token.kind == "word":
            inner = self._one(depth + 1)
            return Query(lambda batch: ~inner.wants(batch), f"~({inner.pandas})")
        if token.text != "(":
            return self._condition(token)
        if depth >= _DEEPEST:
            raise BadQuery("the brackets stand too deep in one another", token.at, 1)
        inner = self.either(depth + 1)
        closing = self._next("a closing bracket")
        if closing.text != ")":
            raise BadQuery("a closing bracket is missing", closing.at, len(closing.text))
        return Query(inner.wants, f"({inner.pandas})")

    def _condition(self, token: _Token) -> Query:
        if token.kind == "word" and token.text in OUTCOMES and not self._is_compared():
            return _outcome(_Token("op", "=", token.at), token.text, token)
        field = {"client": "connection"}.get(token.text, token.text)
        if token.kind != "word" or field not in FIELDS:
            raise BadQuery(f"“{token.text}” is no field; {', '.join(FIELDS)} are", token.at, len(token.text))
        op = self._next("=, !=, >, < or ~")
        if op.kind != "op" or op.text in "()":
            raise BadQuery(f"after {field}, one of = != > >= < <= ~ is expected", op.at, len(op.text))
        value = self._next("a value")
        if value.kind == "op":
            raise BadQuery(f"after {field}{op.text}, a value is expected", value.at, len(value.text))
        return _condition(field, op, value)

    def _is_compared(self) -> bool:
        return bool(self.rest) and self.rest[0].kind == "op" and self.rest[0].text not in "()"

    def _takes(self, word: str) -> bool:
        taken = bool(self.rest) and self.rest[0].kind == "word" and self.rest[0].text == word
        if taken:
            self.rest = self.rest[1:]
        return taken

    def _next(self, wanted: str) -> _Token:
        if not self.rest:
            raise BadQuery(f"here {wanted} is expected", self._end, 1)
        token, self.rest = self.rest[0], self.rest[1:]
        return token


def _joined(made: list[Query], how: Any, word: str) -> Query:
    return Query(
        lambda batch: how.reduce([one.wants(batch) for one in made]),
        f" {word} ".join(one.pandas for one in made),
    )


def _condition(field: str, op: _Token, value: _Token) -> Query:
    text = value.text[1:-1].replace('\\"', '"') if value.kind == "text" else value.text
    if field == "outcome":
        return _outcome(op, text, value)
    if field in _TEXTS:
        return _text(field, op, text)
    number = _number(field, text, value)
    if op.text == "~":
        raise BadQuery(f"~ asks for a part of a text, and {field} is a number", op.at, 1)
    compare = _COMPARE[op.text]
    sign = "==" if op.text == "=" else op.text
    holds = f"({_column(field)} {sign} {number})"
    return Query(lambda batch: _compared(compare, field, batch, number), holds)


def _compared(compare: Callable[[Any, Any], Any], field: str, batch: Batch, number: int) -> Mask:
    if field == "revision":
        return batch.all(compare(batch.plan.revision, number))
    mask: Mask = compare(getattr(batch, field), number)
    return mask


def _column(field: str) -> str:
    waits = "d.dispatch.map(c.groupby('dispatch').wait_ns.sum()).fillna(0)"
    works = "d.dispatch.map((c.duration_ns - c.wait_ns).groupby(c.dispatch).sum()).fillna(0)"
    return {"duration": "d.duration_ns", "wait": waits, "work": works}.get(field, f"d.{field}")


def _outcome(op: _Token, text: str, value: _Token) -> Query:
    if op.text == "~":
        codes = [code for code, name in enumerate(OUTCOMES) if text in name]
        return Query(
            lambda batch: np.isin(batch.outcome, codes),
            f"d.outcome.str.contains({text!r}, regex=False)",
        )
    if text not in OUTCOMES:
        raise BadQuery(f"“{text}” is no outcome; {', '.join(OUTCOMES)} are", value.at, len(value.text))
    if op.text not in ("=", "!="):
        raise BadQuery("outcomes have no order; use = or !=", op.at, len(op.text))
    code, compare = OUTCOMES.index(text), _COMPARE[op.text]
    sign = "==" if op.text == "=" else op.text
    return Query(lambda batch: compare(batch.outcome, code), f"(d.outcome {sign} {text!r})")


def _text(field: str, op: _Token, text: str) -> Query:
    if op.text not in ("=", "!=", "~"):
        raise BadQuery(f"{field} is a text; use =, != or ~", op.at, len(op.text))
    wanted = (lambda one: text.lower() in one.lower()) if op.text == "~" else (lambda one: one == text)

    def wants(batch: Batch) -> Mask:
        found = batch.error(wanted) if field == "error" else batch.all(_has(batch.plan, field, wanted))
        return ~found if op.text == "!=" else found

    return Query(wants, _spoken(field, op.text, text))


def _has(plan: Plan, field: str, wanted: Callable[[str], bool]) -> bool:
    if field == "point":
        return wanted(plan.point.name)
    return any(wanted(hook.name) or wanted(hook.id) for hook in plan.hooks)


def _spoken(field: str, op: str, text: str) -> str:
    column = f"{'c' if field == 'hook' else 'd'}.{field}"
    sign = "==" if op in ("=", "!=") else op
    holds = f"({column} {sign} {text!r})"
    if op == "~":
        holds = f"{column}.str.contains({text!r}, case=False, regex=False, na=False)"
    if field == "hook":
        holds = f"d.dispatch.isin(c[{holds}].dispatch)"
    return f"~{holds}" if op == "!=" else holds


def _number(field: str, text: str, value: _Token) -> int:
    place = (value.at, len(value.text))
    if field in _TIMES:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s)?", text)
        if found is None:
            raise BadQuery(f"“{text}” is no duration; 5ms, 200us and 1.5s are", *place)
        return round(float(found[1]) * _UNITS[found[2] or "ms"])
    found = re.fullmatch(r"c?(\d{1,15})" if field == "connection" else r"(\d{1,15})", text)
    if found is None:
        example = "c1, c2 ..." if field == "connection" else "a whole number"
        raise BadQuery(f"“{text}” is no {field}; {example} is expected", *place)
    return int(found[1])

"""Filter rules as SQL: an object of fields and operators becomes a clause, with all values bound."""

from __future__ import annotations

__all__ = ["Who", "compile_filter", "search_clause"]

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy import ColumnElement

from workbench.dialects.directus.errors import Forbidden, InvalidQuery
from workbench.dialects.directus.schema import Collection, Field

_DEEPEST = 30  # of _and and _or in one another
_MOST_RULES = 500
_MOST_VALUES = 5000
_ESCAPE = "\\"

Clause = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Who:
    """Whom the dynamic values of a filter speak of: None where nobody is signed in."""

    user: str | None = None
    role: str | None = None
    roles: tuple[str, ...] = ()


def compile_filter(rules: Any, collection: Collection, who: Who) -> Clause:
    """Turn filter rules into a clause.

    Parameters
    ----------
    rules
        ``{field: {operator: value}}``, several of them and-ed; ``_and`` and ``_or`` with lists; a bare value
        means ``_eq``.
    collection
        Whose fields.
    who
        For ``$CURRENT_USER`` and the like.

    Raises
    ------
    DirectusError
        ``INVALID_QUERY`` for what is no filter, ``FORBIDDEN`` for a field that is not there.

    """
    return _Compiler(collection, who).group(rules, 0)


class _Compiler:
    """One filter on its way, with a count of its rules: hostile ones are bounded."""

    def __init__(self, collection: Collection, who: Who) -> None:
        self._collection = collection
        self._who = who
        self._rules = 0

    def group(self, rules: Any, depth: int) -> Clause:
        if not isinstance(rules, Mapping):
            raise InvalidQuery('"filter" must be of type object')
        if depth > _DEEPEST:
            raise InvalidQuery(f'"filter" is nested deeper than {_DEEPEST} levels')
        clauses = [self._member(str(name), value, depth) for name, value in rules.items()]
        return sql.and_(sql.true(), *clauses)

    def _member(self, name: str, value: Any, depth: int) -> Clause:
        if name in ("_and", "_or"):
            if not isinstance(value, list):
                raise InvalidQuery(f'"{name}" must be an array')
            clauses = [self.group(one, depth + 1) for one in value]
            if not clauses:
                return sql.true()
            return sql.and_(*clauses) if name == "_and" else sql.or_(*clauses)
        field = self._collection.fields.get(name)
        if field is None:
            raise Forbidden.field(name, self._collection.name)
        if not isinstance(value, Mapping):
            return self._rule(field, "_eq", value)
        return sql.and_(sql.true(), *(self._rule(field, str(key), one) for key, one in value.items()))

    def _rule(self, field: Field, operator: str, value: Any) -> Clause:
        self._rules += 1
        if self._rules > _MOST_RULES:
            raise InvalidQuery(f'"filter" has more than {_MOST_RULES} rules')
        make = _OPERATORS.get(operator)
        if make is None:
            raise InvalidQuery(f'"{operator}" is not an operator of filters')
        clause: Clause = make(_Operand(self._collection, field, operator, self._who), self._dynamic(value))
        return clause

    def _dynamic(self, value: Any) -> Any:
        """Put the person and the time in the place of their names."""
        if isinstance(value, list):
            flat: list[Any] = []
            for one in value[: _MOST_VALUES + 1]:
                flat.extend(self._who.roles) if one == "$CURRENT_ROLES" else flat.append(self._dynamic(one))
            return flat
        known: dict[str, Callable[[], Any]] = {
            "$CURRENT_USER": lambda: self._who.user,
            "$CURRENT_ROLE": lambda: self._who.role,
            "$CURRENT_ROLES": lambda: list(self._who.roles),
            "$NOW": lambda: datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        return known[value]() if isinstance(value, str) and value in known else value


class _Operand:
    """The field that a rule is about."""

    def __init__(self, collection: Collection, field: Field, operator: str, who: Who) -> None:
        self.field = field
        self.operator = operator
        self.who = who
        self.column: Any = collection.table.c[field.name]

    def one(self, value: Any) -> Any:
        """Read a value as one of the field's type (spec d.4: "5" fits 5)."""
        if isinstance(value, (dict, list)):
            raise InvalidQuery(f'"{self.operator}" takes a single value')
        if self.field.type == "json":
            return value
        try:
            return self.field.cast(value)
        except (ValueError, OverflowError):
            raise InvalidQuery(f'"{self.operator}" of {self.field.name} takes a {self.field.type}') from None

    def many(self, value: Any, count: int | None = None) -> list[Any]:
        """Read a list, or text with commas."""
        values = value.split(",") if isinstance(value, str) else value
        if not isinstance(values, list) or not values or values == [""]:
            raise InvalidQuery(f'"{self.operator}" has to be an array of values')
        if count is not None and len(values) != count:
            raise InvalidQuery(f'"{self.operator}" has to be an array of {count} values')
        if len(values) > _MOST_VALUES:
            raise InvalidQuery(f'"{self.operator}" takes {_MOST_VALUES} values at most')
        return [self.one(one) for one in values]

    def text(self, value: Any) -> str:
        """Read a part of a text."""
        if isinstance(value, (dict, list)) or value is None:
            raise InvalidQuery(f'"{self.operator}" takes a text')
        text = str(value)
        if "\0" in text or (not text.isascii() and _unsendable(text)):
            raise InvalidQuery(f'"{self.operator}" takes a text')
        return text

    @property
    def as_text(self) -> Any:
        """The column as text, numbers too."""
        return self.column if self.field.is_text else sql.cast(self.column, sql.String)


def _unsendable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _equal(operand: _Operand, value: Any) -> Any:
    if value == "":
        raise InvalidQuery(f'"{operand.operator}" is not allowed to be empty')
    return operand.column.is_(None) if value is None else operand.column == operand.one(value)


def _compared(name: str) -> Callable[[_Operand, Any], Any]:
    def make(operand: _Operand, value: Any) -> Any:
        if value is None or value == "":
            raise InvalidQuery(f'"{operand.operator}" is not allowed to be empty')
        return getattr(operand.column, name)(operand.one(value))

    return make


def _like(before: str, after: str, *, lower: bool = False) -> Callable[[_Operand, Any], Any]:
    def make(operand: _Operand, value: Any) -> Any:
        text = operand.text(value)
        for special in (_ESCAPE, "%", "_"):
            text = text.replace(special, _ESCAPE + special)
        column = sql.func.lower(operand.as_text) if lower else operand.as_text
        return column.like(f"{before}{text.lower() if lower else text}{after}", escape=_ESCAPE)

    return make


def _not(make: Callable[[_Operand, Any], Any]) -> Callable[[_Operand, Any], Any]:
    return lambda operand, value: sql.not_(make(operand, value))


def _switched(make: Callable[[_Operand], Any]) -> Callable[[_Operand, Any], Any]:
    """Make an operator whose value says whether it holds or not."""

    def switch(operand: _Operand, value: Any) -> Any:
        if value not in (True, False, "true", "false", "", None):
            raise InvalidQuery(f'"{operand.operator}" is true or false')
        clause = make(operand)
        return sql.not_(clause) if value in (False, "false") and value is not None else clause

    return switch


def _empty(operand: _Operand) -> Any:
    absent = operand.column.is_(None)
    return sql.or_(absent, operand.column == "") if operand.field.is_text else absent


_OPERATORS: Mapping[str, Callable[[_Operand, Any], Any]] = {
    "_eq": _equal,
    "_neq": _not(_equal),
    "_lt": _compared("__lt__"),
    "_lte": _compared("__le__"),
    "_gt": _compared("__gt__"),
    "_gte": _compared("__ge__"),
    "_in": lambda operand, value: operand.column.in_(operand.many(value)),
    "_nin": lambda operand, value: operand.column.not_in(operand.many(value)),
    "_between": lambda operand, value: operand.column.between(*operand.many(value, 2)),
    "_nbetween": lambda operand, value: sql.not_(operand.column.between(*operand.many(value, 2))),
    "_null": _switched(lambda operand: operand.column.is_(None)),
    "_nnull": _switched(lambda operand: operand.column.is_not(None)),
    "_empty": _switched(_empty),
    "_nempty": _switched(lambda operand: sql.not_(_empty(operand))),
    "_contains": _like("%", "%"),
    "_ncontains": _not(_like("%", "%")),
    "_icontains": _like("%", "%", lower=True),
    "_starts_with": _like("", "%"),
    "_nstarts_with": _not(_like("", "%")),
    "_istarts_with": _like("", "%", lower=True),
    "_nistarts_with": _not(_like("", "%", lower=True)),
    "_ends_with": _like("%", ""),
    "_nends_with": _not(_like("%", "")),
    "_iends_with": _like("%", "", lower=True),
    "_niends_with": _not(_like("%", "", lower=True)),
}


def search_clause(text: str, collection: Collection) -> Clause:
    """Look for a text in all text fields, whatever its case; digits also match numbers exactly.

    Parameters
    ----------
    text
        What is searched for.
    collection
        Where.

    """
    who = Who()
    clauses: list[Clause] = []
    for field in collection.fields.values():
        operand = _Operand(collection, field, "search", who)
        if field.is_text:
            clauses.append(_OPERATORS["_icontains"](operand, text))
        elif field.is_number and text.strip().isdecimal():
            try:
                clauses.append(operand.column == field.cast(text))
            except (ValueError, OverflowError):
                continue
    return sql.or_(sql.false(), *clauses)

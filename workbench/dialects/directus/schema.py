"""Collections and their fields: what people declare, checked, and the SQL tables made of it."""

from __future__ import annotations

__all__ = ["SYSTEM", "Collection", "Field", "Schema", "is_system"]

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sql

from workbench.dialects.directus.errors import InvalidPayload, NotNullViolation
from workbench.engine.errors import WorkbenchError, near

SYSTEM = "directus_"
NOW = "$NOW"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_LARGEST = 2**63
_TEXTS = frozenset({"string", "text", "uuid", "timestamp", "dateTime", "date", "time"})
_NUMBERS = frozenset({"integer", "bigInteger", "float", "decimal"})
_TYPES: Mapping[str, Any] = {
    "string": lambda: sql.String(255),
    "text": sql.Text,
    "uuid": lambda: sql.String(36),
    "timestamp": lambda: sql.String(40),
    "dateTime": lambda: sql.String(40),
    "date": lambda: sql.String(40),
    "time": lambda: sql.String(40),
    "integer": sql.Integer,
    "bigInteger": sql.BigInteger,
    "float": sql.Float,
    "decimal": sql.Float,
    "boolean": sql.Boolean,
    "json": sql.JSON,
}


def is_system(collection: str) -> bool:
    """Tell whether a name is one of the system's own collections."""
    return collection.startswith(SYSTEM)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a collection.

    Attributes
    ----------
    name, collection
        Its own, and where it is.
    type
        One of Directus's types.
    default
        What a new item has where nothing is given; ``"$NOW"`` is the time of its making.
    nullable
        Whether None is a value.
    key
        Whether it is the primary key.

    """

    name: str
    collection: str
    type: str = "string"
    default: Any = None
    nullable: bool = True
    key: bool = False

    @property
    def is_text(self) -> bool:
        """Whether a search looks into it (R76)."""
        return self.type in _TEXTS

    @property
    def is_number(self) -> bool:
        """Whether a search for digits looks into it."""
        return self.type in _NUMBERS

    def stored(self, value: Any) -> Any:
        """Bring a client's value into the form in which it is stored.

        Raises
        ------
        DirectusError
            ``INVALID_PAYLOAD`` for a value of another type, ``NOT_NULL_VIOLATION`` for None where it is none.

        """
        if value is None:
            if not self.nullable:
                raise NotNullViolation(self.collection, self.name)
            return None
        if self.type == "json":
            return value
        try:
            return self.cast(value)
        except (ValueError, OverflowError):
            raise InvalidPayload(
                f'Field "{self.name}" in collection "{self.collection}" takes a value of type {self.type}'
            ) from None

    def cast(self, value: Any) -> Any:
        """Read a value as one of the field's type: ``"5"`` is 5 for a number.

        Raises
        ------
        ValueError, OverflowError
            Where it is none.

        """
        if self.type in ("integer", "bigInteger"):
            return _integer(value)
        if self.type in ("float", "decimal"):
            return _float(value)
        if self.type == "boolean":
            return _boolean(value)
        text = value if isinstance(value, str) else json.dumps(value)
        text.encode()  # a lone surrogate has no place in a database
        if isinstance(value, (dict, list)) or "\0" in text:
            raise ValueError("no text for a database")
        return text

    def fresh(self) -> Any:
        """Give what a new item has here by default."""
        return datetime.now(UTC).isoformat(timespec="milliseconds") if self.default == NOW else self.default


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    whole = (
        isinstance(value, int)
        or (isinstance(value, float) and value.is_integer())
        or (isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,20}\s*", value) is not None)
    )
    if not whole:
        raise ValueError("no integer")
    number = int(value)
    if not -_LARGEST <= number < _LARGEST:
        raise OverflowError("too large")
    return number


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or value == "":
        raise ValueError("no number")
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - that is what NaN is
        raise ValueError("no number")
    return number


def _boolean(value: Any) -> bool:
    known = {
        True: True,
        False: False,
        "true": True,
        "false": False,
        "1": True,
        "0": False,
    }  # 1 is True, 0 False
    if not isinstance(value, (int, str)) or value not in known:
        raise ValueError("no boolean")
    return known[value]


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection of items.

    Attributes
    ----------
    name
        In paths and events.
    fields
        By name, in order.
    key
        The primary key's field.
    singleton
        Whether there is one item only.
    table
        Its SQL table.

    """

    name: str
    fields: Mapping[str, Field]
    key: Field
    singleton: bool
    table: sql.Table

    def defaults(self) -> dict[str, Any]:
        """Give the item that a singleton reads as before it is written (R97)."""
        return {
            name: None if field.key or field.default == NOW else field.default
            for name, field in self.fields.items()
        }

    def known(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the members of data that are fields, in their stored form (R106)."""
        return {
            name: self.fields[name].stored(value)
            for name, value in data.items()
            if isinstance(name, str) and name in self.fields
        }

    def completed(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Make a row for a new item: known members, and the defaults of the others."""
        row = self.known(data)
        if row.get(self.key.name) in (None, ""):
            row.pop(self.key.name, None)
            if self.key.type == "uuid":
                row[self.key.name] = str(uuid4())
        for name, field in self.fields.items():
            if name not in row and not field.key:
                row[name] = field.stored(field.fresh())
        return row


class Schema(Mapping[str, Collection]):
    """All collections by name.

    Parameters
    ----------
    collections
        By name: fields by name; or ``{"fields": {...}, "singleton": True}``. A field is the name of its type,
        or a mapping with ``type``, ``default``, ``nullable``, ``key``. An integer key ``id`` that counts up
        is added where no field is the key.

    Raises
    ------
    WorkbenchError
        For names and types that cannot be.
    """

    def __init__(self, collections: Mapping[str, Any]) -> None:
        self.metadata = sql.MetaData()
        if not isinstance(collections, Mapping):
            raise WorkbenchError(f"collections is a mapping from names to fields, not {collections!r}")
        self._collections = {name: self._collection(name, given) for name, given in collections.items()}

    def __getitem__(self, name: str) -> Collection:
        return self._collections[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._collections)

    def __len__(self) -> int:
        return len(self._collections)

    @property
    def collections(self) -> Mapping[str, Collection]:
        """The collections by name, as Directus's own schema has them."""
        return self._collections

    def _collection(self, name: object, given: Any) -> Collection:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or is_system(name):
            raise WorkbenchError(
                f"A collection is named by letters, digits and _, not beginning with {SYSTEM}, not {name!r}"
            )
        fields, singleton = _declared(name, given)
        key = next((field for field in fields.values() if field.key), None)
        if key is None:
            key = Field("id", name, "integer", key=True)
            fields = {"id": key, **{other: field for other, field in fields.items() if other != "id"}}
        counts = key.type in ("integer", "bigInteger")
        columns = [
            sql.Column(
                field.name,
                sql.Integer() if field.key and counts else _TYPES[field.type](),
                primary_key=field.key,
                autoincrement=counts if field.key else False,
                nullable=not field.key,
            )
            for field in fields.values()
        ]
        table = sql.Table(name, self.metadata, *columns, sqlite_autoincrement=counts)
        return Collection(name, fields, key, singleton, table)


def _declared(collection: str, given: Any) -> tuple[dict[str, Field], bool]:
    if not isinstance(given, Mapping):
        raise WorkbenchError(f"The fields of {collection} are a mapping from names to types, not {given!r}")
    whole = isinstance(given.get("fields"), Mapping)
    if whole and (strange := set(given) - {"fields", "singleton"}):
        raise WorkbenchError(
            f"{collection} has fields and singleton, not {', '.join(sorted(map(str, strange)))}"
        )
    declared = given["fields"] if whole else given
    fields = {str(name): _field(collection, name, one) for name, one in declared.items()}
    if sum(field.key for field in fields.values()) > 1:
        raise WorkbenchError(f"{collection} has more than one key; one field has key=True")
    return fields, bool(whole and given.get("singleton", False))


def _field(collection: str, name: object, given: Any) -> Field:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise WorkbenchError(f"A field of {collection} is named by letters, digits and _, not {name!r}")
    spec = {"type": given} if isinstance(given, str) else given
    if not isinstance(spec, Mapping):
        raise WorkbenchError(f'{collection}.{name} is a type such as "string", or a mapping, not {given!r}')
    allowed = ("type", "default", "nullable", "key")
    for member in spec:
        if member not in allowed:
            raise WorkbenchError(f"{collection}.{name} has no {member!r}{near(str(member), allowed)}")
    kind = spec.get("type", "string")
    if kind not in _TYPES:
        raise WorkbenchError(f"{collection}.{name} cannot be of type {kind!r}{near(str(kind), _TYPES)}")
    return Field(
        name, collection, kind, spec.get("default"), bool(spec.get("nullable", True)), bool(spec.get("key"))
    )

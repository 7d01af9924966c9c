"""Headers, requests and responses: what handlers read and answer."""

from __future__ import annotations

import json as jsonlib
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from workbench.server.errors import InvalidHeader
from workbench.server.json_text import to_json

__all__ = ["Body", "Field", "Headers", "HeadersSource", "Query", "Request", "Response"]

HeadersSource: TypeAlias = "Headers | Mapping[str, Any] | Iterable[tuple[str, Any]] | None"
Body: TypeAlias = (
    "str | bytes | bytearray | memoryview | AsyncIterable[bytes | str] | dict[str, Any] | list[Any] | None"
)

Field: TypeAlias = tuple[str, str, str]

_REMEMBERED = 100  # characters of a value whose field may come again
_FORBIDDEN_IN_NAME = frozenset('()<>@,;:\\"/[]?={} \t\r\n\0')
_FORBIDDEN_IN_VALUE = frozenset("\r\n\0")
TEXT = "text/plain;charset=UTF-8"
JSON = "application/json"


class Headers:
    """Ordered, case-insensitive, repeatable header fields.

    Names are read in lower case and sent as they were spelt. Of a repeated field `get` gives the values
    joined by `", "`, as fetch does, and `get_all` a list. `fields` is what is in them: (name in lower case,
    name as spelt, value) of each field, in order; it is replaced as a whole by each change.

    Parameters
    ----------
    source
        Other headers, a mapping (a list as value repeats the field), pairs, or None for no fields.

    Raises
    ------
    InvalidHeader
        A name or value that cannot be sent (line breaks, separators in the name).

    """

    __slots__ = ("fields",)

    def __init__(self, source: HeadersSource = None) -> None:
        self.fields: tuple[Field, ...] = ()  # a change makes a new tuple, so copies cost nothing
        if isinstance(source, Headers):
            self.fields = source.fields
        elif source is not None:
            self.fields = tuple(_fields_of(source))

    @classmethod
    def from_wire(cls, fields: Iterable[tuple[bytes, bytes]]) -> Headers:
        """Take fields as a parser found them: bytes, already known to be well-formed."""
        headers = cls.__new__(cls)
        headers.fields = tuple(
            ((spelt := name.decode("latin-1")).lower(), spelt, value.decode("latin-1"))
            for name, value in fields
        )
        return headers

    @classmethod
    def of(cls, fields: tuple[Field, ...]) -> Headers:
        """Take what `fields` of other headers gave."""
        headers: Headers = object.__new__(cls)
        headers.fields = fields
        return headers

    def append(self, name: str, value: object) -> None:
        """Add one field after the others; an equal name is repeated."""
        self.fields = (*self.fields, _field(name, value))

    def get(self, name: str, default: str | None = None) -> str | None:
        """Give the value of a field, repeats joined by `", "`, or `default`."""
        wanted = name.lower()
        found = None
        for lower, _, value in self.fields:
            if lower == wanted:
                found = value if found is None else f"{found}, {value}"
        return default if found is None else found

    def get_all(self, name: str) -> list[str]:
        """Give every value of a field, in order; an empty list when it is absent."""
        wanted = name.lower()
        return [value for lower, _, value in self.fields if lower == wanted]

    def items(self) -> list[tuple[str, str]]:
        """Give one (lower case name, value) per field, repeats apart, in order."""
        return [(lower, value) for lower, _, value in self.fields]

    def lines(self) -> list[tuple[str, str]]:
        """Give what goes on the wire: names as spelt, repeats joined by `", "`, each Set-Cookie on its own.

        That is how fetch, and so crossws, writes them.
        """
        lines: dict[object, tuple[str, str]] = {}
        for index, (lower, spelt, value) in enumerate(self.fields):
            key: object = index if lower == "set-cookie" else lower
            lines[key] = (lines[key][0], f"{lines[key][1]}, {value}") if key in lines else (spelt, value)
        return list(lines.values())

    def copy(self) -> Headers:
        """Give independent headers with the same fields."""
        return Headers.of(self.fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.names()

    def names(self) -> set[str]:
        """Give the names, in lower case."""
        return {field[0] for field in self.fields}

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: object) -> None:
        wanted = name.lower()
        kept = tuple([field for field in self.fields if field[0] != wanted])
        self.append(name, value)
        self.fields = (*kept, self.fields[-1])

    def __delitem__(self, name: str) -> None:
        wanted = name.lower()
        self.fields = tuple([field for field in self.fields if field[0] != wanted])

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(lower for lower, _, _ in self.fields))

    def __len__(self) -> int:
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers):
            return self.items() == other.items()
        if isinstance(other, Mapping):
            return {name: self[name] for name in self} == {str(key).lower(): other[key] for key in other}
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # headers may be changed

    def __repr__(self) -> str:
        return f"Headers({self.items()!r})"


class Query(dict[str, str]):
    """The parameters of a URL: a dict of the first value of each name; `get_all` has the repeats."""

    def __init__(self, text: str = "") -> None:
        self.pairs = parse_qsl(text, keep_blank_values=True)
        super().__init__(reversed(self.pairs))

    def get_all(self, name: str) -> list[str]:
        """Give every value of a parameter, in order."""
        return [value for key, value in self.pairs if key == name]


class Request:
    """One HTTP request, or the request that asks for a WebSocket.

    Parameters
    ----------
    method
        Upper case, `"GET"`.
    url
        Absolute; `https` when TLS or `x-forwarded-proto` says so.
    headers
        What the client sent.
    remote_address
        The peer's address without port, or None where there is none (memory).
    body
        The whole body; empty for a WebSocket handshake.

    """

    context: Any = None  # set by the dialect: crossws R12

    def __init__(
        self,
        method: str,
        url: str,
        headers: HeadersSource = None,
        *,
        remote_address: str | None = None,
        body: bytes = b"",
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self.remote_address = remote_address
        self.body = body

    # what a server knows of a request it sets; else it is found at first use, and plain members from then on

    @cached_property
    def target(self) -> str:
        """Path and query as on the request line."""
        rest = self.url.partition("://")[2]
        slash, question = rest.find("/"), rest.find("?")
        if slash < 0 or 0 <= question < slash:
            return "/" + rest[question:] if question >= 0 else "/"
        return rest[slash:]

    @cached_property
    def path(self) -> str:
        """The path without the query, percent-encoding left as it came (`URL.pathname`)."""
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> Query:
        """The parameters after the question mark."""
        return Query(self.target.partition("?")[2])

    def text(self) -> str:
        """Give the body as UTF-8 text, U+FFFD for bad bytes."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Parse the body; raises `ValueError` when it is not JSON."""
        return jsonlib.loads(self.text())

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url}>"


class Response(Exception):  # an answer that may be raised is still an answer
    """An HTTP answer, to be returned or raised.

    Parameters
    ----------
    body
        Text (`text/plain`), bytes, a dict or list (sent as JSON), an async iterable of pieces (streamed),
        or None.
    init
        The others as JavaScript writes them: ``{"status": 401, "headers": {...}, "statusText": "..."}``.
    status
        100 to 999.
    status_text
        The words after the number; None for the usual ones (nothing at all when it refuses a WebSocket).
    headers
        See `Headers`; a content type given here wins over the one that the body implies.

    """

    __slots__ = ("body", "headers", "status", "status_text", "stream")

    def __init__(
        self,
        body: Body = None,
        init: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        status_text: str | None = None,
        headers: HeadersSource = None,
    ) -> None:
        if init is not None:
            status, status_text, headers = _of_init(init, status, status_text, headers)
        Exception.__init__(self, status)  # by name: one comes with every request
        if not (type(status) is int and 100 <= status <= 999) or status_text is not None:  # noqa: PLR2004  # three digits, by the grammar
            _check_status(status, status_text)
        self.status = status
        self.status_text = status_text
        self.headers = fields = Headers(headers)
        self.stream: AsyncIterable[bytes | str] | None = None
        if type(body) is bytes:
            self.body = body
            return
        self.body, kind = b"", None
        if isinstance(body, str):
            self.body, kind = body.encode(), TEXT
        elif isinstance(body, (dict, list)):
            self.body, kind = to_json(body), JSON
        elif isinstance(body, (bytes, bytearray, memoryview)):
            self.body = bytes(body)
        elif isinstance(body, AsyncIterable):
            self.stream = body
        elif body is not None:
            raise TypeError(
                f"The body of a response is text, bytes, a dict or list (JSON), an async iterable or None, "
                f"not {body!r}; Response.json sends any value as JSON."
            )
        if kind is not None and "content-type" not in fields:
            fields.append("content-type", kind)

    @classmethod
    def json(
        cls,
        data: Any,
        init: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        status_text: str | None = None,
        headers: HeadersSource = None,
    ) -> Response:
        """Make an answer whose body is `data` as compact JSON, whatever its type."""
        if init is not None:
            status, status_text, headers = _of_init(init, status, status_text, headers)
        fields = Headers(headers)
        if "content-type" not in fields:
            fields.append("content-type", JSON)
        return cls(to_json(data), status=status, status_text=status_text, headers=fields)

    @property
    def ok(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status <= 299  # noqa: PLR2004

    def text(self) -> str:
        """Give the body as UTF-8 text, U+FFFD for bad bytes."""
        return self.body.decode("utf-8", "replace")

    def __str__(self) -> str:
        return f"{self.status} {self.status_text}" if self.status_text else str(self.status)

    def __repr__(self) -> str:
        return f"<Response {self}>"


def _fields_of(source: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Iterator[Field]:
    if type(source) is dict:  # the usual one, which costs no look at abstract classes
        pairs: Iterable[tuple[str, Any]] = source.items()
    else:
        _check_source(source)
        pairs = source.items() if isinstance(source, Mapping) else source
    for name, value in pairs:
        if type(value) is not str and isinstance(value, (list, tuple)):
            for one in value:
                yield _field(name, one)
        else:
            yield _field(name, value)


def _field(name: object, value: object) -> Field:
    """Check a field, and give it as headers keep it; the same short few come again and again."""
    if type(name) is str and type(value) is str and len(value) < _REMEMBERED:
        return _known_field(name, value)
    return _checked_field(str(name), str(value))


def _checked_field(name: str, value: str) -> Field:
    text = value.strip(" \t")
    if not name or not name.isascii() or not _FORBIDDEN_IN_NAME.isdisjoint(name):
        raise InvalidHeader(f"{name!r} is not a header name: letters, digits and - are expected.")
    if not (text.isascii() and text.isprintable()) and (
        not _FORBIDDEN_IN_VALUE.isdisjoint(text) or not _is_latin1(text)
    ):
        raise InvalidHeader(
            f"Header {name} cannot be sent with the value {text!r}: one line of Latin-1 text is expected."
        )
    return name.lower(), name, text


_known_field = lru_cache(maxsize=1024)(_checked_field)


def _check_status(status: object, status_text: str | None) -> None:
    if not isinstance(status, int) or not 100 <= status <= 999:  # noqa: PLR2004
        raise ValueError(f"A response has a status from 100 to 999, not {status!r}.")
    if status_text is not None and not (
        _FORBIDDEN_IN_VALUE.isdisjoint(status_text) and _is_latin1(status_text)
    ):
        raise InvalidHeader(f"A status text is one line of Latin-1 text, not {status_text!r}.")


def _of_init(
    init: object, status: int, status_text: str | None, headers: HeadersSource
) -> tuple[Any, Any, Any]:
    """Read the second argument of JavaScript's ``new Response(body, {...})``."""
    if not isinstance(init, Mapping):
        raise TypeError(
            f"A response takes a body and what goes with it by name, not {init!r}: "
            'write Response("text", status=401, headers={"x-name": "value"}).'
        )
    given = {_INIT.get(name, name): value for name, value in init.items()}
    unknown = [name for name in given if name not in _INIT.values()]
    if unknown:
        raise TypeError(
            f"The second argument of a response has status, statusText and headers, not {unknown[0]!r}: "
            'write Response("text", {"status": 401}) or Response("text", status=401).'
        )
    return (
        given.get("status", status),
        given.get("status_text", status_text),
        given.get("headers", headers),
    )


_INIT = {"status": "status", "statusText": "status_text", "headers": "headers"}
"""The members of JavaScript's second argument, and their names here, which it may have too."""


def _is_latin1(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _check_source(source: object) -> None:
    if isinstance(source, (str, bytes)) or not isinstance(source, Iterable):
        raise InvalidHeader(f"Headers are a mapping, pairs of name and value, or None, not {source!r}.")

"""What looks like a secret in a text of Python: plain texts under such names as password or API_KEY."""

from __future__ import annotations

__all__ = ["looks_secret", "secrets_in"]

import ast
import re
from collections.abc import Iterator
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET: Final = frozenset(
    {"secret", "token", "password", "passwd", "passphrase", "pwd", "credential", "apikey", "pin"}
)
_HARMLESS: Final = frozenset({"primary", "foreign", "sort", "partition", "cache", "public"})


def secrets_in(text: str) -> list[str]:
    """List the names under which a text of Python holds what looks like a secret, each once and in order.

    A name counts by its last word: ``client_secret``, ``jwtToken``, ``API_KEY``. What is looked up elsewhere
    when the text runs, as in ``os.environ["TOKEN"]``, is none.
    """
    pairs = ((name, value) for node in ast.walk(ast.parse(text)) for name, value in _named(node))
    held = [(value.lineno, value.col_offset, name) for name, value in pairs if _gives_away(name, value)]
    return list(dict.fromkeys(name for _, _, name in sorted(held)))


def looks_secret(name: str) -> bool:
    """Tell whether what has this name should perhaps not be shown around."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return False
    *before, last = words
    last = last.removesuffix("s") if last not in _SECRET else last
    if last == "key":
        return name.isupper() or (bool(before) and before[-1] not in _HARMLESS)
    return last in _SECRET


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Give the values of a node that have a name: assigned, passed, defaults, members, compared."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((_name(target), value) for target in targets)
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield _name(target), value
        case ast.keyword(arg=str() as name, value=value):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            yield from ((_text(key), value) for key, value in zip(keys, values, strict=True))
        case ast.arguments(args=args, kwonlyargs=more, defaults=defaults, kw_defaults=values):
            both = [*zip(reversed(args), reversed(defaults), strict=False), *zip(more, values, strict=True)]
            yield from ((one.arg, value) for one, value in both if value is not None)
        case ast.Compare(left=left, comparators=others):
            sides = [left, *others]
            yield from ((_name(one), other) for one in sides for other in sides if other is not one)


def _name(node: ast.expr) -> str:
    """Name what an expression stands for: a variable, a member, or what is held or asked for under a text."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=key) | ast.Call(func=ast.Attribute(attr="get"), args=[key, *_]):
            return _text(key)
    return ""


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _gives_away(name: str, value: ast.expr) -> bool:
    """Whether a value holds the secret that its name speaks of; several of them stand in a container."""
    if not looks_secret(name):
        return False
    held = [value]
    if isinstance(value, ast.List | ast.Tuple | ast.Set | ast.Dict) and name.lower().endswith("s"):
        held = [one for one in ast.walk(value) if isinstance(one, ast.Constant | ast.JoinedStr)]
    return any(_is_text(one) for one in held)


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str() | bytes() as value):
            return bool(value)
        case ast.JoinedStr(values=parts):
            return any(isinstance(one, ast.Constant) and re.search(r"\w", str(one.value)) for one in parts)
        case ast.BinOp(left=left, right=right):
            return _is_text(left) or _is_text(right)
    return False

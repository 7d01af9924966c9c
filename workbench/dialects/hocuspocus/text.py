"""A document's content as text for people."""

from __future__ import annotations

__all__ = ["CUT", "content_of"]

import json
from typing import Any

from pycrdt import Array, Doc, Map, Text, XmlFragment

CUT = 4_000
"""Characters of a document that are shown."""

_KINDS: tuple[Any, ...] = (Map, Text, Array, XmlFragment)  # a list reads as XML too, but not the other way


def content_of(document: Doc[Any], limit: int = CUT) -> str:
    """Write each root of a document as `name: content`, on lines of their own.

    Yjs does not tell what a root is until somebody asks for it as a text, a map ...; where nobody has, a copy
    of the document is asked for each kind in turn.

    Parameters
    ----------
    document
        On its loop, outside of its observers.
    limit
        Characters after which it is cut, with a note.

    Returns
    -------
    str
        Empty for an empty document.
    """
    pieces = []
    room = limit
    for name, root in sorted(_typed_roots(document)):
        words = _written(root)
        if words:
            pieces.append(f"{name}: {words}")
            room -= len(pieces[-1])
            if room <= 0:
                break
    whole = "\n".join(pieces)
    return whole if len(whole) <= limit else f"{whole[:limit]}\n... (cut)"


def _typed_roots(document: Doc[Any]) -> list[tuple[str, Any]]:
    roots = dict(document.items())
    unknown = [name for name, root in roots.items() if root is None]
    if unknown:
        copy: Doc[Any] = Doc()
        copy.apply_update(document.get_update())
        for name in unknown:
            kind = next((kind for kind in _KINDS if _written(copy.get(name, type=kind))), None)
            roots[name] = None if kind is None else document.get(name, type=kind)
    return [(name, root) for name, root in roots.items() if root is not None]


def _written(root: Any) -> str:
    if isinstance(root, Map | Array):
        try:
            found = root.to_py()
        except ValueError:  # elements of XML, which are no values
            return ""
        return json.dumps(found, ensure_ascii=False, default=repr, sort_keys=True) if found else ""
    return str(root)

"""A document's content as people read it, whether or not anybody has said what its roots are."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText

from workbench.dialects.hocuspocus.text import content_of


def filled() -> Doc[Any]:
    """Make a document with a root of each kind."""
    document: Doc[Any] = Doc()
    document["title"] = Text("hello")
    document["values"] = Map({"a": 1.5, "b": [True, None]})
    document["list"] = Array(["x", {"y": 2.5}])
    document["page"] = XmlFragment([XmlElement("p", {}, [XmlText("words")])])
    document["empty"] = Text()
    return document


EXPECTED = 'list: ["x", {"y": 2.5}]\npage: <p>words</p>\ntitle: hello\nvalues: {"a": 1.5, "b": [true, null]}'


@pytest.mark.parametrize("named", [True, False])
def test_each_root_is_a_line(named: bool) -> None:
    """Also in a copy that came over the wire, whose roots nobody has asked for as anything."""
    document = filled()
    if not named:
        copy: Doc[Any] = Doc()
        copy.apply_update(document.get_update())
        document = copy
    lines = content_of(document).split("\n")
    assert sorted(lines) == EXPECTED.split("\n")


def test_long_documents_are_cut() -> None:
    """With a note."""
    document: Doc[Any] = Doc()
    document["text"] = Text("x" * 10_000)
    shown = content_of(document, 100)
    assert shown == f"text: {'x' * 94}\n... (cut)"


def test_an_empty_document_is_empty() -> None:
    """Nothing is made up."""
    assert content_of(Doc()) == ""

"""What workbench.widgets.formats makes of payloads."""

from __future__ import annotations

from typing import Any

import pycrdt
from hypothesis import given
from hypothesis import strategies as st

from workbench.widgets.formats import FORMATS, formats


def test_a_text_is_shown_as_text_and_as_json_where_it_is_json() -> None:
    """And as bytes, sixteen in a line."""
    made = formats('{"say":"hi"}')
    assert list(made) == ["json", "text", "hex"]
    assert made["json"] == '{\n  "say": "hi"\n}'
    assert made["hex"].split() == ["0000", *(b'{"say":"hi"}').hex(" ").split(), '{"say":"hi"}']
    assert list(formats("hello")) == ["text", "hex"]


def test_messagepack_is_read() -> None:
    """A map of a text to a list."""
    assert '"a": [\n    1,\n    "x"\n  ]' in formats(b"\x81\xa1a\x92\x01\xa1x")["messagepack"]


def test_an_update_of_yjs_says_who_changed_what() -> None:
    """On its own, and inside a message that names its document."""
    document: Any = pycrdt.Doc()
    document["title"] = text = pycrdt.Text()
    text += "hello"
    update = document.get_update()
    assert formats(update)["yjs"] == f'an update of {len(update)} bytes by 1 client: changes "title"'
    message = b"\x04page\x00\x02" + bytes([len(update)]) + update
    assert formats(message)["yjs"].startswith('document "page": sync, sends changes (')
    assert 'changes "title"' in formats(message)["yjs"]
    assert formats(b"\x04page\x00\x00\x01\x00")["yjs"].endswith("asks for what it does not have (1 bytes)")
    assert formats(b"\x04page\x01\x00")["yjs"] == 'document "page": awareness'
    assert "changes nothing" in formats(b"\x00\x00")["yjs"]


def test_what_is_nothing_else_is_hex() -> None:
    """A long blob is cut, with its length."""
    made = formats(b"\xc1" * 1000)
    assert list(made) == ["hex"]
    assert made["hex"].endswith("... 1,000 bytes in all")


def test_control_characters_are_made_visible() -> None:
    """In every form."""
    assert formats("a\u202eb")["text"] == "a⟨U+202E⟩b"


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_payload_breaks_the_view(data: bytes | str) -> None:
    """Hostile bytes are at least hex."""
    made = formats(data)
    assert "hex" in made
    assert set(made) <= set(FORMATS)

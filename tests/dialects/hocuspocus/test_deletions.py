"""Whether an update holds something new, against a document that tries it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text

from workbench.dialects.hocuspocus.deletions import holds_nothing_new

EDITS = st.lists(st.tuples(st.booleans(), st.integers(0, 30), st.integers(1, 5)), max_size=8)


def edit(document: Doc[Text], edits: list[tuple[bool, int, int]]) -> None:
    """Insert and delete in the text."""
    text = document.get("text", type=Text)
    for inserts, at, count in edits:
        length = len(str(text))
        if inserts:
            text.insert(min(at, length), "x" * count)
        elif at < length:
            del text[at : min(at + count, length)]


@given(EDITS, EDITS)
def test_it_says_what_applying_would_do(
    before: list[tuple[bool, int, int]], after: list[tuple[bool, int, int]]
) -> None:
    """Nothing new is what changes nothing, and the other way round."""
    mine: Doc[Text] = Doc(client_id=1)
    edit(mine, before)
    theirs: Doc[Text] = Doc(client_id=2)
    theirs.apply_update(mine.get_update())
    edit(theirs, after)
    update = theirs.get_update()

    verdict = holds_nothing_new(update, mine.get_state(), mine.get_update(mine.get_state()))
    changed: list[bytes] = []
    mine.observe(lambda event: changed.append(event.update))
    mine.apply_update(update)

    assert verdict is not bool(changed)
    assert holds_nothing_new(update, mine.get_state(), mine.get_update(mine.get_state()))


def test_an_update_without_its_predecessors_is_new() -> None:
    """It would change nothing yet, and is new all the same."""
    theirs: Doc[Text] = Doc(client_id=2)
    text = theirs.get("text", type=Text)
    text.insert(0, "first")
    state = theirs.get_state()
    text.insert(5, "second")
    mine: Doc[Text] = Doc()

    assert not holds_nothing_new(
        theirs.get_update(state), mine.get_state(), mine.get_update(mine.get_state())
    )

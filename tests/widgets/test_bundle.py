"""The built front end, and what is said where it is missing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from workbench.widgets import bundle


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the front end be looked for in an empty directory."""
    monkeypatch.setattr(bundle, "_DIRECTORY", tmp_path)
    return tmp_path


def test_a_missing_build_is_told_with_the_next_step(static: Path) -> None:
    """Without built files nothing fails before a page needs them, and then one sentence says what to run."""
    assert bundle.directory() == static
    assert not bundle.built()
    with pytest.raises(bundle.NotBuilt, match=r"static/loader\.js is missing\): run `npm ci"):
        bundle.loader()
    with pytest.raises(bundle.NotBuilt, match=r"bench\.js"):
        bundle.content_hash()


def test_built_files_are_read_and_known_by_their_hash(static: Path) -> None:
    """Texts are those of the files, also after a rebuild; the hash begins the SHA-256."""
    (static / "loader.js").write_text("one", encoding="utf-8")
    (static / "bench.js").write_text("two \u00e9", encoding="utf-8")
    assert bundle.built()
    assert bundle.loader() == "one"
    assert bundle.content_hash() == hashlib.sha256("two \u00e9".encode()).hexdigest()[:16]
    (static / "loader.js").unlink()
    (static / "loader.js").write_text("three", encoding="utf-8")
    assert bundle.loader() == "three"


def test_a_missing_style_sheet_is_an_empty_one(static: Path) -> None:
    """The bundle may carry its own style."""
    assert bundle.text("bench.css") == ""
    assert static.is_dir()

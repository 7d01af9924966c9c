"""The front end's files: kept for ever under the hash of what they are, and not otherwise."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

TEXT = "export const bench = 1;\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put one file into a folder that stands in for the built front end."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "bench.js").write_text(TEXT)
    monkeypatch.setattr("workbench.jupyter.static.static_directory", lambda: folder)
    return folder / "bench.js"


async def cache_rule(jp_fetch: Any, version: str) -> str:
    """Fetch the file under a version and return what may be kept how long."""
    answer = await jp_fetch("workbench", "static", "bench.js", params={"v": version} if version else {})
    assert answer.body.decode() == TEXT
    assert "javascript" in answer.headers["Content-Type"]
    return str(answer.headers["Cache-Control"])


@pytest.mark.parametrize("length", [8, 16, 64])
async def test_the_files_own_hash_keeps_it_for_ever(jp_fetch: Any, file: Path, length: int) -> None:
    """Any start of the SHA-256 from eight digits on."""
    del file
    version = sha256(TEXT.encode()).hexdigest()[:length]
    assert "immutable" in await cache_rule(jp_fetch, version)


@pytest.mark.parametrize("version", ["", "0" * 16, "x", sha256(TEXT.encode()).hexdigest()[:7]])
async def test_another_hash_does_not(jp_fetch: Any, file: Path, version: str) -> None:
    """An old page after an upgrade must not keep the new file under the old name."""
    del file
    assert await cache_rule(jp_fetch, version) == "no-cache"


async def test_a_changed_file_has_another_hash(jp_fetch: Any, file: Path) -> None:
    """A rebuilt front end is seen without a restart of Jupyter."""
    version = sha256(TEXT.encode()).hexdigest()[:16]
    assert "immutable" in await cache_rule(jp_fetch, version)
    await asyncio.to_thread(file.write_text, TEXT + " ")
    answer = await jp_fetch("workbench", "static", "bench.js", params={"v": version})
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["nothing.js", "../secret", "%2e%2e/secret"])
async def test_what_is_not_there_is_a_404_or_403(jp_fetch: Any, file: Path, path: str) -> None:
    """Also what lies beside the folder."""
    (file.parent.parent / "secret").write_text("x")
    answer = await jp_fetch("workbench", "static", path, raise_error=False)
    assert answer.code in {403, 404}

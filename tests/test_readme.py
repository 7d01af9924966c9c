"""The README's code runs as it is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_five_minutes_in_code_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All Python blocks in one namespace: the client hears HELLO, and the trace is written."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    namespace: dict[str, Any] = {}
    try:
        for block in blocks:
            exec(compile(block, str(README), "exec"), namespace)
        assert capsys.readouterr().out.splitlines() == ["HELLO"]
        assert (tmp_path / "trace.json").exists()
        newest = namespace["bench"].trace.changes()
        assert newest["after"].tolist() == [before.upper() for before in newest["before"]]
        assert not namespace["bench"].faults.armed
    finally:
        namespace["bench"].stop()

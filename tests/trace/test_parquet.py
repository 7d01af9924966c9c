"""What workbench.trace.parquet promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench.trace.connections import Connection
from workbench.trace.failures import Failure
from workbench.trace.frames import calls_frame, connections_frame, dispatches_frame, edits_frame, errors_frame
from workbench.trace.parquet import write_parquet


def _frames(rows: Any) -> dict[str, pd.DataFrame]:
    return {
        "dispatches": dispatches_frame(rows, 1 << 60, lambda _: "crossws"),
        "calls": calls_frame(rows, 1 << 60, lambda _: "crossws"),
        "connections": connections_frame([Connection(1, "crossws", "/", "", 1 << 60)]),
        "edits": edits_frame([], {}),
        "errors": errors_frame([Failure(1, -1, "message", "echo", 1, "ValueError: bad", "Traceback\n")]),
    }


@pytest.mark.parametrize("filled", [True, False])
def test_pandas_reads_back_what_was_written(rows: Any, tmp_path: Path, filled: bool) -> None:
    """Every frame comes back equal, categories and moments included, empty ones too."""
    if filled:
        plan = rows.plan("message", "parse", "echo")
        rows.dispatch(
            plan, 5, 9, [(0, 5, 9, "raised"), (1, 0, 0, "skipped")], outcome="raised", error="KeyError: 1"
        )
        rows.dispatch(plan, 10, 0, [(1, 10, 0, "pending")], outcome="pending")
    frames = _frames(rows)

    folder = write_parquet(frames, tmp_path / "new" / "trace")

    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.parquet" for name in frames)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(pd.read_parquet(folder / f"{name}.parquet"), frame)


def test_an_earlier_export_is_replaced(rows: Any, tmp_path: Path) -> None:
    """Writing into the same folder again gives the new figures."""
    write_parquet(_frames(rows), tmp_path)
    rows.dispatch(rows.plan("message", "echo"), 1, 2)
    write_parquet(_frames(rows), tmp_path)
    assert len(pd.read_parquet(tmp_path / "dispatches.parquet")) == 1


def test_a_file_in_the_way_is_told(rows: Any, tmp_path: Path) -> None:
    """A folder is not made over a file."""
    (tmp_path / "trace").write_text("mine")
    with pytest.raises(FileExistsError):
        write_parquet(_frames(rows), tmp_path / "trace")

"""The trace as Parquet: a folder with one file per frame, which pandas reads back equal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_parquet"]


def write_parquet(frames: Mapping[str, pd.DataFrame], folder: str | Path) -> Path:
    """Write frames into a folder as ``<name>.parquet``; files of an earlier export there are replaced.

    Parameters
    ----------
    frames
        Name and frame of each file.
    folder
        Made where it does not exist, with what stands above it.

    Returns
    -------
    pathlib.Path
        The folder. ``pandas.read_parquet(folder / "calls.parquet")`` gives the frame back as it was.

    Raises
    ------
    FileExistsError
        There is a file of that name.
    """
    import pyarrow.parquet as pq

    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        pq.write_table(_table(frame), target / f"{name}.parquet")
    return target


def _table(frame: pd.DataFrame) -> Any:
    """Make an Arrow table in which a column of categories stays one even where no row has any."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) and pa.types.is_null(field.type.value_type):
            kind = pa.dictionary(field.type.index_type, pa.string())
            table = table.set_column(place, pa.field(field.name, kind), pa.nulls(len(frame), kind))
    return table

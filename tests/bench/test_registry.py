"""The benches of a process, by name."""

from __future__ import annotations

import pytest

from workbench import Workbench, benches
from workbench.engine.errors import WorkbenchError


def test_it_is_a_mapping_of_what_is_alive() -> None:
    """Of one name, the running bench is shown, else the newest."""
    older = Workbench("crossws", name="twins")
    newer = Workbench("crossws", name="twins")

    assert benches["twins"] is newer
    older.start()
    assert benches["twins"] is older
    assert older in benches.running
    older.stop()
    assert benches["twins"] is newer
    assert len(benches) == len(list(benches))
    assert "'twins': stopped" in repr(benches)
    with pytest.raises(KeyError):
        benches["nobody"]


def test_a_bench_that_could_not_be_made_is_none() -> None:
    """A notebook keeps the last error, and with it the half of a bench, which has not even a name."""
    with pytest.raises(WorkbenchError) as kept:
        Workbench("directus", users=[{"email": "ada@example.com", "role": "nobody"}])

    assert "benches" in repr(benches)
    assert kept.tb is not None


def test_slugs_tell_benches_apart_that_names_tell_apart() -> None:
    """Two benches of one name share one, as the second takes the first's place."""
    pair = [Workbench("crossws", name="Slug?"), Workbench("crossws", name="slug!")]
    heir = Workbench("crossws", name="Slug?")

    assert [bench.serving.slug for bench in (*pair, heir)] == ["slug", "slug-2", "slug"]

"""A day's Parquet files become one, and every row is there once at every moment of it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from newshole.experiments.events.row import Row
from newshole.experiments.events.sinks.parquet import ParquetSink, ParquetTable
from tests.experiments.events.sinks.test_sinks import DAY, NOON, rows

LATER = NOON + 2 * DAY

JOINER = """
import sys
from pathlib import Path
from newshole.experiments.events.sinks.parquet import ParquetSink
sink = ParquetSink(Path(sys.argv[1]))
print("begun", flush=True)
sink.join(int(sys.argv[2]))
"""


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[ParquetSink]:
    with closing(ParquetSink(tmp_path / "events")) as made:
        yield made


def write(sink: ParquetSink, *batches: list[Row]) -> None:
    for batch in batches:
        sink.write(batch)


def ids(folder: Path) -> list[str]:
    with closing(ParquetTable(folder)) as table:
        return sorted(id_ for (id_,) in table.ask("select id from events"))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("day=*/*"))


def test_a_day_that_is_over_becomes_one_file_with_each_row_once(sink: ParquetSink, tmp_path: Path) -> None:
    write(sink, rows(10), rows(10, first=5), rows(3, first=100, ms=LATER))
    before = ids(tmp_path / "events")
    sink.join(LATER)
    assert ids(tmp_path / "events") == before
    assert len(before) == 18
    assert files(tmp_path / "events")[-1] == "all.parquet"
    assert len(files(tmp_path / "events")) == 2


def test_what_comes_late_or_again_is_kept_once(sink: ParquetSink, tmp_path: Path) -> None:
    write(sink, rows(10))
    sink.join(LATER)
    write(sink, rows(10, first=5))
    assert len(ids(tmp_path / "events")) == 15
    sink.join(LATER)
    assert len(ids(tmp_path / "events")) == 15
    assert files(tmp_path / "events") == ["all.parquet"]


def test_what_is_sent_again_after_midnight_is_kept_once(sink: ParquetSink, tmp_path: Path) -> None:
    again = [replace(row, ms=row.ms + DAY) for row in rows(10)]
    write(sink, rows(10), again)
    assert len(ids(tmp_path / "events")) == 10
    sink.join(LATER)
    assert len(ids(tmp_path / "events")) == 10


def test_parts_that_are_left_beside_the_joined_file_do_not_count_twice(
    sink: ParquetSink, tmp_path: Path
) -> None:
    write(sink, rows(10), rows(4, first=10))
    shutil.copytree(tmp_path / "events", tmp_path / "before")
    sink.join(LATER)
    for part in (tmp_path / "before").glob("day=*/*.parquet"):
        shutil.copy(part, tmp_path / "events" / part.parent.name / part.name)
    assert len(files(tmp_path / "events")) == 3
    assert len(ids(tmp_path / "events")) == 14


def test_days_that_are_not_over_stay_in_parts(sink: ParquetSink, tmp_path: Path) -> None:
    write(sink, rows(10), rows(4, first=10))
    sink.join(NOON)
    assert "all.parquet" not in files(tmp_path / "events")


@pytest.mark.slow
def test_joining_that_is_killed_loses_and_doubles_nothing(sink: ParquetSink, tmp_path: Path) -> None:
    folder = tmp_path / "events"
    for n in range(6):
        write(sink, rows(2_000, first=1_500 * n, ms=NOON + DAY * (n % 3)))
    before = ids(folder)
    for pause in (0.0, 0.02, 0.05, 0.1):
        command = [sys.executable, "-c", JOINER, str(folder), str(LATER + 5 * DAY)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as joiner:
            assert joiner.stdout is not None
            joiner.stdout.readline()
            try:
                joiner.wait(pause)
            except subprocess.TimeoutExpired:
                joiner.send_signal(signal.SIGKILL)
        assert ids(folder) == before
    sink.join(LATER + 5 * DAY)
    assert ids(folder) == before
    assert set(files(folder)) == {"all.parquet"}

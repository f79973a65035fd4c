"""Both sinks, under the same tests: rows are kept once, for good, and can be asked and forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from newshole.experiments.events.row import Row, identity
from newshole.experiments.events.sinks.parquet import ParquetSink, ParquetTable
from newshole.experiments.events.sinks.sink import Sink, Table
from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable

DAY = 86_400_000
NOON = 1_800_000_000_000

WRITER = """
import os, sys
from pathlib import Path
from tests.experiments.events.sinks.test_sinks import KINDS, rows
sink = KINDS[sys.argv[1]].sink(Path(sys.argv[2]))
n = 0
while True:
    sink.write(rows(20, first=n * 20))
    os.write(1, b"%d\\n" % n)
    n += 1
"""


class Kind(NamedTuple):
    sink: Callable[[Path], Sink]
    table: Callable[[Path], Table]


KINDS = {"sqlite": Kind(SqliteSink, SqliteTable), "parquet": Kind(ParquetSink, ParquetTable)}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def rows(count: int, *, first: int = 0, ms: int = NOON) -> list[Row]:
    return [
        Row(identity("exposure", n), ms + n, "exposure", f"v{n}", "wider-gaps", "wide", f"u{n}", "/a'b",
            "inline-ad", 2, 0.5, "r1", {"device": "mobile", "city": "Łódź"})
        for n in range(first, first + count)
    ]  # fmt: skip


def count(kind: Kind, path: Path) -> int:
    table = kind.table(path)
    try:
        return int(table.ask("select count(*) from events")[0][0])
    finally:
        table.close()


def test_rows_are_kept_as_they_were(kind: Kind, tmp_path: Path) -> None:
    path, row = tmp_path / "events", rows(1)[0]
    sink = kind.sink(path)
    sink.write([row])
    sink.close()
    table = kind.table(path)
    asked = table.ask("select * from events where experiment = ?", ["wider-gaps"])
    table.close()
    attributes = '{"city": "\\u0141\\u00f3d\\u017a", "device": "mobile"}'
    assert asked == [
        (
            row.id,
            NOON,
            "exposure",
            "v0",
            "wider-gaps",
            "wide",
            "u0",
            "/a'b",
            "inline-ad",
            2,
            0.5,
            "r1",
            attributes,
        )
    ]


def test_rows_that_come_again_are_kept_once(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "events"
    sink = kind.sink(path)
    sink.write(rows(10))
    sink.write(rows(10))
    sink.write(rows(10, first=5) + rows(3))
    sink.write([])
    sink.close()
    again = kind.sink(path)
    again.write(rows(10, first=3))
    again.close()
    assert count(kind, path) == 15


def test_the_days_before_are_forgotten(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "events"
    sink = kind.sink(path)
    sink.write(rows(3) + rows(4, first=10, ms=NOON + 2 * DAY))
    sink.forget(NOON + DAY)
    sink.close()
    assert count(kind, path) == 4


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_a_sink_that_is_killed_has_what_it_said_it_has(kind: Kind, tmp_path: Path, times: int) -> None:
    name = next(each for each, known in KINDS.items() if known is kind)
    for turn in range(times):
        path = tmp_path / f"events{turn}"
        command = [sys.executable, "-c", WRITER, name, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            told = b""
            while told.count(b"\n") < 3 + turn:
                told += os.read(writer.stdout.fileno(), 4096)
            writer.send_signal(signal.SIGKILL)
            told += writer.stdout.read()
        said = 20 * told.count(b"\n")
        assert said <= count(kind, path) <= said + 20
        sink = kind.sink(path)
        sink.write(rows(said + 40))
        sink.close()
        assert count(kind, path) == said + 40


def test_a_row_with_all_that_json_can_say_is_kept(kind: Kind, tmp_path: Path) -> None:
    path, odd = tmp_path / "events", replace(rows(1)[0], page="\x00\ud800\"'\\\n", unit="😀" * 20)
    sink = kind.sink(path)
    sink.write([replace(odd, page=odd.page.replace("\ud800", "").replace("\x00", ""))])
    sink.close()
    assert count(kind, path) == 1

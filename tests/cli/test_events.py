"""`newshole events`: from the workers' disks to a table, whatever is killed on the way."""

from __future__ import annotations

import csv
import io
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from newshole.experiments.events.row import Row, decode, identity
from newshole.experiments.events.segments import Segments, ready
from newshole.experiments.events.sinks.places import open_sink, open_table
from tests.cli.conftest import Newshole, refused
from tests.store.servers import Server, running
from tests.waiting import eventually

NOW = int(time.time() * 1000)
DAY = 86_400_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    with running(made):
        yield made


def rows(count: int, *, first: int = 0, ms: int = NOW) -> list[Row]:
    return [
        Row(
            identity("exposure", n), ms + n, "exposure", f"v{n}", "wider-gaps", "wide", f"u{n}", "/a,b",
            value=0.25, rules="r1", attributes={"device": "mobile", "section": "City"},
        )
        for n in range(first, first + count)
    ]  # fmt: skip


def write(folder: Path, own: list[Row]) -> None:
    segments = Segments(folder)
    for row in own:
        assert segments.append(row.encode())
    segments.close()


def kept(path: Path) -> int:
    with closing(open_table(path)) as table:
        return int(table.ask("select count(*) from events")[0][0])


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "newshole", "events", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("name", ["events.db", "events"])
def test_a_folder_of_segments_goes_into_a_table(newshole: Newshole, tmp_path: Path, name: str) -> None:
    write(tmp_path / "segments", rows(5))
    torn = tmp_path / "segments" / "w-1-1-000001.ready"
    torn.write_bytes(b'{"half\n' + rows(1, first=5)[0].encode() + b"\n")
    outcome = newshole(
        "events", "sink", "--segments", tmp_path / "segments", "--to", tmp_path / name, "--once"
    )
    assert (outcome.code, outcome.out) == (0, b"")
    assert outcome.err.splitlines()[-1] == "newshole: 6 rows taken, 1 lines were torn and left out"
    assert kept(tmp_path / name) == 6
    assert ready(tmp_path / "segments") == []


@pytest.mark.parametrize("name", ["events.db", "events"])
def test_rows_that_are_too_old_are_dropped(newshole: Newshole, tmp_path: Path, name: str) -> None:
    write(tmp_path / "segments", rows(3) + rows(4, first=3, ms=NOW - 12 * DAY))
    asked = ("events", "sink", "--segments", tmp_path / "segments", "--to", tmp_path / name, "--once")
    assert newshole(*asked).code == 0
    assert kept(tmp_path / name) == 7
    assert newshole(*asked, "--keep", "10").code == 0
    assert kept(tmp_path / name) == 3


def test_shipped_segments_reach_the_sink_and_are_deleted(
    newshole: Newshole, server: Server, tmp_path: Path
) -> None:
    folder, table = tmp_path / "segments", tmp_path / "events.db"
    write(folder, rows(40))
    ship = ("events", "ship", "--segments", folder, "--redis", server.url, "--once")
    assert newshole(*ship).code == 0
    assert len(ready(folder)) == 1
    outcome = newshole("events", "sink", "--redis", server.url, "--to", table, "--once")
    assert (outcome.code, kept(table)) == (0, 40)
    assert newshole(*ship).code == 0
    assert ready(folder) == []


@pytest.mark.slow
def test_a_frozen_and_then_killed_redis_loses_nothing(server: Server, tmp_path: Path) -> None:
    folder, table = tmp_path / "segments", tmp_path / "events.db"
    write(folder, rows(30))
    with (
        started("ship", "--segments", folder, "--redis", server.url) as shipper,
        started("sink", "--redis", server.url, "--to", table) as sink,
    ):
        eventually(partial(_has_more, table, 29))
        eventually(lambda: not ready(folder))
        server.freeze()
        write(folder, rows(30, first=30))
        assert shipper.stderr is not None
        assert "cannot go on for now, nothing is lost" in shipper.stderr.readline()
        server.kill()
        server.start()
        eventually(lambda: kept(table) == 60)
        eventually(lambda: not ready(folder))
        for each in (shipper, sink):
            each.send_signal(signal.SIGTERM)
            assert each.wait(20) == 0
    assert kept(table) == 60


@pytest.mark.slow
def test_a_sink_that_is_killed_again_and_again_keeps_each_row_once(tmp_path: Path) -> None:
    folder, table = tmp_path / "segments", tmp_path / "events.db"
    for n in range(30):
        write(folder, rows(50, first=50 * n))
    for turn in range(3):
        with started("sink", "--segments", folder, "--to", table) as sink:
            eventually(partial(_has_more, table, 300 * turn))
            sink.send_signal(signal.SIGKILL)
    with started("sink", "--segments", folder, "--to", table, "--once") as sink:
        assert sink.wait(30) == 0
    assert kept(table) == 1500
    assert ready(folder) == []


def _has_more(table: Path, count: int) -> bool:
    """Whether there are more rows; the file may be there before its table is."""
    try:
        return table.exists() and kept(table) > count
    except sqlite3.OperationalError:
        return False


@pytest.fixture(params=["events.db", "events"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    other = Row(identity("exposure", "x"), NOW, "exposure", "v1", "other", "on", "u1")
    click = Row(
        identity("click", 1), NOW + 9, "click", "v1", unit="u1", block="inline-ad", position=2, value=1.0
    )
    apart = Row(
        identity("click", 2), NOW + 9, "click", "v99", unit="u99", block="inline-ad", position=1, value=1.0
    )
    with closing(open_sink(path)) as sink:
        sink.write([*rows(3), other, click, apart])
    return path


def test_growthbook_gets_exposures_in_its_columns(newshole: Newshole, full: Path) -> None:
    outcome = newshole("events", "export", "--from", full, "--as", "growthbook", "--experiment", "wider-gaps")
    told = list(csv.DictReader(io.StringIO(outcome.text)))
    assert outcome.err == "newshole: 3 rows exported\n"
    assert told[0] == {
        "anonymous_id": "u0",
        "timestamp": f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(NOW // 1000))}.{NOW % 1000:03}",
        "experiment_id": "wider-gaps",
        "variation_id": "wide",
        "page": "/a,b",
        "device": "mobile",
        "section": "City",
    }


def test_eppo_gets_exposures_in_its_columns(newshole: Newshole, full: Path) -> None:
    told = list(
        csv.DictReader(io.StringIO(newshole("events", "export", "--from", full, "--as", "eppo").text))
    )
    assert sorted(each["experiment"] for each in told) == ["other", "wider-gaps", "wider-gaps", "wider-gaps"]
    assert set(told[0]) == {
        "subject", "timestamp", "experiment", "variation", "device", "section", "attributes"
    }  # fmt: skip


def test_lines_are_rows_again(newshole: Newshole, full: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    assert newshole("events", "export", "--from", full, "--as", "jsonl", "-o", out).code == 0
    found = [decode(line) for line in out.read_bytes().splitlines()]
    assert len(found) == 6
    assert [each for each in found if each and each.experiment == "wider-gaps"] == rows(3)


def test_one_experiment_has_its_views_events_and_no_others(newshole: Newshole, full: Path) -> None:
    text = newshole("events", "export", "--from", full, "--experiment", "wider-gaps").text
    told = [(each["kind"], each["view_id"]) for each in csv.DictReader(io.StringIO(text))]
    assert sorted(told) == [("click", "v1"), ("exposure", "v0"), ("exposure", "v1"), ("exposure", "v2")]


def test_parquet_goes_into_a_folder_that_can_be_asked(newshole: Newshole, full: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    assert newshole("events", "export", "--from", full, "--as", "parquet", "-o", out).code == 0
    assert kept(out) == 6
    refused(
        newshole("events", "export", "--from", full, "--as", "parquet", "-o", out),
        "Parquet goes into a folder: name one with -o that is new or empty",
    )


def test_what_is_missing_is_told(newshole: Newshole, tmp_path: Path) -> None:
    refused(newshole("events", "list"), 'write "newshole events", and sink, ship or export')
    refused(
        newshole("events", "sink", "--segments", tmp_path),
        "where are rows to be kept? give --to PATH: a .db file, or a folder",
    )
    refused(
        newshole("events", "sink", "--to", tmp_path / "a.db"),
        "where do rows come from? give --redis URL, or --segments FOLDER",
    )
    refused(newshole("events", "ship"), "from where to where? give --segments FOLDER and --redis URL")
    refused(newshole("events", "export"), "which rows? give --from PATH, where a sink keeps them")
    refused(
        newshole("events", "export", "--from", tmp_path, "--as", "xml"),
        'unknown form "xml": give --as csv, jsonl, parquet, growthbook or eppo',
    )


def test_a_redis_that_is_away_ends_a_single_turn_with_what_to_do(newshole: Newshole, tmp_path: Path) -> None:
    outcome = newshole(
        "events", "sink", "--redis", "redis://127.0.0.1:1", "--to", tmp_path / "events.db", "--once"
    )
    assert outcome.code == 2
    assert outcome.err.startswith("newshole: Redis does not do it (")


def test_attributes_of_exports_are_json(newshole: Newshole, full: Path) -> None:
    text = newshole("events", "export", "--from", full, "--as", "eppo", "--experiment", "wider-gaps").text
    (first, *_) = csv.DictReader(io.StringIO(text))
    assert json.loads(first["attributes"]) == {"device": "mobile", "section": "City"}


@pytest.mark.parametrize("shape", ["csv", "jsonl", "growthbook"])
def test_who_reads_no_further_ends_an_export_without_a_word(tmp_path: Path, shape: str) -> None:
    with closing(open_sink(tmp_path / "events.db")) as sink:
        sink.write(rows(5_000))
    command = [sys.executable, "-m", "newshole", "events", "export", "--from", str(tmp_path / "events.db")]
    with subprocess.Popen(
        [*command, "--as", shape], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""

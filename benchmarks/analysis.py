"""The report of a large experiment: read out of Parquet, with two threads, all questions of a report.

10 million exposures of 4 million readers over two weeks, with as many views that browsers reported and 12
million ads in view, written as the sink leaves days that are over. SQLite does the same with a million.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.figures import Options, Report, Spread, Table, at_most
from newshole.experiments.analysis.design import Design
from newshole.experiments.analysis.readout import Readout, read_out
from newshole.experiments.events.sinks import sink
from newshole.experiments.events.sinks.parquet import ParquetTable
from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable

EXPOSURES: Final = 10_000_000
FEWER: Final = 1_000_000
"""Exposures in Parquet, and in SQLite."""

LIMIT: Final = 10.0
"""Seconds for the first."""

DAYS: Final = 14
START: Final = 1_799_971_200_000
_DAY: Final = 86_400_000
_ROUNDS: Final = 3

_MADE: Final = """
create or replace table made as
select n, substr(md5('v' || n), 1, 24) as view_id, substr(md5('u' || reader), 1, 24) as unit,
    if(reader % 2 = 0, 'control', 'wide') as arm, {start} + {day} * {length} + hash(n) % {length} as ms
from (
    select n, cast(pow(hash(n, 1) % 1000000 / 1e6, 2) * {readers} as bigint) as reader
    from range({first}, {last}) t(n)
)
"""
_COPIED: Final = """
copy (
    select * from (
        select substr(md5('e' || n), 1, 24) as id, ms::bigint as ms, 'exposure' as kind, view_id,
            'big' as experiment, arm, unit, '/story' as page, '' as block, 0::bigint as position,
            0.25::double as value, 'r1' as rules, '{{}}' as attributes
        from made
        union all
        select substr(md5('w' || n), 1, 24), ms::bigint, 'view', view_id, '', '', unit, '/story', '', 0, 0,
            'r1', '{{}}'
        from made
        union all
        select substr(md5('a' || n || '-' || k), 1, 24), ms::bigint + 5000, 'viewable', view_id, '', '', '',
            '/story', 'inline-ad', k, 1, 'r1', '{{}}'
        from made, range(1, 5) r(k) where hash(n, k, 3) % 100 < if(arm = 'wide', 31, 29)
    ) order by kind, experiment, unit
) to '{file}' (format parquet, compression zstd)
"""

_INSERTED: Final = "insert into events values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def measure(options: Options) -> Report:
    """Both kinds of tables, as often as asked, three times at most."""
    rounds = min(options.rounds, _ROUNDS)
    with tempfile.TemporaryDirectory() as scratch:
        folder, file = Path(scratch, "events"), Path(scratch, "events.db")
        size = make(folder, EXPOSURES)
        parquet = Spread.of([_timed(folder) for _ in range(rounds)])
        small = Path(scratch, "fewer")
        make(small, FEWER)
        fill(file, small)
        sqlite = Spread.of([_timed(file) for _ in range(rounds)])
    rows = (
        (f"Parquet, {EXPOSURES:,} exposures ({size / 1e6:,.0f} MB)", *parquet.cells()),
        (f"SQLite, {FEWER:,} exposures", *sqlite.cells()),
    )
    caption = "Seconds for a whole readout: health, days, the primary metric, placements."
    table = Table("Reports of experiments", caption, ("", "median", "quartiles"), rows)
    return Report((table,), (at_most(f"a report of {EXPOSURES:,} exposures", parquet, LIMIT, "s"),))


def make(folder: Path, exposures: int) -> int:
    """Write days that are over; the bytes that they take."""
    engine = duckdb.connect()
    engine.execute("set threads = 2")
    for day in range(DAYS):
        own = folder / f"day={time.strftime('%Y-%m-%d', time.gmtime((START + day * _DAY) / 1000))}"
        own.mkdir(parents=True)
        first, last = exposures * day // DAYS, exposures * (day + 1) // DAYS
        readers = exposures * 2 // 5
        engine.execute(
            _MADE.format(start=START, day=day, length=_DAY, readers=readers, first=first, last=last)
        )
        engine.execute(_COPIED.format(file=own / "all.parquet"))
    engine.close()
    return sum(path.stat().st_size for path in folder.glob("*/*"))


def fill(file: Path, folder: Path) -> None:
    """Copy a folder's rows into a file of SQLite."""
    SqliteSink(file).close()
    with closing(ParquetTable(folder)) as table, closing(sqlite3.connect(file)) as copy, copy:
        copy.executemany(_INSERTED, table.each("select * from events"))


def read(place: Path) -> Readout:
    """The readout of what was made."""
    design = Design("big", {"control": 0.5, "wide": 0.5}, "ad_viewable_per_view", planned=0, min_effect=0.02)
    with closing(_opened(place)) as table:
        return read_out(design, table, START, START + DAYS * _DAY)


def _opened(place: Path) -> sink.Table:
    if place.suffix:
        return SqliteTable(place)
    table = ParquetTable(place)
    table.ask("set threads = 2")
    return table


def _timed(place: Path) -> float:
    begun = time.perf_counter()
    found = read(place)
    taken = time.perf_counter() - begun
    if [each.outcome for each in found.primary] != ["better"]:
        raise RuntimeError(f"the effect was not found: {found.primary}")
    return taken

"""Rows as other programs read them: all that happened, or the exposures as GrowthBook and Eppo have them.

GrowthBook asks for a table with a column for the unit, `timestamp`, `experiment_id` and `variation_id`
(docs.growthbook.io, "Experiment Assignment Queries"); the columns behind are its dimensions. Eppo names them
as its assignment logger does: `subject`, `timestamp`, `experiment`, `variation`, and the attributes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final, TextIO, TypeAlias

from newshole.experiments.events.row import NAMES, Row
from newshole.experiments.events.sinks.sink import Sink, Table

Record: TypeAlias = Mapping[str, Any]

DIMENSIONS: Final = ("device", "section")
"""The attributes that have columns of their own."""

_OF_ALL: Final = "select * from events order by ms, id"
_OF_ONE: Final = """
select * from events
where view_id in (select view_id from events where kind = 'exposure' and experiment = ?)
and experiment in ('', ?) order by ms, id
"""
_EXPOSURES: Final = (
    "select * from events where kind = 'exposure' and (? = '' or experiment = ?) order by ms, id"
)
_BATCH: Final = 20_000


def export(table: Table, shape: str, experiment: str, out: TextIO) -> int:
    """Write rows to a file, those of one experiment or, for "", all; how many there were.

    `shape` is one of `SHAPES`; "jsonl" are the rows as segments have them, one a line.
    """
    if shape in _SHAPES:
        rows = _rows(table, _EXPOSURES, (experiment, experiment))
    else:
        rows = _everything(table, experiment)
    # Whoever reads may stop early: the rows are to be done with the table before it is closed.
    with closing(rows):
        records = map(_SHAPES.get(shape, _whole), rows)
        return _write_lines(records, out) if shape == "jsonl" else _write_table(records, out)


def copy(table: Table, experiment: str, sink: Sink) -> int:
    """Write rows into another sink; how many there were."""
    count, batch = 0, list[Row]()
    for row in _everything(table, experiment):
        batch.append(row)
        if len(batch) == _BATCH:
            sink.write(batch)
            count, batch = count + len(batch), []
    sink.write(batch)
    return count + len(batch)


def _everything(table: Table, experiment: str) -> Generator[Row, None, None]:
    """All rows, or those of the views that an experiment was exposed in."""
    if experiment:
        return _rows(table, _OF_ONE, (experiment, experiment))
    return _rows(table, _OF_ALL, ())


def _rows(table: Table, sql: str, asked: tuple[str, ...]) -> Generator[Row, None, None]:
    for found in table.each(sql, asked):
        said = dict(zip(NAMES, found, strict=True))
        yield Row(**{**said, "attributes": json.loads(said["attributes"])})


def _write_lines(records: Iterator[Record], out: TextIO) -> int:
    count = 0
    for count, record in enumerate(records, 1):  # noqa: B007 - how many there were
        out.write(json.dumps({**record, "attributes": json.loads(record["attributes"])}) + "\n")
    return count


def _write_table(records: Iterator[Record], out: TextIO) -> int:
    count, writer = 0, csv.writer(out, lineterminator="\n")
    for count, record in enumerate(records, 1):
        if count == 1:
            writer.writerow(record)
        writer.writerow(record.values())
    return count


def _whole(row: Row) -> Record:
    return {name: getattr(row, name) for name in NAMES[:-1]} | {"attributes": _json(row.attributes)}


def _growthbook(row: Row) -> Record:
    return {
        "anonymous_id": row.unit,
        "timestamp": _moment(row.ms),
        "experiment_id": row.experiment,
        "variation_id": row.arm,
        "page": row.page,
        **_dimensions(row),
    }


def _eppo(row: Row) -> Record:
    return {
        "subject": row.unit,
        "timestamp": _moment(row.ms),
        "experiment": row.experiment,
        "variation": row.arm,
        **_dimensions(row),
        "attributes": _json(row.attributes),
    }


_SHAPES: Final[Mapping[str, Callable[[Row], Record]]] = {"growthbook": _growthbook, "eppo": _eppo}

SHAPES: Final = ("csv", "jsonl", "parquet", *_SHAPES)
"""What rows may be written as; "parquet" is a folder as the sink makes it."""


def _dimensions(row: Row) -> Record:
    return {name: row.attributes.get(name, "") for name in DIMENSIONS}


def _json(attributes: Mapping[str, str]) -> str:
    return json.dumps(dict(attributes), sort_keys=True)


def _moment(ms: int) -> str:
    """A moment as warehouses read it: in UTC, with milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{ms % 1000:03}"

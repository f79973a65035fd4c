"""All benchmarks in one command: ratios to peers in the same run, medians with their quartiles.

    python -m benchmarks [NAME...] [--rounds N] [--seconds S] [--pages PAGE...] [--markdown]

Run it in the checkout's root, on a machine that does nothing else. Times differ from machine to machine;
ratios are what counts. A peer that is not installed is named and left out: the dependency group `bench` has
those from PyPI, and Debian's nginx-light and wrk are the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import (
    analysis,
    assignment,
    capacity,
    cold,
    events,
    growth,
    imports,
    memory,
    proxied,
    readers,
    related,
    served,
)
from benchmarks.figures import Headline, Measure, Options, headline_table

BENCHMARKS: Final[Mapping[str, Measure]] = {
    "http": served.measure,
    "analysis": analysis.measure,
    "proxied": proxied.measure,
    "cold": cold.measure,
    "capacity": capacity.measure,
    "growth": growth.measure,
    "memory": memory.measure,
    "import": imports.measure,
    "related": related.measure,
    "readers": readers.measure,
    "assignment": assignment.measure,
    "events": events.measure,
}

WIDTH: Final = 132
"""Columns of the widest table, which a file or a narrow terminal gets too."""


def main() -> None:
    """Measure what is asked for and print it."""
    parser = _parser()
    chosen = parser.parse_args()
    unknown = sorted({*chosen.names}.difference(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(BENCHMARKS)}")
    options = Options(chosen.rounds, chosen.seconds, tuple(chosen.pages))
    console = Console(width=WIDTH, highlight=False)
    headlines: list[Headline] = []
    for name in chosen.names or BENCHMARKS:
        headlines += _run(BENCHMARKS[name], options, console)
    if headlines:
        console.print(headline_table(headlines).drawn(markdown=chosen.markdown))


def _run(measure: Measure, options: Options, console: Console) -> tuple[Headline, ...]:
    """Print one benchmark's tables; its headlines are for the table at the end."""
    report = measure(options)
    for table in report.tables:
        console.print(table.drawn())
    for each in report.left_out:
        console.print(f"left out: {each}")
    return report.headlines


def _parser() -> argparse.ArgumentParser:
    usual = Options()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; all by default")
    add("--rounds", type=_positive, default=usual.rounds, help="how often everything is measured")
    add("--seconds", type=_positive, default=usual.seconds, help="how long each server is under load a round")
    add("--pages", type=Path, nargs="+", default=usual.pages, help="pages for cold, in the corpus's place")
    add("--markdown", action="store_true", help="the last table as Markdown, for the README")
    return parser


def _positive(written: str) -> int:
    number = int(written)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {written}")
    return number


if __name__ == "__main__":
    main()

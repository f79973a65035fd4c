"""How the time of a cold compose grows, with the page and with the blocks in the rules."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks.articles import URL, article_of, typical
from benchmarks.figures import Headline, Options, Report, Spread, Table, at_most
from benchmarks.timing import paired
from newshole import Site

SIZES: Final = (10_000, 100_000, 1_000_000, 4_900_000)
"""Bytes of the pages, nearly; the second is what the others are held against."""

COUNTS: Final = (1, 5, 20, 50, 200)
"""Blocks in the rules; the second is what the others are held against."""

AIMS: Final = {"all may come": 1, "one in twenty may": 20}
"""Every which block is for the section that the page is of, by the words for that."""

LINEAR: Final = 1.2
"""What passes as linear: a page of 5 MB may take a fifth more a byte, for it outgrows the caches."""

Times: TypeAlias = Mapping[int, list[float]]
"""Milliseconds of every round, by size or count."""

_LAYOUT: Final = """
site: Example
layout: {blocks: 10, gap: [3 units, 120 words], start: 40 words, end: 30 words}
blocks:
"""
_BLOCK: Final = (
    '  block-{number}: {{kind: html, html: "<p>Block {number}</p>", place: {{after: paragraph, nth: {nth}}}, '
    "priority: {priority}, when: {{section: {section}}}}}\n"
)


def rules_of(count: int, aim: int) -> str:
    """Rules with `count` blocks, each `aim`-th of which may come onto our page, at one of thirty places."""
    return _LAYOUT + "".join(
        _BLOCK.format(
            number=number,
            nth=1 + 7 * number % 30,
            priority=number % 5,
            section="Sport" if number % aim else "World",
        )
        for number in range(count)
    )


def measure(options: Options) -> Report:
    """Times by the page's size and by the number of blocks."""
    pages = [article_of(size) for size in SIZES]
    by_size = _times_by_size(pages, options.rounds)
    by_count = {words: _times_by_count(aim, options.rounds) for words, aim in AIMS.items()}
    return Report(
        (_size_table(by_size, options), _count_table(by_count, options)),
        (_size_headline(by_size), *_count_headlines(by_count)),
    )


def _times_by_size(pages: list[bytes], rounds: int) -> Times:
    site = Site.load("newspaper")
    for page in pages:
        assert site.compose(page, url=URL).insertions, f"no block on the page of {len(page)} bytes"
    return paired({len(page): partial(site.compose, page, url=URL) for page in pages}, rounds)


def _times_by_count(aim: int, rounds: int) -> Times:
    page = typical()
    with tempfile.TemporaryDirectory() as folder:
        sites = {count: _site(Path(folder), count, aim) for count in COUNTS}
    for count, site in sites.items():
        assert site.compose(page, url=URL).insertions, f"no block of {count} on the page"
    return paired({count: partial(site.compose, page, url=URL) for count, site in sites.items()}, rounds)


def _site(folder: Path, count: int, aim: int) -> Site:
    file = folder / f"{count}.yaml"
    file.write_text(rules_of(count, aim), "utf-8")
    return Site.load(file)


def _nanoseconds(times: Times, size: int) -> list[float]:
    """The time of every round for a byte of the page."""
    return [1e6 * each / size for each in times[size]]


def _size_table(times: Times, options: Options) -> Table:
    base = _nanoseconds(times, list(times)[1])
    rows = tuple(
        (
            f"{size / 1000:,.0f} KB",
            *Spread.of(times[size]).cells(),
            *Spread.of(_nanoseconds(times, size)).cells(1),
            *Spread.of_ratios(_nanoseconds(times, size), base).cells(),
        )
        for size in times
    )
    columns = ("page", "ms", "quartiles", "ns a byte", "quartiles", "to 100 KB", "quartiles")
    caption = f"The number of paragraphs grows; rules: newspaper; medians of {options.rounds} rounds."
    return Table("Growth with the page", caption, columns, rows)


def _size_headline(times: Times) -> Headline:
    _, base, *_, largest = times
    ratio = Spread.of_ratios(_nanoseconds(times, largest), _nanoseconds(times, base))
    return at_most("time a byte, page of 4.9 MB to one of 100 KB", ratio, LINEAR, "×")


def _count_table(by_count: Mapping[str, Times], options: Options) -> Table:
    rows = tuple(
        (
            f"{count}, {words}",
            *Spread.of(times[count]).cells(),
            *Spread.of_ratios(times[count], times[COUNTS[1]]).cells(),
        )
        for words, times in by_count.items()
        for count in COUNTS
    )
    columns = ("blocks in the rules", "ms", "quartiles", "to 5 blocks", "quartiles")
    caption = (
        f"A page of {len(typical()) / 1024:.0f} KB, on which ten blocks may stand at most; medians of "
        f"{options.rounds} rounds."
    )
    return Table("Growth with the rules", caption, columns, rows)


def _count_headlines(by_count: Mapping[str, Times]) -> Iterator[Headline]:
    for words, times in by_count.items():
        ratio = Spread.of_ratios(times[COUNTS[-1]], times[COUNTS[1]])
        yield at_most(f"time, 200 blocks in the rules to 5, {words}", ratio, 2, "×")

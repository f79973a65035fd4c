"""How long a page takes that was never seen before, against other ways to put blocks into it.

Each page is composed by newshole (read, planned, rendered, spliced, proved) and by every peer, which put
three blocks behind its third, sixth and ninth `p` and plan and prove nothing. A page's figure is the median
of its rounds; the table shows medians over the pages.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks import peers
from benchmarks.figures import Headline, Options, Report, Spread, Table, at_most
from benchmarks.peers import MARK
from benchmarks.timing import paired
from newshole import Site

CORPUS: Final = Path(__file__).resolve().parents[2] / "shared" / "corpus"
BLOCK: Final = '<aside class="nh-ad" data-newshole="ad"><p>Advertisement</p></aside>'
BLOCKS: Final = (BLOCK, BLOCK, BLOCK)
OURS: Final = "newshole"

Times: TypeAlias = Mapping[str, Sequence[float]]
"""For each peer, the median time of every page in milliseconds."""


@dataclass(frozen=True, slots=True)
class Work:
    """What composes a page, and how many blocks it put into each page of the corpus."""

    compose: Callable[[bytes], object]
    placed: tuple[int, ...]


def measure(options: Options) -> Report:
    """Times over the corpus beside the checkout, or over the pages given."""
    files = options.pages or (*CORPUS.glob("news/*.html"), *CORPUS.glob("readability/*/source.html"))
    site = Site.load("newspaper")
    pages = [page for file in sorted(files) if site.compose(page := file.read_bytes()).insertions]
    if not pages:
        return Report(left_out=("cold, all of it (no page that gets a block: give some with --pages)",))
    works = _works(site, pages)
    times = _times(pages, works, options.rounds)
    return Report((_table(pages, works, times, options),), _headlines(times), peers.missing())


def _works(site: Site, pages: list[bytes]) -> dict[str, Work]:
    ours = Work(site.compose, tuple(site.compose(page).html.count(MARK) for page in pages))
    works = {OURS: ours}
    for name, make in peers.installed().items():
        rewrite = make(BLOCKS)
        works[name] = Work(rewrite, tuple(rewrite(page).count(MARK) for page in pages))
    for name, work in works.items():
        assert statistics.median(work.placed) >= 1, f"{name} puts no block into most pages"
    return works


def _times(pages: list[bytes], works: Mapping[str, Work], rounds: int) -> Times:
    times: dict[str, list[float]] = {name: [] for name in works}
    for page in pages:
        calls = {name: partial(work.compose, page) for name, work in works.items()}
        for name, figures in paired(calls, rounds).items():
            times[name].append(statistics.median(figures))
    return times


def _table(pages: list[bytes], works: Mapping[str, Work], times: Times, options: Options) -> Table:
    rows = tuple(_row(name, work, times) for name, work in works.items())
    columns = ("", "blocks", "ms", "p99 ms", "p99 / median", "of newshole's time", "quartiles")
    caption = (
        f"{len(pages)} pages, median {statistics.median(map(len, pages)) / 1024:.0f} KB; a page's figure is "
        f"the median of {options.rounds} rounds. Garbage is collected before each call and not during it, "
        "so each peer pays for its own allocations only. Blocks: the median over the pages."
    )
    return Table("A page never seen before", caption, columns, rows)


def _row(name: str, work: Work, times: Times) -> tuple[str, ...]:
    median, p99 = statistics.median(times[name]), _p99(times[name])
    return (
        name,
        f"{statistics.median(work.placed):g}",
        f"{median:.2f}",
        f"{p99:.2f}",
        f"{p99 / median:.1f}",
        *Spread.of_ratios(times[name], times[OURS]).cells(),
    )


def _headlines(times: Times) -> tuple[Headline, ...]:
    ours = times[OURS]
    tail = _p99(ours) / statistics.median(ours)
    told = [at_most("cold compose, p99 of the corpus over its median", Spread.of([tail]), 10, "×")]
    if "BeautifulSoup" in times:
        ratio = Spread.of_ratios(ours, times["BeautifulSoup"])
        told.append(at_most("cold compose, of BeautifulSoup's time", ratio, 0.05, "×"))
    if "python-lolhtml" in times:
        ratio = Spread.of_ratios(ours, times["python-lolhtml"])
        told.append(at_most("cold compose, of one python-lolhtml pass", ratio, 10, "×"))
    return tuple(told)


def _p99(figures: Sequence[float]) -> float:
    return figures[0] if len(figures) == 1 else statistics.quantiles(figures, n=100, method="inclusive")[98]

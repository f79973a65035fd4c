"""What a reader notices: bytes that a page is longer, and when its largest part is painted.

Bytes are those that the pack `newspaper` adds to the pages of the corpus before any ad is there: gzipped at
level 6, and the growth of the gzipped page. Paint is that of the demo's stories, which have their ads, on a
phone's screen in headless Chromium, with an empty cache each time, with newshole and without by turns.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.body_accuracy import news_pages, readability_pages
from benchmarks.figures import Options, Report, Spread, Table, at_most
from benchmarks.servers import free_port, running
from newshole import Composition, Site
from newshole.cli.chromium import chromium
from newshole.errors import UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RULES: Final = Path(__file__).resolve().parents[1] / "tests/readers/newspaper.yaml"
STORIES: Final = (
    "/world/talks-after-the-cable-was-cut",
    "/magazine/the-last-lamp-at-grey-ness",
    "/business/night-ferries-return",
)

LARGEST_PAINT: Final = """() => new Promise(done => {
  let latest = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => latest = entry.startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
  setTimeout(() => done(latest), 500);
})"""


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes that one page is longer, gzipped: the insertions by themselves, and the page's growth."""

    own: int
    growth: int

    @classmethod
    def of(cls, body: bytes, page: Composition) -> Weight:
        """The weight of what was inserted into a page."""
        own = gzipped(b"".join(each.html for each in page.insertions))
        return cls(own, gzipped(page.html) - gzipped(body))


def gzipped(text: bytes) -> int:
    """The length of a text as most servers send it."""
    return len(gzip.compress(text, 6))


def weights() -> Iterator[Weight]:
    """Of every page of the corpora that gets a block."""
    site = Site.load(RULES)
    for each in (*readability_pages(), *news_pages()):
        page = site.compose(each.page, url=f"https://news.example/world/{each.name}")
        if page.untouched is None:
            yield Weight.of(each.page, page)


def measure(options: Options) -> Report:
    """Bytes over the corpora, and paint where there is a Chromium."""
    table, own = _weight_table()
    weight = at_most("bytes added, gzipped", own, 3072, "bytes")
    try:
        with chromium() as browser:
            paint, added = _paint_table(browser, options.rounds)
    except UsageError as error:
        return Report((table,), (weight,), (f"paint: {error}",))
    return Report((table, paint), (weight, at_most("largest paint, later by", added, 50, "ms")))


def _weight_table() -> tuple[Table, Spread]:
    found = list(weights())
    own = [each.own for each in found]
    growth = [each.growth for each in found]
    rows = tuple(
        (name, *Spread.of(figures).cells(0), f"{max(figures):,}")
        for name, figures in (("what is inserted, by itself", own), ("growth of the page", growth))
    )
    caption = f"{len(found)} pages; style, ads before they are filled, four related stories."
    columns = ("bytes, gzipped at level 6", "median", "quartiles", "most")
    return Table("Bytes", caption, columns, rows), Spread.of(own)


def _paint_table(browser: Browser, rounds: int) -> tuple[Table, Spread]:
    port = free_port()
    rows = []
    added: list[float] = []
    command = [sys.executable, "-m", "newshole", "demo", "--port", str(port)]
    with running(command, port):
        for path in STORIES:
            url = f"http://127.0.0.1:{port}{path}"
            bare, with_blocks = _paints(browser, url, rounds)
            later = [ours - theirs for ours, theirs in zip(with_blocks, bare, strict=True)]
            added += later
            rows.append((path, *(Spread.of(each).cells(0)[0] for each in (bare, with_blocks, later))))
    caption = f"Medians of {rounds} rounds, in milliseconds from the start of the navigation."
    return Table("Largest paint", caption, ("story", "without", "with", "later by"), tuple(rows)), Spread.of(
        added
    )


def _paints(browser: Browser, url: str, rounds: int) -> tuple[list[float], list[float]]:
    """Without newshole and with it, by turns, after one visit each that does not count."""
    addresses = (f"{url}?newshole=off", url)
    for address in addresses:
        _painted(browser, address)
    found = [[_painted(browser, address) for address in addresses] for _ in range(rounds)]
    return [bare for bare, _ in found], [with_blocks for _, with_blocks in found]


def _painted(browser: Browser, url: str) -> float:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(url)
    moment = float(page.evaluate(LARGEST_PAINT))
    context.close()
    return moment

"""How long a page takes that was never seen before, against what a newcomer would write.

    python benchmarks/cold.py [--rules newspaper] [--rounds 5] [PAGE...]

Each page is composed by newshole (read, planned, rendered, spliced, proved) and by BeautifulSoup over
lxml (find the paragraphs, insert three blocks, serialise), turn by turn in the same round. A page's figure
is the median of its rounds; the table shows medians over the pages. Where python-lolhtml is installed,
one pass of it with a handler for `p` is a third peer, which plans nothing and proves nothing. Absolute
times differ from machine to machine; the ratios are what counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import Tag

from newshole import Site

lolhtml = importlib.import_module("lolhtml") if importlib.util.find_spec("lolhtml") else None

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
BLOCK = '<aside class="nh-ad" data-newshole="ad"><p>Advertisement</p></aside>'


def with_beautifulsoup(page: bytes) -> bytes:
    """Three blocks behind the 2nd, 5th and 8th paragraph, as a first attempt at this would do it."""
    soup = BeautifulSoup(page, "lxml")
    for paragraph in soup.find_all("p")[1:8:3]:
        assert isinstance(paragraph, Tag)
        paragraph.insert_after(BeautifulSoup(BLOCK, "lxml").aside or "")
    return soup.encode()


class Paragraphs:
    """A handler that is called for every paragraph and leaves it as it is."""

    def element(self, element: object) -> None:
        """Look at one paragraph."""


def with_lolhtml(page: bytes) -> bytes:
    """One streaming pass with a handler that looks at every paragraph."""
    assert lolhtml is not None
    parts: list[bytes] = []
    rewriter = lolhtml.HTMLRewriter(lambda chunk: parts.append(bytes(chunk)))
    rewriter.on("p", Paragraphs())
    rewriter.write(page)
    rewriter.end()
    return b"".join(parts)


def milliseconds(work: Callable[[bytes], object], page: bytes) -> float:
    started = time.perf_counter()
    work(page)
    return (time.perf_counter() - started) * 1000


def measure(
    pages: list[bytes], peers: dict[str, Callable[[bytes], object]], rounds: int
) -> dict[str, list[float]]:
    """For each peer, the median time of every page, in milliseconds."""
    figures: dict[str, list[float]] = {name: [] for name in peers}
    for page in pages:
        times = [{name: milliseconds(work, page) for name, work in peers.items()} for _ in range(rounds)]
        for name in peers:
            figures[name].append(statistics.median(each[name] for each in times))
    return figures


def show(figures: dict[str, list[float]], sizes: list[int]) -> None:
    ours = figures["newshole"]
    print(f"{len(sizes)} pages, median {statistics.median(sizes) / 1024:.0f} KB")
    print(f"{'':16}{'median ms':>10}{'p99 ms':>10}{'median of time / ours':>24}{'quartiles':>16}")
    for name, times in figures.items():
        ratios = sorted(theirs / own for theirs, own in zip(times, ours, strict=True))
        low, middle, high = statistics.quantiles(ratios, n=4)
        p99 = statistics.quantiles(times, n=100)[98]
        print(f"{name:16}{statistics.median(times):10.2f}{p99:10.2f}{middle:24.2f}{low:9.2f} {high:.2f}")


def main() -> None:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description="newshole's cold compose against peers")
    options.add_argument(
        "pages", nargs="*", type=Path, help="pages; the corpus beside the checkout where absent"
    )
    options.add_argument("--rules", default="newspaper")
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    files = chosen.pages or [*CORPUS.glob("news/*.html"), *CORPUS.glob("readability/*/source.html")]
    if len(files) < 2:
        options.error("give two pages or more: there is no corpus beside this checkout")
    site = Site.load(chosen.rules)
    pages = [page for file in sorted(files) if site.compose(page := file.read_bytes()).insertions]
    peers: dict[str, Callable[[bytes], object]] = {
        "newshole": site.compose,
        "beautifulsoup": with_beautifulsoup,
    }
    if lolhtml is not None:
        peers["lolhtml"] = with_lolhtml
    show(measure(pages, peers, chosen.rounds), [len(page) for page in pages])


if __name__ == "__main__":
    main()

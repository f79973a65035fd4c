"""Related stories: how good they are beside BM25's, how fast they are found, and what a full shelf takes."""

from __future__ import annotations

import datetime as dt
import gc
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Final

from benchmarks.figures import Headline, Options, Report, Spread, Table, at_least, at_most
from newshole.library import Entry, Shelf, Showing, Snapshot, choose
from newshole.types import Story
from tests.library.newsroom import BASE, DEPTH, NOW, Labelled, gain, newsroom, queries

STORIES: Final = 100_000
"""On the full shelf."""

ASKED: Final = 2_000
"""Stories for which a list is made, and then read."""

WORDS: Final = 150_000
"""Different words in all titles and texts, a few of them in most."""

_PAGE: Final = 4096


def measure(options: Options) -> Report:
    """Label by label beside the peer, then on a shelf of 100,000."""
    quality = _quality(options.rounds)
    figures, left_out = quality
    full = _full_shelf()
    rows = (
        ("nDCG@5, newshole", *figures["newshole"].cells()),
        *((("nDCG@5, bm25s", *figures["bm25s"].cells()),) if "bm25s" in figures else ()),
        *((name, *each.cells()) for name, each in full.items()),
    )
    caption = f"Labels: 72 queries over 640 stories a round; the shelf holds {STORIES:,} stories."
    table = Table("Related stories", caption, ("", "median", "quartiles"), rows)
    return Report((table,), tuple(_headlines(figures, full)), left_out)


def _quality(rounds: int) -> tuple[dict[str, Spread], tuple[str, ...]]:
    """Gains over newsrooms of different seeds."""
    made = [newsroom(seed=seed) for seed in range(1, max(rounds, 3) + 1)]
    found = {"newshole": Spread.of([mean(_ours(each)) for each in made])}
    try:
        from tests.library.peer import related_by_bm25
    except ImportError:
        return found, ("bm25s: pip install bm25s",)
    gains: list[float] = []
    for stories in made:
        asked = queries(stories)
        urls = related_by_bm25([each.entry for each in stories], [each.entry for each in asked], DEPTH)
        gains.append(mean(gain(query, row, stories) for query, row in zip(asked, urls, strict=True)))
    return {**found, "bm25s": Spread.of(gains)}, ()


def _ours(stories: Sequence[Labelled]) -> Iterator[float]:
    shelf = Shelf()
    shelf.learn(each.entry for each in stories)
    for query in queries(stories):
        shown = shelf.related(query.entry.url, NOW.timestamp(), DEPTH)
        yield gain(query, [each.url for each in shown], stories)


def _full_shelf() -> dict[str, Spread]:
    """What a shelf of `STORIES` takes: memory, and time of the processor."""
    gc.collect()
    before, now = _memory(), NOW.timestamp()
    shelf = Shelf(most=STORIES)
    learned = _timed(lambda: shelf.learn(_stories(STORIES)))
    asked = random.Random(2).sample(shelf.entries(), ASKED)  # noqa: S311 - the same each time
    snapshot = shelf.snapshot(now)
    made = [_timed(lambda each=each: _choose(snapshot, each)) for each in asked]
    ready = shelf.snapshot(now)
    read = [_timed(lambda each=each: _choose(ready, each)) for each in asked]
    fresh = [_timed(lambda each=each: shelf.learn([each])) for each in _stories(100, first=STORIES)]
    return {
        "learning all, s": Spread.of([learned / 1000]),
        "learning one more, its list made, ms": Spread.of(fresh),
        "five stories where the list is yet to be made, ms": Spread.of(made),
        "five stories of a ready list, ms": Spread.of(read),
        "memory, MB": Spread.of([_memory() - before]),
    }


def _choose(snapshot: Snapshot, entry: Entry) -> None:
    story = Story(url=entry.url, title=entry.title, tags=entry.tags, language=entry.language)
    choose("related", DEPTH, snapshot, (), Showing(story, NOW))


def _timed(work: object) -> float:
    """The processor's time for some work, in milliseconds."""
    assert callable(work)
    started = time.process_time()
    work()
    return 1000 * (time.process_time() - started)


def _memory() -> float:
    """The resident memory of this process, in MB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE / 1e6


def _stories(count: int, first: int = 0) -> Iterator[Entry]:
    """Stories of a full size: titles of nine words, four tags, 32 terms, of words as rare as in texts."""
    random_ = random.Random(first + 1)  # noqa: S311 - the same each time
    letters = random.Random(0)  # noqa: S311 - the same words each time
    words = ["".join(letters.choices("abcdefghiklmnoprstuz", k=n % 7 + 4)) for n in range(WORDS)]

    def some(count: int) -> list[str]:
        return [words[int(WORDS * random_.random() ** 4)] for _ in range(count)]

    for number in range(first, first + count):
        yield Entry(
            url=f"{BASE}/world/2024/05/a-slug-of-the-usual-length-{number}",
            title=" ".join(some(9)),
            image=f"{BASE}/img/2024/{number}-1200x800.jpg",
            section=random_.choice(("World", "Sport", "City", "Business")),
            tags=tuple(some(4)),
            language="en",
            published=NOW - dt.timedelta(days=700 * random_.random()),
            terms=tuple(some(32)),
            seen=NOW.timestamp(),
        )


def _headlines(figures: dict[str, Spread], full: dict[str, Spread]) -> Iterator[Headline]:
    if "bm25s" in figures:
        ratio = Spread.of([figures["newshole"].median / figures["bm25s"].median])
        yield at_least("related stories: nDCG@5 to BM25's", ratio, 1, "×")
    yield at_most("related stories, a ready list", full["five stories of a ready list, ms"], 1, "ms")
    yield at_most("100,000 stories in memory", full["memory, MB"], 500, "MB")

"""Whether blocks stand between story and story, against what people and other extractors say the story is.

    python benchmarks/neighbours.py [--wrong] [--half even|odd]

A gap's neighbours are the nearest units of text above and below it (paragraphs, headings, lists, quotes,
tables, code) with twenty letters or more: pictures, embeds and what the outline calls a box are passed over,
but the text beyond them must be story. A neighbour is story where seven of ten of its runs of twelve letters
stand in `readability`'s extracted article, or, in `news`, where it stands in the smallest element that holds
the phrases of the story and none of the phrases that are not of it. Only stories of six paragraphs and more
are judged.

`offered` is the share of gaps in the outline with story on both sides, `placed` the same of the gaps in which
the pack `newspaper` puts blocks, `served` the share of stories with a block inside; for the others, what
composing said is told.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.body_accuracy import (
    PARAGRAPH_LETTERS,
    STORY_PARAGRAPHS,
    Truth,
    half,
    letters,
    news_pages,
    readability_pages,
    text_blocks,
)
from newshole import Composition, Site
from newshole.page.document import Document, Element
from newshole.page.outline import Gap, Outline, Unit

TEXTS: Final = frozenset("paragraph heading list quote table code".split())
RUN: Final = 12
KNOWN_RUNS: Final = 0.7
PHRASE_LETTERS: Final = 25


@dataclass(frozen=True, slots=True)
class Judged:
    """One page: its gaps and those with a block, each with whether both neighbours are story."""

    name: str
    offered: dict[int, bool]
    placed: tuple[int, ...]
    untouched: str | None
    wrong: tuple[str, ...]


class Judge:
    """Says of a page's units whether they are story."""

    def __init__(self, truth: Truth, encoding: str) -> None:
        self.page, self.encoding = truth.page, encoding
        self.expected = None if truth.text is None else runs(truth.text)
        self.without = [each for each in map(letters, truth.not_of_story) if each]
        self.span = (0, len(truth.page)) if self.expected is not None else story_span(truth)

    def text(self, unit: Unit) -> str:
        part = Document(b"<body>" + self.page[unit.start : unit.end], self.encoding)
        return " ".join(text for _, text in text_blocks(part, part.tree))

    def is_story(self, unit: Unit) -> bool:
        text = self.text(unit)
        if self.expected is not None:
            own = runs(text)
            return len(own & self.expected) >= KNOWN_RUNS * len(own)
        plain = letters(text)
        strays = [each for each in self.without if each in plain]
        # A name may be a phrase beside the story and stand in it as well.
        is_stray = any(len(each) >= PHRASE_LETTERS or 2 * len(each) >= len(plain) for each in strays)
        return self.span[0] <= unit.start and unit.end <= self.span[1] and not is_stray


def runs(text: str) -> set[str]:
    """Every run of twelve letters of a text; all of it where it has fewer."""
    plain = letters(text)
    return {plain[at : at + RUN] for at in range(max(1, len(plain) - RUN + 1))}


def story_span(truth: Truth) -> tuple[int, int]:
    """The bytes of the smallest element that holds every phrase of the story that the page has."""
    document = Document(truth.page)
    blocks = [(element, letters(text)) for element, text in text_blocks(document, document.tree)]
    hits = [
        [element for element, text in blocks if each in text] for each in map(letters, truth.of_story) if each
    ]
    paths = [[found[-1], *found[-1].ancestors] for found in hits if found]
    for each in paths[0] if paths else ():
        if isinstance(each, Element) and all(each in path for path in paths):
            return document.start(each) or 0, document.end(each) or len(truth.page)
    return 0, len(truth.page)


def told_units(judge: Judge, outline: Outline) -> list[bool | None]:
    """Whether each unit is story; None for one with too little text to say."""
    told: list[bool | None] = []
    for unit in outline.units:
        is_text = unit.kind in TEXTS and len(letters(judge.text(unit))) >= PARAGRAPH_LETTERS
        told.append(judge.is_story(unit) if is_text else None)
    return told


def neighbours(outline: Outline, told: list[bool | None]) -> Iterator[tuple[Gap, int | None, int | None]]:
    """Each gap with the numbers of the nearest units above and below of which something is known."""
    known = [number for number, story in enumerate(told) if story is not None]
    for gap in outline.gaps:
        above = max((each for each in known if each < gap.unit), default=None)
        below = min((each for each in known if each >= gap.unit), default=None)
        yield gap, above, below


def judged(truth: Truth, page: Composition) -> Judged:
    outline = page.outline
    if outline is None:
        return Judged(truth.name, {}, (), page.untouched, ())
    judge = Judge(truth, "utf-8")
    told = told_units(judge, outline)
    offered, wrong = {}, []
    placed = {each.offset for each in page.insertions}
    for gap, above, below in neighbours(outline, told):
        offered[gap.offset] = all(each is not None and told[each] for each in (above, below))
        if not offered[gap.offset]:
            sides = (
                "-"
                if each is None
                else f"{outline.units[each].kind} {judge.text(outline.units[each])[:70]!r}"
                f"{'' if told[each] else ' (no story)'}"
                for each in (above, below)
            )
            wrong.append(f"{'BLOCK ' if gap.offset in placed else ''}{' | '.join(sides)}")
    inside = tuple(each for each in sorted(placed) if each in offered)
    return Judged(truth.name, offered, inside, page.untouched, tuple(wrong))


def show(title: str, pages: list[Judged]) -> None:
    offered = [right for each in pages for right in each.offered.values()]
    placed = [each.offered[offset] for each in pages for offset in each.placed]
    served = sum(bool(each.placed) for each in pages)
    left = Counter(each.untouched or "stacks only" for each in pages if not each.placed)
    print(
        f"{title:18} {len(pages):4} stories"
        f"  offered {sum(offered) / max(1, len(offered)):.1%} of {len(offered)}"
        f"  placed {sum(placed) / max(1, len(placed)):.1%} of {len(placed)}"
        f"  served {served / max(1, len(pages)):.1%}  {dict(left)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="tell every gap that is not right")
    parser.add_argument("--half", choices=("even", "odd"), help="only this half of the pages")
    options = parser.parse_args()
    site = Site.load("newspaper")
    for corpus, truths in {"readability": readability_pages(), "news": news_pages()}.items():
        stories = [each for each in truths if each.paragraphs >= STORY_PARAGRAPHS]
        pages = [
            judged(each, site.compose(each.page, url=f"https://news.example/world/{each.name}"))
            for each in stories
        ]
        for which in (options.half,) if options.half else ("even", "odd"):
            part = [each for each in pages if half(each.name) == which]
            show(f"{corpus} {which}", part)
            for each in part if options.wrong else ():
                for line in each.wrong:
                    print(f"    {each.name}: {line}")
                if not each.placed:
                    print(f"    {each.name}: no block, {each.untouched or 'stacks only'}")


if __name__ == "__main__":
    main()

"""Whether blocks stand between story and story, against what people and other extractors say the story is.

    python benchmarks/neighbours.py [--wrong] [--half even|odd]

Only stories of six paragraphs and more are judged, composed by the pack `newspaper`. `placed` is told of the
composed page alone, as somebody would who knows nothing of outlines: a block's neighbours are the nearest
texts of twenty letters or more above and below it that a reader sees, whatever they stand in, a caption, a
box or a list as well. A neighbour is story where seven of ten of its runs of twelve letters stand in
`readability`'s extracted article, or, in `news`, where it stands in the smallest element that holds the
phrases of the story and none of the phrases that are not of it. So the only texts that are not asked for are
those too short to be told, and those that no reader sees.

`offered` is the share of the outline's gaps that lie between story and story, by its own units of text:
pictures and what it calls a box are passed over.

`served` is the share of eligible pages with a block anywhere, as the target says it, `inside` that with a
block in the story. A page that a script draws again in the browser, or that is AMP, is left as it came by
design: it is not eligible. What composing said of those without a block stands at the end; `all` counts
them as pages that got none.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from benchmarks.body_accuracy import (
    BLOCKS,
    PARAGRAPH_LETTERS,
    STORY_PARAGRAPHS,
    UNSEEN,
    Truth,
    half,
    letters,
    news_pages,
    readability_pages,
    text_blocks,
)
from newshole import Composition, Site
from newshole.page.document import Document, Element, Text
from newshole.page.outline import Outline, Unit

TEXTS: Final = frozenset("paragraph heading list quote table code".split())
RUN: Final = 12
KNOWN_RUNS: Final = 0.7
PHRASE_LETTERS: Final = 25
INELIGIBLE: Final = frozenset(("hydrated", "amp"))


@dataclass(frozen=True, slots=True)
class Judged:
    """One page: its gaps, and the blocks in its story, each with whether both neighbours are story.

    `wrong` tells of each that is not what its neighbours are.
    """

    name: str
    offered: tuple[bool, ...]
    placed: tuple[bool, ...]
    blocks: int
    untouched: str | None
    wrong: tuple[str, ...]


class Judge:
    """Says of a page's texts whether they are story."""

    def __init__(self, truth: Truth) -> None:
        self.page = truth.page
        self.expected = None if truth.text is None else runs(truth.text)
        self.without = [each for each in map(letters, truth.not_of_story) if each]
        self.span = (0, len(truth.page)) if self.expected is not None else story_span(truth)

    def unit(self, unit: Unit) -> str:
        part = Document(b"<body>" + self.page[unit.start : unit.end])
        return " ".join(text for _, text in text_blocks(part, part.tree))

    def is_story(self, text: str, start: int) -> bool:
        """Whether a text is story that begins at or in the element at a byte of the page."""
        if self.expected is not None:
            own = runs(text)
            return len(own & self.expected) >= KNOWN_RUNS * len(own)
        plain = letters(text)
        strays = [each for each in self.without if each in plain]
        # A name may be a phrase beside the story and stand in it as well.
        is_stray = any(len(each) >= PHRASE_LETTERS or 2 * len(each) >= len(plain) for each in strays)
        return self.span[0] <= start < self.span[1] and not is_stray


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


def offered(judge: Judge, outline: Outline) -> Iterator[tuple[bool, str]]:
    """Of each gap, whether the nearest units of text above and below are story, and what they are."""
    told: list[tuple[int, bool, str]] = []
    for number, unit in enumerate(outline.units):
        text = judge.unit(unit) if unit.kind in TEXTS else ""
        if len(letters(text)) >= PARAGRAPH_LETTERS:
            told.append((number, judge.is_story(text, unit.start), text))
    for gap in outline.gaps:
        above = next((each for each in reversed(told) if each[0] < gap.unit), None)
        below = next((each for each in told if each[0] >= gap.unit), None)
        yield sides(above and above[1:], below and below[1:])


def sides(above: tuple[bool, str] | None, below: tuple[bool, str] | None) -> tuple[bool, str]:
    """Whether both neighbours are story, and how they begin."""
    shown = (
        "-" if each is None else f"{each[1][:70]!r}{'' if each[0] else ' (no story)'}"
        for each in (above, below)
    )
    return all(each is not None and each[0] for each in (above, below)), " | ".join(shown)


def seen_texts(document: Document) -> Iterator[tuple[Element, str | None]]:
    """Each text that a reader sees, cut by block-level edges, with the element that it stands in.

    A block of ours comes with None for its text, which is none of the page's.
    """
    for element, group in groupby(seen_nodes(document), key=lambda each: each[0]):
        texts = [text for _, text in group]
        yield element, None if None in texts else " ".join(filter(None, texts))


def seen_nodes(document: Document) -> Iterator[tuple[Element, str | None]]:
    """Each piece of text with the block-level element that it stands in; our blocks with None."""
    ours: Element | None = None
    for node in document.tree.descendants:
        holders = [each for each in node.ancestors if isinstance(each, Element)]
        if ours is not None and ours in holders:
            continue
        if isinstance(node, Element) and "data-newshole" in node.attrs:
            ours = node
            yield node, None
        elif isinstance(node, Text) and (text := document.text(node)) and not any(map(is_unseen, holders)):
            yield next(each for each in holders if each.tag in BLOCKS or each.tag == "html"), text


def is_unseen(element: Element) -> bool:
    style = (element.attr("style") or "").replace(" ", "").lower()
    return element.tag in UNSEEN or "hidden" in element.attrs or "display:none" in style


def placed(judge: Judge, page: Composition) -> Iterator[tuple[bool, str]]:
    """Of each block in the story, whether the nearest texts in the page are story, and what they are."""
    assert page.outline is not None
    inside = {gap.offset for gap in page.outline.gaps}
    document = Document(page.html)
    texts = [
        each for each in seen_texts(document) if each[1] is None or len(letters(each[1])) >= PARAGRAPH_LETTERS
    ]
    told = [
        None if text is None else (judge.is_story(text, origin(document, page, at)), text)
        for at, text in texts
    ]
    ours = [number for number, (_, text) in enumerate(texts) if text is None]
    for number, insertion in zip(ours, page.insertions, strict=True):
        if insertion.offset in inside:
            above = next((each for each in reversed(told[:number]) if each is not None), None)
            below = next((each for each in told[number + 1 :] if each is not None), None)
            yield sides(above, below)


def origin(document: Document, page: Composition, element: Element) -> int:
    """Where an element of the composed page starts in the page as it came."""
    start = next(
        at
        for each in (element, *element.ancestors)
        if isinstance(each, Element) and (at := document.start(each)) is not None
    )
    before = 0
    for each in page.insertions:
        if each.offset + before >= start:
            break
        before += len(each.html)
    return start - before


def judged(truth: Truth, page: Composition) -> Judged:
    if page.outline is None:
        return Judged(truth.name, (), (), len(page.insertions), page.untouched, ())
    judge = Judge(truth)
    gaps, blocks = [*offered(judge, page.outline)], [*placed(judge, page)]
    wrong = [f"BLOCK {shown}" for right, shown in blocks if not right]
    wrong += [shown for right, shown in gaps if not right]
    return Judged(
        truth.name, tuple(right for right, _ in gaps), tuple(right for right, _ in blocks),
        len(page.insertions), page.untouched, tuple(wrong),
    )  # fmt: skip


def share(part: int, whole: int) -> str:
    return f"{part / max(1, whole):.1%} of {whole}"


def show(title: str, pages: list[Judged]) -> None:
    gaps = [right for each in pages for right in each.offered]
    blocks = [right for each in pages for right in each.placed]
    eligible = [each for each in pages if each.untouched not in INELIGIBLE]
    served = sum(each.blocks > 0 for each in eligible)
    left = Counter(each.untouched for each in pages if not each.blocks)
    print(
        f"{title:18} offered {share(sum(gaps), len(gaps))}"
        f"  placed {share(sum(blocks), len(blocks))}"
        f"  served {share(served, len(eligible))}"
        f"  inside {share(sum(bool(each.placed) for each in eligible), len(eligible))}"
        f"  all {share(served, len(pages))}  {dict(left)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="tell every gap that is not right")
    parser.add_argument("--half", choices=("even", "odd"), help="only this half of the pages")
    options = parser.parse_args()
    site = Site.load("newspaper")
    everything: list[Judged] = []
    for corpus, truths in {"readability": readability_pages(), "news": news_pages()}.items():
        stories = [each for each in truths if each.paragraphs >= STORY_PARAGRAPHS]
        pages = [
            judged(each, site.compose(each.page, url=f"https://news.example/world/{each.name}"))
            for each in stories
        ]
        everything += pages
        for which in (options.half,) if options.half else ("even", "odd"):
            part = [each for each in pages if half(each.name) == which]
            show(f"{corpus} {which}", part)
            for each in part if options.wrong else ():
                for line in each.wrong:
                    print(f"    {each.name}: {line}")
                if not each.placed:
                    print(f"    {each.name}: no block inside, {each.untouched or f'{each.blocks} around'}")
    for which in (options.half,) if options.half else ("even", "odd"):
        show(f"both {which}", [each for each in everything if half(each.name) == which])
    show("both", everything)


if __name__ == "__main__":
    main()

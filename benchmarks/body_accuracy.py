"""How well the story's body is found, against what people and other extractors say the story is.

    python benchmarks/body_accuracy.py [--wrong] [--half even|odd]

Two corpora: for each page of `readability` the extracted article is known, for each page of `news` phrases
that belong to the story and phrases that do not. A page counts as a story from six paragraphs on: of the
article in `readability`, and in `news` of the smallest element that holds the phrases of the story.

`found` is the share of stories with a body. Text between the body's first and last block is compared
word by word: `precision` is the share of it that is story, `recall` the share of the story that is in it;
`bulk` is the share of stories of which it holds four fifths. `gaps` is the share of places between two
paragraphs of the body, of twenty letters or more, with story on both sides, averaged over stories. `with`
and `without` are the shares of phrases that are in the body's text and, as they should be, not in it.
Pages are told in two halves by a hash of their name: rules were tuned on the even one only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from newshole.page.body import Body, find_body
from newshole.page.document import Document, Element, Node, Text

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
STORY_PARAGRAPHS: Final = 6
PARAGRAPH_LETTERS: Final = 20
BLOCKS: Final = frozenset(
    "address article aside blockquote body button center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header li main nav ol option p pre section summary table td th tr "
    "ul".split()
)
UNSEEN: Final = frozenset("script style noscript template svg textarea select iframe title".split())
SPLITTABLE: Final = frozenset("p div section article td center body main".split())
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a page's story; `text` is None where only phrases are."""

    name: str
    page: bytes
    text: str | None
    paragraphs: int
    of_story: tuple[str, ...] = ()
    not_of_story: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """The text that a block-level element holds itself, and whether it is story."""

    element: Element
    text: str
    story: bool


@dataclass(frozen=True, slots=True)
class Score:
    """One page's figures; None where they do not apply."""

    name: str
    story: bool
    found: bool
    precision: float | None
    recall: float | None
    gaps: tuple[int, int]
    of_story: tuple[int, int]
    not_of_story: tuple[int, int]
    milliseconds: float


def letters(text: str) -> str:
    """The text's letters and digits alone, so that markup and typography do not matter."""
    return _NOT_LETTERS.sub("", text).casefold()


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def text_blocks(document: Document, within: Node) -> Iterator[tuple[Element, str]]:
    """Each run of text that no block-level edge cuts, with the block-level element it stands in."""
    block: Element | None = None
    run: list[str] = []
    for node in within.descendants:
        if not isinstance(node, Text) or not (text := document.text(node)):
            continue
        holders = [each for each in node.ancestors if isinstance(each, Element)]
        if any(each.tag in UNSEEN for each in holders):
            continue
        holder = next(each for each in holders if each.tag in BLOCKS or each == within)
        if block is not None and holder != block:
            yield block, " ".join(run)
            run = []
        block = holder
        run.append(text)
    if block is not None:
        yield block, " ".join(run)


def body_blocks(document: Document, body: Body) -> list[tuple[Element, str]]:
    """The text blocks of the body from its first to its last block, both included."""
    blocks = list(text_blocks(document, body.element))

    def within(element: Element, holder: Element | None) -> bool:
        return holder is not None and (element == holder or holder in element.ancestors)

    starts = [index for index, (element, _) in enumerate(blocks) if within(element, body.first)]
    ends = [index for index, (element, _) in enumerate(blocks) if within(element, body.last)]
    start = starts[0] if body.first is not None and starts else 0
    end = ends[-1] + 1 if body.last is not None and ends else len(blocks)
    return blocks[start:end]


def parse_expected(source: bytes) -> tuple[str, int]:
    """The article's text and how many paragraphs it has."""
    document = Document(source)
    blocks = [text for _, text in text_blocks(document, document.tree)]
    paragraphs = [document.text(each) for each in document.tree.select("p")]
    return " ".join(blocks), sum(len(letters(text)) >= PARAGRAPH_LETTERS for text in paragraphs)


def readability_pages() -> Iterator[Truth]:
    for folder in sorted((CORPUS / "readability").iterdir()):
        text, paragraphs = parse_expected((folder / "expected.html").read_bytes())
        yield Truth(folder.name, (folder / "source.html").read_bytes(), text, paragraphs)


def phrase_paragraphs(page: bytes, phrases: list[str]) -> int:
    """Paragraphs in the smallest element that holds every phrase that the page has."""
    document = Document(page)
    wanted = [each for each in map(letters, phrases) if each]
    blocks = [(element, letters(text)) for element, text in text_blocks(document, document.tree)]
    hits = [[element for element, text in blocks if each in text] for each in wanted]
    paths = [[found[-1], *found[-1].ancestors] for found in hits if found]
    if len(paths) < 2:
        return 0
    common = next(each for each in paths[0] if all(each in path for path in paths))
    paragraphs = [letters(document.text(each)) for each in document.select("p", common)]
    return sum(len(text) >= PARAGRAPH_LETTERS for text in paragraphs)


def news_pages() -> Iterator[Truth]:
    index = json.loads((CORPUS / "news" / "index.json").read_text("utf-8"))
    for name, entry in sorted(index.items()):
        page = (CORPUS / "news" / name).read_bytes()
        paragraphs = phrase_paragraphs(page, entry["with"])
        yield Truth(name, page, None, paragraphs, tuple(entry["with"]), tuple(entry["without"]))


def overlap(found: Counter[str], expected: Counter[str]) -> tuple[float, float]:
    """Precision and recall of one bag of words against another."""
    common = (found & expected).total()
    return common / max(1, found.total()), common / max(1, expected.total())


def judge(element: Element, text: str, expected: str) -> Block:
    """Whether a block is story: most of it stands in the article word for word, sentence by sentence."""
    parts = [each for each in map(letters, re.split(r"(?<=[.!?。！？])|\n", text)) if each]
    known = sum(len(each) for each in parts if each in expected)
    return Block(element, text, known >= 0.7 * sum(map(len, parts)))


def right_gaps(blocks: list[Block]) -> tuple[int, int]:
    """Places between two paragraphs with story on both sides, and all such places."""
    paragraphs = [
        each
        for each in blocks
        if each.element.tag in SPLITTABLE and len(letters(each.text)) >= PARAGRAPH_LETTERS
    ]
    pairs = list(pairwise(paragraphs))
    return sum(one.story and other.story for one, other in pairs), len(pairs)


def hits(phrases: tuple[str, ...], text: str) -> tuple[int, int]:
    wanted = [each for each in map(letters, phrases) if each]
    return sum(each in text for each in wanted), len(wanted)


def score(truth: Truth) -> Score:
    document = Document(truth.page)
    started = time.perf_counter()
    body = find_body(document)
    elapsed = (time.perf_counter() - started) * 1000
    texts = body_blocks(document, body) if body else []
    if body is not None and body.headline is not None:
        texts = [(body.headline, document.text(body.headline)), *texts]
    text = " ".join(each for _, each in texts)
    precision = recall = None
    gaps = (0, 0)
    if truth.text is not None and body is not None:
        precision, recall = overlap(words(text), words(truth.text))
        expected = letters(truth.text)
        gaps = right_gaps([judge(element, each, expected) for element, each in texts])
    found, strays = hits(truth.of_story, letters(text)), hits(truth.not_of_story, letters(text))
    story = truth.paragraphs >= STORY_PARAGRAPHS
    return Score(
        truth.name, story, body is not None, precision, recall, gaps,
        found, (strays[1] - strays[0], strays[1]), elapsed,
    )  # fmt: skip


def half(name: str) -> str:
    return "odd" if hashlib.sha256(name.encode()).digest()[0] % 2 else "even"


def share(pairs: list[tuple[int, int]]) -> float:
    return sum(one for one, _ in pairs) / max(1, sum(all_ for _, all_ in pairs))


def summary(scores: list[Score]) -> dict[str, float]:
    """The figures of a set of pages, over stories only."""
    stories = [each for each in scores if each.story]
    recalls = [each.recall or 0.0 for each in stories if each.recall is not None or not each.found]
    found = [each for each in stories if each.found]
    return {
        "stories": len(stories),
        "found": len(found) / max(1, len(stories)),
        "precision": statistics.fmean([e.precision for e in found if e.precision is not None] or [0.0]),
        "recall": statistics.fmean(recalls or [0.0]),
        "bulk": statistics.fmean([each >= 0.8 for each in recalls] or [0.0]),
        "gaps": statistics.fmean([share([each.gaps]) for each in found if each.gaps[1]] or [0.0]),
        "with": share([each.of_story for each in stories]),
        "without": share([each.not_of_story for each in stories]),
    }


def show(title: str, scores: list[Score]) -> None:
    figures = summary(scores)
    line = "  ".join(f"{name} {value:.1%}" for name, value in figures.items() if name != "stories")
    print(f"{title:18} {int(figures['stories']):4} stories  {line}")


def show_wrong(scores: list[Score]) -> None:
    """Pages that are worth a look: none found, or much lost, or much taken that is not story."""
    for each in scores:
        gaps = share([each.gaps]) if each.gaps[1] else 1.0
        recall, precision = (1.0 if v is None else v for v in (each.recall, each.precision))
        phrases = each.of_story[1] - each.of_story[0] + each.not_of_story[1] - each.not_of_story[0]
        if each.story and (not each.found or recall < 0.8 or precision < 0.8 or gaps < 0.9 or phrases):
            print(
                f"{each.name:40} found {each.found:d}  recall {recall:.2f}  precision {precision:.2f}  "
                f"gaps {each.gaps[0]}/{each.gaps[1]}  with {each.of_story}  without {each.not_of_story}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="name the pages that are not right")
    parser.add_argument("--half", choices=("even", "odd"), help="only this half of the pages")
    options = parser.parse_args()
    corpora = {"readability": list(readability_pages()), "news": list(news_pages())}
    times: list[float] = []
    for corpus, truths in corpora.items():
        scores = [score(truth) for truth in truths]
        times += [each.milliseconds for each in scores]
        for which in (options.half,) if options.half else ("even", "odd"):
            part = [each for each in scores if half(each.name) == which]
            show(f"{corpus} {which}", part)
            if options.wrong:
                show_wrong(part)
    print(f"find_body: median {statistics.median(times):.2f} ms, slowest {max(times):.1f} ms")


if __name__ == "__main__":
    main()

"""Where a page's story stands: the element that holds its text, its headline, its first and last block.

A **passage** is a block with running text of its own. It weighs as much as it has text outside links, in
bytes rather than letters: a script that says more in a letter takes more bytes for it. What markup says is
beside the story (navigation, comments, forms, teasers) weighs nothing. Each passage gives its weight to
its parent, and each element three quarters of what it collected to the next. So the smallest element that
holds nearly all of the story collects most, however many wrappers stand around each paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

from newshole.page.document import Document, Element, Node, Text

TEXT_BYTES: Final = 25
PASSAGE_BYTES: Final = 50
PASSAGE_CAP: Final = 1200
STORY_BYTES: Final = 500
MORE: Final = 0.2
ALIKE: Final = 0.6
HANDED_ON: Final = 0.75
NAMED_STORY: Final = 1.3
TITLE_BYTES: Final = 600
HEADLINE_BYTES: Final = 600

INLINE: Final = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q s samp small span "
    "strike strong sub sup time tt u var wbr".split()
)
UNSEEN: Final = frozenset(
    "head title script style noscript template svg math textarea select iframe object canvas button label "
    "audio video noframes noembed xmp plaintext".split()
)
BESIDE: Final = UNSEEN | frozenset(
    "nav aside footer form fieldset figcaption figure caption dialog menu address summary "
    "h1 h2 h3 h4 h5 h6".split()
)
BESIDE_ROLES: Final = frozenset(
    "navigation complementary contentinfo banner dialog alertdialog alert search menu form".split()
)
WHOLE: Final = frozenset("html body main article".split())
ITEMS: Final = frozenset("li dd dt".split())
LUMPS: Final = frozenset("ul ol dl blockquote table figure pre".split())
HEADINGS: Final = frozenset("h2 h3 h4 h5 h6".split())

# What class names and ids say, word by word ("post-share_box" is "post", "share", "box").
_NOT_STORY: Final = frozenset(
    "ad ads adv advert advertisement advertising banner bio bios byline caption captions comment commenting "
    "copyright credit credits disclaimer dropdown footer footnav legal login masthead menu meta modal "
    "nav navbar navigation newsletter outbrain overlay pager pagination paywall popular popup print promo "
    "promos promoted promotion recirc recommend recommendation recommendations recommended related rss share "
    "sharebar shares sharing shoutbox sidebar signup skyscraper social sponsor sponsored subscribe "
    "subscription taboola tags teasers toolbar tooltip topics trending widgets".split()
)
_NEVER_STORY: Final = frozenset(
    "commentlist comments disqus respond cookie consent gdpr breadcrumb breadcrumbs".split()
)
_OF_OTHERS: Final = frozenset("has with no without not is js show hide open enable".split())
_STORY: Final = frozenset(
    "articlebody articlecontent articletext storybody storycontent storytext postcontent postbody "
    "entrycontent entrybody bodytext bodycontent bodycopy newsbody newstext contentbody articlecopy "
    "maincontent".split()
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

# Past ASCII the latin-1 tree has bytes, not letters: they may well be a full stop.
_SENTENCE_END = re.compile(r"[.!?:;\"')\]]\s*$|[^\x00-\x7f]\s*$")


@dataclass(frozen=True, slots=True)
class Body:
    """The element that holds a story's text, and what of it is the story.

    `headline` is the story's heading, None where there is none. `first` and `last` are the first and the
    last descendant block that belong to the story; None stands for the element's own first and last
    content.
    """

    element: Element
    headline: Element | None
    first: Element | None = None
    last: Element | None = None


def find_body(document: Document, selector: str | None = None) -> Body | None:
    """The body of the page's story, found by `selector` or by its text; None where there is no story."""
    weights = weigh(document)
    element = _selected(document, selector) if selector else weights.best() or _declared(document)
    if element is None and not selector:
        # A theme may call the story itself a "promo" or "meta": without another one, names prove nothing.
        weights = weigh(document, by_name=False)
        element = weights.best()
    if element is None:
        return None
    first, last = _story_edges(element, weights)
    return Body(element, _headline(document, first or element), first, last)


def _selected(document: Document, selector: str) -> Element | None:
    """The first match that holds text a reader sees."""
    for element in document.select(selector):
        holders = (element, *element.ancestors)
        if element.text.strip() and not any(isinstance(e, Element) and e.tag in UNSEEN for e in holders):
            return element
    return None


def _declared(document: Document) -> Element | None:
    """The one element that the markup calls the story, however short, where it holds two paragraphs."""
    for selector in ("[itemprop~=articleBody]", "article", "main, [role=main]"):
        found = document.select(selector)
        if len(found) == 1 and sum(_is_plain_paragraph(each) for each in found[0].select("p")) > 1:
            return _innermost(found[0])
    return None


def _is_plain_paragraph(paragraph: Element) -> bool:
    """Whether a paragraph has text of its own, outside of all that is beside a story."""
    holders = (each for each in paragraph.ancestors if isinstance(each, Element))
    if any(each.tag in BESIDE or each.tag in LUMPS or hint(_names(each)) < 0 for each in holders):
        return False
    return len(paragraph.text.strip()) > 2 * sum(len(each.text) for each in paragraph.select("a"))


def _innermost(element: Element) -> Element:
    """The smallest element inside that holds all of its paragraphs."""
    paragraphs = element.select("p")
    common = [each for each in paragraphs[0].ancestors if isinstance(each, Element)]
    last = [each for each in paragraphs[-1].ancestors if isinstance(each, Element)]
    return next(each for each in common if any(each is other for other in last))


@lru_cache(maxsize=8192)
def hint(names: str) -> int:
    """What class names and ids say: 1 the story's text, -1 beside it, -2 never part of it, 0 nothing."""
    said = {0}
    for name in names.split():
        words = [each.lower() for each in _WORD.findall(name)]
        if words and words[0] not in _OF_OTHERS:
            pairs = {one + other for one, other in pairwise(words)}
            said.add(-2 if not _NEVER_STORY.isdisjoint(words) else 0)
            said.add(-1 if not _NOT_STORY.isdisjoint(words) else 0)
            said.add(1 if not _STORY.isdisjoint(pairs.union(words)) else 0)
    return min(said) or max(said)


def _names(element: Element) -> str:
    """Class names, id and itemprop as one string of names."""
    if not element.attrs:
        return ""
    return f"{element.attr('class') or ''} {element.attr('id') or ''} {element.attr('itemprop') or ''}"


@dataclass(slots=True)
class Weights:
    """What the passages of a page weigh, and what the elements above them hold of it.

    `sizes` has each passage's bytes outside and inside links, in document order; `parents` every element
    above a passage, each after its own parent; `own` the passages that weigh something; `worth` is what a
    byte in an element counts; `collected` is what an element scores.
    """

    sizes: dict[Element, tuple[int, int]]
    parents: dict[Element, Element | None] = field(default_factory=dict)
    worth: dict[Element, float] = field(default_factory=dict)
    own: dict[Element, float] = field(default_factory=dict)
    collected: dict[Element, float] = field(default_factory=dict)

    def best(self) -> Element | None:
        """The element that scores most, if that is a story at all."""
        score, best = 0.0, None
        for element, collected in self.collected.items():
            named = NAMED_STORY if collected > score / NAMED_STORY and hint(_names(element)) > 0 else 1.0
            if collected * named > score:
                score, best = collected * named, element
        return self.widened(best) if best is not None and score >= STORY_BYTES else None

    def widened(self, element: Element) -> Element:
        held = dict.fromkeys(self.parents, 0.0)
        count = dict.fromkeys(self.parents, 0)
        for block, weight in self.own.items():
            held[block] += weight
            count[block] += 1
        for each, parent in reversed(self.parents.items()):
            if parent is not None:
                held[parent] += held[each]
                count[parent] += count[each]
        at = self.parents[element]
        while at is not None and at.tag not in ("body", "html"):
            more, blocks = held[at] - held[element], count[at] - count[element]
            if (
                blocks
                and more >= MORE * held[element]
                and more / blocks >= ALIKE * held[element] / count[element]
            ):
                element = at
            at = self.parents[at]
        return element

    def within(self, element: Element) -> Iterator[Element]:
        """The passages in the element, itself included."""
        inside: dict[Element | None, bool] = {None: False}
        for each, parent in self.parents.items():
            inside[each] = each is element or inside[parent]
        return (each for each in self.sizes if inside[each])


def weigh(document: Document, *, by_name: bool = True) -> Weights:
    """Measure the page's passages and pass their weight up the tree, each element visited once.

    Without `by_name`, an element counts for less only where its name says that it never holds a story.
    """
    weights = Weights(dict(_passages(document)))
    _climb(weights)
    _judge(weights, by_name=by_name)
    _collect(weights)
    return weights


def _passages(document: Document) -> Iterator[tuple[Element, tuple[int, int]]]:
    """Blocks with running text, and its bytes outside and inside links."""
    plain: dict[Element, int] = {}
    linked: dict[Element, int] = {}
    around: dict[Element, tuple[Element | None, bool]] = {}
    for node in document.tree.descendants:
        if type(node) is Text and len(node.data) >= TEXT_BYTES:
            size = len(node.data.strip())
            if size >= TEXT_BYTES:
                block, in_link = _block_around(node, around)
                if block is not None and block.tag not in UNSEEN:
                    plain.setdefault(block, 0)
                    sizes = linked if in_link else plain
                    sizes[block] = sizes.get(block, 0) + size
    for block, size in plain.items():
        if block.tag == "p":
            inside = sum([len(each.text) for each in block.select("a")])
            yield block, (len(block.text.strip()) - inside, inside)
        else:
            yield block, (size, linked.get(block, 0))


def _block_around(
    text: Text, around: dict[Element, tuple[Element | None, bool]]
) -> tuple[Element | None, bool]:
    """The block that a text stands in, None in a template's root, and whether a link is in between.

    `around` keeps the answers for inline elements: nested ones would else be climbed for each text anew.
    """
    climbed: list[Element] = []
    at: Node | None = text.parent
    while isinstance(at, Element) and at.tag in INLINE and at not in around:
        climbed.append(at)
        at = at.parent
    found = around.get(at, (at, False)) if isinstance(at, Element) else (None, False)
    for each in reversed(climbed):
        found = around[each] = (found[0], found[1] or each.tag == "a")
    return found


def _climb(weights: Weights) -> None:
    parents = weights.parents
    for block in weights.sizes:
        chain: list[Element] = []
        at: Node | None = block
        while isinstance(at, Element) and at not in parents:
            chain.append(at)
            at = at.parent
        above = at if isinstance(at, Element) else None
        for each in reversed(chain):
            parents[each] = above
            above = each


def _judge(weights: Weights, *, by_name: bool) -> None:
    """Fill `worth`; the names of an element that holds most of the text say how it looks, not what it is."""
    held = dict.fromkeys(weights.parents, 0)
    for block, (size, _) in weights.sizes.items():
        held[block] = size
    for each, parent in reversed(weights.parents.items()):
        if parent is not None:
            held[parent] += held[each]
    most = max(held.values(), default=0) / 2
    for each, parent in weights.parents.items():
        above = float(each.tag == "html") if parent is None else weights.worth[parent]
        weights.worth[each] = above and above * _own_worth(each, trusted=held[each] > most or not by_name)


def _own_worth(element: Element, *, trusted: bool) -> float:
    tag = element.tag
    if tag in WHOLE:
        return 1.0
    if tag in BESIDE and not (tag == "form" and trusted):  # some sites put all of a page into one form
        return 0.0
    said = hint(_names(element))
    if said == -2 or (not trusted and (said == -1 or element.attr("role") in BESIDE_ROLES)):
        return 0.0
    return 0.5 if tag in ITEMS else 1.0


def _collect(weights: Weights) -> None:
    collected = weights.collected = dict.fromkeys(weights.parents, 0.0)
    for block, (size, linked) in weights.sizes.items():
        worth = weights.worth[block]
        if worth and size >= PASSAGE_BYTES and linked < size:
            weight = min(size, PASSAGE_CAP) * worth * (1 - linked / (size + linked))
            weights.own[block] = weight
            holder = weights.parents[block] if block.tag in ("p", "li") else block
            if holder is not None:
                collected[holder] += weight
    for each, parent in reversed(weights.parents.items()):
        if parent is not None:
            collected[parent] += collected[each] * HANDED_ON


def _story_edges(element: Element, weights: Weights) -> tuple[Element | None, Element | None]:
    """The first and last block of the story in the element; None for its own first and last content."""
    passages = [each for each in weights.within(element) if each in weights.own]
    total = sum(weights.own[each] for each in passages)
    if weights.own.get(element, 0.0) > 0.3 * total:
        return None, None
    edges = [each for each in passages if _is_running(each, weights.sizes[each][0])]
    if not edges:
        return None, None
    first, last = (_outermost(each, element, weights) for each in (edges[0], edges[-1]))
    return first and _with_heading(first), last and _with_rest(last)


def _is_running(block: Element, size: int) -> bool:
    """Whether a passage at the story's edge is text, not a byline, a date or a call to read on."""
    return size >= 120 or (_SENTENCE_END.search(block.text) is not None and not block.select("time"))


def _outermost(block: Element, element: Element, weights: Weights) -> Element | None:
    """The list, quote or table that a block stands in, else the block; None for the element itself."""
    if block is element:
        return None
    found = block
    at = weights.parents[block]
    while at is not None and at is not element:
        if at.tag in LUMPS:
            found = at
        at = weights.parents[at]
    return found


def _with_heading(first: Element) -> Element:
    """The heading right above the story's first block, where there is one."""
    for each in first.previous_siblings:
        if isinstance(each, Element):
            return each if each.tag in HEADINGS else first
        if isinstance(each, Text) and each.data.strip():
            break
    return first


def _with_rest(last: Element) -> Element:
    """The last of the lists, quotes, tables and short paragraphs that follow on the story's last passage."""
    for each in last.next_siblings:
        if not isinstance(each, Element) or each.tag in HEADINGS or each.tag in UNSEEN:
            continue
        text = each.text.strip()
        linked = sum([len(link.text) for link in each.select("a")])
        if not text:
            continue
        if (each.tag not in LUMPS and each.tag != "p") or linked * 2 > len(text) or hint(_names(each)) < 0:
            break
        if each.tag == "p" and not _SENTENCE_END.search(text):
            break
        last = each
    return last


def _headline(document: Document, story: Element) -> Element | None:
    """The heading that says what the page's title says, else the last h1 before the story."""
    title = _title(document)
    around = set(story.ancestors)
    last_h1 = None
    for selector in ("h1", "h2, h3, [itemprop~=headline]"):
        found = document.select(selector)
        behind = bisect_left(found, True, key=lambda each: _stands_behind(each, story))
        for each in reversed(found[:behind]):
            text = _plain(each.text[:HEADLINE_BYTES])
            if each not in around and text:
                if _is_named(text, title):
                    return each
                last_h1 = last_h1 or (each if each.tag == "h1" else None)
    return last_h1


def _title(document: Document) -> str:
    """What the head calls the page, in the letters of the tree, where headings have the same ones."""
    head = document.select("head")
    titles = document.select("title", head[0]) if head else []
    return _plain(titles[0].text[:TITLE_BYTES]) if titles else ""


def _is_named(heading: str, title: str) -> bool:
    """Whether a page's title holds the heading, or most words of it."""
    words = heading.split()
    return bool(words) and sum(each in title for each in words) >= 0.7 * len(words) and len(words) > 1


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _stands_behind(one: Element, other: Element) -> bool:
    """Whether an element starts in the document after another one has ended."""
    path, other_path = ([*reversed([*each.ancestors]), each] for each in (one, other))
    for above, other_above in zip(path, other_path, strict=False):
        if above is not other_above:
            return any(each is above for each in other_above.next_siblings)
    return False

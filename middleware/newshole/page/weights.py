"""What the passages of a page weigh, and which element collects most of it.

A **passage** is a block with running text of its own. It weighs as much as it has text outside links, in
bytes rather than letters: a script that says more in a letter takes more bytes for it. What markup says is
beside the story (navigation, comments, forms, teasers) weighs nothing. Each passage gives its weight to
its parent, and each element three quarters of what it collected to the next. So the smallest element that
holds nearly all of the story collects most, however many wrappers stand around each paragraph.

Every function here visits each element once, and asks it as little as can be: this is most of what
reading a page costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from newshole.page.document import Document, Element, Node, Text
from newshole.page.names import hint, names

TEXT_BYTES: Final = 25
PASSAGE_BYTES: Final = 50
PASSAGE_CAP: Final = 1200
STORY_BYTES: Final = 500
MORE: Final = 0.2
ALIKE: Final = 0.6
HANDED_ON: Final = 0.75
NAMED_STORY: Final = 1.3

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

Sizes: TypeAlias = dict[Element, tuple[int, int]]
"""Passages in document order, each with its bytes outside and inside links."""


@dataclass(slots=True)
class Weights:
    """What the passages of a page weigh, and what the elements above them hold of it.

    `sizes` has each passage's bytes outside and inside links, in document order; `parents` every element
    above a passage, each after its own parent; `own` the passages that weigh something; `worth` is what a
    byte in an element counts; `collected` is what an element scores.
    """

    sizes: Sizes
    parents: dict[Element, Element | None] = field(default_factory=dict)
    worth: dict[Element, float] = field(default_factory=dict)
    own: dict[Element, float] = field(default_factory=dict)
    collected: dict[Element, float] = field(default_factory=dict)

    def best(self) -> Element | None:
        """The element that scores most, if that is a story at all."""
        score, best = 0.0, None
        for element, collected in self.collected.items():
            if collected > score / NAMED_STORY:
                named = NAMED_STORY if hint(names(element)) > 0 else 1.0
                if collected * named > score:
                    score, best = collected * named, element
        return self.widened(best) if best is not None and score >= STORY_BYTES else None

    def widened(self, element: Element) -> Element:
        """The outermost element that holds much more of the story, in passages of about the same size."""
        above = [*self._above(element)]
        held, count = self._held(element, above)
        for each in above:
            more, blocks = held[each] - held[element], count[each] - count[element]
            if (
                blocks
                and more >= MORE * held[element]
                and more / blocks >= ALIKE * held[element] / count[element]
            ):
                element = each
        return element

    def _above(self, element: Element) -> Iterator[Element]:
        at = self.parents[element]
        while at is not None and at.tag not in ("body", "html"):
            yield at
            at = self.parents[at]

    def _held(
        self, element: Element, above: list[Element]
    ) -> tuple[dict[Element, float], dict[Element, int]]:
        """The weight and the number of the passages in an element and in each of those above it."""
        chain = [element, *above]
        held, count = dict.fromkeys(chain, 0.0), dict.fromkeys(chain, 0)
        nearest: dict[Element | None, Element | None] = {None: None}
        for each, parent in self.parents.items():
            nearest[each] = each if each in held else nearest[parent]
        for block, weight in self.own.items():
            inside = nearest[block]
            if inside is not None:
                held[inside] += weight
                count[inside] += 1
        for one, outer in zip(chain, above, strict=False):
            held[outer] += held[one]
            count[outer] += count[one]
        return held, count

    def within(self, element: Element) -> Iterator[Element]:
        """The passages in the element, itself included."""
        inside: dict[Element | None, bool] = {None: False}
        for each, parent in self.parents.items():
            inside[each] = each is element or inside[parent]
        return (each for each in self.sizes if inside[each])


def weigh(sizes: Sizes, *, by_name: bool = True) -> Weights:
    """Pass the weight of passages up the tree.

    Without `by_name`, an element counts for less only where its name says that it never holds a story.
    """
    weights = Weights(sizes)
    _climb(weights)
    _judge(weights, by_name=by_name)
    _collect(weights)
    return weights


def paragraphs(document: Document) -> Sizes:
    """The passages that are `p` elements: quickly found, and on most pages all that matters."""
    sizes: Sizes = {}
    for paragraph in document.tree.select("p"):
        size = len(paragraph.text.strip())
        if size >= PASSAGE_BYTES:
            linked = sum([len(each.text) for each in paragraph.select("a")])
            sizes[paragraph] = (size - linked, linked)
    return sizes


def passages(within: Node) -> Sizes:
    """Every passage, whatever its element."""
    sizes: Sizes = {}
    around: dict[Element, tuple[Element | None, bool]] = {}
    for node, size in _texts(within):
        block, in_link = _block_around(node, around)
        if block is None or block.tag in UNSEEN:
            continue
        plain, linked = sizes.get(block, (0, 0))
        if block.tag != "p":
            sizes[block] = (plain, linked + size) if in_link else (plain + size, linked)
        elif not plain + linked:
            inside = sum([len(each.text) for each in block.select("a")])
            sizes[block] = (len(block.text.strip()) - inside, inside)
    return sizes


def _texts(within: Node) -> Iterator[tuple[Node, int]]:
    """The longer texts in a node and their bytes, white space around them left out."""
    found = [
        (node, text)
        for node in within.descendants
        if type(node) is Text and len(text := node.data) >= TEXT_BYTES
    ]
    return ((node, size) for node, text in found if (size := len(text.strip())) >= TEXT_BYTES)


def _block_around(
    text: Node, around: dict[Element, tuple[Element | None, bool]]
) -> tuple[Element | None, bool]:
    """The block that a text stands in, None in a template's root, and whether a link is in between.

    `around` keeps the answers for inline elements: nested ones would else be climbed for each text anew.
    """
    at: Node | None = text.parent
    if not isinstance(at, Element):
        return None, False
    if at.tag not in INLINE:
        return at, False
    climbed: list[Element] = []
    while isinstance(at, Element) and at not in around and at.tag in INLINE:
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
    worth = weights.worth
    for each, parent in weights.parents.items():
        above = float(each.tag == "html") if parent is None else worth[parent]
        worth[each] = above and above * _own_worth(each, trusted=held[each] > most or not by_name)


def _own_worth(element: Element, *, trusted: bool) -> float:
    tag = element.tag
    if tag in WHOLE:
        return 1.0
    if tag in BESIDE and not (tag == "form" and trusted):  # some sites put all of a page into one form
        return 0.0
    if element.attrs:
        said = hint(names(element))
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

"""What a part of a story is: by its tag, its names, its markup, and the few words that say it.

Only what is cheap is asked of every part. A text is looked at closely where it is short, for long ones are
paragraphs whatever they begin with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from newshole.page.document import Document, Element, Node, Text
from newshole.page.labels import (
    SENTENCE_ENDS,
    has_credit,
    is_ad_label,
    is_promo_label,
    is_separator,
    opens_call,
    opens_caption,
    opens_promo,
)
from newshole.page.names import named
from newshole.page.weights import BESIDE_ROLES, INLINE

SILENT: Final = frozenset(
    "base command frame frameset head link meta noembed noframes noscript param rp script source style "
    "template title track".split()
)
"""Elements that show nothing."""

CONTAINERS: Final = frozenset("article body center div main section".split())

PHRASING: Final = INLINE | frozenset(
    "audio br button canvas embed iframe img input label math meter object output picture progress ruby "
    "select svg textarea video".split()
)
"""Elements that stand in a line of text."""

LOOKED_THROUGH: Final = frozenset("b big em font i ins small span strong".split())
"""Phrasing elements that some sites put around paragraphs."""

MEDIA: Final = frozenset(("image", "video", "embed"))

SHORT: Final = 40
"""Words up to which a paragraph may be a caption, a label or a call to read on."""

HEADING_WORDS: Final = 14
"""Words up to which a bold line stands for a heading."""

LABEL_WORDS: Final = 8
LABEL_BYTES: Final = 160

_HEADING_TAGS: Final = frozenset("h1 h2 h3 h4 h5 h6 header hgroup".split())
_KINDS: Final = {
    **dict.fromkeys(_HEADING_TAGS, "heading"),
    **dict.fromkeys(("ul", "ol", "dl", "menu", "dir"), "list"),
    **dict.fromkeys(("pre", "listing", "xmp", "plaintext"), "code"),
    "p": "paragraph",
    "blockquote": "quote",
    "table": "table",
}
_BLOCKS: Final = ", ".join(
    "p div section article main center ul ol dl blockquote table figure pre form aside nav header footer "
    "hgroup details fieldset address hr h1 h2 h3 h4 h5 h6".split()
)
_MEDIA: Final = (
    ("iframe, object, embed", "embed"),
    ("video, audio", "video"),
    ("img, picture, svg, canvas", "image"),
)
_HELD: Final = (*_MEDIA, ("blockquote", "quote"), ("table", "table"), ("pre", "code"))
_EMBEDDED: Final = ("twitter-", "instagram-", "tiktok-", "fb-", "bluesky-", "mastodon-", "reddit-embed")
_TELLING: Final = frozenset("a b strong img picture iframe video small em i button".split())
_TELLS: Final = (_TELLING, ", ".join(sorted(_TELLING)))
_AD_TAGS: Final = ("amp-ad", "amp-embed", "amp-auto-ads", "amp-sticky-ad")
_AD_MARKS: Final = frozenset(
    "data-ad data-ads data-ad-slot data-ad-client data-ad-unit data-ad-unit-path data-adunit data-ad-type "
    "data-ad-position data-ad-format data-ad-id data-dfp-id data-google-query-id data-revive-zoneid".split()
)
_BESIDE_ROLES: Final = BESIDE_ROLES | {"note"}
_HAS_CALL: Final = "a, form, input, button, iframe"
_QUOTED: Final = frozenset("aside blockquote figure div section p q".split())
_BOLD: Final = frozenset(("b", "strong"))
_BOLDS: Final = (_BOLD, "b, strong")
_SHOWN: Final = frozenset(("img", "picture", "iframe", "video"))
_PRESSED: Final = frozenset(("a", "button"))
"""What a reader presses: a short text that stands in nothing else is no sentence of a story."""

LAST_BYTES: Final = 24
"""Bytes of a text in which its last sign stands."""

_WORDLESS: Final = frozenset("br img picture iframe video svg".split())
_SMALL: Final = frozenset(("small", "em", "i", "cite"))


def role(element: Element) -> str:
    """What an element is to its container: "silent", part of a "line", a "container" itself or a "block"."""
    tag = element.tag
    if tag in SILENT or (element.attrs and _is_hidden(element)):
        return "silent"
    if tag in CONTAINERS:
        return "container"
    if tag in PHRASING or "-" in tag:
        if element.select_one(_BLOCKS) is None:
            return "line"
        return "container" if "-" in tag or tag in LOOKED_THROUGH else "block"
    return "block"


def _is_hidden(element: Element) -> bool:
    style = element.attr("style")
    return (
        style is not None and "display:none" in style.replace(" ", "").lower()
    ) or "hidden" in element.attrs


def said(element: Element) -> str | None:
    """What the names and marks of an element say that it is, see `named`; None where they say nothing."""
    attrs = element.attrs
    if not attrs:
        return "ad" if element.tag in _AD_TAGS else None
    tag = element.tag
    found = "ad" if tag in _AD_TAGS else named(f"{element.attr('class') or ''} {element.attr('id') or ''}")
    if found in ("ad", "quote"):
        return found
    if not _AD_MARKS.isdisjoint(attrs) and tag != "a":
        return "ad"
    return found or ("beside" if element.attr("role") in _BESIDE_ROLES else None)


def is_ad_in_line(element: Element) -> bool:
    """Whether an element that stands in a line is an ad's slot: one of the tags that ads are served in."""
    tag = element.tag
    return (tag in ("ins", "iframe") or "-" in tag) and said(element) == "ad"


def block_kind(element: Element, told: str | None) -> str:
    """What a block is, where its names and marks say what is `told`."""
    tag = element.tag
    if tag == "blockquote" and (element.attr("class") or "").startswith(_EMBEDDED):
        return "embed"
    if told is not None and tag not in _HEADING_TAGS:
        if told == "quote" and tag in _QUOTED:
            return "quote"
        if told == "ad" or (
            told == "promo" and tag != "figure" and element.select_one(_HAS_CALL) is not None
        ):
            return told
        if tag == "p" and told != "dropcap":
            return "other"
    if tag == "figure":
        return _first_held(_HELD, [element]) or "image"
    return _KINDS.get(tag, "other")


def media(elements: Sequence[Element]) -> str | None:
    """What elements without words show, if anything."""
    return _first_held(_MEDIA, elements)


def _first_held(choices: tuple[tuple[str, str], ...], elements: Sequence[Element]) -> str | None:
    for selector, kind in choices:
        if any(each.matches(selector) or each.select_one(selector) is not None for each in elements):
            return kind
    return None


def text_kind(document: Document, nodes: Sequence[Node], text: str, words: int) -> tuple[str, str | None]:
    """What a text is that stands where a paragraph stands, with its trait, see `Piece`.

    `text` is in the letters of the tree.
    """
    if words <= LABEL_WORDS and len(text) <= LABEL_BYTES:
        label = document.opening(text)
        if is_ad_label(label):
            return "ad", "label"
        if is_separator(label):
            return "other", "separator"
    tags, selector = _TELLS if words <= SHORT else _BOLDS
    for each in nodes:
        if type(each) is Element and (each.tag in tags or each.select_one(selector) is not None):
            break
    else:
        return ("other", "caption") if words <= SHORT and _is_credit(document, text) else ("paragraph", None)
    elements = [each for each in nodes if type(each) is Element]
    if words > SHORT:
        return "paragraph", "bold" if _is_all(elements, text, _BOLD) else None
    held = {inner.tag for each in elements for inner in (each, *each.select(selector))}
    return _told_kind(document, elements, text, words, held)


def _told_kind(
    document: Document, elements: list[Element], text: str, words: int, held: set[str]
) -> tuple[str, str | None]:
    """The same for a short text that holds elements which may tell, by their tags `held`."""
    is_bold = not held.isdisjoint(_BOLD) and _is_all(elements, text, _BOLD)
    is_small = not is_bold and not held.isdisjoint(_SMALL) and _is_all(elements, text, _SMALL)
    if "a" in held or not held.isdisjoint(_SHOWN):
        written = document.decoded(text.strip())
        if "a" in held and (opens_call(written) or (opens_promo(written) and is_linked(elements, text))):
            return "promo", None
        shown = None if held.isdisjoint(_SHOWN) else media(elements)
        if shown is not None:
            is_caption = is_small or _is_caption(elements, written, text)
            return shown if is_caption else "paragraph", None
    if _is_credit(document, text):
        return "other", "caption"
    is_pressed = not held.isdisjoint(_PRESSED) and _is_all(elements, text, _PRESSED)
    if is_pressed or is_bold:
        ends = document.decoded(text.rstrip()[-LAST_BYTES:]).endswith(SENTENCE_ENDS)
        if is_pressed and not ends:
            return "other", None
        if is_bold:
            return ("paragraph", "bold") if ends or words > HEADING_WORDS else ("heading", None)
    return "paragraph", "small" if is_small else None


def _is_credit(document: Document, text: str) -> bool:
    """Whether a short text is the caption or the credit of a picture that may stand anywhere."""
    return (":" in text or "\xa9" in text or "|" in text) and has_credit(document.decoded(text.strip()))


def _is_caption(elements: list[Element], written: str, text: str) -> bool:
    """Whether the text beside a picture is its caption, by its opening or by its names."""
    if opens_caption(written):
        return True
    inside = [each for element in elements for each in (element, *element.select("[class]"))]
    return any(said(each) == "caption" and len(each.text.strip()) * 2 > len(text.strip()) for each in inside)


def _is_all(elements: Sequence[Element], text: str, tags: frozenset[str]) -> bool:
    """Whether all of a text stands in elements of these tags, which may stand in others one by one."""
    size = 0
    for each in elements:
        while each.tag not in tags:
            held = _first_shown(each)
            if held is None:
                return False
            if held.tag in tags:
                size += sum([len(one.text.strip()) for one in each.children if _has_tag(one, tags)])
                break
            each = held
        else:
            size += len(each.text.strip())
    return size > 0 and size >= 0.95 * len(text.strip()) - 2


def _first_shown(element: Element) -> Element | None:
    """The element that the text of another one begins with; None where it begins with bare text."""
    for child in element.children:
        if type(child) is Element:
            if child.tag not in _WORDLESS:
                return child
        elif type(child) is Text and not child.data.isspace():
            return None
    return None


def _has_tag(node: Node, tags: frozenset[str]) -> bool:
    return type(node) is Element and node.tag in tags


def is_linked(elements: Sequence[Element], text: str) -> bool:
    """Whether links make up a third of a text: the rest may be a label."""
    linked = sum(
        [len(link.text) for each in elements for link in (each.select("a") if each.tag != "a" else [each])]
    )
    return linked * 3 >= len(text.strip()) > 0


def is_promo_title(document: Document, text: str) -> bool:
    """Whether a text is nothing but the title of a box of other stories."""
    return len(text) <= LABEL_BYTES and is_promo_label(document.opening(text))


def is_floated(element: Element) -> bool:
    """Whether the text that follows an element flows around it."""
    if not element.attrs:
        return False
    if (element.attr("align") or "").lower() in ("left", "right"):
        return True
    style = (element.attr("style") or "").replace(" ", "").lower()
    if "float:left" in style or "float:right" in style:
        return True
    classes = (element.attr("class") or "").lower().replace("_", "-").split()
    return any(each in _FLOATED for each in classes)


_FLOATED: Final = frozenset(
    "alignleft alignright align-left align-right float-left float-right floatleft floatright pull-left "
    "pull-right float-start float-end left right image-left image-right img-left img-right figure-left "
    "figure-right media-left media-right tleft tright floated".split()
)

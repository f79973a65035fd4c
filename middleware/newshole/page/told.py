"""What a page tells newshole: words of its editors, the point where placement ends, and marks for blocks.

Words stand in `<meta name="newshole" content="no-ads no:promo">` and in the response's `X-Newshole` header.
`data-newshole-stop` on an element of the body ends placement where that element starts. A comment
`<!-- newshole:BLOCK-ID -->` in the body asks for that block there.

**Comments have no place in the parser's tree**, and what looks like one in the bytes may stand in a script or
an attribute. So the page is parsed once more, with a number of its own in each of these comments, in just as
many bytes: the tree is the same but for the numbers, which say of every comment of the tree where its bytes
are. Only a page with such a comment pays for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

from newshole.page.csp import Needed, Policy, kept_out
from newshole.page.document import Comment, Document, Element, Node, Text, comments, parse_tree
from newshole.page.edges import is_in_flow
from newshole.types import Told

META: Final = 'meta name="newshole"'
HEADER: Final = "X-Newshole"
"""What says words to newshole, as decisions name it."""

OFF: Final = "off"
"""The word that leaves a page untouched."""

POLICY: Final = "Content-Security-Policy"
"""What says that a script or a style is kept out, as decisions name it."""

BLOCKED: Final = "blocked:"
"""What stands before the name of such a one, in folded letters."""

MOST_WORDS: Final = 64
"""Words that are read of one text."""

MOST_MARKS: Final = 200
"""Marks of a page that are looked at."""

_WORD = re.compile(r"off|no-ads|no-social|no:[a-z0-9][a-z0-9-]*|blocked:\S+")
_NUMBER = re.compile(r"\d+ *")
_MARK = re.compile(rb"<!--([ \t\n\f\r]*newshole:([a-z0-9][a-z0-9-]{0,99}?)[ \t\n\f\r]*)-->")


def read_words(text: str) -> tuple[str, ...]:
    """The words of a text that are any to newshole, told apart by spaces or commas, each once."""
    words = text.casefold().replace(",", " ").split()
    return tuple(dict.fromkeys(word for word in words[:MOST_WORDS] if _WORD.fullmatch(word)))


def told(text: str, by: str) -> tuple[Told, ...]:
    """The same, with who says so."""
    return tuple(Told(word, _says(word, by)) for word in read_words(text)) if text else ()


def _says(word: str, by: str) -> str:
    return POLICY if word.startswith(BLOCKED) else by


def blocked(policies: Sequence[Policy], needed: Iterable[Needed], page: str) -> Iterator[str]:
    """A word for each of what these policies keep out of a page, by its URL."""
    return map(blocked_word, kept_out(policies, needed, page))


def blocked_word(needed: Needed) -> str:
    """The word that says so of a script or a style."""
    # Commas and spaces tell words apart.
    return BLOCKED + quote(needed.name, safe=":/?=&@~._-").casefold()


def read_stop(document: Document, body: Element) -> int | None:
    """The byte offset from which on nothing is placed in the body, None where nothing ends it.

    On the body or around it, the attribute ends placement before all of it.
    """
    if body.closest("[data-newshole-stop]") is not None:
        return 0
    starts = (document.start(each) for each in document.select("[data-newshole-stop]", body))
    return min((start for start in starts if start is not None), default=None)


class Mark(NamedTuple):
    """A comment that asks for a block, and the byte offset where the block is asked for."""

    block: str
    offset: int


def read_marks(document: Document, body: Element) -> tuple[Mark, ...]:
    """The marks in the body that stand in plain flow, in document order.

    One that is alone in a paragraph, as editing programs wrap it, asks for the place behind that.
    """
    return tuple(sorted(_marks(document, body), key=lambda mark: mark.offset))


def _marks(document: Document, body: Element) -> Iterator[Mark]:
    # Most pages have none: the body tells so in a fraction of the time that a look at the bytes takes.
    if not any("newshole:" in comment.data for comment in comments(body)):
        return
    own = comments(document.tree)
    found = list(_MARK.finditer(document.page))[:MOST_MARKS]
    for comment, number in zip(own, _numbers(document, own, found), strict=True):
        if number is not None and any(each is body for each in comment.ancestors):
            block, offset = found[number][2].decode("ascii"), _asked(document, comment, found[number].end())
            if offset is not None:
                yield Mark(block, offset)


def _numbers(document: Document, own: list[Comment], found: list[re.Match[bytes]]) -> Iterator[int | None]:
    """For each of the page's `own` comments, which of the matches `found` in its bytes it is, if any."""
    page = bytearray(document.page)
    for number, match in enumerate(found):
        start, end = match.span(1)
        page[start:end] = b"%d" % number + b" " * (end - start - len(str(number)))
    numbered = parse_tree(bytes(page[document.shift :]), offsets=False)
    for comment, before in zip(comments(numbered), own, strict=True):
        is_mark = comment.data != before.data and _NUMBER.fullmatch(comment.data)
        yield int(comment.data) if is_mark else None


def _asked(document: Document, comment: Comment, end: int) -> int | None:
    """Where a comment that ends at a byte asks for its block; None where no block can stand."""
    parent = comment.parent
    if isinstance(parent, Element) and parent.tag == "p" and not any(map(_shows, parent.children)):
        return document.end(parent) if is_in_flow(parent.parent) else None
    return end if is_in_flow(parent) else None


def _shows(node: Node) -> bool:
    return isinstance(node, Element) or (isinstance(node, Text) and not node.data.isspace())

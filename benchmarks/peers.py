"""Other ways to put blocks into a page: each places a block after every third `p`, and plans nothing.

Each maker takes the blocks' HTML and gives a function from page to page. It imports its library itself, so
that no peer's process holds another's modules.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

Rewrite: TypeAlias = Callable[[bytes], bytes]
Maker: TypeAlias = Callable[[Sequence[str]], Rewrite]

STEP: Final = 3
"""Every which paragraph is followed by a block, while there are blocks."""

MARK: Final = b' data-newshole="'
"""What every block has once, for counting."""

MODULES: Final = {"BeautifulSoup": "bs4", "python-lolhtml": "lolhtml", "turbohtml.rewrite": "turbohtml"}
"""The module that each peer needs."""


class _Insertable(Protocol):
    """What python-lolhtml gives a handler, as far as it is used here; the library need not be installed."""

    def after(self, content: str, content_type: object) -> None: ...


def beautifulsoup(blocks: Sequence[str]) -> Rewrite:
    """What a first attempt at this would do: parse with lxml, insert, serialise."""
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning

    # Pages in XHTML are among the corpora, and browsers parse those as HTML too when they are sent so.
    warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)

    def rewrite(page: bytes) -> bytes:
        soup = BeautifulSoup(page, "lxml")
        for paragraph, block in zip(soup.find_all("p")[STEP - 1 :: STEP], blocks, strict=False):
            paragraph.insert_after(BeautifulSoup(block, "html.parser"))
        return soup.encode()

    return rewrite


def lolhtml(blocks: Sequence[str]) -> Rewrite:
    """One streaming pass over the bytes with a handler for `p`."""
    library = importlib.import_module("lolhtml")
    html = library.ContentType.HTML

    class Paragraphs:
        """Called for each `p` in turn."""

        def __init__(self) -> None:
            self.turns = _turns(blocks)

        def element(self, paragraph: _Insertable) -> None:
            block = next(self.turns)
            if block is not None:
                paragraph.after(block, html)

    def rewrite(page: bytes) -> bytes:
        parts: list[bytes] = []
        rewriter = library.HTMLRewriter(lambda part: parts.append(bytes(part)))
        rewriter.on("p", Paragraphs())
        rewriter.write(page)
        rewriter.end()
        return b"".join(parts)

    return rewrite


def turbohtml(blocks: Sequence[str]) -> Rewrite:
    """One streaming pass over the decoded text with a handler for `p`."""
    from turbohtml.rewrite import Element
    from turbohtml.rewrite import rewrite as rewrite_text

    def rewrite(page: bytes) -> bytes:
        turns = _turns(blocks)

        def place(paragraph: Element) -> None:
            block = next(turns)
            if block is not None:
                paragraph.after(block, html=True)

        # As latin-1 every byte is one character, so that pages of any encoding come back as they were.
        return rewrite_text(page.decode("latin-1"), elements=[("p", place)]).encode("latin-1")

    return rewrite


MAKERS: Final[Mapping[str, Maker]] = {
    "BeautifulSoup": beautifulsoup,
    "python-lolhtml": lolhtml,
    "turbohtml.rewrite": turbohtml,
}


def installed() -> dict[str, Maker]:
    """The peers that are there."""
    return {name: make for name, make in MAKERS.items() if importlib.util.find_spec(MODULES[name])}


def missing() -> tuple[str, ...]:
    """The peers that are not, with what to do about it."""
    return tuple(f"{name} (not installed)" for name in MAKERS if name not in installed())


def _turns(blocks: Sequence[str]) -> Iterator[str | None]:
    """For each paragraph the block to place after it, if any."""
    for block in blocks:
        yield from (None,) * (STEP - 1)
        yield block
    while True:
        yield None

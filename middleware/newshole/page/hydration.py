"""Hydration: whether a script in the browser takes the story over and may drop what it did not write.

A framework that renders on the server renders again in the browser and expects its own markup there. Most
do so below one root, which they mark; beside that root the page is plain HTML.
"""

from __future__ import annotations

import re
from typing import Final

from newshole.page.document import Document, Element

_ROOTS: Final = (
    "#__next, #__nuxt, #___gatsby, astro-island, [data-reactroot], [data-reactid], [data-server-rendered], "
    "[ng-server-context], [q\\:container]"
)
"""Roots of Next, Nuxt, Gatsby, Astro's islands, React, Vue, Angular and Qwik."""

_WHOLE_PAGE = re.compile(rb"__(?:next_f|remixContext|sveltekit_)")
"""Marks of frameworks that take the whole page over: Next's app router, Remix, SvelteKit."""


def is_hydrated(document: Document, element: Element) -> bool:
    """Whether an element is under the hand of a framework that renders it again in the browser."""
    return is_under_root(element) or is_drawn_whole(document.page)


def is_drawn_whole(page: bytes) -> bool:
    """Whether bytes of a page have the mark of a framework that draws all of it."""
    return _WHOLE_PAGE.search(page) is not None


def is_under_root(element: Element) -> bool:
    """Whether an element is such a root, or in one."""
    return element.closest(_ROOTS) is not None

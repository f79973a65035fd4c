"""The scripts that blocks bring along: each stands in an element of its own, once a page.

So a policy that lets scripts in by their hashes knows them all, whichever of them a page needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from newshole.blocks.markup import asset

ORDER: Final = (
    "capping.js", "consent.js", "events.js", "slots.js", "prebid.js", "gpt.js", "adsense.js", "revive.js",
)  # fmt: skip
"""The scripts that others build on stand before those; the first hides blocks before any other looks for
them."""

_COMMENT_OR_INDENT: Final = re.compile(r"^(?:\s*//.*\n|\s+)", re.MULTILINE)


@cache
def script(name: str) -> str:
    """A script without its comments, which stand on lines of their own, and its indentation."""
    return _COMMENT_OR_INDENT.sub("", asset(name)).rstrip("\n")


def in_order(names: Iterable[str]) -> list[str]:
    """The scripts of a page, each once; those that `ORDER` does not know come last."""
    unique = dict.fromkeys(names)
    return sorted(unique, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def elements(names: Iterable[str], attributes: Mapping[str, str] | None = None) -> str:
    """The markup of a page's scripts; `attributes` has further ones of an element, by its script."""
    told = attributes or {}
    return "".join(
        f"<script data-newshole-runtime{told.get(name, '')}>{script(name)}</script>"
        for name in in_order(names)
    )

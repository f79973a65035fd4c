"""Splicing: a page and its insertions, joined in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from newshole.types import Insertion


def splice(page: bytes, insertions: Sequence[Insertion]) -> bytes:
    """The page with every insertion at its offset; all other bytes are the page's own, in order.

    Raises ValueError where an offset lies outside the page or before the one in front of it.
    """
    offsets = [0, *(insertion.offset for insertion in insertions), len(page)]
    if any(later < earlier for earlier, later in pairwise(offsets)):
        raise ValueError(f"offsets must rise from 0 to {len(page)}: {offsets[1:-1]}")
    return joined(page, offsets[1:-1], [insertion.html for insertion in insertions])


def joined(page: bytes, offsets: Sequence[int], fragments: Sequence[bytes]) -> bytes:
    """The same for fragments at offsets that are known to rise inside the page."""
    parts: list[bytes | memoryview] = [b""] * (2 * len(offsets) + 1)
    parts[::2] = map(memoryview(page).__getitem__, map(slice, (0, *offsets), (*offsets, len(page))))
    parts[1::2] = fragments
    return b"".join(parts)

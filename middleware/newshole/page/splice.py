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
    view = memoryview(page)
    parts: list[bytes | memoryview] = []
    for (start, end), insertion in zip(pairwise(offsets), insertions, strict=False):
        parts += (view[start:end], insertion.html)
    parts.append(view[offsets[-2] :])
    return b"".join(parts)

"""The Content Security Policies that a page has in meta elements of its head."""

from __future__ import annotations

import html
import re
from typing import Final

MOST: Final = 64 * 1024
"""Bytes of a page's beginning in which its policies are looked for."""

# What is left open is read to its end once, so that no page takes longer than its bytes.
_COMMENT_OR_META = re.compile(
    rb"<!--(?:-?>|.*?(?:--!?>|\Z))|<meta\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*+(?P<end>>)?",
    re.DOTALL | re.IGNORECASE,
)
_IS_POLICY = re.compile(rb"\bhttp-equiv\s*=\s*(?:\"|'|)\s*content-security-policy[\s\"'/>]", re.IGNORECASE)
_CONTENT = re.compile(rb"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def meta_policies(page: bytes, end: int) -> tuple[bytes, ...]:
    """The policies of a page, as they are written before the offset `end`."""
    start = page[: min(end, MOST)]
    if b"-policy" not in start.lower():
        return ()
    metas = (found[0] for found in _COMMENT_OR_META.finditer(start) if found["end"])
    contents = (_CONTENT.search(meta) for meta in metas if _IS_POLICY.search(meta))
    return tuple(_unescaped(found[1] or found[2] or found[3] or b"") for found in contents if found)


def _unescaped(value: bytes) -> bytes:
    return html.unescape(value.decode("latin-1")).encode("latin-1", "replace")

"""The Content Security Policies that a page has in meta elements of its head."""

from __future__ import annotations

import html
import re
from typing import Final

MOST: Final = 64 * 1024
"""Bytes of a page's beginning in which its policies are looked for."""

_META = re.compile(rb"<meta\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_IS_POLICY = re.compile(rb"\bhttp-equiv\s*=\s*(?:\"|'|)\s*content-security-policy[\s\"'/>]", re.IGNORECASE)
_CONTENT = re.compile(rb"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)


def meta_policies(page: bytes, end: int) -> tuple[bytes, ...]:
    """The policies of a page, as they are written before the offset `end`."""
    start = page[: min(end, MOST)]
    if b"-policy" not in start.lower():
        return ()
    metas = _META.findall(_COMMENT.sub(b"", start))
    contents = (_CONTENT.search(meta) for meta in metas if _IS_POLICY.search(meta))
    return tuple(_unescaped(found[1] or found[2] or found[3] or b"") for found in contents if found)


def _unescaped(value: bytes) -> bytes:
    return html.unescape(value.decode("latin-1")).encode("latin-1", "replace")

"""AMP pages: what a page of that format loads."""

from __future__ import annotations

from newshole.page.document import Document
from newshole.page.prescan import is_amp


def amp_extensions(document: Document) -> tuple[str, ...] | None:
    """The extensions that an AMP page loads, such as "amp-ad"; None for any other page."""
    if not is_amp(document.page):
        return None
    found = document.select("script[custom-element]")
    names = (document.attribute(each, "custom-element") or "" for each in found)
    return tuple(dict.fromkeys(name.strip().lower() for name in names))

"""Pages of stories, as a site might send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

NOW: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
URL: Final = "https://news.example/news/bridge"
PUBLISHED: Final = "2026-03-01T12:00:00Z"

_TEXT = (
    "The council met on Tuesday and agreed to mend the old bridge before winter comes. "
    "Boats may pass below the bridge again, the council said, and the ferry will rest."
)


def story(
    head: str = "",
    *,
    title: str = "Bridge reopens",
    canonical: str = URL,
    published: str = PUBLISHED,
    text: str = _TEXT,
) -> bytes:
    """The page of a story that can be learned, unless `head` or another part speaks against it."""
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    date = f'<meta property="article:published_time" content="{published}">' if published else ""
    paragraphs = f"<p>{text}</p><p>More of it will follow.</p>" * 4
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{link}{date}'
        f'<meta property="og:type" content="article">{head}</head><body><main><article><h1>{title}</h1>'
        f"<div class=entry-content>{paragraphs}</div></article></main></body></html>"
    ).encode()

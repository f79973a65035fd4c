"""A Varnish that runs the VCL in docs/deploy/varnish.vcl, which says what `PURGE` does there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from newshole.cdn.service import Call, Purge, batches
from newshole.cdn.tags import url_tag

MOST_TAGS: Final = 64
"""Tags of one call, whose header Varnish takes up to 8 KiB of."""


@dataclass(frozen=True, slots=True)
class Varnish:
    """One Varnish server; `address` is where it listens, such as http://varnish:6081."""

    address: str

    @property
    def name(self) -> str:
        return f"varnish+{self.address}"

    def calls(self, asked: Purge, now: float) -> tuple[Call, ...]:
        del now
        if asked.is_everything:
            return (Call("PURGE", f"{self.address}/", (("X-Purge-All", "1"),)),)
        soft = (("X-Purge-Soft", "1"),) if asked.is_soft else ()
        tags = (*asked.tags, *map(url_tag, asked.urls))
        by_tag = (
            Call("PURGE", f"{self.address}/", (("X-Purge-Tags", " ".join(batch)), *soft))
            for batch in batches(tags, MOST_TAGS)
        )
        return (*by_tag, *(self._by_url(url, soft) for url in asked.urls))

    def refusal(self, body: bytes) -> str | None:
        del body
        return None

    def _by_url(self, url: str, soft: tuple[tuple[str, str], ...]) -> Call:
        split = urlsplit(url)
        target = (split.path or "/") + (f"?{split.query}" if split.query else "")
        return Call("PURGE", f"{self.address}{target}", (("Host", split.netloc), *soft))

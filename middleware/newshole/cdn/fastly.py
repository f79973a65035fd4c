"""Fastly's purging API: https://www.fastly.com/documentation/reference/api/purging/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from newshole.cdn.service import Call, Purge, batches
from newshole.cdn.tags import url_tag

API: Final = "https://api.fastly.com"

MOST_KEYS: Final = 256
"""Keys of one call, as the API has it."""

LONGEST_KEYS: Final = 7_000
"""Letters of the keys of one call, for they go in one header."""


@dataclass(frozen=True, slots=True)
class Fastly:
    """A Fastly service, purged by surrogate keys and by addresses."""

    service: str
    key: str = field(repr=False)
    api: str = API

    @property
    def name(self) -> str:
        return f"fastly://{self.service}"

    def calls(self, asked: Purge, now: float) -> tuple[Call, ...]:
        del now
        if asked.is_everything:
            return (Call("POST", f"{self.api}/service/{self.service}/purge_all", self._headers()),)
        headers = (*self._headers(), *((("Fastly-Soft-Purge", "1"),) if asked.is_soft else ()))
        # The tag of an address takes all that is kept of it, its query strings too.
        keys = (*asked.tags, *map(url_tag, asked.urls))
        by_key = (
            Call("POST", f"{self.api}/service/{self.service}/purge", (*headers, ("Surrogate-Key", listed)))
            for listed in _lists(keys)
        )
        by_url = (Call("POST", f"{self.api}/purge/{url.partition('://')[2]}", headers) for url in asked.urls)
        return (*by_key, *by_url)

    def refusal(self, body: bytes) -> str | None:
        del body
        return None

    def _headers(self) -> tuple[tuple[str, str], ...]:
        return ("Fastly-Key", self.key), ("Accept", "application/json")


def _lists(keys: tuple[str, ...]) -> Iterator[str]:
    for batch in batches(keys, MOST_KEYS):
        line = ""
        for key in batch:
            if line and len(line) + len(key) >= LONGEST_KEYS:
                yield line
                line = ""
            line = f"{line} {key}".lstrip()
        yield line

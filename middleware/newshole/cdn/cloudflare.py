"""Cloudflare's purging API: https://developers.cloudflare.com/api/resources/cache/methods/purge/."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from newshole.cdn.service import Call, Purge, batches
from newshole.cdn.tags import url_tag

API: Final = "https://api.cloudflare.com/client/v4"

MOST: Final = 30
"""Tags or addresses of one call: what every plan has ever allowed."""


@dataclass(frozen=True, slots=True)
class Cloudflare:
    """A Cloudflare zone.

    `variants` are headers with a value, such as CF-Device-Type with mobile, for which its cache keys have a
    version of every page: an address is purged in each of them.
    """

    zone: str
    token: str = field(repr=False)
    api: str = API
    variants: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"cloudflare://{self.zone}"

    def calls(self, asked: Purge, now: float) -> tuple[Call, ...]:
        del now
        if asked.is_everything:
            return (self._call({"purge_everything": True}),)
        tags = (*asked.tags, *map(url_tag, asked.urls))
        files = (file for url in asked.urls for file in self._files(url))
        return (
            *self._batched("tags", tags),
            *self._batched("files", files),
        )

    def refusal(self, body: bytes) -> str | None:
        """An answer says itself whether it is a success, beside its status."""
        try:
            answer = json.loads(body)
        except ValueError:
            return "its answer is not JSON"
        if not isinstance(answer, dict):
            return "its answer is no JSON object"
        return None if answer.get("success") is True else _errors(answer)

    def _files(self, url: str) -> Iterable[str | dict[str, Any]]:
        return (url, *({"url": url, "headers": {name: value}} for name, value in self.variants))

    def _batched(self, kind: str, items: Iterable[str | dict[str, Any]]) -> list[Call]:
        return [self._call({kind: list(batch)}) for batch in batches(items, MOST)]

    def _call(self, asked: dict[str, Any]) -> Call:
        headers = (("Authorization", f"Bearer {self.token}"), ("Content-Type", "application/json"))
        body = json.dumps(asked, separators=(",", ":")).encode()
        return Call("POST", f"{self.api}/zones/{self.zone}/purge_cache", headers, body)


def _errors(answer: dict[str, Any]) -> str:
    errors = answer.get("errors")
    listed = errors if isinstance(errors, list) else []
    codes = [str(each.get("code")) for each in listed if isinstance(each, dict)]
    return f"it refused, with the codes {', '.join(codes)}" if codes else "it refused, without a reason"

"""Any cache that is not known here: a signed JSON document, POSTed to an address of yours."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Final

from newshole.cdn.service import Call, Purge

SIGNATURE: Final = "X-Newshole-Signature"
"""The header with the moment in seconds since 1970, and the HMAC-SHA256 of that, a full stop and the body."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes purges: {"tags": […], "urls": […], "everything": false, "soft": false}."""

    url: str
    secret: str = field(repr=False)

    @property
    def name(self) -> str:
        return self.url.partition("?")[0]

    def calls(self, asked: Purge, now: float) -> tuple[Call, ...]:
        told = {
            "tags": asked.tags,
            "urls": asked.urls,
            "everything": asked.is_everything,
            "soft": asked.is_soft,
        }
        body = json.dumps(told, separators=(",", ":")).encode()
        headers = (("Content-Type", "application/json"), (SIGNATURE, signature(self.secret, body, int(now))))
        return (Call("POST", self.url, headers, body),)

    def refusal(self, body: bytes) -> str | None:
        del body
        return None


def signature(secret: str, body: bytes, moment: int) -> str:
    """What signs a body at a moment, as the header has it: `t=MOMENT,v1=HEX`."""
    signed = hmac.new(secret.encode(), b"%d.%s" % (moment, body), hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"

"""What a page cache is told by its operator, with defaults that keep nothing that may be somebody's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newshole.http.cookies import IDLE_COOKIES, LOGIN_COOKIES

TARGETED: Final = ("newshole-cache-control", "cdn-cache-control", "surrogate-control")
"""Response fields that speak to shared caches alone (RFC 9213), ours first; the first one present decides."""

TRACKING: Final = (
    "utm_*", "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "mc_cid", "mc_eid",
    "igshid", "_ga", "_gl",
)  # fmt: skip
"""Parameters of addresses that tell where a reader came from; for `ignored_parameters`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a page cache keeps; times are in seconds, sizes in bytes, names may end or begin with `*`.

    `memory` bounds what the process keeps, `largest` a page, `largest_shared` a page in the store,
    `variants` the variants of an address. A page is kept for `longest` at most, stale ones included.
    `patience` is how long a request waits for another's fetch, `timeout` how long a fetch in the background
    may take; after one that failed the site is left alone for `rest`, and an answer that may not be kept is
    remembered for `remembered`. `refreshes` are fetched at once in the background. `stale_if_error` holds
    where the site names none. With `obeys_reloads` a reader's `no-cache` asks the site.

    A request with one of `login_cookies` goes to the site. `idle_cookies` are taken out of requests whose
    answer may be kept. `ignored_parameters` count in no key.
    """

    memory: int = 256 * 1024 * 1024
    largest: int = 5 * 1024 * 1024
    largest_shared: int = 256 * 1024
    variants: int = 32
    longest: float = 24 * 3600.0
    patience: float = 5.0
    timeout: float = 30.0
    rest: float = 1.0
    remembered: float = 10.0
    refreshes: int = 64
    stale_if_error: float = 0.0
    obeys_reloads: bool = True
    targeted: tuple[str, ...] = TARGETED
    login_cookies: tuple[str, ...] = LOGIN_COOKIES
    idle_cookies: tuple[str, ...] = IDLE_COOKIES
    ignored_parameters: tuple[str, ...] = ()

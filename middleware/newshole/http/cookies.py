"""Whose the cookies of a request are: nobody's, as far as pages go, or of somebody who is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from functools import lru_cache
from typing import Final, Literal, TypeAlias

LOGIN_COOKIES: Final = (
    "wordpress_logged_in_*", "wordpress_sec_*", "wp-postpass_*", "wp_woocommerce_session_*",
    "woocommerce_cart_hash", "woocommerce_items_in_cart", "comment_author_*", "SESS*", "SSESS*", "PHPSESSID",
    "JSESSIONID", "ASP.NET_SessionId", ".ASPXAUTH", ".AspNetCore.*", "connect.sid", "laravel_session",
    "remember_*", "sessionid", "session", "session_id", "sid", "auth*", "*_session", "*_token", "token",
    "jwt*", "NO_CACHE",
)  # fmt: skip
"""Names of cookies that tell who is signed in or has begun something, on systems that news sites run on."""

SIGNED_IN: Final = (
    "wordpress_logged_in_*", "wordpress_sec_*", "wp-postpass_*", "SESS*", "SSESS*", ".ASPXAUTH", "remember_*",
    "auth*", "jwt*",
)  # fmt: skip
"""Those of them that nobody has who is not signed in."""

IDLE_COOKIES: Final = (
    "_ga", "_ga_*", "_gid", "_gat*", "_gcl_*", "_fbp", "_fbc", "__utm*", "_pk_id*", "_pk_ses*", "__gads",
    "__gpi", "_hj*", "_cb", "_chartbeat*", "_parsely*", "FCCDCF", "FCNEC", "OptanonConsent",
    "OptanonAlertBoxClosed", "CookieConsent", "didomi_token", "euconsent-v2", "borlabs-cookie",
    "cmplz_*",
)  # fmt: skip
"""Names of cookies that scripts in the browser read and no site's page depends on."""

_SHORT: Final = 128

Cookies: TypeAlias = Literal["idle", "some", "login"]


def whose(
    cookies: bytes, idle: tuple[str, ...] = IDLE_COOKIES, login: tuple[str, ...] = LOGIN_COOKIES
) -> Cookies:
    """Whose the cookies of a request are: nobody's, somebody's, or of somebody who is signed in."""
    if not cookies.strip():
        return "idle"
    told: set[Cookies | None] = set()
    for each in cookies.split(b";"):
        name = each.partition(b"=")[0]
        told.add((_known if len(name) <= _SHORT else _of_whom)(name, idle, login))
    if "login" in told:
        return "login"
    return "some" if "some" in told or "idle" not in told else "idle"


def _of_whom(name: bytes, idle: tuple[str, ...], login: tuple[str, ...]) -> Cookies | None:
    """Whose a cookie of a name is; None of what has no name."""
    written = name.decode("latin-1").strip()
    if not written:
        return None
    if matcher_of(idle)(written):
        return "idle"
    return "login" if matcher_of(login)(written) else "some"


# Most readers have cookies of the same few names.
_known = lru_cache(maxsize=4096)(_of_whom)


@lru_cache(maxsize=64)
def matcher_of(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a name fits one of some patterns, in which `*` stands for anything."""
    if not patterns:
        return lambda _name: False
    found = re.compile("|".join(translate(each) for each in patterns), re.IGNORECASE)
    return lambda name: found.match(name) is not None

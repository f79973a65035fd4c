"""Pictures of stories that were learned: shown where that sends the reader's browser to nobody else."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from newshole.blocks.markup import safe_url


def own_picture(image: str, page: str, hosts: Collection[re.Pattern[str]]) -> str:
    """The address of a picture, where it is on the page's own host, on one below it, or on one of `hosts`.

    "" for every other, and on a page of https for one that is not. `page` is absolute.
    """
    url = safe_url(image)
    if not url:
        return ""
    try:
        picture, around = urlsplit(url), urlsplit(page)
        host, own = picture.hostname or "", around.hostname or ""
    except ValueError:
        return ""
    if around.scheme == "https" != picture.scheme:
        return ""
    own = own.removeprefix("www.")
    is_own = bool(own) and (host == own or host.endswith(f".{own}"))
    return url if is_own or any(each.fullmatch(host) for each in hosts) else ""

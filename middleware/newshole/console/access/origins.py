"""Under which names the console may be asked, and from where a form may come.

A page elsewhere can have a browser ask the console in two ways: by a name of its own that leads here (DNS
rebinding), which the first question refuses, and by a form that it sends here, which the second one does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from newshole.serving.settings import Console

_OWN_SITES: Final = ("same-origin", "none")
"""What `Sec-Fetch-Site` says of a form of the console's own, or of somebody who typed the address."""


def own_names(settings: Console) -> frozenset[str]:
    """The names that the console may be asked by, in lower case."""
    public = urlsplit(settings.public).hostname if settings.public else None
    return frozenset(filter(None, ("localhost", settings.host.lower(), public)))


def is_own_host(host: str, names: Collection[str]) -> bool:
    """Whether a `Host` is one of these names, or an address in figures, which nobody can lead astray."""
    name = _name_of(host)
    return name in names or _is_address(name)


def is_own_form(headers: Mapping[str, str], public: str | None) -> bool:
    """Whether what is sent may come from a page of the console, by what the browser says of it.

    A program that says nothing of where it comes from carries no cookie that it was not given.
    """
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    hosts = (headers.get("host", ""), urlsplit(public).netloc if public else "")
    return bool(netloc := _netloc(origin)) and netloc in {each.lower() for each in hosts}


def is_own_path(path: str, prefix: str) -> bool:
    """Whether a path, with its query, is one of the console's, and no way out of it."""
    return path.startswith(f"{prefix}/") and path.isprintable() and "\\" not in path and " " not in path


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True

"""Pages of a site as its own software answers them, asked for under its public name and nowhere else.

Nothing is ever fetched from the address that somebody typed: its host has to be one of the site's own, and
the site's software is asked for its path. So no internal address can be reached, by a redirect neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from starlette.types import ASGIApp

from newshole.console.inside import InsideError, ask
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.rules.globs import host_fits

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_REDIRECTS: Final = 5

_AS_A_BROWSER: Final = (
    (b"accept", b"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
    (b"user-agent", b"Mozilla/5.0 (compatible; newshole console)"),
    (b"accept-language", b"en"),
)


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a site: `origin` is its own software, `hosts` are its public names and patterns of them,
    `home` is the address that paths are taken from."""

    origin: ASGIApp
    hosts: tuple[str, ...]
    home: str

    def address(self, written: str) -> str:
        """The whole address that somebody means: one of this site's, or a path on it. Raises UsageError."""
        written = written.strip()
        meant = _joined(self.home, written) if written.startswith("/") else written
        meant = quote(meant, safe="/:?#[]@!$&'()*+,;=%~")
        parts = _parts(meant)
        if parts is None or parts.scheme not in ("http", "https") or parts.username or parts.password:
            raise UsageError(f"{written} is no address of a page: give one like {self.home}world/story")
        if not self._is_own(parts):
            raise UsageError(f"the host {parts.netloc} is not this site: give an address on {self._named}")
        return parts._replace(fragment="").geturl()

    async def fetch(self, written: str) -> Page:
        """The page at an address of the site, redirects within it followed. Raises UsageError."""
        url = self.address(written)
        for _ in range(MOST_REDIRECTS):
            try:
                answer = await ask(self.origin, urlsplit(url), headers=_AS_A_BROWSER, most=MOST_BYTES)
            except InsideError as error:
                raise UsageError(f"{url} cannot be had: {error}") from error
            if not (300 <= answer.status < 400 and answer.header("location")):
                break
            url = self.address(_joined(url, answer.header("location")))
        else:
            raise UsageError(f"{written} leads through more than {MOST_REDIRECTS} redirects")
        if answer.status != 200:
            raise UsageError(f"the site answers {url} with status {answer.status}")
        content_type = answer.header("content-type") or "text/html"
        if content_type.partition(";")[0].strip().lower() not in ("text/html", "application/xhtml+xml"):
            raise UsageError(f"{url} is {content_type}, not a page")
        return Page(url, answer.body, url, content_type, answer.all("content-security-policy"))

    @property
    def _named(self) -> str:
        return ", ".join(self.hosts) or urlsplit(self.home).netloc

    def _is_own(self, parts: SplitResult) -> bool:
        home = urlsplit(self.home)
        if parts.netloc.lower() == home.netloc.lower():
            return True
        has_usual_port = parts.port in (None, 443 if parts.scheme == "https" else 80)
        fits: tuple[Callable[[str], bool], ...] = tuple(map(host_fits, self.hosts))
        host = (parts.hostname or "").rstrip(".").lower()
        return has_usual_port and any(each(host) for each in fits)


def _joined(base: str, url: str) -> str:
    """An address as it is meant at another one; one that cannot be any stays as it is."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None

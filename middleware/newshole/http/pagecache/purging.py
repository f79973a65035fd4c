"""What a purge is of; and purges from outside of the workers: a command, a hook of the newsroom's system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from newshole.errors import UsageError
from newshole.http.heads import Headers
from newshole.http.pagecache.marks import write_marks
from newshole.http.pagecache.purge_log import open_log
from newshole.http.pagecache.tags import EVERYTHING, plain_host, tag_mark, url_mark
from newshole.store import GuardedStore


async def purge_pages(
    store: GuardedStore,
    *,
    urls: Iterable[str] = (),
    tags: Iterable[str] = (),
    everything: bool = False,
    soft: bool = False,
) -> bool:
    """Have the workers that share a store keep no more the pages of these addresses, with these tags, or any.

    `soft` only makes them stale. They know within two seconds; false where the store did not take it. Raises
    UsageError for what is no absolute address.
    """
    log = open_log(store)
    values = write_marks(marks_of(urls, tags, everything=everything), soft=soft)
    return all([await log.append(value) for value in values])


def marks_of(urls: Iterable[str], tags: Iterable[str], *, everything: bool) -> set[bytes]:
    """The marks of a purge. Raises UsageError with every address that is none."""
    marks = {tag_mark(tag.encode()) for tag in tags}
    wrong: list[str] = []
    for url in urls:
        try:
            marks.add(url_mark(url))
        except ValueError:
            wrong.append(url)
    if wrong:
        told = ", ".join(wrong)
        raise UsageError(f"no absolute address: {told}: write https://host/path as readers see it")
    return marks | {EVERYTHING} if everything else marks


def named_urls(url: str, headers: Headers) -> Iterator[str]:
    """The addresses on the same host that the answer to a request for `url` names (RFC 9111, section 4.4)."""
    for name in (b"location", b"content-location"):
        try:
            other = urljoin(url, headers.get(name, b"").decode("latin-1"))
            if plain_host(urlsplit(other).netloc) == plain_host(urlsplit(url).netloc):
                yield other
        except ValueError:  # what is no address names none
            continue

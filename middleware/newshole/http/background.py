"""Feeds of other servers, read beside the requests: one task for the site in service, and its client.

Nothing waits for it: the first request or the lifespan starts it, and another site in service ends it.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias
from urllib.parse import urlsplit

from newshole.library.feeds import FeedError
from newshole.site import Site

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger("newshole")

MOST_REDIRECTS: Final = 5
"""Redirects that are followed from the address of a feed."""

Keeper: TypeAlias = "Callable[[aiohttp.ClientSession], Coroutine[None, None, None]]"
"""Reads one feed again and again, with a client."""


class BackgroundReading(ABC):
    """One background task that reads the feeds of the site in service.

    `counts` is added to for every failed reading.
    """

    what: ClassVar[str]
    """What is read, as the log and the task's name have it."""

    timeout: ClassVar[float]
    """Seconds for one answer, connecting included."""

    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts
        self.site: Site | None = None
        self.task: asyncio.Task[None] | None = None

    @abstractmethod
    def keepers(self, site: Site) -> Iterator[Keeper]:
        """What reads each of the feeds of a site."""

    def attend(self, site: Site) -> None:
        """See to it that the feeds of `site`, and of no other, are being read. Never raises."""
        if self.site is site and (self.task is None or not self.task.done()):
            return
        self.stop()
        self.site = site
        keepers = [*self.keepers(site)]
        if not keepers:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            log.warning("%s need an asyncio server: none will be read", self.what)
            return
        self.task = loop.create_task(self._read(keepers), name=f"newshole {self.what}")

    async def close(self) -> None:
        """Stop reading, and wait until nothing is open any more."""
        task = self.stop()
        if task is not None:
            await asyncio.wait([task])

    def stop(self) -> asyncio.Task[None] | None:
        """Begin to stop reading; the task to wait for, None where nothing is read."""
        task, self.task, self.site = self.task, None, None
        if task is not None and not task.done():
            task.cancel()
            return task
        return None

    async def _read(self, keepers: list[Keeper]) -> None:
        # Imported here, for few sites have a feed and the import takes longer than all of ours.
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=self.timeout)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=jar, headers=self.headers) as session:
            await asyncio.gather(*(keep(session) for keep in keepers))


async def whole_body(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body of an answer. Raises FeedError where it has more than `most` bytes."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            raise FeedError(f"it has more than {most:,} bytes")
    return bytes(body)


def in_words(error: Exception, url: str) -> str:
    """What went wrong at a feed, without the path and query of its address, for they may hold a key."""
    cause = str(error) if isinstance(error, FeedError) else type(error).__name__
    status = getattr(error, "status", None)
    return f"{urlsplit(url).hostname}: {cause}" + (f" {status}" if status else "")

"""Purging: every cache at once, each call with a bound in time and a few tries.

What goes wrong at a cache is told in its outcome and never raised: one that is down keeps no other from being
purged, and its pages until their own time is over.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from newshole.cdn.service import Call, Purge, Service, purge_of

if TYPE_CHECKING:
    import aiohttp

TIMEOUT: Final = 5.0
"""Seconds for one answer, connecting included."""

TRIES: Final = 4
"""Times that one call is made at most."""

FIRST_WAIT: Final = 0.25
"""Seconds before the second try; each wait after that is twice as long, and by chance up to half longer."""

LONGEST_WAIT: Final = 10.0
"""Seconds that a cache may ask to wait with `Retry-After`; one that asks for longer is given up."""

AT_ONCE: Final = 8
"""Calls to one cache that are under way together."""

MOST_BYTES: Final = 64 * 1024
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one cache: `calls` were to be made, `failed` of them were refused or had no answer.

    `cache` is its address without a secret; `problem` is the first thing that went wrong, in words.
    """

    cache: str
    calls: int
    failed: int = 0
    problem: str | None = None


async def purge(
    targets: Iterable[Service],
    *,
    tags: Sequence[str] = (),
    urls: Sequence[str] = (),
    everything: bool = False,
    soft: bool = False,
) -> tuple[Outcome, ...]:
    """Purge pages by tags and addresses, or everything, from every cache: an outcome each, in their order.

    `soft` keeps what is purged as stale, where the cache can. Raises UsageError, before any call, where a tag
    or an address is none or there is nothing to purge; what goes wrong at a cache is in its outcome.
    """
    import aiohttp  # takes longer than all else here, and most commands do not purge

    asked = purge_of(tags=tags, urls=urls, everything=everything, soft=soft)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
        return tuple(await asyncio.gather(*(_purge(session, target, asked) for target in targets)))


async def _purge(session: aiohttp.ClientSession, target: Service, asked: Purge) -> Outcome:
    calls = target.calls(asked, time.time())
    slots = asyncio.Semaphore(AT_ONCE)

    async def make(call: Call) -> str | None:
        async with slots:
            return await _insist(session, target, call)

    told = await asyncio.gather(*map(make, calls))
    problems = [problem for problem in told if problem is not None]
    return Outcome(target.name, len(calls), len(problems), problems[0] if problems else None)


async def _insist(session: aiohttp.ClientSession, target: Service, call: Call) -> str | None:
    """Make a call until it succeeds, or there is no use in trying again; what went wrong last."""
    wait = FIRST_WAIT
    for left in reversed(range(TRIES)):
        problem, asked_wait = await _try(session, target, call)
        if problem is None or asked_wait is None or asked_wait > LONGEST_WAIT or not left:
            return problem
        # By chance, so that workers that failed together do not come back together.
        await asyncio.sleep(max(asked_wait, wait * random.uniform(1, 1.5)))  # noqa: S311 - no secret
        wait *= 2
    return None


async def _try(
    session: aiohttp.ClientSession, target: Service, call: Call
) -> tuple[str | None, float | None]:
    """What went wrong, None for nothing; and seconds until another try makes sense, None where none does."""
    import aiohttp
    from yarl import URL

    try:
        async with session.request(
            call.method,
            URL(call.url, encoded=True),
            headers=call.headers,
            data=call.body or None,
            allow_redirects=False,
        ) as answer:
            body = await _read(answer)
    except TimeoutError:
        return f"no answer within {TIMEOUT:g} seconds", 0.0
    except (aiohttp.ClientError, OSError) as error:
        return f"no connection ({type(error).__name__})", 0.0
    except ValueError:
        return "its address cannot be asked", None
    if answer.status == 429 or answer.status >= 500:
        return f"status {answer.status}", _retry_after(answer.headers.get("Retry-After", ""))
    if not 200 <= answer.status < 300:
        return f"status {answer.status}", None
    return target.refusal(body), None


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The answer's body, as far as anything in it is looked at."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return bytes(body)


def _retry_after(written: str) -> float:
    """Seconds that an answer asks to wait, by number or by date; 0 where it does not say."""
    if written.isascii() and written.isdigit():
        return float(written)
    try:
        return max(0.0, parsedate_to_datetime(written).timestamp() - time.time())
    except (ValueError, OverflowError):  # such as a year of twenty digits
        return 0.0

"""Coded pages: decoded, composed, and coded again as they came.

What a coded body became is kept for the minute, under the digest of its coded bytes, so a page that is asked
for again is neither decoded nor encoded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, NamedTuple, TypeVar

from newshole.cache import Answer, PlanCache
from newshole.cache.kept import Key
from newshole.cache.plans import INLINE
from newshole.cache.threads import in_thread
from newshole.http.codings import CodingError, Codings, decode, encode

Result = TypeVar("Result")

INLINE_CODED: Final = INLINE // 8
"""Bytes over which a body is decoded in a worker thread, for it may be of a page many times as large."""


class Coded(NamedTuple):
    """A coded body as it came: `key` is what it is kept under, `most` the bytes of the largest page."""

    body: bytes
    codings: Codings
    key: Key
    most: int


async def compose_coded(
    coded: Coded, plans: PlanCache, compose: Callable[[bytes], Awaitable[Answer]]
) -> Answer:
    """The answer for a coded body, its `html` coded likewise; the body itself where that stays untouched.

    `compose` has the answer for the page that was decoded.
    """
    answer = plans.recall_coded(coded.key)
    if answer is not None:
        return answer
    return await plans.coded_once(coded.key, partial(_composed, coded, compose))


async def _composed(coded: Coded, compose: Callable[[bytes], Awaitable[Answer]]) -> tuple[Answer, int]:
    """The answer for a coded body, and the bytes that its page grew by."""
    body, codings = coded.body, coded.codings
    try:
        page = await _aside(partial(decode, body, codings, most=coded.most), is_long=len(body) > INLINE_CODED)
    except CodingError as error:
        return Answer(body, error.reason), 0
    answer = await compose(page)
    if answer.untouched is not None:
        return answer._replace(html=body), 0
    html = await _aside(partial(encode, answer.html, codings), is_long=len(answer.html) > INLINE)
    return answer._replace(html=html), len(answer.html) - len(page)


async def _aside(work: Callable[[], Result], *, is_long: bool) -> Result:
    return await in_thread(work) if is_long else work()

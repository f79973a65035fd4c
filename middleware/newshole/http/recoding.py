"""Coded pages: decoded, composed, and coded again as they came.

What a coded body became is kept for the minute, under the digest of its coded bytes, so a page that is asked
for again is neither decoded nor encoded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple, TypeVar

from newshole.cache import Answer, PlanCache
from newshole.cache.kept import Asked
from newshole.cache.plans import INLINE
from newshole.cache.threads import coders
from newshole.http.codings import CodingError, Codings, decode, encode
from newshole.page.frame import whole_digest

Result = TypeVar("Result")

INLINE_CODED: Final = INLINE // 8
"""Bytes over which a body is decoded in a worker thread, for it may be of a page many times as large."""


class Coded(NamedTuple):
    """A coded body, `asked` for as if it were the page; `most` are the bytes of the largest page.

    `dress` gives the composed page what this response alone has, before it is coded. Where that is so,
    `is_unique` says that what becomes of the body is for this response alone; else it is for all of a `form`.
    """

    asked: Asked
    codings: Codings
    most: int
    dress: Callable[[Answer], Answer]
    is_unique: bool
    form: Codings


async def compose_coded(coded: Coded, plans: PlanCache) -> Answer:
    """The answer for a coded body, its `html` coded likewise; the body itself where that stays untouched."""
    if coded.is_unique:
        return (await _composed(coded, plans))[0]
    asked = coded.asked
    digest = whole_digest(asked.page)
    key = (digest, asked.url, asked.content_type, coded.form, asked.who, asked.words)
    return await plans.coded_once(key, partial(_composed, coded, plans))


async def _composed(coded: Coded, plans: PlanCache) -> tuple[Answer, int]:
    """The answer for a coded body, and the bytes that its page grew by."""
    body, codings = coded.asked.page, coded.codings
    try:
        page = await _aside(partial(decode, body, codings, most=coded.most), is_long=len(body) > INLINE_CODED)
    except CodingError as error:
        return Answer(body, error.reason, plan=""), 0
    answer = await _answer(coded.asked._replace(page=page), plans)
    answer = coded.dress(answer)
    if answer.untouched is not None:
        return answer._replace(html=body), 0
    html = await _aside(partial(encode, answer.html, codings), is_long=len(answer.html) > INLINE)
    return answer._replace(html=html), len(answer.html) - len(page)


async def _answer(asked: Asked, plans: PlanCache) -> Answer:
    answer = plans.recall(asked.page, asked.url, asked.content_type, asked.who, asked.words)
    return await plans.compose(asked) if answer is None else answer


async def _aside(work: Callable[[], Result], *, is_long: bool) -> Result:
    return await coders().run(work) if is_long else work()

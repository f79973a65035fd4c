"""Two visitors, two variants, many requests at the same time: nobody gets a byte that is another's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import aiohttp
import pytest

from tests.http.asgi import DEVICE_RULES
from tests.serving.processes import uvicorn
from tests.serving.servers import served

pytestmark = pytest.mark.slow

ALL: Final = 100_000
AT_ONCE: Final = 32

RULES: Final = DEVICE_RULES + "vary: {device: X-Device}\n"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody on a device; the block `small` is for phones alone."""

    name: str
    device: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"visitor={self.name}", "X-Device": self.device, "Accept": "text/html"}


VISITORS: Final = (Visitor("ada", "mobile"), Visitor("grace", "desktop"))


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    rules = tmp_path_factory.mktemp("rules") / "rules.yaml"
    rules.write_text(RULES, "utf-8")
    with (
        uvicorn("tests.serving.newsroom:app") as origin,
        served("--upstream", origin, "--rules", rules, "--page-cache") as newshole,
    ):
        yield newshole.port


def wrong(visitor: Visitor, path: str, page: bytes, cookies: list[str]) -> str | None:
    """What of an answer is not as it should be for a visitor, None for nothing."""
    others = [each.name for each in VISITORS if each is not visitor]
    if any(name.encode() in page or name in "".join(cookies) for name in others):
        return "another visitor's"
    if page.count(b'data-newshole="inline"') != 1:
        return "not composed"
    if (b'data-newshole="small"' in page) != (visitor.device == "mobile"):
        return "another variant"
    is_own = "/own/" in path
    if (visitor.name.encode() in page) != is_own or bool(cookies) != is_own:
        return "not one's own"
    return None


async def ask(port: int, numbers: Iterator[int], visitor: Visitor) -> list[str]:
    """What was wrong with the answers to one of those who ask."""
    found = []
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(f"http://localhost:{port}", cookie_jar=jar) as session:
        for number in numbers:
            path = f"/news/{('public', 'own')[number % 2]}/{number // 2 % 7}"
            async with session.get(path, headers=visitor.headers) as answer:
                page, cookies = await answer.read(), answer.headers.getall("Set-Cookie", [])
                fault = wrong(visitor, path, page, cookies)
                if answer.status != 200 or fault:
                    found.append(f"{number} {visitor.name} {path}: {answer.status} {fault}")
    return found


def test_no_visitor_gets_what_is_anothers(port: int) -> None:
    numbers = iter(range(ALL))

    async def visit() -> list[str]:
        asking = (ask(port, numbers, VISITORS[n % 2]) for n in range(AT_ONCE))
        return [fault for found in await asyncio.gather(*asking) for fault in found]

    assert asyncio.run(visit()) == []
    assert next(numbers, None) is None

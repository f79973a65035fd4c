"""One page by its address, with bounds on everything that a foreign server decides."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import aiohttp

from newshole import __version__
from newshole.cli.terminal import why
from newshole.errors import UsageError

TIMEOUT: Final = 20.0
"""Seconds for the whole page, redirects included."""

MOST_REDIRECTS: Final = 5

_HEADERS: Final = {"Accept": "text/html", "User-Agent": f"newshole/{__version__}"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: the page, decompressed; its address after redirects; its media type as the server has it;
    its Content-Security-Policy headers."""

    body: bytes
    url: str
    content_type: str
    policies: tuple[str, ...] = ()


def fetch(url: str, most_bytes: int, timeout: float = TIMEOUT, *, is_page: bool = True) -> Fetched:
    """The HTML page at an http or https address, or whatever is there where it need be no page.

    Raises UsageError, in one line, for whatever goes wrong.
    """
    try:
        return asyncio.run(_fetch(url, most_bytes, timeout, is_page=is_page))
    except TimeoutError as error:
        raise _refusal(url, f"no whole answer within {timeout:g} seconds") from error
    except (aiohttp.ClientError, ValueError, OSError) as error:
        raise _refusal(url, _in_words(error)) from error


async def _fetch(
    url: str,
    most_bytes: int,
    timeout: float,  # noqa: ASYNC109 - aiohttp's own bound
    *,
    is_page: bool,
) -> Fetched:
    headers = _HEADERS if is_page else {**_HEADERS, "Accept": "*/*"}
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout), headers=headers) as session,
        session.get(url, max_redirects=MOST_REDIRECTS) as answer,
    ):
        content_type = answer.headers.get("Content-Type", "text/html")
        _check(url, answer.status, content_type if is_page else "text/html")
        body = bytearray()
        async for chunk in answer.content.iter_chunked(64 * 1024):
            body += chunk
            if len(body) > most_bytes:
                raise UsageError(f"{url} is over {most_bytes // 1024**2} MB: give a single page")
        policies = tuple(answer.headers.getall("Content-Security-Policy", ()))
        return Fetched(bytes(body), str(answer.url), content_type, policies)


def _check(url: str, status: int, content_type: str) -> None:
    if status != 200:
        raise UsageError(f"{url} answers with status {status}: give the address of a page")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "text/html":
        raise UsageError(f"{url} is {media_type or 'of no type'}, not text/html: give the address of a page")


def _refusal(url: str, reason: str) -> UsageError:
    return UsageError(f"cannot fetch {url}: {reason}; give another address, or a file")


def _in_words(error: Exception) -> str:
    match error:
        case aiohttp.TooManyRedirects():
            return f"more than {MOST_REDIRECTS} redirects"
        case aiohttp.NonHttpUrlClientError():
            return f"it leads to {error}, which is not http or https"
        case aiohttp.InvalidURL():
            return f"{error} is no address"
        case aiohttp.ClientSSLError():
            return str(error)
        case aiohttp.ClientConnectorError():
            return f"no connection to {error.host}, port {error.port}: {why(error.os_error)}"
    return str(error) or type(error).__name__

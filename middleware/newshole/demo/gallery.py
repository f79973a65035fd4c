"""The gallery: one page with every kind of block in every variant, each beside the rules that make it.

`gallery.yaml` is the whole of it: the rules that newshole composes the page by, and what the page says of
them. The page itself has an empty element for each block, by whose id the block's rule finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from textwrap import dedent, indent
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newshole.demo.newsroom import HERE
from newshole.demo.origin import html_response

RULES: Final = HERE / "gallery.yaml"
LANGUAGES: Final = {"en": "English", "ar": "العربية"}
LOOKS: Final = {"": "System", "light": "Light", "dark": "Dark"}
THEMES: Final = {"": "The Courier’s", "none": "None"}

ABOUT: Final = {
    "strip": "Thin, as a rule at the top of a page.",
    "stories": "Must-read, related, latest: the site’s own stories. The whole card is the link.",
    "ad": "Its room is kept before anything has loaded, so that nothing moves.",
    "follow": "One sentence that links to the site’s page in a network. Nothing is loaded from there.",
    "newsletter": "A form to the site’s own endpoint, or a link.",
    "video": "A still that leads to a video, or a player that loads nothing until it is started.",
    "paid": "What tells readers that somebody has paid for what they read.",
    "source": "Where a syndicated story was published first.",
    "html": "The operator’s own markup, a template that is vetted when the rules load.",
}
"""What each kind is, in the page's words."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One block of the gallery; `written` is its rule without the place."""

    id: str
    kind: str
    caption: str
    written: str


_ENTRY: Final = re.compile(r"((?:^  # .*\n)+)^  ([a-z0-9-]+):\n((?:^    .*\n)+)", re.MULTILINE)
_PLACE: Final = re.compile(r"^    place: .*\n", re.MULTILINE)
_KIND: Final = re.compile(r"^    kind: (\w+)$", re.MULTILINE)


@cache
def specimens() -> tuple[Specimen, ...]:
    """The blocks of `gallery.yaml`, in its order."""
    return tuple(_read(RULES.read_text(encoding="utf-8").partition("\nblocks:\n")[2]))


def _read(blocks: str) -> Iterator[Specimen]:
    for comment, name, body in _ENTRY.findall(blocks):
        [kind] = _KIND.findall(body)
        caption = " ".join(line.strip(" #") for line in comment.splitlines())
        yield Specimen(name, kind, caption, _shown(name, body))


def _shown(name: str, body: str) -> str:
    return f"{name}:\n{indent(dedent(_PLACE.sub('', body)), '  ')}"


def gallery() -> Starlette:
    """The page as an ASGI app, still without its blocks: in English, and at `/gallery/ar` from
    right to left."""
    return Starlette(routes=[Route("/gallery", _page), Route("/gallery/{language}", _page)])


async def _page(request: Request) -> Response:
    language = request.path_params.get("language", "en")
    look, theme = request.query_params.get("look", ""), request.query_params.get("theme", "")
    if language not in LANGUAGES or look not in LOOKS or theme not in THEMES:
        raise HTTPException(404)
    kinds = [(kind, list(own)) for kind, own in groupby(specimens(), key=lambda each: each.kind)]
    return html_response(
        request,
        "gallery.html",
        language,
        kinds=kinds,
        about=ABOUT,
        look=look,
        theme=theme,
        choices=tuple(_choices(language, look, theme)),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to see the gallery, and where it is."""

    name: str
    url: str
    is_shown: bool


def _choices(language: str, look: str, theme: str) -> Iterator[tuple[str, list[Choice]]]:
    """What can be chosen, and from what; each choice leaves the other ones as they are."""
    yield (
        "Language",
        [Choice(name, _address(key, look, theme), key == language) for key, name in LANGUAGES.items()],
    )
    yield (
        "Colours",
        [Choice(name, _address(language, key, theme), key == look) for key, name in LOOKS.items()],
    )
    yield "Theme", [Choice(name, _address(language, look, key), key == theme) for key, name in THEMES.items()]


def _address(language: str, look: str, theme: str) -> str:
    path = "/gallery" if language == "en" else f"/gallery/{language}"
    query = "&".join(f"{name}={value}" for name, value in (("look", look), ("theme", theme)) if value)
    return f"{path}?{query}" if query else path

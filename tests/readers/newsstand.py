"""A small news site with everything that comes late: its font, its pictures, and what its ad wrapper fills.

It stands still without blocks, has no fault that axe finds, and asks nobody else for anything. Two addresses
serve it, one with newshole in front. Its story is told by the query:

- `dir`: `rtl` for a page in Arabic, from right to left;
- `fill`: what its wrapper puts into slots half a second after the page is there: `largest` creatives,
  `smaller` ones, or `none`;
- `policy`: `strict` for a Content-Security-Policy that allows no inline style without a nonce.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newshole import Newshole
from tests.http.servers import serving

EVERY_KIND: Final = Path(__file__).parent / "every-kind.yaml"
"""Rules with blocks of every kind; each says "Newshole"."""

FONT: Final = "Noto Sans"
"""What a reader sees until the site's own font comes, which is the same with taller lines."""

PICTURE_DELAY: Final = 0.3
FONT_DELAY: Final = 0.6
"""Seconds."""

WEIGHTS: Final = {400: "regular", 500: "medium", 600: "semibold", 700: "bold"}
"""The weights of the font by what fontconfig calls them."""

FACE: Final = """
@font-face { font-family: Late; font-weight: %d; src: url(/late/%d.ttf); font-display: swap;
  ascent-override: 116.9%%; descent-override: 39.3%% }
"""
"""A tenth of the font's size higher and deeper than Noto Sans, so letters stay on their line."""

STYLE: Final = (
    "".join(FACE % (weight, weight) for weight in WEIGHTS)
    + """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --link: #0b4f9e }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8e8e8; --link: #8ec5ff } }
body { margin: 0; background: var(--paper); color: var(--ink); font-family: Late, "Noto Sans", sans-serif }
header, footer, nav { padding: 1rem; font-size: .875rem; line-height: 1.75 }
main { max-width: 42rem; margin: auto; padding: 0 1rem }
main p { line-height: 1.6 }
h1, h2 { font-size: 1.15rem; line-height: 1.2 }
a { color: var(--link) }
nav a, footer a { display: inline-block; min-height: 24px }
figure { margin: 1rem 0 }
figure img { width: 100%; height: auto }
figcaption { line-height: 1.5 }
"""
)

WRAPPER: Final = """
const fill = document.documentElement.dataset.fill;
setTimeout(() => {
  for (const slot of document.querySelectorAll("[data-nh-slot]")) {
    const sizes = JSON.parse(slot.dataset.nhSizes)[innerWidth < 768 ? "mobile" : "desktop"];
    const [width, height] = sizes.reduce((one, other) => other[1] > one[1] ? other : one);
    const part = {largest: 1, smaller: .4}[fill];
    if (!part) continue;
    const creative = document.createElement("iframe");
    Object.assign(creative, {title: `Advertisement ${slot.id}`, width: width * part, height: height * part});
    creative.style.border = 0;
    slot.append(creative);
  }
  document.documentElement.dataset.filled = "";
}, 500);
"""

SENTENCES: Final = (
    "The council met on Tuesday and agreed, after some debate, to mend the old bridge before winter comes. "
    "Engineers had warned for years that its piers were being washed out from below by the river. "
    "Lorries are to go round by the northern road until then, which takes them half an hour longer. "
)
WORDS: Final = {"ltr": ("en", "Old bridge to be mended", SENTENCES), "rtl": ("ar", "إصلاح الجسر القديم", (
    "اجتمع المجلس يوم الثلاثاء واتفق بعد نقاش على إصلاح الجسر القديم قبل حلول الشتاء. "
    "وكان المهندسون قد حذّروا منذ سنوات من أن النهر يجرف دعائمه من الأسفل. "
    "وستسلك الشاحنات الطريق الشمالي حتى ذلك الحين، وهو أطول بنصف ساعة. "
))}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Newsstand:
    """The two addresses of the site."""

    with_blocks: str
    without: str


@contextlib.contextmanager
def newsstand(rules: Path = EVERY_KIND) -> Iterator[Newsstand]:
    """The site, served by uvicorn on two free ports."""
    site = Starlette(
        routes=[
            Route("/world/bridge", story),
            Route("/late/{weight:int}.ttf", late_font),
            Route("/wrapper.js", lambda _: Response(WRAPPER, media_type="text/javascript")),
            Route("/style.css", lambda _: Response(STYLE, media_type="text/css")),
            Route("/favicon.ico", lambda _: Response(status_code=204)),
            Route("/{folder}/{name}.svg", late_picture),
        ]
    )
    with serving(Newshole(site, rules=rules)) as with_blocks, serving(site) as without:
        yield Newsstand(with_blocks, without)


async def story(request: Request) -> Response:
    """A story of 24 paragraphs, with headings and a picture."""
    direction = request.query_params.get("dir", "ltr")
    language, title, text = WORDS[direction]
    body = "\n".join(_units(title, text))
    page = f"""<!doctype html>
<html lang="{language}" dir="{direction}" data-fill="{request.query_params.get("fill", "none")}">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="og:type" content="article"><meta property="article:section" content="World">
<link rel="stylesheet" href="/style.css"><script src="/wrapper.js" defer></script></head>
<body><header><a href="/">The Bridge Gazette</a></header>
<nav aria-label="Sections"><a href="/world">World</a> <a href="/city">City</a></nav>
<main><article><h1>{title}</h1>
<div class="story">
{body}
</div></article></main>
<footer><a href="/imprint">Imprint</a></footer></body></html>"""
    return HTMLResponse(page, headers=_policy(request.query_params.get("policy", "")))


def _units(title: str, text: str) -> Iterator[str]:
    for number in range(1, 25):
        if number % 8 == 0:
            yield f"<h2>{title} ({number // 8})</h2>"
        if number == 13:
            yield f'<figure><img src="/img/bridge.svg" width="1200" height="675" alt="{title}"></figure>'
        yield f'<p>{text}<a href="/world/{number}">{title} {number}</a></p>'


def _policy(name: str) -> dict[str, str]:
    nonce = secrets.token_urlsafe(16)
    strict = f"default-src 'self'; style-src 'self' 'nonce-{nonce}'; object-src 'none'; base-uri 'none'"
    return {"content-security-policy": strict} if name == "strict" else {}


async def late_picture(_: Request) -> Response:
    """A picture of no size of its own, a while after it was asked for."""
    await asyncio.sleep(PICTURE_DELAY)
    return Response(
        '<svg xmlns="http://www.w3.org/2000/svg"><rect width="100%" height="100%" fill="#467"/></svg>',
        media_type="image/svg+xml",
    )


async def late_font(request: Request) -> Response:
    """The site's font, which it has from the machine, a while after it was asked for."""
    await asyncio.sleep(FONT_DELAY)
    return Response(font_file(request.path_params["weight"]).read_bytes(), media_type="font/ttf")


@cache
def font_file(weight: int) -> Path:
    """The file of `FONT` on this machine, or of what fontconfig takes in its place."""
    command = ["fc-match", "--format=%{file}", f"{FONT}:{WEIGHTS[weight]}"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def has_font() -> bool:
    """Whether `FONT` is on this machine: letters of another would not stay on their line."""
    return shutil.which("fc-match") is not None and "NotoSans" in font_file(400).name

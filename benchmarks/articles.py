"""Article pages of any size, the same in every run: a head, navigation, a story, comments, a footer."""

from __future__ import annotations

import json
from typing import Final

URL: Final = "https://news.example/world/old-bridge-to-reopen"
NONCE: Final = "rAnd0mN0nce4dUZ8Qm1xXg"
TOKEN: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"  # noqa: S105 - a form's token, and an example's

_SENTENCES: Final = (
    "The council met on Tuesday and agreed, after some debate, to mend the old bridge before winter comes.",
    "Engineers who looked at the piers in March had found cracks in two of them, one as wide as a hand.",
    "Until then lorries go the long way round, through three villages that have long asked for a bypass.",
    "“We have waited long enough,” said the owner of the bakery by the northern bank.",
    "The ministry pays two thirds of the cost; the rest is to come from the town and from a lottery.",
    "Opponents point at the swallows that nest under the arches, and at the price, which has doubled.",
    "A ferry carried some 400 people a day last summer, more than anyone on the board had expected.",
    "Work starts at night, so that the road stays open for commuters and for the market on Saturdays.",
    "The first stone of the bridge was laid in 1871, by a mayor whose portrait still hangs in the hall.",
    "Its arches came through two floods and one war, though not without help from the masons of the region.",
    "Those who live nearby will get a letter with dates, detours and the number of a telephone line.",
    "By the end of October, if the weather holds, the scaffolding should be gone again.",
    "A report of the auditors, which this newspaper has read, calls the plan sound but the schedule bold.",
    "Nobody on the committee wanted to say what happens should the frost come earlier than last year.",
    "Schools will move their first lesson back by a quarter of an hour for as long as the detour lasts.",
)
_WORDS: Final = (
    "World Politics Business Culture Science Health Sport Travel Opinion Weather Local Books".split()
)


def article(
    *, paragraphs: int, comments: int = 0, links: int = 6, nonce: str = NONCE, token: str = TOKEN
) -> bytes:
    """One page; `links` says how much there is around the story: navigation, styles, teasers, footer."""
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            _head(links, nonce, token),
            "<body>",
            _navigation(links, token),
            f'<main class="layout"><article class="story">{_story(paragraphs)}</article>',
            _teasers(links // 3),
            _comments(comments, token),
            "</main>",
            _footer(links),
            f'<script nonce="{nonce}">window.site.ready.forEach(function (run) {{ run() }});</script>',
            "</body>",
            "</html>\n",
        )
    ).encode()


def article_of(size: int) -> bytes:
    """A page of about `size` bytes, nearly all of it story; from 5,000 bytes on."""
    short, longer = len(article(paragraphs=10)), len(article(paragraphs=110))
    return article(paragraphs=10 + round(100 * (size - short) / (longer - short)))


def typical(*, nonce: str = NONCE, token: str = TOKEN) -> bytes:
    """A page of 68 KB: 36 paragraphs, 86 comments and much around them."""
    return article(paragraphs=36, comments=86, links=96, nonce=nonce, token=token)


def shared() -> bytes:
    """The same page without what is one reader's own, so that a shared cache keeps it: no nonce, no token."""
    own = (
        f' nonce="{NONCE}"',
        f'<meta name="csrf-token" content="{TOKEN}">',
        f'<input type="hidden" name="csrf" value="{TOKEN}">',
    )
    page = typical()
    for each in own:
        page = page.replace(each.encode(), b"")
    return page


def _text(start: int, sentences: int) -> str:
    return " ".join(_SENTENCES[(start + place) % len(_SENTENCES)] for place in range(sentences))


def _head(links: int, nonce: str, token: str) -> str:
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Old bridge to reopen before winter",
        "articleSection": "World",
        "keywords": ["bridges", "councils", "transport"],
        "datePublished": "2026-03-04T06:30:00Z",
        "author": {"@type": "Person", "name": "Anna Example"},
        "mainEntityOfPage": URL,
    }
    return "\n".join(
        (
            '<head><meta charset="utf-8"><title>Old bridge to reopen before winter | News Example</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="csrf-token" content="{token}">',
            f'<link rel="canonical" href="{URL}">',
            '<meta property="og:type" content="article">',
            f'<meta property="og:url" content="{URL}">',
            f'<style nonce="{nonce}">{_style(links)}</style>',
            f'<script nonce="{nonce}">window.site = {{ready: [], edition: "en"}};</script>',
            f'<script type="application/ld+json" nonce="{nonce}">{json.dumps(said)}</script>',
            f'<script src="/assets/site.js" nonce="{nonce}" defer></script></head>',
        )
    )


def _style(rules: int) -> str:
    return "".join(
        f".c-{place}{{display:flex;gap:{place % 5}rem;margin:0 auto {place % 7}px;max-width:{640 + place}px}}"
        for place in range(rules)
    )


def _navigation(links: int, token: str) -> str:
    items = "".join(
        f'<li class="c-{place}"><a href="/{word.lower()}/{place}" data-track="nav-{place}">{word}</a></li>'
        for place, word in _numbered_words(links)
    )
    search = (
        f'<form action="/search"><input type="hidden" name="csrf" value="{token}"><input name="q"></form>'
    )
    return f"<header><nav><ul>{items}</ul></nav>{search}</header>"


def _story(paragraphs: int) -> str:
    # Paragraphs are numbered, so that a peer that replaces strings has strings that occur once.
    text = "\n".join(
        f'<p id="p{place}">{_text(3 * place, 3 + place % 3)}</p>' for place in range(1, paragraphs + 1)
    )
    byline = '<p class="byline">By <a href="/people/anna">Anna Example</a></p>'
    return f'<h1>Old bridge to reopen before winter</h1>{byline}<div class="story-text">\n{text}\n</div>'


def _teasers(count: int) -> str:
    cards = "".join(
        f'<li class="card c-{place}"><a href="/{word.lower()}/story-{place}"><img src="/img/{place}.webp" '
        f'width="320" height="180" alt="" loading="lazy"><h3>{_text(place, 1)}</h3></a></li>'
        for place, word in _numbered_words(count)
    )
    return f'<aside class="teasers"><h2>Read on</h2><ul>{cards}</ul></aside>'


def _comments(count: int, token: str) -> str:
    said = "".join(
        f'<li class="comment" id="comment-{place}"><b>Reader {place}</b> <time>{place % 24:02}:30</time>'
        f"<div>{_text(7 * place, 2 + place % 2)}</div></li>"
        for place in range(count)
    )
    form = f'<form method="post" action="/comments"><input type="hidden" name="csrf" value="{token}"></form>'
    return f'<section class="comments"><h2>Comments</h2><ol>{said}</ol>{form}</section>'


def _footer(links: int) -> str:
    items = "".join(
        f'<li><a href="/about/{word.lower()}-{place}">{word} {place}</a></li>'
        for place, word in _numbered_words(links)
    )
    return f"<footer><ul>{items}</ul><small>© News Example</small></footer>"


def _numbered_words(count: int) -> list[tuple[int, str]]:
    return [(place, _WORDS[place % len(_WORDS)]) for place in range(count)]

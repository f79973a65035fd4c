"""The story's body is found in any theme, with its headline, its first and its last block."""

from __future__ import annotations

import pytest

from newshole.page.body import Body, find_body
from newshole.page.document import Document
from newshole.page.names import hint
from tests.pages import SENTENCE

LONG = f"<p>{SENTENCE * 3}</p>"
FIVE = LONG * 5
H1 = "<h1>The bridge is mended</h1>"


def found(page: str, selector: str | None = None) -> tuple[Document, Body]:
    document = Document(page.encode())
    body = find_body(document, selector)
    assert body is not None
    return document, body


def body_id(page: str, selector: str | None = None) -> str | None:
    return found(page, selector)[1].element.attr("id")


@pytest.mark.parametrize(
    "page",
    [
        f"<div id=x>{FIVE}</div>",
        f"<article id=x>{FIVE}</article><aside>{FIVE}{FIVE}</aside>",
        f"<section id=x>{''.join(f'<div><div>{LONG}</div></div>' for _ in range(5))}</section>",
        f"<div id=x>{f'<div>{SENTENCE * 3}</div>' * 5}</div>",
        f"<div id=x>{f'{SENTENCE * 3}<br><br>' * 5}</div>",
        f"<table><tr><td><a href=/>menu</a></td><td id=x>{FIVE}</td></tr></table>",
        f"<form><div id=x>{FIVE}</div></form>",
        f"<div id=x class=promo>{FIVE}</div>",
        f"<div id=x>{FIVE}</div><div class=comments>{FIVE}{FIVE}</div>",
        f"<div id=x>{FIVE}</div><footer>{FIVE}{FIVE}</footer><template>{SENTENCE}{FIVE}</template>",
        f"<div id=x>{FIVE}</div><ul>{f'<li><a href=/>{SENTENCE}</a></li>' * 30}</ul>",
        f"<x-story id=x>{FIVE}</x-story>",
        f"<div id=x><font>{FIVE}</font></div>",
    ],
)
def test_the_body_is_the_smallest_element_that_holds_the_story(page: str) -> None:
    name = body_id(f"<body><nav><a href=/>{SENTENCE}</a></nav>{page}</body>")
    assert name == "x" or "<font>" in page


@pytest.mark.parametrize(
    "page",
    ["", "<p>short</p>", f"<nav>{FIVE}</nav>", f"<textarea>{FIVE}</textarea>", f"<!-- {FIVE} -->", "<body>"],
)
def test_a_page_without_a_story_has_no_body(page: str) -> None:
    assert find_body(Document(page.encode())) is None


def test_a_story_in_the_rows_of_a_table_is_that_table_in_what_holds_it() -> None:
    rows = "".join(f"<tr><td>{SENTENCE * 3}</td></tr>" for _ in range(6))
    document, body = found(f"<div id=x><p>{SENTENCE}</p><table id=y>{rows}</table></div>")
    assert body.element.attr("id") == "x"
    assert body.first is body.last is document.select("#y")[0]


def test_a_selector_names_the_body() -> None:
    page = f"<div id=a class=x></div><div id=b class=x>a</div><div id=c>{FIVE}</div>"
    assert body_id(page, ".x") == "b"
    assert body_id(page, "#c") == "c"
    assert find_body(Document(page.encode()), ".none") is None
    assert find_body(Document(f"<template><p class=x>a</template>{FIVE}".encode()), ".x") is None


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("", 0),
        ("article-body", 1),
        ("storyText", 1),
        ("sidebar", -1),
        ("has-sidebar", 0),
        ("article-body newsletter", -1),
        ("comments article-body", -2),
        ("ADS", -1),
        ("roads", 0),
    ],
)
def test_names_say_what_an_element_is(names: str, said: int) -> None:
    assert hint(names) == said


@pytest.mark.parametrize(
    ("page", "headline"),
    [
        (f"{H1}<article>{FIVE}</article>", "The bridge is mended"),
        (f"<h1>Site</h1>{H1}<article>{FIVE}</article>", "The bridge is mended"),
        (f"{H1}<h1>Another one</h1><article>{FIVE}</article>", "The bridge is mended"),
        (f"<h1>Site</h1><h2>The bridge is mended</h2><article>{FIVE}</article>", "The bridge is mended"),
        (f"<article>{H1}{FIVE}</article><h1>The bridge is mended</h1>", "The bridge is mended"),
        (f"<h1>Something else</h1><article>{FIVE}</article>", "Something else"),
        (f"<article>{FIVE}</article>{H1}", None),
        (f"<h1> </h1><article>{FIVE}</article>", None),
    ],
)
def test_the_headline_is_the_one_of_the_title_before_the_story(page: str, headline: str | None) -> None:
    document, body = found(f"<title>The bridge is mended - News</title><body>{page}")
    assert (None if body.headline is None else document.text(body.headline)) == headline


def test_what_stands_around_the_story_in_its_body_is_not_the_story() -> None:
    page = (
        f"<article><p>By A. Writer</p><p><time>Monday</time> {SENTENCE[:60]}</p>"
        f"<h2 id=first>Part one</h2>{FIVE}<p>The end.</p><ul id=last><li>a</ul>"
        "<p><a href=/>Read more about the bridge</a></p><p>Share this</p></article>"
    )
    _, body = found(page)
    assert body.first is not None
    assert body.last is not None
    assert (body.first.attr("id"), body.last.attr("id")) == ("first", "last")


TWO = f"<p>{SENTENCE}</p><p>{SENTENCE}</p>"
PAYWALL = f"<div class=paywall><p>{SENTENCE}</p><p>{SENTENCE}</p><a href=/>Subscribe</a></div>"


@pytest.mark.parametrize(
    "page",
    [
        f"<div id=x itemprop=articleBody>{TWO}</div>",
        f"<div class=entry-content id=x><p>{SENTENCE}</p></div>",
        f"<div class='c article-body' id=x>{TWO}{PAYWALL}</div>",
        f"<article id=x>{TWO}</article>{PAYWALL}",
        f"<article id=x>{TWO}{PAYWALL}</article>",
        f"<div itemprop=articleBody id=x>{TWO}</div><div>{FIVE}{FIVE}</div>",
        "<div id=x>" + f"<section data-component=text-block><p>{SENTENCE}</p></section>" * 2 + "</div>",
        f"<div id=x><div class=part>{FIVE}</div><aside>{FIVE}</aside><div class=part>{FIVE}</div></div>",
        f"<div id=x>{f'<section><div>{LONG}{LONG}</div></section><figure><img src=a></figure>' * 3}</div>",
        f"{'<div><section>' * 30}<div id=x>{FIVE}</div>{'</section></div>' * 30}",
    ],
)
def test_what_markup_calls_the_story_is_it_where_the_text_alone_does_not_tell(page: str) -> None:
    assert body_id(f"<body><nav><a href=/>{SENTENCE}</a></nav>{page}</body>") == "x"


def test_the_text_that_json_ld_states_is_the_story() -> None:
    stated = f'{{"@type": "NewsArticle", "articleBody": "{SENTENCE}{SENTENCE}"}}'
    script = f"<script type='application/ld+json'>{stated}</script>"
    page = f"<body>{script}<div>{SENTENCE[:40]}</div><div id=x><p>{SENTENCE}</p></div>"
    assert body_id(page) == "x"
    assert find_body(Document(page.replace(script, "").encode())) is None
    assert body_id(f"<body>{script}<div><div id=x>{SENTENCE}{SENTENCE}</div></div>") == "x"


def test_a_page_of_short_teasers_has_no_body() -> None:
    teasers = f"<li><h2><a href=/>The bridge is mended</a></h2><p><a href=/>{SENTENCE}</a></p></li>" * 20
    assert find_body(Document(f"<body><main><ul>{teasers}</ul></main>".encode())) is None


@pytest.mark.parametrize(
    "page",
    [
        FIVE + "<h1>The bridge is mended</h1>" * 20_000,
        "<h1>The bridge is mended</h1>" * 20_000 + FIVE,
        f"<title>{'a b ' * 100_000}</title><h1>{'c d ' * 100_000}</h1>{FIVE}",
        f"<p>{('<span>' + SENTENCE) * 20_000}",
        "<div>" * 10_000 + FIVE,
        f"<template>{SENTENCE}<p>{SENTENCE}</template>{FIVE}",
        ("<table><tr><td>" + SENTENCE) * 5000 + FIVE,
        f"<p class='{'ad ' * 100_000}'>{SENTENCE}</p>{FIVE}",
    ],
    ids=["headings-behind", "headings-before", "long-title", "spans", "divs", "template", "tables", "names"],
)
def test_a_page_made_to_be_slow_is_read_all_the_same(page: str) -> None:
    find_body(Document(page.encode()))
